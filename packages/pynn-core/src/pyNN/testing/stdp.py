"""Spike-timing-dependent plasticity against a bookkeeping of every pair of spikes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp
from typing import Any

import numpy as np
import pytest

from pyNN.standardmodels import synapses as s
from pyNN.standardmodels.stdp import STDPMechanism
from pyNN.testing.base import STEP, KitTests, times_of

PRE = ((5.0, 17.0, 18.5, 31.0, 60.0), (8.0, 12.0, 40.0, 44.0, 60.0))  # the last ones let a lazy engine catch up
POST = (9.0, 14.0, 15.5, 30.0, 41.0, 47.0)


class StdpTests(KitTests):
    """Every timing and weight rule of the table."""

    def test_stdp_pairs_every_spike_with_every_spike(self) -> None:
        """Each weight is that of a book of all pairs, in their order at the synapse, for every weight rule.

        Morrison, Diesmann & Gerstner (2008), section 4.1.2; changes relative to (w - w_min) / (w_max - w_min).
        """
        bounds: Sequence[Any] = (
            s.AdditiveWeightDependence(0.0, 0.02),
            s.MultiplicativeWeightDependence(0.0, 0.02),
            s.AdditivePotentiationMultiplicativeDepression(0.0, 0.02),
            s.GutigWeightDependence(0.0, 0.02, mu_plus=0.3, mu_minus=0.7),
        )
        for rule in bounds:
            timing = s.SpikePairRule(tau_plus=15.0, tau_minus=25.0, A_plus=0.05, A_minus=0.04)
            self._compare_book(STDPMechanism(timing, rule, weight=0.009))

    def test_stdp_of_inhibition_steers_by_the_target_rate(self) -> None:
        """Pairs of either order potentiate by eta, and each presynaptic spike depresses by 2 eta rho tau.

        Vogels et al. (2011), supplement eq. 4-6.
        """
        timing = s.Vogels2011Rule(tau=20.0, eta=4e-4, rho=15.0)
        self._compare_book(STDPMechanism(timing, s.AdditiveWeightDependence(0.0, 0.02), weight=0.009))

    def test_stdp_stays_within_bounds(self) -> None:
        """Large changes end at w_max and at w_min, not beyond."""
        for a_plus, a_minus, end in ((2.0, 0.0, 0.02), (0.0, 2.0, 0.0)):
            timing = s.SpikePairRule(A_plus=a_plus, A_minus=a_minus)
            found = self._learned(STDPMechanism(timing, s.AdditiveWeightDependence(0.0, 0.02), weight=0.01), 1.0)[0]

            assert found == pytest.approx([end, end], abs=1e-12)

    def test_stdp_counts_the_delay_on_either_side_of_the_synapse(self) -> None:
        """Of a delay of 4 ms, dendritic_delay_fraction lies behind the synapse: pairs shift by twice that share."""
        timing = s.SpikePairRule(tau_plus=10.0, tau_minus=10.0, A_plus=0.05, A_minus=0.05)
        for fraction in (0.0, 0.25, 0.5, 1.0):
            mechanism = STDPMechanism(
                timing, s.AdditiveWeightDependence(0.0, 0.02), dendritic_delay_fraction=fraction, weight=0.01
            )
            if fraction != 1.0 and not self._has_fractions(mechanism):
                continue
            self._compare_book(mechanism, delay=4.0)

    def test_stdp_sends_the_weight_that_was_learnt(self) -> None:
        """A spike after potentiation acts with the weight of that moment: its PSP is that of the closed form."""
        mechanism = STDPMechanism(
            s.SpikePairRule(A_plus=0.5, A_minus=0.0), s.AdditiveWeightDependence(0.0, 2.0), weight=0.2
        )
        self.needs("IF_curr_exp")
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_syn_E=2.0, tau_refrac=2.0)
            pre, driver = bench.source([5.0, 100.0]), bench.source([9.0])
            block = bench.connect(pre, cells, [([0], [0], {})], synapse=mechanism, delay=1.0)
            bench.connect(driver, cells, [([0], [0], {})], weight=60.0, delay=1.0)
            spikes, v = bench.record(cells, "spikes"), bench.record(cells, "v")
            bench.advance(120.0)
            fired, values = times_of(spikes()), v().values[:, 0]
            learnt = bench.get(block, "weight")[0]

        assert len(fired) >= 1
        expected = 0.2 + 2.0 * 0.5 * sum(exp(-(t + 1.0 - 5.0) / 20.0) for t in fired)
        assert learnt == pytest.approx(min(expected, 2.0), rel=1e-9)
        arrived = round(101.0 / STEP)
        since = np.arange(len(values) - arrived) * STEP
        gain = learnt * 20.0 * 2.0 / 18.0
        left = (values[arrived] + 65.0) * np.exp(-since / 20.0)
        psp = left + gain * (np.exp(-since / 20.0) - np.exp(-since / 2.0))
        assert values[arrived:] + 65.0 == pytest.approx(psp, abs=0.6 * gain * 0.9 * STEP)

    def _has_fractions(self, mechanism: STDPMechanism) -> bool:
        name, parts = mechanism.composition
        try:
            return "dendritic_delay_fraction" in self.backend().resolve(name, parts).parameters
        except LookupError:
            pytest.skip(f"{self.backend.name} has no {'+'.join((name, *parts))}")

    def _compare_book(self, mechanism: STDPMechanism, delay: float = 1.0) -> None:
        found, post = self._learned(mechanism, delay)

        values = {key: float(value) for key, value in mechanism.given.items() if value is not None}
        expected = [book(mechanism, values, train, post, delay) for train in PRE]
        assert len(post) >= len(POST)
        assert found == pytest.approx(expected, rel=1e-9), mechanism

    def _learned(self, mechanism: STDPMechanism, delay: float) -> tuple[Any, Any]:
        """The weights of two synapses at the end, and the spikes of their target."""
        self.needs("IF_curr_exp", "SpikeSourceArray", "StaticSynapse")
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_syn_E=0.5, tau_refrac=1.0)
            pre, driver = bench.source(*PRE), bench.source([t - 1.0 for t in POST])
            block = bench.connect(pre, cells, [([0, 1], [0, 0], {})], synapse=mechanism, delay=delay)
            bench.connect(driver, cells, [([0], [0], {})], weight=60.0, delay=1.0)
            spikes = bench.record(cells, "spikes")
            bench.advance(70.0)
            order = np.argsort(bench.get(block, "i"))
            return bench.get(block, "weight")[order], times_of(spikes())


def book(
    mechanism: STDPMechanism, p: Mapping[str, float], pre: Sequence[float], post: Sequence[float], delay: float
) -> float:
    """The weight after all pairs, by going through the spikes in the order in which they reach the synapse."""
    behind = p["dendritic_delay_fraction"] * delay
    arrivals = [(round(t + delay - behind, 6), "pre") for t in pre] + [(round(t + behind, 6), "post") for t in post]
    first = "post" if behind > 0 else "pre"
    arrivals.sort(key=lambda item: (item[0], item[1] != first))
    last = max(t for t, side in arrivals if side == "pre")
    weight = p["weight"]
    for now, side in arrivals:
        if now > last:
            break
        others = [now - t for t, other in arrivals if other != side and t < now]
        weight = _vogels(weight, p, side, others) if "eta" in p else _paired(mechanism, weight, p, side, others)
    return weight


def _vogels(weight: float, p: Mapping[str, float], side: str, others: Sequence[float]) -> float:
    change = sum(exp(-dt / p["tau"]) for dt in others)
    if side == "pre":
        change -= 2 * p["rho"] * p["tau"] / 1000.0
    return min(max(weight + p["eta"] * change, p["w_min"]), p["w_max"])


def _paired(
    mechanism: STDPMechanism, weight: float, p: Mapping[str, float], side: str, others: Sequence[float]
) -> float:
    if not others:
        return weight
    sign, tau, size = (1, p["tau_plus"], p["A_plus"]) if side == "post" else (-1, p["tau_minus"], p["A_minus"])
    f = (weight - p["w_min"]) / (p["w_max"] - p["w_min"])
    rule = type(mechanism.weight_dependence).__name__
    exponents = {
        "AdditiveWeightDependence": (0.0, 0.0),
        "MultiplicativeWeightDependence": (1.0, 1.0),
        "AdditivePotentiationMultiplicativeDepression": (0.0, 1.0),
        "GutigWeightDependence": (p.get("mu_plus", 0.0), p.get("mu_minus", 0.0)),
    }[rule]
    share = (1 - f) ** exponents[0] if side == "post" else f ** exponents[1]
    f += sign * size * share * sum(exp(-dt / tau) for dt in others)
    return float(p["w_min"] + min(max(f, 0.0), 1.0) * (p["w_max"] - p["w_min"]))
