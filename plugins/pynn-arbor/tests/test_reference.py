"""Arbor gives what the NumPy reference gives, to rounding: cells, synapses, what changes in mid-run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.rounding import ROUNDING, RoundingKit, difference, on_both
from pynn_arbor import ArborBackend


class TestRounding(RoundingKit):
    """What every simulator gives that computes as the reference does."""

    backend = ArborBackend


@pytest.mark.parametrize("delay", [0.1, 1.5, 30.0])
def test_values_changed_under_way_equal_the_reference(delay: float) -> None:
    """Spikes under way keep their weight when it changes, more than once; sources and cells change in mid-run too."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(3, sim.IF_curr_exp(v_thresh=0.0))
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 9.9, 10.0, 10.1, 30.0, 60.0]))
        rows = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=delay))
        short = sim.TsodyksMarkramSynapse(weight=0.4, delay=delay, U=0.5, tau_rec=50.0)
        other = sim.Projection(source, cells, sim.AllToAllConnector(), short)
        cells.record(["spikes", "v"])
        sim.run(10.0)
        rows.set(weight=0.5)
        other.set(weight=0.1)
        sim.run(10.0)
        rows.set(weight=np.arange(6.0).reshape(2, 3) / 10.0)
        cells[:2].set(tau_m=11.0)
        sim.run(15.0)
        source.set(spike_times=[36.0, 36.0, 41.0])
        cells.initialize(v=-60.0)
        sim.run(5.0)
        rows.set(weight=0.05)
        return cells

    ours, theirs = on_both(ArborBackend, build, 60.0)

    assert theirs.samples["v"].max() > -64.5
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("fraction", [0.0, 0.5, 1.0])
def test_weights_read_and_set_while_spikes_are_under_way_equal_the_reference(fraction: float) -> None:
    """Learnt weights at any time count what has reached the synapse, though Arbor has not delivered it."""
    weights: dict[str, list[Any]] = {}

    def build(sim: Simulator) -> Any:
        cells = sim.Population(5, sim.IF_curr_exp(i_offset=0.9), label="cells")
        drive = sim.Population(10, sim.SpikeSourcePoisson(rate=150.0), label="drive")
        learning = sim.STDPMechanism(
            sim.SpikePairRule(A_plus=0.02, A_minus=0.03), sim.MultiplicativeWeightDependence(w_max=1.0), weight=0.4,
            dendritic_delay_fraction=fraction, delay=RandomDistribution("uniform", (2.0, 6.0)),
        )  # fmt: skip
        plastic = sim.Projection(drive, cells, sim.AllToAllConnector(), learning, label="plastic")
        cells.record(["spikes", "v"])
        found = weights.setdefault(sim.name, [])
        for pause in range(12):
            sim.run(3.3)
            found.append(np.array(plastic.get("weight", "list", with_address=False)))
            if pause == 6:
                plastic.set(weight=0.3)
        return cells

    ours, theirs = on_both(ArborBackend, build, 20.0)

    assert len(theirs.spikes) > 10
    assert ours.spikes == theirs.spikes
    assert np.allclose(weights["Arbor"], weights["reference"], rtol=1e-9, atol=1e-12)
    assert difference(ours, theirs, "v") < ROUNDING
