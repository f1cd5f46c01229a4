"""Synapses that release by chance, sources whose intervals are random, and gap junctions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array

from pyNN.testing.base import STEP, KitTests

SPIKES = 8
TARGETS = 250
GAP_MS = 30.0


class ChanceTests(KitTests):
    """Frequencies within four standard errors of what the rules say."""

    def test_chance_simple_synapses_pass_a_share_of_spikes(self) -> None:
        """A SimpleStochasticSynapse passes each spike with probability p, each synapse on its own."""
        passed = self._released("SimpleStochasticSynapse", p=0.3)

        total = TARGETS * SPIKES
        assert set(np.unique(passed)) == {0, 1}
        assert passed.mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / total))
        per_synapse = passed.sum(axis=0).var(ddof=1)
        assert per_synapse == pytest.approx(SPIKES * 0.21, rel=4 * np.sqrt(2 / TARGETS))

    def test_chance_sites_release_and_recover(self) -> None:
        """A StochasticTsodyksMarkramSynapse releases with the frequencies of its two-state Markov chain."""
        passed = self._released("StochasticTsodyksMarkramSynapse", U=0.4, tau_rec=60.0, tau_facil=90.0)

        self._check_sites(passed, 1, 0.4, 60.0, 90.0)

    def test_chance_several_sites_release_each_on_its_own(self) -> None:
        """A MultiQuantalSynapse of five sites releases five times as much on average, in whole quanta."""
        passed = self._released("MultiQuantalSynapse", U=0.4, tau_rec=60.0, tau_facil=0.0, n=5.0)

        self._check_sites(passed, 5, 0.4, 60.0, 0.0)

    @pytest.mark.parametrize("synapse", ["StochasticTsodyksMarkramSynapse", "MultiQuantalSynapse"])
    def test_chance_begins_with_the_use_that_was_set(self, synapse: str) -> None:
        """With U = 0 and no decay every first spike is passed where u was set to 1, and none where it was left at 0."""
        for use in (0.0, 1.0):
            passed = self._released(synapse, use=use, U=0.0, tau_rec=60.0, tau_facil=1e9)

            assert set(np.unique(passed[0])) == {use}

    @pytest.mark.parametrize("synapse", ["StochasticTsodyksMarkramSynapse", "MultiQuantalSynapse"])
    def test_chance_of_the_first_spike_is_above_the_use_that_was_set(self, synapse: str) -> None:
        """With u at the start, which PyNN sets to 0, the first spike is passed with U + u (1 - U); without decay."""
        for use, chance in ((0.0, 0.4), (0.5, 0.7)):
            passed = self._released(synapse, use=use, U=0.4, tau_rec=60.0, tau_facil=1e9)

            error = np.sqrt(chance * (1.0 - chance) / TARGETS)
            assert passed[0].mean() == pytest.approx(chance, abs=4 * error)

    def test_chance_sites_that_are_added_are_full(self) -> None:
        """A MultiQuantalSynapse whose n is set from two to five, or to one, releases from so many at the next spike."""
        for sites in (5, 1):
            passed = self._released("MultiQuantalSynapse", sites=sites, U=0.4, tau_rec=60.0, tau_facil=0.0, n=2.0)

            self._check_sites(passed, sites, 0.4, 60.0, 0.0)

    def test_chance_depends_on_the_stream_alone(self) -> None:
        """One stream gives one series of releases, whatever else was made before; another gives another."""
        self.needs("SimpleStochasticSynapse")
        if not self.backend.models["SimpleStochasticSynapse"].keyed:
            pytest.skip(f"{self.backend.name} draws releases itself")
        runs = [
            self._released("SimpleStochasticSynapse", stream=stream, more=more, p=0.5)
            for stream, more in ((21, False), (21, True), (22, False))
        ]

        assert np.array_equal(runs[0], runs[1])
        assert not np.array_equal(runs[0], runs[2])

    def _check_sites(self, passed: Array, sites: int, use: float, tau_rec: float, tau_facil: float) -> None:
        full, u = 1.0, 0.0
        kept = np.exp(-GAP_MS / tau_facil) if tau_facil else 0.0
        for n in range(SPIKES):
            u = use + u * (1 - use) * kept
            if n:
                full += (1 - full) * -np.expm1(-GAP_MS / tau_rec)
            chance = full * u
            error = np.sqrt(sites * chance * (1 - chance) / TARGETS)
            assert passed[n].mean() == pytest.approx(sites * chance, abs=4 * error), n
            full -= chance
        assert passed.min() >= 0 and passed.max() <= sites

    def _released(
        self, synapse: str, stream: int = 21, *, more: bool = False, use: float | None = None,
        sites: int | None = None, **parameters: Any,
    ) -> Array:  # fmt: skip
        """How many quanta each spike released at each synapse, shape (SPIKES, TARGETS), from the PSPs.

        ``use``, ``sites``: u and n, set after the synapses were made.
        """
        self.needs(synapse, "IF_curr_exp")
        times = [2.0 + GAP_MS * n for n in range(SPIKES)]
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", TARGETS, tau_m=2.0, tau_syn_E=0.5, v_thresh=1e6)
            source = bench.source(times)
            every: Any = ([0] * TARGETS, range(TARGETS), {})
            if more:
                other = bench.cells("IF_curr_exp", 3)
                bench.connect(source, other, [([0], [1], {})], synapse=synapse, weight=1.0, delay=1.0, **parameters)
            made = bench.connect(source, cells, [every], synapse=synapse, stream=stream, weight=1.0, delay=1.0,
                                 **parameters)  # fmt: skip
            if use is not None:
                bench.set(made, u=use)
            if sites is not None:
                bench.set(made, n=float(sites))
            looked = []
            for time in times:
                bench.advance(time + 3.0)
                looked.append(bench.get(cells, "v") + 65.0)
        peak = 2.0 * 0.5 / 1.5 * (np.exp(-2.0 / 2.0) - np.exp(-2.0 / 0.5))
        counts: Any = np.rint(np.array(looked) / peak)
        return np.asarray(counts)


class RenewalTests(KitTests):
    """Random sources that the core draws."""

    def test_sources_with_dead_time_have_rate_and_intervals(self) -> None:
        """No interval is below tau_refrac; mean and spread are those of dead time plus an exponential time."""
        mean, spread, shortest = self._intervals("SpikeSourcePoissonRefractory", rate=200.0, tau_refrac=2.0)

        assert shortest >= 2.0 - STEP
        # An end in the middle of an interval makes the long ones rarer, by about the mean over the duration.
        assert mean == pytest.approx(5.0, abs=4 * 3.0 / np.sqrt(self._count) + 0.1)
        assert spread == pytest.approx(3.0, rel=0.12)

    def test_sources_of_gamma_intervals_have_their_shape(self) -> None:
        """Intervals have mean alpha / beta and coefficient of variation 1 / sqrt(alpha)."""
        mean, spread, _ = self._intervals("SpikeSourceGamma", alpha=4.0, beta=800.0)

        assert mean == pytest.approx(5.0, abs=4 * 2.5 / np.sqrt(self._count) + 0.1)
        assert spread == pytest.approx(2.5, rel=0.12)

    def test_sources_of_changing_intensity_follow_it(self) -> None:
        """SpikeSourceInhGamma fires at 1 / (a b) in each bin, and not before the first."""
        self.needs("SpikeSourceArray")
        with self.simulator(seed=3) as sim:
            cells = sim.Population(
                100, sim.SpikeSourceInhGamma(a=[3.0, 3.0, 3.0], b=[2e-3, 8e-4, 1e3], tbins=[20.0, 100.0, 180.0])
            )
            cells.record("spikes")
            sim.run(220.0)
            times = np.concatenate([np.asarray(t.magnitude) for t in cells.get_data().segments[0].spiketrains])
        counts = np.histogram(times, [0.0, 20.0, 30.0, 100.0, 110.0, 180.0 + STEP, 220.0])[0]

        assert counts[0] == 0 and counts[5] <= 1
        # 70 ms at 167 Hz and at 417 Hz, 10 ms after the beginning of the bin; variance of counts ≈ mean / a
        for count, expected in ((counts[2], 100 * 70.0 / 6.0), (counts[4], 100 * 70.0 / 2.4)):
            assert count == pytest.approx(expected, abs=4 * np.sqrt(expected / 3.0) + 0.02 * expected)

    def _intervals(self, name: str, **parameters: float) -> tuple[float, float, float]:
        """Mean, standard deviation and minimum of the intervals of 60 trains of 0.3 s."""
        self.needs("SpikeSourceArray")
        with self.simulator(seed=3) as sim:
            cells = sim.Population(60, sim.names[name](**parameters))
            cells.record("spikes")
            sim.run(300.0)
            trains = cells.get_data().segments[0].spiketrains
        found = np.concatenate([np.diff(np.asarray(train.magnitude)) for train in trains])
        self._count = len(found)
        return float(found.mean()), float(found.std()), float(found.min())


class GapTests(KitTests):
    """Gap junctions."""

    def test_gaps_pull_both_cells_together(self) -> None:
        """The mean of two coupled membranes decays with tau_m, their difference with tau_m / (1 + 2 g tau_m / cm)."""
        self.needs("ElectricalSynapse")
        for name in ("IF_curr_exp", "IF_cond_exp", "IF_cond_alpha", "IF_curr_delta"):
            if name not in self.backend.models:
                continue
            with self.bench() as bench:
                cells = bench.cells(name, 3, v_rest=-65.0, v=[-65.0, -57.0, -60.0])
                bench.connect(cells, cells, [([0], [1], {})], synapse="ElectricalSynapse", weight=0.05)
                v = bench.record(cells, "v", (0, 1, 2))
                bench.advance(15.0)
                values = v().values + 65.0

            t = np.arange(151) * STEP
            mean, difference = (values[:, 0] + values[:, 1]) / 2, values[:, 1] - values[:, 0]
            assert mean == pytest.approx(4.0 * np.exp(-t / 20.0), abs=0.02), name
            assert difference == pytest.approx(8.0 * np.exp(-t * (1 / 20.0 + 2 * 0.05)), abs=8.0 * 0.15 * STEP), name
            assert values[:, 2] == pytest.approx(5.0 * np.exp(-t / 20.0), abs=0.02), name

    def test_gaps_change_in_mid_run(self) -> None:
        """A conductance set to 0 at T lets the cells go their own ways from T."""
        self.needs("ElectricalSynapse", "IF_curr_exp")
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2, v=[-65.0, -57.0])
            gap = bench.connect(cells, cells, [([0], [1], {})], synapse="ElectricalSynapse", weight=0.05)
            bench.advance(5.0)
            before = bench.get(cells, "v")
            bench.set(gap, weight=0.0)
            bench.advance(15.0)
            after = bench.get(cells, "v")

        assert after + 65.0 == pytest.approx((before + 65.0) * np.exp(-0.5), abs=0.02)
