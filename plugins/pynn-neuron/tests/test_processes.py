"""Several processes under MPI: one network, one result."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pyNN.testing.launching import needs_mpi, on_processes
from pyNN.testing.processes import check_same

NETWORK = Path(__file__).with_name("on_ranks.py")


@needs_mpi
@pytest.mark.parametrize("scale", [1, 20])
@pytest.mark.parametrize("processes", [2, 3])
def test_any_number_of_processes_gives_the_same_network_and_spikes(processes: int, scale: int) -> None:
    """Static, plastic and random synapses, gap junctions and currents give the digest of one process without MPI."""
    if processes == 3 and "CAWAN_LONG" not in os.environ:
        pytest.skip("three processes on two cores take a while: nox -s mpi")
    check_same("neuron", processes, scale)


@needs_mpi
def test_cells_that_neuron_moves_fire_at_the_same_times_on_two_processes() -> None:
    """Sections, trees and artificial cells, before and after reset(), have the spikes that one process gives them."""
    alone, together = (json.loads(on_processes(processes, str(NETWORK))) for processes in (0, 2))

    assert all(train for segments in alone["spikes"].values() for trains in segments for train in trains)
    assert together["spikes"] == alone["spikes"]
    for one, other in zip(alone["v"], together["v"], strict=True):
        assert other == pytest.approx(one, abs=1e-5)  # printed to 1e-6 mV
    assert (alone["processes"], together["processes"]) == (1, 2)


IMPORTS = """
{imports}
from pyNN.errors import PyNNError
try:
    sim.setup()
    own = len(sim.Population(2, sim.IF_curr_exp()).local_cells)
    print(f"processes {{sim.num_processes()}} {{own}}\\n", end="")
except PyNNError as error:
    print(f"{{error}}\\n", end="")
"""


@needs_mpi
@pytest.mark.parametrize(
    ("imports", "said"),
    [
        ("import pyNN.neuron as sim; from neuron import h", "processes 2 1"),
        ("import neuron; import pyNN.neuron as sim", "but NEURON sees 1: it was imported before pyNN.neuron"),
    ],
)
def test_a_script_may_import_neuron_after_pynn(imports: str, said: str) -> None:
    """NEURON that was imported first took itself for alone; each process would compute the whole network."""
    assert on_processes(2, "-c", IMPORTS.format(imports=imports)).count(said) == 2


LATE = """
import pyNN.neuron as sim
from pyNN.errors import PyNNError
sim.setup(timestep=0.1)
artificial = sim.Population(1, sim.native_cell_type("IntFire1")())
cells = sim.Population(4, sim.IF_cond_exp())
try:
    sim.Projection(artificial, cells, sim.AllToAllConnector(), sim.{synapse})
except PyNNError as error:
    print(f"{{error}}\\n", end="")
"""


@needs_mpi
@pytest.mark.parametrize(
    ("synapse", "message"),
    [
        ("StaticSynapse(weight=0.1, delay=0.1)", "a delay of 0.1 ms. With several processes it must be 0.2 ms"),
        ("TsodyksMarkramSynapse(weight=0.1, delay=1.0)", "a step too late. Use StaticSynapse, or one process"),
    ],
)
def test_spikes_that_would_come_too_late_are_refused_by_all_processes(synapse: str, message: str) -> None:
    """A process without such a row says the same as one that has it, and nobody waits for ever."""
    said = on_processes(2, "-c", LATE.format(synapse=synapse))

    assert said.count(message) == 2
