"""Spikes between the steps of the clock: setup(spike_precision="off_grid")."""

from __future__ import annotations

from math import exp, log
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_nest import NestBackend

TAU_M, RESISTANCE, ABOVE = 20.0, 20.0, 15.0  # ms; MΩ of 1 nF and 20 ms; mV from rest to threshold of IF_curr_exp


def spike_times(precision: str, model: str) -> Any:
    """Spikes of one cell that a constant current of 1.6 nA drives, 100 ms at a step of 0.1 ms."""
    with Simulator(NestBackend, timestep=0.1, spike_precision=precision) as sim:
        cells = sim.Population(1, sim.names[model](i_offset=1.6, tau_refrac=2.0))
        cells.record("spikes")
        sim.run(100.0)
        return cells.get_data().segments[0].spiketrains[0].magnitude


@pytest.mark.parametrize("model", ["IF_curr_exp", "IF_curr_alpha", "IF_curr_delta"])
def test_spikes_lie_where_the_membrane_reaches_the_threshold(model: str) -> None:
    """Off the grid a spike comes at tau ln(RI / (RI - 15 mV)) to 1 ns, and then every such time plus tau_refrac."""
    to_threshold = TAU_M * log(RESISTANCE * 1.6 / (RESISTANCE * 1.6 - ABOVE))

    exact, on_grid = spike_times("off_grid", model), spike_times("on_grid", model)

    wanted = to_threshold + np.arange(len(exact)) * (to_threshold + 2.0)
    assert len(exact) == 6
    np.testing.assert_allclose(exact, wanted, atol=1e-6)
    assert np.allclose(on_grid, np.rint(on_grid / 0.1) * 0.1, atol=1e-9) and (on_grid[0] - exact[0]) < 0.1 + 1e-9


def test_a_spike_between_the_steps_acts_between_the_steps() -> None:
    """IF_curr_exp follows the closed form of a current that begins at 10.037 + 1 ms, not at the next step."""
    tau_syn, weight, start = 5.0, 0.5, 10.037 + 1.0
    with Simulator(NestBackend, timestep=0.1, spike_precision="off_grid") as sim:
        cells = sim.Population(1, sim.names["IF_curr_exp"](tau_syn_E=tau_syn), initial_values={"v": -65.0})
        source = sim.Population(1, sim.names["SpikeSourceArray"](spike_times=[10.037]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0))
        cells.record("v")
        source.record("spikes")
        sim.run(20.0)
        v = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        assert list(source.get_data().segments[0].spiketrains[0].magnitude) == [10.037]

    for time in (11.0, 11.1, 13.0, 20.0):
        since = max(time - start, 0.0)
        rise = weight * tau_syn * TAU_M / (TAU_M - tau_syn) * (exp(-since / TAU_M) - exp(-since / tau_syn))
        assert v[round(time / 0.1)] == pytest.approx(-65.0 + rise, abs=1e-9)


def test_only_these_two_precisions_exist() -> None:
    """Another word is refused with the two that are allowed."""
    sim = Simulator(NestBackend)
    with pytest.raises(PyNNError, match=r"spike_precision.*'exact'.*'on_grid' or 'off_grid'"):
        sim.setup(spike_precision="exact")
