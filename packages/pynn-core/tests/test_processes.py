"""Several processes under MPI: one network, one result, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pyNN import parallel
from pyNN.errors import PyNNError
from pyNN.testing.launching import needs_mpi
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
    environment = {**os.environ, "OMPI_COMM_WORLD_SIZE": "3"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)

    assert done.returncode != 0
    assert "started 3 processes, but mpi4py sees 1" in done.stderr


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
