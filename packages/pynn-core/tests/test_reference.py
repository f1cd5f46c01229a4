"""The executable definition, where closed forms end: against a fine solution, and where membranes are stiff."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN._reference import ReferenceBackend
from pyNN.simulator import Simulator
from scipy.integrate import solve_ivp


def trace(weight: float, timestep: float) -> np.ndarray:
    """v of one IF_cond_exp cell, every ms, after an excitatory and a strong inhibitory spike at 2 ms."""
    with Simulator(ReferenceBackend, timestep=timestep) as sim:
        cells = sim.Population(1, sim.IF_cond_exp(cm=0.2, v_thresh=100.0, e_rev_I=-75.0))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        for receptor, size in (("excitatory", 0.05), ("inhibitory", weight)):
            synapse = sim.StaticSynapse(weight=size, delay=1.0)
            sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("v", sampling_interval=1.0)
        sim.run(20.0)
        return np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude[:, 0])


def solution(weight: float) -> np.ndarray:
    """The same by a variable-step method of order 5 with a tolerance of 1e-11 (Hairer, Nørsett & Wanner 1993, II.5)."""

    def slope(t: float, v: np.ndarray) -> np.ndarray:
        g_e, g_i = 0.05 * np.exp(-t / 5.0), weight * np.exp(-t / 5.0)
        return (-65.0 - v) / 20.0 + (g_e * (0.0 - v) + g_i * (-75.0 - v)) / 0.2

    times = np.arange(0.0, 18.5, 1.0)
    found = solve_ivp(slope, (0.0, 18.0), [-65.0], method="DOP853", t_eval=times, rtol=1e-11, atol=1e-11)
    return np.concatenate([[-65.0, -65.0], found.y[0]])


@pytest.mark.parametrize(("weight", "tolerance"), [(0.05, 1e-5), (20.0, 0.05), (2000.0, 0.05)])
def test_conductances_follow_the_fine_solution(weight: float, tolerance: float) -> None:
    """v agrees with the fine solution, also where one step of 0.1 ms is a thousand membrane time constants long."""
    assert trace(weight, 0.1) == pytest.approx(solution(weight), abs=tolerance)


def test_conductances_are_of_fourth_order() -> None:
    """Halving the timestep divides the error by 16, within a factor of 1.6."""
    exact = solution(0.3)
    errors = [np.abs(trace(0.3, h) - exact).max() for h in (0.5, 0.25)]

    assert 10.0 < errors[0] / errors[1] < 26.0
