"""Several processes under MPI: one network, one result, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest
from pyNN.testing.processes import outcome

MPIEXEC = Path(sys.executable).parent / "mpiexec"
needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None or not (MPIEXEC.exists() or which("mpiexec")),
    reason="needs mpi4py and an mpiexec of the same MPI: nox -s mpi installs both",
)


@needs_mpi
@pytest.mark.parametrize("scale", [1, 20])
@pytest.mark.parametrize("processes", [2, 3])
def test_any_number_of_processes_gives_the_same_network_and_spikes(processes: int, scale: int) -> None:
    """Blocks that lie in one process, and those that are split, give the digest of one process without MPI."""
    if processes == 3 and "CAWAN_LONG" not in os.environ:
        pytest.skip("three processes on two cores take a while: nox -s mpi")

    alone, together = outcome("native", 0, scale), outcome("native", processes, scale)

    assert alone.spikes > 100
    assert (together.digest, together.spikes, together.cells) == (alone.digest, alone.spikes, alone.cells)
    assert together.processes == processes
    assert together.local < alone.local


STOPPING = """
import pyNN.native as sim
from pyNN.errors import NotFiniteError
sim.setup(timestep=0.1)
cells = sim.Population(200, sim.IF_cond_exp(), label="victims")
source = sim.Population(2, sim.SpikeSourceArray(spike_times=[19.3]))
huge = sim.StaticSynapse(weight=1.5e308, delay=1.0)
sim.Projection(source, cells[190:191], sim.AllToAllConnector(), huge, receptor_type="excitatory")
try:
    sim.run(1000.0)
except NotFiniteError as error:
    print(f"{sim.rank()} {error.population} {error.cell} {error.time:.1f} {len(cells.local_cells)}\\n", end="")
"""


@needs_mpi
def test_all_processes_stop_where_one_finds_a_membrane_that_is_no_number() -> None:
    """The process that does not own the cell says the same as the one that does, and nobody waits for ever."""
    command = [str(MPIEXEC) if MPIEXEC.exists() else "mpiexec", "-n", "2", sys.executable, "-c", STOPPING]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    assert done.returncode == 0, done.stderr
    first, second = sorted(line.split() for line in done.stdout.splitlines() if line)
    assert first[1:4] == second[1:4] and first[1:3] == ["victims", "190"]
    assert int(first[4]) + int(second[4]) == 200 and min(int(first[4]), int(second[4])) > 0
