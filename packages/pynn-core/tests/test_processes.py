"""Several processes under MPI: one network, one result, to the bit."""

from __future__ import annotations

import os
import sys

import pytest
from pyNN import parallel
from pyNN.errors import PyNNError
from pyNN.testing.launching import launched, needs_mpi
from pyNN.testing.processes import check_same


@needs_mpi
@pytest.mark.parametrize("processes", [2, 4])
def test_any_number_of_processes_gives_the_same_network_and_spikes(processes: int) -> None:
    """Spikes, traces, state and plastic weights on several processes have the digest of one process without MPI."""
    if processes == 4 and "CAWAN_LONG" not in os.environ:
        pytest.skip("four processes on two cores take a while: nox -s mpi")
    check_same("reference", processes)


@needs_mpi
def test_a_launcher_of_another_mpi_is_refused() -> None:
    """A launcher that says 3 processes where mpi4py sees 1 is two MPIs, and would run three copies of the model."""
    code = "import pyNN.reference as sim; sim.setup()"
    environment = {"OMPI_COMM_WORLD_SIZE": "3"}
    done = launched(0, "-c", code, environment=environment)

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
    done = launched(2, "-c", code, limit_s=60.0)

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
