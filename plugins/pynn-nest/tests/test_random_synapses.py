"""Synapses with sites that release by chance: what is set before the first spike, whenever they were made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.simulator import Simulator
from pynn_nest import NestBackend

TARGETS = 400


def _released(sim: Any, cells: Any, time: float) -> float:
    """Share of the cells that have had a postsynaptic potential at ``time``, ms."""
    signal = cells.get_data().segments[0].analogsignals[0]
    return float(np.mean(signal.magnitude[round((time - float(signal.t_start)) / sim.timestep)] > 1e-9))


@pytest.mark.parametrize("made_at", [0.0, 20.0])
def test_the_first_spike_is_passed_with_what_was_set(made_at: float) -> None:
    """U and tau_rec, set to all connections before the first spike: it is passed with that U."""
    with Simulator(NestBackend, timestep=0.1) as sim:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[30.0]))
        cells = sim.Population(TARGETS, sim.IF_curr_exp(v_rest=0.0, v_thresh=1e3), initial_values={"v": 0.0})
        cells.record("v")
        sim.run(made_at)
        sites = sim.StochasticTsodyksMarkramSynapse(U=0.2, tau_rec=100.0, tau_facil=50.0, weight=0.1, delay=1.0)
        projection = sim.Projection(source, cells, sim.AllToAllConnector(), sites)
        projection.set(U=0.6, tau_rec=80.0)
        sim.run(40.0 - made_at)

        share = _released(sim, cells, 35.0)

    assert share == pytest.approx(0.6, abs=4 * np.sqrt(0.6 * 0.4 / TARGETS))
