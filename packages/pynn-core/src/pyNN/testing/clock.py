"""The clock: setup, advance, pulse, end."""

from __future__ import annotations

import os
import subprocess
import sys
import time as wall
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
from cawan.errors import Stopped
from cawan.kit import ctrl_c_heard

from pyNN.testing.base import STEP, Bench, KitTests, times_of


def _lively(bench: Bench) -> tuple[object, object]:
    """Cells that fire, recorded; gives the readers of spikes and membrane."""
    cells = bench.cells("IF_curr_exp", 3, i_offset=[0.8, 1.0, 1.2])
    return bench.record(cells, "spikes", (0, 1, 2)), bench.record(cells, "v", (0, 1, 2))


class ClockTests(KitTests):
    """Contract 4, 6, 7, 10 and what is said of ``setup``, ``advance`` and ``end``."""

    def test_clock_starts_at_zero_and_arrives_where_asked(self) -> None:
        """Time is 0 after setup, and ``until`` after advance."""
        with self.bench() as bench:
            before = bench.backend.time
            bench.advance(12.3)

            assert before == 0.0
            assert bench.backend.time == pytest.approx(12.3, abs=1e-9)

    def test_clock_in_pieces_gives_what_one_piece_gives(self) -> None:
        """advance(a); advance(b) gives the spikes and samples of advance(b)."""
        results = []
        for stops in ((60.0,), (0.1, 7.3, 33.3, 60.0)):
            with self.bench() as bench:
                spikes, v = _lively(bench)
                for stop in stops:
                    bench.advance(stop)
                results.append((times_of(spikes()), v().values))  # type: ignore[operator]  # readers

        assert np.array_equal(results[0][0], results[1][0])
        assert np.allclose(results[0][1], results[1][1], rtol=0, atol=1e-9)

    def test_clock_same_calls_give_the_same_result(self) -> None:
        """The same settings and calls give the same spikes and samples, bit for bit."""
        results = []
        for _ in range(2):
            with self.bench() as bench:
                spikes, v = _lively(bench)
                bench.advance(50.0)
                results.append((times_of(spikes()), v().values))  # type: ignore[operator]  # readers

        assert np.array_equal(results[0][0], results[1][0])
        assert np.array_equal(results[0][1], results[1][1])

    def test_clock_setup_forgets_what_was_before(self) -> None:
        """After setup, a network behaves as in a new backend, whatever ran before."""
        with self.bench() as bench:
            _, v = _lively(bench)
            bench.advance(20.0)
            fresh = v().values  # type: ignore[operator]  # a reader

        with self.bench() as bench:
            noisy = bench.cells("IF_curr_exp", 3, i_offset=5.0)
            source = bench.source([1.0, 2.0, 3.0])
            bench.connect(source, noisy, [([0, 0], [0, 1], {})], weight=3.0, delay=1.0)
            bench.inject(noisy, [0, 1, 2], [0.0], [4.0])
            bench.advance(15.0)
            bench.backend.setup(self.settings())
            again = Bench(bench.backend, STEP)
            _, v = _lively(again)
            at_start = bench.backend.time
            again.advance(20.0)
            second = v().values  # type: ignore[operator]  # a reader

        assert at_start == 0.0
        assert np.array_equal(fresh, second)

    def test_clock_pulse_beats_during_a_long_advance(self) -> None:
        """``pulse`` is called at least twice a second (five times is asked for) while an advance lasts."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 200, i_offset=0.3)
            bench.advance(1.0)
            span, spent = 50.0, 0.0
            while spent < 0.2 and span < 1e7:
                began = wall.perf_counter()
                bench.advance(bench.backend.time + span)
                spent = wall.perf_counter() - began
                span *= 2 if spent < 0.2 else 1
            beats: list[float] = []
            goal = bench.backend.time + span * min(2.0 / spent, 1e3)
            began = wall.perf_counter()

            def beat() -> bool:
                beats.append(wall.perf_counter())
                return True

            bench.advance(goal, beat)
            lasted = wall.perf_counter() - began

            assert cells is not None
            assert len(beats) >= 2.0 * lasted - 1.0

    def test_clock_stopped_by_pulse_tells_the_truth(self) -> None:
        """A pulse that says no ends the advance with Stopped; time, samples and state agree, and it can go on."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 200, i_offset=0.3)
            v = bench.record(cells, "v", (0,), interval=STEP)
            with pytest.raises(Stopped) as stopped:
                _until_stopped(bench)
            now = bench.backend.time
            samples = v()
            last = samples.start + (len(samples.values) - 1) * STEP
            state = bench.get(cells, "v", [0])[0]
            bench.advance(now + 1.0)

            assert stopped.value.time == pytest.approx(now)
            assert last == pytest.approx(now, abs=1e-6)
            assert samples.values[-1, 0] == pytest.approx(state, abs=1e-9)
            assert bench.backend.time == pytest.approx(now + 1.0)

    def test_clock_interrupted_by_the_keyboard_can_go_on(self) -> None:
        """KeyboardInterrupt inside an advance reaches the caller; the simulation stays usable."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 200, i_offset=0.3)

            def interrupt() -> bool:
                raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt):
                _until_stopped(bench, interrupt)
            now = bench.backend.time
            bench.advance(now + 1.0)

            assert cells is not None
            assert bench.backend.time == pytest.approx(now + 1.0)

    def test_clock_interrupted_by_a_signal_tells_the_truth(self) -> None:
        """After a real Ctrl-C, at whatever moment, time, spikes, samples and state agree, and it can go on."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 200, i_offset=1.5)
            spikes, v = bench.record(cells, "spikes", range(200)), bench.record(cells, "v")
            bench.advance(1.0)
            v()
            found, before = [], bench.backend.time
            for wait_s in (0.0, 0.03, 0.1, 0.23):
                with pytest.raises(KeyboardInterrupt), _ctrl_c_after(wait_s):
                    bench.advance(1e7)
                found.append((before, bench.backend.time, spikes().time, v(), bench.get(cells, "v", [0])[0]))
                bench.advance(bench.backend.time + 20.0)
                found.append((found[-1][1], bench.backend.time, spikes().time, v(), bench.get(cells, "v", [0])[0]))
                before = bench.backend.time

        # Cells under a constant current fire at one interval, from the first spike to the last.
        all_spikes = np.unique(np.rint(np.concatenate([row[2] for row in found]) / STEP))
        assert len(set(np.diff(all_spikes))) == 1
        for start, now, times, samples, state in found:
            assert now / STEP == pytest.approx(round(now / STEP), abs=1e-4)
            assert len(times) == 0 or (times.min() > start and times.max() <= now + 1e-6)
            assert samples.start == pytest.approx(start + STEP, abs=1e-6)
            assert len(samples.values) == round((now - start) / STEP)
            assert len(samples.values) == 0 or samples.values[-1, 0] == pytest.approx(state, abs=1e-9)

    def test_clock_ending_twice_is_harmless(self) -> None:
        """end() may be called again."""
        with self.bench() as bench:
            bench.advance(1.0)
            bench.backend.end()
            bench.backend.end()
            bench.backend.setup(self.settings())

            assert bench.backend.time == 0.0


@contextmanager
def _ctrl_c_after(wait_s: float) -> Iterator[None]:
    """Another process sends SIGINT to this one; a thread of ours would wait while a simulator computes."""
    program = "import os, sys, time; input(); time.sleep(float(sys.argv[1])); os.kill(int(sys.argv[2]), 2)"
    command = [sys.executable, "-S", "-E", "-c", program, str(wait_s), str(os.getpid())]
    with ctrl_c_heard(), subprocess.Popen(command, stdin=subprocess.PIPE) as sender:
        assert sender.stdin is not None
        sender.stdin.write(b"\n")
        sender.stdin.flush()
        yield


def _until_stopped(bench: Bench, pulse: object = None) -> None:
    """Advance in ever longer pieces until the pulse has had its say; at most about 20 s."""
    span, began = 1000.0, wall.perf_counter()
    while wall.perf_counter() - began < 20:
        bench.advance(bench.backend.time + span, pulse or (lambda: False))  # type: ignore[arg-type]  # a pulse
        span *= 4
