"""Several processes under MPI: one network, one result, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
from pyNN import parallel
from pyNN.errors import PyNNError
from pyNN.testing.processes import outcome

MPIEXEC = Path(sys.executable).parent / "mpiexec"
needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None or not (MPIEXEC.exists() or which("mpiexec")),
    reason="needs mpi4py and an mpiexec of the same MPI: nox -s mpi installs both",
)


@needs_mpi
@pytest.mark.parametrize("processes", [2, 4])
def test_any_number_of_processes_gives_the_same_network_and_spikes(processes: int) -> None:
    """Spikes, traces, state and plastic weights on several processes have the digest of one process without MPI."""
    if processes == 4 and "CAWAN_LONG" not in os.environ:
        pytest.skip("four processes on two cores take a while: nox -s mpi")

    alone, together = outcome("reference", 0), outcome("reference", processes)

    assert alone.spikes > 100
    assert (together.digest, together.spikes, together.cells) == (alone.digest, alone.spikes, alone.cells)
    assert together.processes == processes
    assert together.local < alone.local  # each process owns some of the cells


@needs_mpi
def test_a_launcher_of_another_mpi_is_refused() -> None:
    """A launcher that says 3 processes where mpi4py sees 1 is two MPIs, and would run three copies of the model."""
    code = "import pyNN.reference as sim; sim.setup()"
    environment = {**os.environ, "OMPI_COMM_WORLD_SIZE": "3"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)

    assert done.returncode != 0
    assert "started 3 processes, but mpi4py sees 1" in done.stderr


@needs_mpi
@pytest.mark.parametrize(("failing", "ended"), [("1", True), ("0, 1", False)])
def test_a_process_that_fails_leaves_no_other_waiting(failing: str, ended: bool) -> None:
    """One that fails alone says so and ends all; where all fail, each shows its error and leaves by itself."""
    code = (
        "import pyNN.reference as sim\nsim.setup()\n"
        f"if sim.rank() in [{failing}]: raise ValueError(f'mistake of {{sim.rank()}}')\n"
        "cells = sim.Population(4, sim.IF_curr_exp())\ncells.record('v')\nsim.run(10.0)\ncells.get_data()\n"
    )
    launcher = str(MPIEXEC) if MPIEXEC.exists() else "mpiexec"
    command = [launcher, "-n", "2", sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode != 0
    assert all(f"ValueError: mistake of {rank.strip()}" in done.stderr for rank in failing.split(","))
    assert ("Process 1 of 2 (from 0) failed; the others are ended, too." in done.stderr) == ended


def test_without_a_launcher_mpi_is_never_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken mpi4py beside pyNN does not matter to a single process; to several it does."""
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)

    assert parallel.rank_and_size() == (0, 1)

    monkeypatch.setenv("PMI_SIZE", "2")
    with pytest.raises(PyNNError, match="2 processes were launched, but mpi4py does not work here"):
        parallel.communicator()
