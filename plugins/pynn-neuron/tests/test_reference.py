"""NEURON gives what the NumPy reference gives, to rounding: cells, synapses, what changes in mid-run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.rounding import ROUNDING, RoundingKit, difference, on_both
from pynn_neuron import NeuronBackend


class TestRounding(RoundingKit):
    """What every simulator gives that computes as the reference does."""

    backend = NeuronBackend


@pytest.mark.parametrize("delay", [0.1, 1.5, 30.0])
def test_values_changed_under_way_equal_the_reference(delay: float) -> None:
    """Spikes under way keep weight and delay when these change, more than once; others are made in mid-run."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(3, sim.IF_curr_exp(v_thresh=0.0))
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 9.9, 10.0, 10.1, 30.0, 60.0]))
        rows = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=delay))
        cells.record(["spikes", "v"])
        sim.run(10.0)
        rows.set(weight=0.5)
        sim.run(10.0)
        rows.set(weight=np.arange(6.0).reshape(2, 3) / 10.0)
        sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=0.2))
        sim.run(15.0)
        rows.set(delay=np.arange(1.0, 7.0).reshape(2, 3) * 5.0)
        sim.run(5.0)
        rows.set(delay=0.7)
        return cells

    ours, theirs = on_both(NeuronBackend, build, 100.0)

    assert theirs.samples["v"].max() > -64.9
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_learning_in_a_loop_equals_the_reference(fraction: float) -> None:
    """Spikes from both sides reach synapses in the same steps; weights and delays are changed on the way."""
    weights = []

    def build(sim: Simulator) -> Any:
        start = RandomDistribution("uniform", (-65.0, -51.0))
        cells = sim.Population(
            20, sim.IF_curr_exp(i_offset=1.0, tau_refrac=1.0), initial_values={"v": start}, label="cells"
        )
        rule, bounds = sim.SpikePairRule(A_plus=0.05, A_minus=0.04), sim.MultiplicativeWeightDependence(w_max=1.5)
        delay, some = RandomDistribution("uniform", (0.1, 0.6)), sim.FixedProbabilityConnector(0.3)
        learning = sim.STDPMechanism(rule, bounds, dendritic_delay_fraction=fraction, weight=0.5, delay=delay)
        plastic = sim.Projection(cells, cells, some, learning, label="plastic")
        chance = sim.StochasticTsodyksMarkramSynapse(weight=0.4, delay=delay, U=0.4, tau_rec=50.0, tau_facil=20.0)
        sim.Projection(cells, cells, some, chance, label="chance")
        cells.record(["spikes", "v"])
        sim.run(30.0)
        plastic.set(delay=0.3)
        plastic.set(weight=np.array(plastic.get("weight", "array")) * 1.1)
        sim.run(10.0)
        weights.append(np.array(plastic.get("weight", "list", with_address=False)))
        return cells

    ours, theirs = on_both(NeuronBackend, build, 20.0)

    assert len(theirs.spikes) > 200
    assert np.ptp(weights[1]) > 0.05
    assert ours.spikes == theirs.spikes
    assert np.allclose(*weights, rtol=1e-9, atol=1e-12)
    assert difference(ours, theirs, "v") < ROUNDING
