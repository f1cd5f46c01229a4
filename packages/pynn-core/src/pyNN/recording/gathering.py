"""Data of several processes, brought together on process 0; and Neo's reader and writer for a file name."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from cawan.logs import logger

from pyNN.errors import PyNNError, UnwritableFileError

_log = logger(__name__)
MPI_ROOT = 0


class Variable(NamedTuple):
    """What is recorded: a name, a place in the cell (None: the cell has one), and how the place is called."""

    name: str
    location: Any
    label: str | None


class DataCache:
    """Neo segments that were taken from a simulator, one after the other."""

    def __init__(self) -> None:
        self._data: list[Any] = []

    def __iter__(self) -> Iterator[Any]:
        return iter(self._data)

    def store(self, obj: Any) -> None:
        """Keep one more."""
        if obj not in self._data:
            self._data.append(obj)

    def clear(self) -> None:
        """Forget all."""
        self._data = []


def get_mpi_comm() -> tuple[Any, Mapping[str, Any]]:
    """MPI's communicator of all processes, and the constants that gathering needs.

    Raises
    ------
    PyNNError
        ``mpi4py`` is not installed.
    """
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:
        raise PyNNError("Gathering from several processes needs mpi4py and an MPI library.") from error
    return MPI.COMM_WORLD, {"DOUBLE": MPI.DOUBLE, "SUM": MPI.SUM}


def gather_array(data: Any) -> Any:
    """Arrays of all processes one after the other, on process 0; an array of rows stays one."""
    comm, _ = get_mpi_comm()
    parts = comm.gather(np.asarray(data), root=MPI_ROOT)
    return np.concatenate(parts) if parts else np.empty((0, *np.shape(data)[1:]))


def gather_dict(D: dict[Any, Any], all: bool = False) -> dict[Any, Any]:
    """Dictionaries of all processes in one, on process 0, or on ``all``; of one key, the highest process counts."""
    comm, _ = get_mpi_comm()
    found = comm.allgather(D) if all else comm.gather(D, root=MPI_ROOT)
    for other in found or ():
        D.update(other)
    return D


def gather_blocks(data: Any, ordered: bool = True) -> Any:
    """Neo Blocks of all processes in one, on process 0, trains in the order of their cells with ``ordered``."""
    comm, _ = get_mpi_comm()
    blocks = comm.gather(data, root=MPI_ROOT)
    merged = blocks[0] if blocks else data
    for block in (blocks or [])[1:]:
        for mine, its in zip(merged.segments, block.segments, strict=True):
            mine.spiketrains.extend(its.spiketrains)
            mine.analogsignals.extend(its.analogsignals)
    if ordered:
        for segment in merged.segments:
            segment.spiketrains = sorted(segment.spiketrains, key=lambda train: train.annotations["channel_id"])
    return merged


def mpi_sum(x: Any) -> Any:
    """The sum over all processes, on each of them."""
    comm, flags = get_mpi_comm()
    return comm.allreduce(x, op=flags["SUM"]) if comm.size > 1 else x


def remove_duplicate_spiketrains(data: Any) -> Any:
    """A Block in which each cell's train stands once a segment."""
    for segment in data.segments:
        first = {train.annotations["channel_id"]: train for train in reversed(list(segment.spiketrains))}
        segment.spiketrains = [first[number] for number in sorted(first)]
    return data


def filter_by_variables(segment: Any, variables: Any) -> Any:
    """A segment with these variables alone; "all" leaves it as it is."""
    if variables in ("all", ["all"]):
        return segment
    names = [variables] if isinstance(variables, str) else list(variables)
    if "spikes" not in names:
        segment.spiketrains = []
    segment.analogsignals = [signal for signal in segment.analogsignals if signal.name in names]
    return segment


def rename_existing(filename: str | os.PathLike[str]) -> None:
    """Put ``_old`` behind the name of a file that is there, so that it is not written over."""
    if os.path.exists(filename):
        os.rename(filename, f"{filename}_old")
        _log.warning("The file %s was there already; it is now called %s_old.", filename, filename)


def safe_makedirs(dir: str | os.PathLike[str]) -> None:
    """Make a folder and those above it; several processes may do so at once."""
    if str(dir):
        os.makedirs(dir, exist_ok=True)


# The endings that Neo writes, and what each needs beside Neo.
FORMATS: Mapping[str, str] = {
    ".pkl": "", ".pickle": "", ".nix": "nixio", ".h5": "nixio", ".hdf5": "nixio", ".nwb": "pynwb", ".mat": "scipy",
    ".txt": "", ".csv": "",
}  # fmt: skip


def get_io(filename: str | os.PathLike[str]) -> Any:
    """Neo's reader and writer for a file; its ending tells the format.

    ``.h5`` is NIX, an HDF5 format; ``.txt`` and ``.csv`` are text.

    Raises
    ------
    UnwritableFileError
        Neo writes no files with this ending, or needs a package that is not installed.
    """
    from pathlib import Path

    import neo

    path = Path(filename)
    check_ending(path)
    safe_makedirs(path.parent)
    match path.suffix:
        case ".pkl" | ".pickle":
            return neo.io.PickleIO(filename=str(path))
        case ".nix" | ".h5" | ".hdf5":
            return neo.io.NixIO(filename=str(path))
        case ".mat":
            return neo.io.NeoMatlabIO(filename=str(path))
        case ".txt" | ".csv":
            from pyNN.recording.text import TextIO

            return TextIO(path)
    return neo.get_io(str(path))


def check_ending(path: str | os.PathLike[str]) -> None:
    """Refuse a file name that cannot be written, before a long run rather than after it.

    Raises
    ------
    UnwritableFileError
        With the endings that can, or the line that installs what is missing.
    """
    from importlib.util import find_spec

    suffix = os.path.splitext(path)[1]
    if suffix not in FORMATS:
        raise UnwritableFileError(
            f"Data cannot be written to {str(path)!r}: the ending tells the format, and {suffix!r} is none. "
            f"Use one of {', '.join(FORMATS)}, or give a Neo IO object."
        )
    module = FORMATS[suffix]
    if module and find_spec(module) is None:
        raise UnwritableFileError(f"{suffix} files need {module}. Install it with: pip install {module}")
