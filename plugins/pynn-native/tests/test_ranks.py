"""Several processes under MPI: one network, one result, to the bit."""

from __future__ import annotations

import os

import pytest
from pyNN.testing.launching import needs_mpi, on_processes
from pyNN.testing.processes import check_same


@needs_mpi
@pytest.mark.parametrize("scale", [1, 20])
@pytest.mark.parametrize("processes", [2, 3])
def test_any_number_of_processes_gives_the_same_network_and_spikes(processes: int, scale: int) -> None:
    """Blocks that lie in one process, and those that are split, give the digest of one process without MPI."""
    if processes == 3 and "CAWAN_LONG" not in os.environ:
        pytest.skip("three processes on two cores take a while: nox -s mpi")
    check_same("native", processes, scale)


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
    first, second = sorted(line.split() for line in on_processes(2, "-c", STOPPING).splitlines() if line)

    assert first[1:4] == second[1:4] and first[1:3] == ["victims", "190"]
    assert int(first[4]) + int(second[4]) == 200 and min(int(first[4]), int(second[4])) > 0


DRIVEN = """
import hashlib, sys
import pyNN.native as sim
sim.setup(timestep=0.1, seed=3, precision=sys.argv[1])
cells = sim.Population(2500, sim.IF_curr_exp(), initial_values={"v": -60.0})
noise = sim.Population(2500, sim.SpikeSourcePoisson(rate=9000.0))
seldom = sim.Population(40, sim.SpikeSourcePoisson(rate=60.0))
sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.035, delay=1.0))
sim.Projection(noise[:50], cells[100:150], sim.OneToOneConnector(), sim.StaticSynapse(weight=0.017, delay=0.5))
sim.Projection(seldom, cells, sim.FixedProbabilityConnector(0.3), sim.StaticSynapse(weight=0.011, delay=1.0))
sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.1), sim.StaticSynapse(weight=-0.007, delay=1.5))
cells.record(["spikes", "v"])
noise[:3].record("spikes")
sim.run(20.0)
noise.set(rate=12000.0)
sim.run(20.0)
data = cells.get_data(gather=True)
sources = noise.get_data(gather=True)
if sim.rank() == 0:
    trains = data.segments[0].spiketrains
    digest = hashlib.sha256(data.segments[0].analogsignals[0].magnitude.tobytes())
    for train in [*trains, *sources.segments[0].spiketrains]:
        digest.update(train.magnitude.tobytes())
    print(digest.hexdigest(), sum(map(len, trains)), sum(map(len, sources.segments[0].spiketrains)))
sim.end()
"""


@needs_mpi
@pytest.mark.parametrize("precision", ["double", "single"])
def test_drive_and_dense_projections_do_not_depend_on_the_number_of_processes(precision: str) -> None:
    """Trains that the engine draws, seldom and strong, and counted input, on one process and on two: the same bits."""
    found = [on_processes(processes, "-c", DRIVEN, precision).split() for processes in (0, 2)]

    assert int(found[0][1]) > 1000 and int(found[0][2]) > 500
    assert found[1] == found[0]


EXPANDED = """
import hashlib
import numpy as np
import pyNN.reference as sim
from pyNN.projections.expanding import using
from pyNN.random import RandomDistribution
from pynn_native.expander import CompiledExpander

class Counting(CompiledExpander):
    made = 0

    def expand(self, rule):
        for edges in super().expand(rule):
            Counting.made += len(edges.pre)
            yield edges

def rows(*expanders):
    sim.setup(timestep=0.1, seed=3)
    cells = sim.Population(300, sim.IF_cond_exp())
    digest, count = hashlib.sha256(), 0
    weights = RandomDistribution("normal_clipped", mu=0.004, sigma=0.002, low=0.0, high=1.0)
    for connector in (
        sim.FixedProbabilityConnector(0.1), sim.FixedNumberPreConnector(7), sim.FixedNumberPostConnector(5),
        sim.FixedTotalNumberConnector(500), sim.AllToAllConnector(allow_self_connections=False),
    ):
        with using(*expanders):
            made = sim.Projection(cells[20:], cells, connector, sim.StaticSynapse(weight=weights, delay=0.7))
            found = sorted(made.get(["weight", "delay"], "list", gather=False))
        digest.update(np.array(found).tobytes())
        count += len(found)
    return digest.hexdigest(), count

compiled, plain = rows(Counting()), rows()
print(f"{sim.rank()} {compiled == plain} {compiled[1]} {Counting.made}\\n", end="")
"""


@needs_mpi
def test_rows_of_the_expander_are_those_of_numpy_on_every_process() -> None:
    """Each of two processes gets the rows onto its cells, all made by the expander, and together they are all rows."""
    counts = []
    for processes in (0, 2):
        said = sorted(line.split() for line in on_processes(processes, "-c", EXPANDED).splitlines() if line.strip())
        assert [line[0] for line in said] == ["0", "1"][: len(said)]
        assert all(line[1] == "True" and 0 < int(line[2]) <= int(line[3]) for line in said)
        counts.append([int(line[2]) for line in said])

    (alone,), (first, second) = counts
    assert first + second == alone and min(first, second) > 0.3 * alone
