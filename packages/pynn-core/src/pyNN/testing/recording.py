"""Recording and reading."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from cawan.simulator import Spikes

from pyNN.testing.base import STEP, KitTests, times_of


class RecordingTests(KitTests):
    """Contract 1 and 3."""

    def test_recording_has_every_sample_once(self) -> None:
        """The first sample is at the start, the last at ``time``, none twice or missing over several reads."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2, i_offset=0.5)
            v = bench.record(cells, "v", (0, 1))
            pieces = []
            for stop in (0.1, 3.7, 20.0):
                bench.advance(stop)
                pieces.append(v())

        starts = [piece.start for piece in pieces]
        assert starts == pytest.approx([0.0, 0.2, 3.8], abs=1e-6)
        assert [len(piece.values) for piece in pieces] == [2, 36, 163]

    def test_recording_begins_with_what_was_set(self) -> None:
        """The first sample is the initial value, also one that was set after record() at time 0."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, v=-60.0)
            v = bench.record(cells, "v")
            bench.set(cells, v=-62.5)
            bench.advance(1.0)
            samples = v()

        assert samples.values[0, 0] == pytest.approx(-62.5, abs=1e-9)

    def test_recording_shows_what_was_set_at_its_time(self) -> None:
        """A sample at T that was not read yet has the state set at T; one that was read comes no second time."""
        found = []
        for reads in ((), (5.0,)):
            with self.bench(min_delay=1.0) as bench:
                cells = bench.cells("IF_curr_exp", 1)
                v, pieces = bench.record(cells, "v"), []
                for until, value in ((5.0, -60.0), (10.0, -55.0)):
                    bench.advance(until)
                    bench.set(cells, v=value)
                    if until in reads:
                        pieces.append(v().values[:, 0])
                        bench.set(cells, v=-62.0)
                bench.advance(15.0)
                found.append(np.concatenate([*pieces, v().values[:, 0]]))

        assert [len(values) for values in found] == [151, 151]
        for values, after in zip(found, (-60.0, -62.0), strict=True):
            assert values[[49, 50, 100]] == pytest.approx([-65.0, -60.0, -55.0], abs=1e-9)
            assert values[60] == pytest.approx(-65.0 + (after + 65.0) * np.exp(-1.0 / 20.0), abs=5.0 / 20.0 * STEP)

    def test_recording_begun_late_starts_then(self) -> None:
        """A recording begun at T has its first sample at T, with the state of that time."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, v=-60.0)
            whole = bench.record(cells, "v")
            bench.advance(10.0)
            late = bench.record(cells, "v")
            bench.advance(15.0)
            all_samples, some = whole(), late()

        assert some.start == pytest.approx(10.0, abs=1e-6)
        assert len(some.values) == 51
        assert np.allclose(some.values[:, 0], all_samples.values[100:, 0], rtol=0, atol=1e-9)

    def test_recording_at_another_interval_takes_every_nth(self) -> None:
        """Samples every 0.5 ms are every fifth of those every 0.1 ms."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, v=-60.0)
            fine, coarse = bench.record(cells, "v"), bench.record(cells, "v", interval=5 * STEP)
            bench.advance(10.2)
            every, fifth = fine(), coarse()

        assert fifth.interval == pytest.approx(0.5)
        assert len(fifth.values) == 21
        assert np.allclose(fifth.values, every.values[::5], rtol=0, atol=1e-9)

    def test_recording_of_some_cells_is_of_those(self) -> None:
        """Channels are the cells of the index, in its order."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 5, v=[-60.0, -61.0, -62.0, -63.0, -64.0])
            v = bench.record(cells, "v", (1, 3))
            bench.advance(0.1)
            samples = v()

        assert list(samples.index) == [1, 3]
        assert samples.values[0] == pytest.approx([-61.0, -63.0], abs=1e-9)

    def test_recording_read_is_forgotten(self) -> None:
        """A second read without an advance between has nothing new."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, i_offset=2.0)
            v, spikes = bench.record(cells, "v"), bench.record(cells, "spikes")
            bench.advance(30.0)
            first, again = (v(), spikes()), (v(), spikes())

        assert len(first[0].values) == 301 and len(first[1].time) > 0
        assert len(again[0].values) == 0 and len(again[1].time) == 0

    def test_recording_read_in_vain_changes_nothing(self) -> None:
        """After a read that found nothing, the next one begins where the last sample was followed."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1)
            v = bench.record(cells, "v")
            bench.advance(1.0)
            v()
            in_vain = v()
            bench.advance(2.0)
            rest = v()

        assert len(in_vain.values) == 0 and len(rest.values) == 10
        assert rest.start == pytest.approx(1.0 + STEP, abs=1e-6)

    def test_recording_read_before_the_first_step(self) -> None:
        """A read at time 0 has the first sample or none; with the next read, every sample is there once."""
        with self.bench() as bench:
            cells, source = bench.cells("IF_curr_exp", 2), bench.source([0.5])
            v = bench.record(cells, "v", (0, 1))
            taps = [bench.record(cells, "spikes", (0, 1)), bench.record(source, "spikes")]
            early, silent = v(), [len(tap().time) for tap in taps]
            bench.advance(1.0)
            late = v()

        assert silent == [0, 0]
        assert len(early.values) + len(late.values) == 11
        assert late.start == pytest.approx(len(early.values) * STEP, abs=1e-6)

    def test_recording_stopped_has_nothing_more(self) -> None:
        """After ``read(stop=True)``, one more read gives nothing new, or an error that is no crash."""
        with self.bench() as bench:
            cells, source = bench.cells("IF_curr_exp", 1, i_offset=5.0), bench.source([0.5, 1.1, 4.0])
            taps = [bench.record(cells, "v"), bench.record(cells, "spikes"), bench.record(source, "spikes")]
            bench.advance(1.0)
            for tap in taps:
                tap(stop=True)
            later = []
            for until in (1.0 + STEP, 30.0):
                bench.advance(until)
                for tap in taps:
                    with suppress(TypeError, ValueError, LookupError, RuntimeError):
                        found = tap()
                        later.append(len(found.time) if isinstance(found, Spikes) else len(found.values))

        assert sum(later) == 0

    def test_recording_stopped_ends_alone(self) -> None:
        """``read(stop=True)`` ends that recording; others of the same cells, begun before and after it, go on."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2)
            before, ended, after = (bench.record(cells, "v", (0, 1)) for _ in range(3))
            bench.advance(1.0)
            for read in (before, after):
                read()
            ended(stop=True)
            bench.advance(2.0)
            rest = [len(read().values) for read in (before, after)]

        assert rest == [10, 10]

    def test_recording_spikes_lie_in_time(self) -> None:
        """Spike times are multiples of the step in (0, time], each from a recorded row."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 3, i_offset=2.0)
            spikes = bench.record(cells, "spikes", (0, 2))
            bench.advance(40.0)
            found = spikes()
            steps = np.asarray(found.time) / STEP

        assert set(np.asarray(found.index).tolist()) == {0, 2}
        assert (found.time > 0).all() and (found.time <= 40.0 + 1e-9).all()
        assert np.allclose(steps, np.rint(steps), atol=1e-6)

    def test_recording_of_a_source_gives_its_times(self) -> None:
        """A source's recorded spikes are those that it was told, time 0 included."""
        told = [0.0, 0.1, 5.0, 5.1, 9.9, 10.0]
        with self.bench() as bench:
            source = bench.source(told, [3.0])
            spikes = bench.record(source, "spikes", (0, 1))
            bench.advance(5.0)
            early = spikes()
            bench.advance(10.0)
            late = spikes()

        assert times_of(early, 0) == pytest.approx([0.0, 0.1, 5.0], abs=1e-6)
        assert times_of(late, 0) == pytest.approx([5.1, 9.9, 10.0], abs=1e-6)
        assert times_of(early, 1) == pytest.approx([3.0], abs=1e-6)

    def test_recording_of_conductances_is_in_their_unit(self) -> None:
        """gsyn_exc jumps by the weight at arrival and decays with tau_syn_E."""
        self.needs("IF_cond_exp")
        with self.bench() as bench:
            cells = bench.cells("IF_cond_exp", 1, tau_syn_E=5.0)
            source = bench.source([2.0])
            bench.connect(source, cells, [([0], [0], {})], weight=0.04, delay=1.0)
            g = bench.record(cells, "gsyn_exc")
            bench.advance(8.0)
            values = g().values[:, 0]

        assert values[29] == pytest.approx(0.0, abs=1e-12)
        expected = 0.04 * np.exp(-(8.0 - 3.0) / 5.0)
        assert values[80] == pytest.approx(expected, abs=expected * STEP / 5.0)  # slope × timestep
