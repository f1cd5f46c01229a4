"""How exact the integration is, and what happens where it would become unstable."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array
from pyNN.simulator import Simulator
from pynn_native import NativeBackend
from scipy.integrate import solve_ivp

CELL = {"cm": 0.2, "tau_m": 20.0, "v_rest": -60.0, "tau_syn_E": 5.0, "tau_syn_I": 10.0, "v_thresh": 0.0}


def trace(model: str, timestep: float, weights: tuple[float, float], **parameters: float) -> Array:
    """v (mV) every ms for 50 ms, of one cell that gets an excitatory spike at 2 ms and an inhibitory one at 10 ms."""
    with Simulator(NativeBackend, timestep=timestep, seed=1) as sim:
        cell = sim.Population(1, sim.names[model](**{**CELL, **parameters}))
        for time, weight, receptor in ((1.0, weights[0], "excitatory"), (9.0, weights[1], "inhibitory")):
            source: Any = sim.Population(1, sim.SpikeSourceArray(spike_times=[time]))
            synapse = sim.StaticSynapse(weight=weight, delay=1.0)
            sim.Projection(source, cell, sim.OneToOneConnector(), synapse, receptor_type=receptor)
        cell.record("v", sampling_interval=1.0)
        sim.run(50.0)
        return np.asarray(cell.get_data().segments[0].analogsignals[0].magnitude)[:, 0]


def conductance_solution(weights: tuple[float, float]) -> Array:
    """The same of IF_cond_exp by an adaptive method of order 8 with a tolerance of 1e-12, spike by spike."""

    def slope(t: float, v: Array) -> Array:
        g_exc = weights[0] * np.exp(-(t - 2.0) / 5.0) if t >= 2.0 else 0.0
        g_inh = weights[1] * np.exp(-(t - 10.0) / 10.0) if t >= 10.0 else 0.0
        return np.asarray((-60.0 - v) / 20.0 + (g_exc * (0.0 - v) + g_inh * (-70.0 - v)) / 0.2)

    pieces, v = [np.array([-60.0])], np.array([-60.0])
    for begin, end in ((0.0, 2.0), (2.0, 10.0), (10.0, 50.0)):
        times = np.arange(begin + 1.0, end + 1.0)
        inside = end - 1e-12  # the jump at the end belongs to the next piece
        found = solve_ivp(slope, (begin, inside), v, "DOP853", t_eval=np.minimum(times, inside), rtol=1e-12, atol=1e-12)
        pieces.append(found.y[0])
        v = found.y[:, -1]
    return np.concatenate(pieces)


@pytest.mark.parametrize("model", ["IF_curr_exp", "IF_curr_alpha"])
def test_current_based_cells_are_exact_at_any_timestep(model: str) -> None:
    """Steps of 0.1 and of 1 ms give the same trace: the propagator is exact (Rotter & Diesmann 1999)."""
    fine, coarse = (trace(model, timestep, (0.1, -0.2)) for timestep in (0.1, 1.0))

    assert np.ptp(fine) > 1.0
    assert np.abs(fine - coarse).max() < 1e-11


def test_conductance_based_cells_are_of_fourth_order() -> None:
    """Half the timestep has a sixteenth of the error, within half of that; at 0.1 ms it is below that of the method.

    A step errs by (h a)^5 / 120 of the distance to the reversal (the first term that Runge-Kutta leaves out), and about
    1 / (h a) steps add up, with a = 1 / tau_m + g / cm at most.
    """
    weights = (0.04, 0.2)
    exact = conductance_solution(weights)
    errors = [np.abs(trace("IF_cond_exp", h, weights) - exact).max() for h in (0.5, 0.25, 0.1)]

    assert np.ptp(exact) > 10.0
    assert errors[0] / errors[1] == pytest.approx(16.0, rel=0.5)
    a = 1.0 / 20.0 + sum(weights) / 0.2
    assert errors[2] < (0.1 * a) ** 4 / 120.0 * 70.0


def test_strong_conductances_are_stable() -> None:
    """A conductance that pulls the membrane to its reversal within a hundredth of a step neither oscillates nor
    overshoots: v stays between rest and the two reversal potentials."""
    v = trace("IF_cond_exp", 0.1, (200.0, 500.0))

    assert np.isfinite(v).all()
    assert -70.0 - 1e-9 <= v.min() and v.max() <= 1e-9
    assert v[3] == pytest.approx(0.0, abs=0.01)
    g_exc, g_inh = 200.0 * np.exp(-2.0), 500.0 * np.exp(-0.2)  # 10 ms after one spike, 2 ms after the other
    assert v[12] == pytest.approx(-70.0 * g_inh / (g_exc + g_inh), abs=0.1)
