"""Procedural connectivity: synapses that are made anew at each use, the same as stored ones to the bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pynn_native import NativeBackend


def network(sim: Any, connector: Any, weight: Any, delay: float = 1.5) -> tuple[Any, list[Any]]:
    """Cells that a constant current lets fire, excited over one projection and inhibited over two."""
    start = RandomDistribution("uniform", (-65.0, -51.0))
    excitatory = sim.Population(90, sim.IF_curr_exp(i_offset=1.2), initial_values={"v": start}, label="excitatory")
    inhibitory = sim.Population(30, sim.IF_curr_exp(i_offset=1.3), initial_values={"v": start}, label="inhibitory")
    cells = excitatory + inhibitory
    made = [
        sim.Projection(excitatory, cells, connector, sim.StaticSynapse(weight=weight, delay=delay)),
        sim.Projection(
            inhibitory, cells, sim.FixedProbabilityConnector(0.3, allow_self_connections=False),
            sim.StaticSynapse(weight=-0.04, delay=1.0), receptor_type="inhibitory",
        ),
        sim.Projection(
            inhibitory, cells, sim.FixedProbabilityConnector(0.2),
            sim.StaticSynapse(weight=-0.03, delay=2.0), receptor_type="inhibitory",
        ),
    ]  # fmt: skip
    cells.record("spikes")
    cells[:7].record("v")
    return cells, made


def digest(cells: Any) -> tuple[list[Any], Any]:
    """All spikes, and the potentials of seven cells."""
    segment = cells.get_data().segments[0]
    return [train.magnitude.tolist() for train in segment.spiketrains], segment.analogsignals[0].magnitude


def run(connectivity: str, connector: Any, weight: Any, delay: float, threads: int = 1, pieces: int = 1) -> Any:
    """Simulate 120 ms in some pieces."""
    with Simulator(NativeBackend, timestep=0.1, seed=3, threads=threads, connectivity=connectivity) as sim:
        cells, _ = network(sim, connector(sim), weight, delay)
        for _ in range(pieces):
            sim.run(120.0 / pieces)
        return digest(cells)


CONNECTORS = {
    "all": lambda sim: sim.AllToAllConnector(allow_self_connections=False),
    "probability": lambda sim: sim.FixedProbabilityConnector(0.1),
    "without itself": lambda sim: sim.FixedProbabilityConnector(0.1, allow_self_connections=False),
    "not mutual": lambda sim: sim.FixedProbabilityConnector(0.3, allow_self_connections="NoMutual"),
    "certain": lambda sim: sim.FixedProbabilityConnector(1.0, allow_self_connections=False),
    "in-degree": lambda sim: sim.FixedNumberPreConnector(9),
    "with replacement": lambda sim: sim.FixedNumberPreConnector(9, with_replacement=True),
}


@pytest.mark.parametrize("delay", [0.1, 1.5, 9.0])
@pytest.mark.parametrize("weight", [0.02, RandomDistribution("normal_clipped", mu=0.02, sigma=0.01, low=0, high=1)])
@pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
def test_procedural_synapses_are_the_stored_ones(connector: Any, weight: Any, delay: float) -> None:
    """Every spike and every potential is the same to the bit, also with two threads and in pieces."""
    stored = run("stored", connector, weight, delay)
    assert sum(map(len, stored[0])) > 200

    for threads, pieces in ((1, 1), (2, 1), (1, 8)):
        spikes, potentials = run("procedural", connector, weight, delay, threads, pieces)
        assert spikes == stored[0]
        assert np.array_equal(potentials, stored[1])


def test_one_to_one_sources_drive_procedurally() -> None:
    """A spike source each, over OneToOneConnector."""

    def spikes(connectivity: str) -> Any:
        with Simulator(NativeBackend, timestep=0.1, connectivity=connectivity) as sim:
            source = sim.Population(20, sim.SpikeSourcePoisson(rate=300.0))
            cells = sim.Population(20, sim.IF_curr_exp())
            sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=2.0, delay=0.5))
            cells.record("spikes")
            sim.run(100.0)
            return [train.magnitude.tolist() for train in cells.get_data().segments[0].spiketrains]

    assert spikes("procedural") == spikes("stored")
    assert any(spikes("stored"))


def test_a_weight_for_all_can_be_changed_in_mid_run() -> None:
    """From that step on, and spikes under way keep the old weight."""

    def changed(connectivity: str) -> Any:
        with Simulator(NativeBackend, timestep=0.1, seed=3, connectivity=connectivity) as sim:
            cells, made = network(sim, sim.FixedProbabilityConnector(0.1), 0.02, 9.0)
            sim.run(50.0)
            made[0].set(weight=0.05)
            sim.run(30.0)
            made[0].set(delay=3.0)
            sim.run(40.0)
            return digest(cells)

    stored, procedural = changed("stored"), changed("procedural")

    assert procedural[0] == stored[0]
    # What was under way is summed in another order.
    np.testing.assert_allclose(procedural[1], stored[1], rtol=0, atol=1e-9)


def test_weights_of_single_rows_cannot_be_set() -> None:
    """The error says why and what to do, and the run goes on as if nothing had been asked."""
    with Simulator(NativeBackend, timestep=0.1, seed=3, connectivity="procedural") as sim:
        cells, made = network(sim, sim.FixedProbabilityConnector(0.1), 0.02)
        before = made[0].get("weight", "list")
        sim.run(60.0)
        with pytest.raises(PyNNError, match=r"cannot have values of its own\. Use setup\(connectivity='stored'\)"):
            made[0].set(weight=np.linspace(0.0, 0.1, made[0].size()))
        assert made[0].get("weight", "list") == before
        sim.run(60.0)
        assert digest(cells)[0] == run("stored", CONNECTORS["probability"], 0.02, 1.5)[0]


def test_what_cannot_be_procedural_is_stored_and_told(caplog: pytest.LogCaptureFixture) -> None:
    """Drawn delays and rules that go by source are stored, with a line that names the projection."""
    with Simulator(NativeBackend, timestep=0.1, connectivity="procedural") as sim:
        cells = sim.Population(10, sim.IF_curr_exp())
        delays = RandomDistribution("uniform", (1.0, 2.0))
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=delays), label="A")
        by_source, synapse = sim.FixedNumberPostConnector(2), sim.StaticSynapse(weight=0.1, delay=1.0)
        sim.Projection(cells, cells, by_source, synapse, label="B")

    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "A: synapses of all_to_all with drawn delay are stored, not procedural.",
        "B: synapses of fixed_number_post are stored, not procedural.",
    ]


@pytest.mark.parametrize("p_connect", [0.01, 0.2])
def test_driven_and_counted_input_is_that_of_stored_synapses(p_connect: float) -> None:
    """Sources that fire more than once in a step, onto so many cells that stored synapses are bits, or lists."""
    found = []
    for connectivity in ("stored", "procedural"):
        with Simulator(NativeBackend, seed=6, connectivity=connectivity) as sim:
            noise = sim.Population(150, sim.SpikeSourcePoisson(rate=9000.0))
            cells = sim.Population(2100, sim.IF_curr_exp(v_thresh=1e9))
            cells[::11].record("v")
            some, weak = sim.FixedProbabilityConnector(p_connect), sim.StaticSynapse(weight=0.007, delay=1.5)
            wires = sim.Projection(noise, cells, some, weak)
            sim.run(20.0)
            wires.set(weight=0.011)
            sim.run(10.0)
            found.append(cells.get_data().segments[0].analogsignals[0].magnitude)

    assert np.ptp(found[0]) > 0.1
    assert np.array_equal(found[0], found[1])
