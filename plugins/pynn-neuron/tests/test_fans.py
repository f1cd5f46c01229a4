"""Static synapses without a NetCon each: the same as with them, whatever changes under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.rounding import ROUNDING, difference, on_both, trace
from pynn_neuron import NeuronBackend
from pynn_neuron.kernel import hoc

STEP = 0.1


def network(sim: Simulator) -> tuple[Any, list[Any]]:
    """Cells that fire, with synapses of many weights and delays, several to some pairs, and sources of their own."""
    start = RandomDistribution("uniform", (-65.0, -51.0))
    cell = sim.IF_cond_exp(i_offset=1.0, tau_refrac=1.0)
    cells = sim.Population(20, cell, initial_values={"v": start}, label="cells")
    source = sim.Population(3, sim.SpikeSourceArray(spike_times=[[1.0, 5.0], [], [2.0, 2.1]]))
    some = sim.FixedNumberPreConnector(12, with_replacement=True)
    weight, delay = RandomDistribution("uniform", (0.0, 0.02)), RandomDistribution("uniform", (0.1, 3.0))
    synapse = sim.StaticSynapse(weight=weight, delay=delay)
    made = [
        sim.Projection(cells, cells, some, synapse, receptor_type=receptor, label=receptor)
        for receptor in ("excitatory", "inhibitory")
    ]
    given = sim.FromListConnector([(0, 3, 0.05, 1.0), (2, 3, 0.02, 0.1), (2, 3, 0.03, 4.0), (0, 3, 0.04, 1.0)])
    made.append(sim.Projection(source, cells, given, sim.StaticSynapse(), label="source"))
    cells.record(["spikes", "v"])
    return cells, made


def test_a_projection_has_a_netcon_for_each_source_not_for_each_synapse() -> None:
    """Of 1000 synapses from 10 cells onto PyNN's own, NEURON knows 10 NetCons."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        pre, post = sim.Population(10, sim.IF_curr_exp()), sim.Population(100, sim.IF_curr_exp())
        made = sim.Projection(pre, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
        count = len(list(hoc().List("NetCon")))

    assert (len(made), count) == (1000, 10)


def test_spikes_and_potentials_equal_those_of_netcons() -> None:
    """A script that asks for NEURON's objects gets NetCons in their place, and the same network to rounding."""
    found, counts = [], []
    for plain in (False, True):
        with Simulator(NeuronBackend, timestep=STEP, seed=1) as sim:
            cells, made = network(sim)
            if plain:
                counts = [[len(projection), len(projection.native)] for projection in made]
                weights = [[netcon.weight[0] for netcon in projection.native] for projection in made]
                assert weights == [projection.get("weight", "list", with_address=False) for projection in made]
            sim.run(40.0)
            found.append(([tuple(t.magnitude) for t in cells.get_data().segments[0].spiketrains], trace(cells)))

    assert counts == [[240, 240], [240, 240], [4, 4]]
    assert sum(map(len, found[0][0])) > 50
    assert found[0][0] == found[1][0]
    assert np.abs(found[0][1] - found[1][1]).max() < ROUNDING


def nothing(_: list[Any]) -> None:
    """Change nothing."""


def weights(made: list[Any]) -> None:
    """All weights grow by a half."""
    for projection in made:
        projection.set(weight=np.array(projection.get("weight", "array")) * 1.5)


def one_weight(made: list[Any]) -> None:
    """One synapse grows."""
    next(iter(made[0])).weight = 0.05


def delays(made: list[Any]) -> None:
    """All delays are one, and weights grow."""
    for projection in made:
        projection.set(delay=0.7)
    weights(made)


def objects(made: list[Any]) -> None:
    """NEURON's objects are asked for, on simulators that have them."""
    for projection in made:
        if projection.simulator.name == "NEURON":
            assert len(projection.native) == len(projection)


@pytest.mark.parametrize("change", [nothing, weights, one_weight, delays, objects])
def test_what_changes_in_mid_run_leaves_alone_what_is_under_way(change: Callable[[list[Any]], None]) -> None:
    """Changed three times within the longest delay, a network goes on as on the reference."""

    def build(sim: Simulator) -> Any:
        cells, made = network(sim)
        sim.run(10.0)
        for pause in (0.3, 1.0, 0.2):
            change(made)
            sim.run(pause)
        weights(made)
        return cells

    ours, theirs = on_both(NeuronBackend, build, 30.0)

    assert len(theirs.spikes) > 50
    assert ours.spikes == theirs.spikes
    assert difference(ours, theirs, "v") < ROUNDING


def test_a_spike_arrives_with_the_weight_of_its_time() -> None:
    """Spikes of 1, 2 and 3 ms over 5 ms keep their weights, which change at 1.5 and 2.5 ms; so does each delay."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 2.0, 3.0]))
        cells = sim.Population(2, sim.IF_curr_delta(v_rest=0.0, tau_m=1e9, v_thresh=100.0), initial_values={"v": 0.0})
        made = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=5.0))
        cells.record("v")
        sim.run(1.5)
        made.set(weight=2.0)
        sim.run(1.0)
        made.set(weight=4.0)
        made.set(delay=[2.0, 5.0])
        sim.run(10.0)
        v = np.round(trace(cells), 6)

    times = np.arange(1, len(v)) * STEP
    jumps = [[(round(float(times[k]), 6), float(d)) for k, d in enumerate(np.diff(row)) if abs(d) > 0.5] for row in v.T]
    assert jumps[0] == [(5.0, 4.0), (6.0, 1.0), (7.0, 2.0)]
    assert jumps[1] == [(6.0, 1.0), (7.0, 2.0), (8.0, 4.0)]
