"""The same network on this backend and on the reference."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from pyNN._reference import ReferenceBackend
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.base import STEP, KitTests


def _balanced(sim: Simulator, model: str, weights: tuple[float, float]) -> dict[str, Any]:
    """80 excitatory and 20 inhibitory cells, driven by Poisson input; gives what the network is and does."""
    celltype = sim.names[model](tau_refrac=2.0)
    start = RandomDistribution("uniform", (-65.0, -51.0))
    exc = sim.Population(80, celltype, initial_values={"v": start}, label="exc")
    inh = sim.Population(20, celltype, initial_values={"v": start}, label="inh")
    noise = sim.Population(50, sim.SpikeSourcePoisson(rate=40.0), label="noise")
    both = exc + inh
    drawn = RandomDistribution("normal_clipped", mu=weights[0], sigma=0.1 * weights[0], low=0.0, high=1.0)
    excite = sim.StaticSynapse(weight=drawn, delay=1.0)
    inhibit = sim.StaticSynapse(weight=weights[1], delay=RandomDistribution("uniform", (0.5, 2.0)))
    projections = [
        sim.Projection(noise, both, sim.FixedNumberPreConnector(10), excite, receptor_type="excitatory"),
        sim.Projection(exc, both, sim.FixedProbabilityConnector(0.1), excite, receptor_type="excitatory"),
        sim.Projection(inh, both, sim.FixedProbabilityConnector(0.2), inhibit, receptor_type="inhibitory"),
    ]
    both.record("spikes")
    sim.run(400.0)
    trains = both.get_data().segments[0].spiketrains
    return {
        "rows": [np.array(p.get(["weight", "delay"], "list")) for p in projections],
        "counts": np.array([len(train) for train in trains]),
        "first": min(float(train[0]) for train in trains if len(train)),
    }


@cache
def _by_reference(model: str, weights: tuple[float, float]) -> dict[str, Any]:
    with Simulator(ReferenceBackend, timestep=STEP, seed=7) as sim:
        return _balanced(sim, model, weights)


class AgreementTests(KitTests):
    """Network, rates and first spikes of a balanced network."""

    def test_agreement_of_the_network_is_to_the_bit(self) -> None:
        """One seed gives the same connections, weights and delays as on the reference, bit for bit."""
        ours, theirs = self._both("IF_curr_exp", (0.8, -2.0))

        for a, b in zip(ours["rows"], theirs["rows"], strict=True):
            assert np.array_equal(a, b)

    def test_agreement_of_rates_with_current_synapses(self) -> None:
        """The network fires within 5 % of the reference, and its first spike is within a step of it."""
        ours, theirs = self._both("IF_curr_exp", (0.8, -2.0))

        assert theirs["counts"].sum() > 200
        assert ours["counts"].sum() == pytest.approx(theirs["counts"].sum(), rel=0.05)
        assert ours["first"] == pytest.approx(theirs["first"], abs=STEP + 1e-6)

    def test_agreement_of_rates_with_conductance_synapses(self) -> None:
        """The same of conductance-based cells."""
        self.needs("IF_cond_exp")
        ours, theirs = self._both("IF_cond_exp", (0.016, 0.05))

        assert theirs["counts"].sum() > 200
        assert ours["counts"].sum() == pytest.approx(theirs["counts"].sum(), rel=0.05)
        assert ours["first"] == pytest.approx(theirs["first"], abs=STEP + 1e-6)

    def _both(self, model: str, weights: tuple[float, float]) -> tuple[dict[str, Any], dict[str, Any]]:
        self.needs(model, "SpikeSourceArray", "StaticSynapse")
        with self.simulator(seed=7) as sim:
            ours = _balanced(sim, model, weights)
        return ours, _by_reference(model, weights)
