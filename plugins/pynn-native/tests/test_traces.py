"""Spike-timing-dependent plasticity with one trace for each cell, and what happens where one is no longer enough."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.simulator import Simulator

# ms; at both ends spikes are one step from synapses that have no dendritic delay.
BEFORE, AFTER = 62.0, 60.0

CHANGES = {
    "nothing": {},
    "a delay for each synapse": {"delay": np.linspace(0.5, 2.5, 5)},
    "a share of each delay": {"dendritic_delay_fraction": np.linspace(0.0, 1.0, 5)},
    "a time constant for each": {"tau_plus": np.linspace(10.0, 30.0, 5)},
    "another delay for all": {"delay": 0.7},
    "a delay of one step": {"delay": 0.1},  # so that none is left behind the synapse
    "another weight for all": {"weight": 0.5},
    "bounds for each": {"w_max": np.linspace(0.8, 1.4, 5)},
}


def run(backend: str, change: dict[str, Any], fraction: float, **setup: Any) -> tuple[Any, Any]:
    """Weights and potentials; the change is made while spikes are under way. Values repeat after five rows."""
    with Simulator(backend, seed=9, **setup) as sim:
        noise = sim.Population(12, sim.SpikeSourcePoisson(rate=80.0))
        cells = sim.Population(10, sim.IF_curr_exp(tau_refrac=2.0, i_offset=np.linspace(0.7, 1.1, 10)))
        cells.record("v")
        pairs = sim.SpikePairRule(A_plus=0.02, A_minus=0.015, tau_plus=15.0, tau_minus=22.0)
        bounds = sim.AdditiveWeightDependence(w_max=1.2)
        synapse = sim.STDPMechanism(pairs, bounds, weight=0.6, delay=1.5, dendritic_delay_fraction=fraction)
        wires = sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5), synapse, receptor_type="excitatory")
        sim.run(BEFORE)
        rows = len(wires)
        given = {name: np.resize(v, rows) if isinstance(v, np.ndarray) else v for name, v in change.items()}
        if given:
            wires.set(**given)
        sim.run(AFTER)
        weights = np.array(wires.get("weight", "list"))
        return weights, cells.get_data().segments[0].analogsignals[0].magnitude


@pytest.mark.parametrize("fraction", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("change", CHANGES)
def test_weights_are_those_of_the_reference(change: str, fraction: float) -> None:
    """Weights and potentials equal those of the NumPy reference, which has a trace for each synapse throughout."""
    weights, v = run("native", CHANGES[change], fraction)
    expected, expected_v = run("reference", CHANGES[change], fraction)

    assert np.ptp(expected[:, 2]) > 0.02
    assert np.allclose(weights, expected, rtol=0, atol=1e-9)
    assert np.allclose(v, expected_v, rtol=0, atol=1e-7)


def test_traces_of_parts_do_not_depend_on_threads() -> None:
    """Weights and potentials on one thread and on three, before and after traces are kept for each synapse."""
    weights, v = run("native", CHANGES["a delay for each synapse"], 0.4)
    others, other_v = run("native", CHANGES["a delay for each synapse"], 0.4, threads=3)

    assert np.array_equal(weights, others) and np.array_equal(v, other_v)
