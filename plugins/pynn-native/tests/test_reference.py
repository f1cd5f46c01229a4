"""The engine gives what the NumPy reference gives, to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native_networks import WEIGHTS
from pyNN.simulator import Simulator
from pyNN.testing.rounding import ROUNDING, RoundingKit, difference, on_both
from pynn_native import NativeBackend


class TestRounding(RoundingKit):
    """What every simulator gives that computes as the reference does."""

    backend = NativeBackend


@pytest.mark.parametrize("model", WEIGHTS)
def test_cells_with_parameters_of_their_own_equal_the_reference(model: str) -> None:
    """Heterogeneous parameters, time constants equal to each other among them, and injected noise."""

    def build(sim: Simulator) -> Any:
        n = 70
        ramp = np.linspace(0.0, 1.0, n)
        cells = sim.Population(n, sim.names[model](
            tau_m=10.0 + 10.0 * ramp, cm=0.5 + ramp, tau_syn_E=10.0, tau_syn_I=2.0 + ramp, v_reset=-70.0 + ramp,
            v_thresh=-52.0 + ramp, i_offset=0.5 + ramp, tau_refrac=3.0 * ramp, v_rest=-65.0 - ramp,
        ))  # fmt: skip
        noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=5.0, stop=150.0, dt=0.5)
        noise.inject_into(cells[3:40])
        step = sim.StepCurrentSource(times=[20.0, 60.0], amplitudes=[0.4, -0.2])
        step.inject_into(cells[30:70])
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 10.0, 10.0, 40.0]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.3),
                       receptor_type="excitatory")  # fmt: skip
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(NativeBackend, build, 300.0)

    assert len(theirs.spikes) > 100
    assert ours.spikes == theirs.spikes
    assert difference(ours, theirs, "v") < ROUNDING


def test_delays_beyond_the_ring_arrive() -> None:
    """Delays of a second, longer than any ring of slots, differ from row to row."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(3, sim.IF_curr_exp(v_thresh=0.0))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 51.2, 102.4, 300.0]))
        rows = [(0, 0, 0.3, 0.1), (0, 1, 0.4, 204.7), (0, 1, 0.5, 204.8), (0, 2, 0.6, 204.9), (0, 2, 0.7, 1000.0)]
        sim.Projection(source, cells, sim.FromListConnector(rows), sim.StaticSynapse())
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(NativeBackend, build, 1400.0)

    assert theirs.samples["v"].max() > -64.0
    assert difference(ours, theirs, "v") < ROUNDING
