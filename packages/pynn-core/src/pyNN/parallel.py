"""Processes that share a simulation, as MPI counts them; where none was launched, one, and MPI is never touched."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Any

from pyNN.errors import PyNNError

# What launchers tell each process: Open MPI, MPICH and its kin, MVAPICH.
_SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE")
_PATIENCE = 2.0  # s, within which processes that all fail do so: each then says so, and leaves by itself


def launched() -> int:
    """How many processes the launcher of this one started; 1 where there was none."""
    for name in _SIZES:
        value = os.environ.get(name, "")
        if value.isdecimal():
            return max(1, int(value))
    return 1


def communicator() -> Any:
    """MPI's communicator of all processes; None where this process is alone.

    Raises
    ------
    PyNNError
        Several processes were launched, but ``mpi4py`` cannot reach the others: it is missing, has no MPI library, or
        belongs to another MPI than the launcher.
    """
    expected = launched()
    if expected == 1 and "mpi4py.MPI" not in sys.modules:
        return None
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        if expected == 1:
            return None
        raise PyNNError(
            f"{expected} processes were launched, but mpi4py does not work here: {error}. Install it with the MPI of "
            "the launcher, such as: pip install mpi4py mpich"
        ) from error
    size = int(MPI.COMM_WORLD.Get_size())
    if expected not in (1, size):
        raise PyNNError(
            f"The launcher started {expected} processes, but mpi4py sees {size}: they belong to different MPIs. Launch "
            "with the mpiexec of the MPI that mpi4py uses."
        )
    return None if size == 1 else MPI.COMM_WORLD


def rank_and_size() -> tuple[int, int]:
    """Number of this process, and of processes in all."""
    found = communicator()
    return (0, 1) if found is None else (int(found.Get_rank()), int(found.Get_size()))


def from_all(value: Any) -> list[Any]:
    """The values of all processes, in the order of their numbers, on every one of them."""
    found = communicator()
    return [value] if found is None else list(found.allgather(value))


def to_first(value: Any) -> list[Any] | None:
    """The values of all processes on the first of them; None on the others."""
    found = communicator()
    if found is None:
        return [value]
    gathered: list[Any] | None = found.gather(value, root=0)
    return gathered


def fail_together() -> None:
    """From now on, an error that nobody catches ends all processes, not the one alone for which the others would wait.

    Where all of them fail, as they do from a mistake in the script, each leaves as it would alone.
    """
    found = communicator()
    if found is None or isinstance(sys.excepthook, _FailTogether):
        return
    sys.excepthook = _FailTogether(found.Dup(), sys.excepthook)


class _FailTogether:
    """What is called with an error that nobody caught."""

    def __init__(self, world: Any, earlier: Any) -> None:
        self._world, self._earlier = world, earlier  # a communicator of its own: the other may be in use

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._earlier(kind, error, trace)
        sys.stdout.flush()
        everybody, until = self._world.Ibarrier(), time.monotonic() + _PATIENCE
        while not everybody.Test():
            if time.monotonic() > until:
                rank, size = self._world.Get_rank(), self._world.Get_size()
                sys.stderr.write(f"Process {rank} of {size} (from 0) failed; the others are ended, too.\n")
                sys.stderr.flush()
                self._world.Abort(1)
            time.sleep(0.01)
