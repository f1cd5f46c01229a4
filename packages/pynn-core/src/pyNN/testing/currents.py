"""Injected currents."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array

from pyNN.standardmodels.catalogue import CELL_TYPES
from pyNN.testing.base import STEP, KitTests, ragged

_OF_PARTS = ("PointNeuron", "MultiCompartmentNeuron")  # which one has to say


def step_response(t: Any, amplitude: float, tau_m: float = 20.0, cm: float = 1.0) -> Array:
    """mV above rest, t ms after a constant current begins."""
    return np.asarray(np.where(t > 0, amplitude * tau_m / cm * (1 - np.exp(-t / tau_m)), 0.0))


class CurrentTests(KitTests):
    """A current source is a block; what it is told at T acts from T."""

    def test_currents_step_up_and_down_exactly_then(self) -> None:
        """v follows the closed form of a current from 5 to 15 ms, with min_delay 1 ms, not one min_delay late."""
        with self.bench(min_delay=1.0) as bench:
            cells = bench.cells("IF_curr_exp", 1)
            bench.inject(cells, [0], [5.0, 15.0], [0.5, 0.0])
            v = bench.record(cells, "v")
            bench.advance(30.0)
            values = v().values[:, 0]

        t = np.arange(301) * STEP
        expected = -65.0 + step_response(t - 5.0, 0.5) - step_response(t - 15.0, 0.5)
        assert values == pytest.approx(expected, abs=0.6 * 0.5 * STEP)  # slope 0.5 mV/ms: a step late is 0.05 mV

    def test_currents_from_time_zero_act_at_once(self) -> None:
        """A current from 0 on moves the first sample after 0."""
        with self.bench(min_delay=1.0) as bench:
            cells = bench.cells("IF_curr_exp", 1)
            bench.inject(cells, [0], [0.0], [0.5])
            v = bench.record(cells, "v")
            bench.advance(10.0)
            values = v().values[:, 0]

        assert values == pytest.approx(-65.0 + step_response(np.arange(101) * STEP, 0.5), abs=0.6 * 0.5 * STEP)

    def test_currents_are_the_same_for_all_targets(self) -> None:
        """One source gives each of its targets the same current, and nobody else any."""
        rng = np.random.default_rng(1)
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 4)
            bench.inject(cells, [0, 2, 3], list(np.arange(100) * STEP), list(rng.normal(0.0, 1.0, 100)))
            v = bench.record(cells, "v", (0, 1, 2, 3))
            bench.advance(12.0)
            values = v().values

        assert np.abs(values[:, 0] + 65.0).max() > 0.05
        assert np.array_equal(values[:, 0], values[:, 2]) and np.array_equal(values[:, 0], values[:, 3])
        assert values[:, 1] == pytest.approx(np.full(121, -65.0), abs=1e-9)

    def test_currents_flow_into_their_own_targets(self) -> None:
        """Of two sources into two cells, each moves its own cell."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2)
            bench.inject(cells, [1], [0.0], [0.2])
            bench.inject(cells, [0], [0.0], [0.5])
            v = bench.record(cells, "v", (0, 1))
            bench.advance(10.0)
            values = v().values

        t = np.arange(101) * STEP
        assert values[:, 0] == pytest.approx(-65.0 + step_response(t, 0.5), abs=0.6 * 0.5 * STEP)
        assert values[:, 1] == pytest.approx(-65.0 + step_response(t, 0.2), abs=0.6 * 0.5 * STEP)

    def test_currents_hold_until_the_first_new_time(self) -> None:
        """A series set at T that begins later replaces what lies after T: what flows at T flows on until then."""
        with self.bench(min_delay=1.0) as bench:
            cells = bench.cells("IF_curr_exp", 1)
            current = bench.inject(cells, [0], [0.0, 11.0], [0.2, 0.0])
            v = bench.record(cells, "v")
            bench.advance(10.0)
            bench.set(current, times=ragged([15.0]), amplitudes=ragged([0.6]))
            bench.advance(20.0)
            values = v().values[:, 0]

        t = np.arange(201) * STEP
        expected = -65.0 + step_response(t, 0.2) + step_response(t - 15.0, 0.4)
        assert values == pytest.approx(expected, abs=0.6 * 0.4 * STEP)

    def test_currents_add(self) -> None:
        """Two sources into one cell add, also one attached in mid-run."""
        with self.bench(min_delay=1.0) as bench:
            cells = bench.cells("IF_curr_exp", 2)
            bench.inject(cells, [0], [0.0], [0.2])
            bench.advance(10.0)
            second = bench.inject(cells, [0], [10.0], [0.3])
            bench.attach(second, cells, [1])
            v = bench.record(cells, "v", (0, 1))
            bench.advance(20.0)
            values = v().values

        t = np.arange(101) * STEP
        expected = -65.0 + step_response(t + 10.0, 0.2) + step_response(t, 0.3)
        assert values[:, 0] == pytest.approx(expected, abs=0.6 * 0.3 * STEP)
        assert values[:, 1] == pytest.approx(-65.0 + step_response(t, 0.3), abs=0.6 * 0.3 * STEP)

    def test_currents_changed_in_mid_run_act_at_once(self) -> None:
        """``set`` at T replaces the waveform after T, exactly from T."""
        with self.bench(min_delay=1.0) as bench:
            cells = bench.cells("IF_curr_exp", 1)
            current = bench.inject(cells, [0], [0.0], [0.2])
            v = bench.record(cells, "v")
            bench.advance(10.0)
            bench.set(current, times=ragged([10.0, 12.0]), amplitudes=ragged([0.6, 0.0]))
            bench.advance(20.0)
            values = v().values[:, 0]

        t = np.arange(201) * STEP
        expected = -65.0 + step_response(t, 0.2) + step_response(t - 10.0, 0.4) - step_response(t - 12.0, 0.6)
        assert values == pytest.approx(expected, abs=0.6 * 0.6 * STEP)

    def test_currents_act_at_once_on_every_cell_type(self) -> None:
        """A current that is set at 5 ms, with min_delay 1 ms, moves v of every cell type one step later, not before."""
        names = [name for name, kind in CELL_TYPES.items() if kind.injectable and name not in _OF_PARTS]
        for name in (name for name in names if name in self.backend.models):
            with self.bench(min_delay=1.0) as bench:
                cells = bench.cells(name, 2)
                current = bench.inject(cells, [0], [0.0], [0.0])
                v = bench.record(cells, "v", (0, 1))
                bench.advance(5.0)
                bench.set(current, times=ragged([5.0]), amplitudes=ragged([0.001]))
                bench.advance(7.0)
                moved = np.diff(v().values, axis=1)[:, 0] != 0.0

            assert list(np.flatnonzero(moved)[:1]) == [51], name

    def test_currents_noise_is_the_same_on_every_backend(self) -> None:
        """With one seed, noise moves the membrane as on the reference backend, also over two runs."""
        self.needs("IF_curr_exp", "StepCurrentSource", "CurrentInjection")
        from pyNN._reference import ReferenceBackend
        from pyNN.simulator import Simulator

        found = []
        for simulator, stops in (
            (self.simulator(seed=3), (33.3, 100.0)),
            (Simulator(ReferenceBackend, seed=3), (100.0,)),
        ):
            with simulator as sim:
                cells = sim.Population(2, sim.IF_curr_exp())
                noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=5.0, stop=95.0, dt=0.5)
                noise.inject_into(cells)
                cells.record("v")
                for stop in stops:
                    sim.run_until(stop)
                found.append(cells.get_data().segments[0].analogsignals[0].magnitude)

        assert found[0].std() > 0.1
        assert np.allclose(found[0], found[1], rtol=0, atol=0.1)
