"""Spike sources."""

from __future__ import annotations

import numpy as np
import pytest

from pyNN.testing.base import STEP, KitTests, ragged, times_of


class SourceTests(KitTests):
    """Arrays of spike times and what is fed in mid-run."""

    def test_sources_fire_at_time_zero(self) -> None:
        """A spike at time 0 over a delay of 1 ms arrives at 1 ms."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1)
            source = bench.source([0.0])
            bench.connect(source, cells, [([0], [0], {})], weight=0.5, delay=1.0)
            v = bench.record(cells, "v")
            bench.advance(5.0)
            values = v().values[:, 0]

        moved = np.flatnonzero(values + 65.0 > 1e-9)[0] * STEP
        assert 1.0 - 1e-6 <= moved <= 1.0 + STEP + 1e-6

    def test_sources_take_new_times_in_mid_run(self) -> None:
        """``set`` at T replaces what lies after T, and acts from the very next step."""
        with self.bench(min_delay=1.0) as bench:
            source = bench.source([5.0, 15.0], [12.0])
            spikes = bench.record(source, "spikes", (0, 1))
            bench.advance(10.0)
            bench.set(source, [0], spike_times=ragged([10.1, 20.0]))
            bench.advance(25.0)
            found = spikes()

        assert times_of(found, 0) == pytest.approx([5.0, 10.1, 20.0], abs=1e-6)
        assert times_of(found, 1) == pytest.approx([12.0], abs=1e-6)

    def test_sources_given_times_after_their_last_spike_fire_again(self) -> None:
        """A source whose spikes are over can be given new ones, and its targets feel them."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1)
            source = bench.source([1.0])
            bench.connect(source, cells, [([0], [0], {})], weight=0.5, delay=1.0)
            bench.advance(200.0)
            settled = bench.get(cells, "v")[0]
            bench.set(source, spike_times=ragged([201.0]))
            bench.advance(205.0)

            assert settled == pytest.approx(-65.0, abs=1e-2)
            assert bench.get(cells, "v")[0] > -64.9

    def test_sources_fire_as_often_as_a_time_occurs(self) -> None:
        """Two spikes at one time are recorded twice, and move the target as two spikes of two sources do."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2)
            source = bench.source([3.0, 3.0], [3.0], [3.0])
            spikes = bench.record(source, "spikes", (0, 1))
            bench.connect(source, cells, [([0, 1, 2], [0, 1, 1], {})], weight=0.5, delay=1.0)
            v = bench.record(cells, "v", (0, 1))
            bench.advance(10.0)
            values, found = v().values, spikes()

        assert times_of(found, 0) == pytest.approx([3.0, 3.0], abs=1e-6)
        assert times_of(found, 1) == pytest.approx([3.0], abs=1e-6)
        assert values[:, 1].max() > -64.0
        assert np.allclose(values[:, 0], values[:, 1], rtol=0, atol=1e-6)

    def test_sources_poisson_have_their_rate_and_variance(self) -> None:
        """Counts of Poisson trains have mean and variance rate × duration, within four standard errors."""
        self.needs("SpikeSourceArray")
        with self.simulator(seed=11) as sim:
            cells = sim.Population(400, sim.SpikeSourcePoisson(rate=50.0, start=100.0, duration=500.0))
            cells.record("spikes")
            sim.run(1000.0)
            counts = np.array(list(cells.get_spike_counts().values()))
            trains = cells.get_data().segments[0].spiketrains
            inside = all(100.0 <= float(t) <= 600.0 + STEP for train in trains for t in train)

        expected = 25.0
        assert inside
        assert counts.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / 400))
        assert counts.var(ddof=1) == pytest.approx(expected, abs=4 * expected * np.sqrt(2 / 399))

    def test_sources_poisson_are_the_same_on_every_backend(self) -> None:
        """With one seed, Poisson spikes equal those of the reference backend, however the run is cut."""
        self.needs("SpikeSourceArray")
        from pyNN._reference import ReferenceBackend
        from pyNN.simulator import Simulator

        found = []
        for simulator, stops in (
            (self.simulator(seed=5), (130.0, 250.0)),
            (Simulator(ReferenceBackend, seed=5), (250.0,)),
        ):
            with simulator as sim:
                cells = sim.Population(5, sim.SpikeSourcePoisson(rate=80.0))
                cells.record("spikes")
                for stop in stops:
                    sim.run_until(stop)
                found.append([np.asarray(t.magnitude) for t in cells.get_data().segments[0].spiketrains])

        assert sum(map(len, found[0])) > 50
        assert [len(row) for row in found[0]] == [len(row) for row in found[1]]
        for ours, theirs in zip(*found, strict=True):
            assert np.allclose(ours, theirs, rtol=0, atol=1e-6)

    def test_sources_poisson_of_high_rate_are_the_same_on_every_backend(self) -> None:
        """Sources of 2 spikes a step and of 1 in 100 steps, begun late, ended and changed, fire as on the reference."""
        self.needs("SpikeSourceArray")
        from pyNN._reference import ReferenceBackend
        from pyNN.simulator import Simulator

        found = []
        for simulator in (self.simulator(seed=5), Simulator(ReferenceBackend, seed=5)):
            with simulator as sim:
                rates, durations = [20000.0, 100.0, 20000.0, 3000.0], [30.0, 50.0, 50.0, 50.0]
                cells = sim.Population(4, sim.SpikeSourcePoisson(rate=rates, start=5.0, duration=durations))
                cells.record("spikes")
                sim.run(20.0)
                cells[2:].set(rate=1500.0)
                sim.run(30.0)
                found.append([np.asarray(t.magnitude) for t in cells.get_data().segments[0].spiketrains])

        ours, theirs = found
        assert 450 < len(theirs[0]) < 750 and 5.0 < theirs[0][0] and theirs[0][-1] <= 35.0 + 1e-6
        assert [len(row) for row in ours] == [len(row) for row in theirs]
        for mine, its in zip(ours, theirs, strict=True):
            assert np.allclose(mine, its, rtol=0, atol=1e-6)

    def test_sources_poisson_change_their_rate_in_mid_run(self) -> None:
        """A rate of 0 set at T ends the spikes at T."""
        self.needs("SpikeSourceArray")
        with self.simulator() as sim:
            cells = sim.Population(20, sim.SpikeSourcePoisson(rate=200.0))
            cells.record("spikes")
            sim.run(50.0)
            before = cells.mean_spike_count()
            cells.set(rate=0.0)
            sim.run(100.0)

            assert before > 5.0
            assert cells.mean_spike_count() == before
