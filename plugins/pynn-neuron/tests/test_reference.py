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
