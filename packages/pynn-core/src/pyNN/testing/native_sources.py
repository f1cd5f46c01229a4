"""Random sources that a simulator draws itself, with ``setup(native_poisson=True)``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array

from pyNN.simulator import Simulator
from pyNN.testing.base import STEP, KitTests, times

SOURCES = 400
STRONG = 20000.0  # Hz: two spikes a step, so that of 20 sources together no step is empty, but for one in 10^17


class NativeSourceTests(KitTests):
    """The simulator's own numbers, within four standard errors; the core's own clock, to the step."""

    def test_native_poisson_has_its_rate_and_variance(self) -> None:
        """Counts have mean and variance rate × duration, at 0.005 and at 0.8 spikes a step, in few and in many bins."""
        for rate in (50.0, 8000.0):
            with self._native(seed=11) as sim:
                counts = _counts(*self._trains(sim, rate=rate), stop=200.0)
            expected = rate * 0.2
            each, together = counts.sum(axis=1), counts.sum(axis=0)
            pooled = SOURCES * expected / len(together)  # as spread as Poisson counts, if sources are independent

            assert each.mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / SOURCES))
            assert each.var(ddof=1) == pytest.approx(expected, rel=4 * _spread(expected, SOURCES))
            assert together.var(ddof=1) == pytest.approx(pooled, rel=4 * _spread(pooled, len(together)))

    def test_native_poisson_keeps_to_its_window(self) -> None:
        """The first spikes come in the first step after ``start``, the last in the one that ends the window."""
        with self._native() as sim:
            cells = sim.Population(60, sim.SpikeSourcePoisson(rate=STRONG, start=12.0, duration=20.0))
            cells[20:40].set(start=0.0, duration=7.0)
            cells[40:].set(duration=0.0)
            sim.Population(0, sim.SpikeSourcePoisson(rate=STRONG)).record("spikes")
            found = self._run_to(sim, cells, 15.0, 50.0)

        assert _ends(found[:20]) == (121, 320)
        assert _ends(found[20:40]) == (1, 70)
        assert sum(map(len, found[40:])) == 0

    def test_native_poisson_changes_from_that_step_on(self) -> None:
        """Rates that are set at T, of a view too, act from the very next step, also where no delay is that short."""
        with self._native(min_delay=1.0, max_delay=5.0) as sim:
            cells = sim.Population(40, sim.SpikeSourcePoisson(rate=STRONG))
            cells.record("spikes")
            cells[20:].set(rate=0.0)
            sim.run(10.0)
            cells[:20].set(rate=0.0)
            cells[20:].set(rate=STRONG)
            found = self._run_to(sim, cells, 25.0)

        assert _ends(found[:20]) == (1, 100)
        assert _ends(found[20:]) == (101, 250)

    def test_native_poisson_is_one_train_for_all_its_targets(self) -> None:
        """Targets of two projections move as under an array of the recorded spikes: one train each, on time."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self._native(seed=3) as sim:
            cells = sim.Population(3, sim.SpikeSourcePoisson(rate=[300.0, 3000.0, 40.0]))
            recorded, drawn = self._felt(sim, cells, "StaticSynapse", weight=0.02)
        with self.simulator() as sim:
            cells = sim.Population(3, sim.SpikeSourceArray(spike_times=[times(*train) for train in recorded]))
            _, told = self._felt(sim, cells, "StaticSynapse", weight=0.02)

        assert np.ptp(told[:, 0]) > 0.5
        assert np.allclose(drawn, told, rtol=0, atol=1e-6)

    def test_native_poisson_drives_plastic_synapses(self) -> None:
        """Depressing synapses pass the train on as they do an array of the recorded spikes."""
        self.needs("IF_curr_exp", "TsodyksMarkramSynapse")
        with self._native(seed=3) as sim:
            cells = sim.Population(2, sim.SpikeSourcePoisson(rate=[60.0, 150.0], start=1.0))
            recorded, drawn = self._felt(sim, cells, "TsodyksMarkramSynapse", weight=0.2, U=0.5, tau_rec=50.0)
        with self.simulator() as sim:
            cells = sim.Population(2, sim.SpikeSourceArray(spike_times=[times(*train) for train in recorded]))
            _, told = self._felt(sim, cells, "TsodyksMarkramSynapse", weight=0.2, U=0.5, tau_rec=50.0)

        assert np.ptp(told[:, 0]) > 0.2
        assert np.allclose(drawn, told, rtol=0, atol=1e-6)

    def test_native_poisson_depends_on_the_seed(self) -> None:
        """One seed gives one set of trains, another gives others, and so does the next trial."""
        runs = []
        for seed in (1, 1, 2):
            with self._native(seed=seed) as sim:
                cells = sim.Population(20, sim.SpikeSourcePoisson(rate=200.0))
                runs.append(np.concatenate(self._run_to(sim, cells, 100.0)))
                sim.reset()
                runs.append(np.concatenate(self._run_to(sim, cells, 100.0)))
        first, second, again, again_second, other, _ = runs

        assert len(first) > 200
        assert np.array_equal(first, again) and np.array_equal(second, again_second)
        assert not np.array_equal(first, other)
        assert not np.array_equal(first, second)

    def test_native_poisson_with_dead_time_has_rate_and_intervals(self) -> None:
        """No interval is below tau_refrac; mean and spread are those of dead time plus an exponential time."""
        if "SpikeSourcePoissonRefractory" not in self.backend.models:
            pytest.skip(f"{self.backend.name} draws no dead times itself")
        with self._native(seed=4) as sim:
            cells = sim.Population(100, sim.SpikeSourcePoissonRefractory(rate=200.0, tau_refrac=2.0))
            found = np.concatenate([np.diff(train) for train in self._run_to(sim, cells, 500.0)])

        assert found.min() >= 2.0 - 1e-6
        # An end in the middle of an interval makes the long ones rarer, by about the mean over the duration.
        assert found.mean() == pytest.approx(5.0, abs=4 * 3.0 / np.sqrt(len(found)) + 0.05)
        assert found.std() == pytest.approx(3.0, rel=4 * np.sqrt(2 / len(found)) + 0.02)

    def _native(self, **settings: Any) -> Simulator:
        if "SpikeSourcePoisson" not in self.backend.models:
            pytest.skip(f"{self.backend.name} draws no Poisson spikes itself")
        return self.simulator(native_poisson=True, **settings)

    def _trains(self, sim: Simulator, **parameters: float) -> tuple[Array, Array]:
        """Rows and times of the spikes of two populations, half of the sources each, in 200 ms."""
        both = [sim.Population(SOURCES // 2, sim.SpikeSourcePoisson(**parameters)) for _ in range(2)]
        for cells in both:
            cells.record("spikes")
        sim.run(200.0)
        trains = [train for cells in both for train in _spikes(cells)]
        return np.repeat(np.arange(SOURCES), [len(train) for train in trains]), np.concatenate(trains)

    def _run_to(self, sim: Simulator, cells: Any, *stops: float) -> list[Array]:
        """The spikes of each source, in a run that is cut at these times."""
        cells.record("spikes")
        for stop in stops:
            sim.run_until(stop)
        return _spikes(cells)

    def _felt(self, sim: Simulator, cells: Any, synapse: str, **parameters: float) -> tuple[list[Array], Array]:
        """The recorded spikes, and v of the targets of three projections, one of them with another delay."""
        targets = [sim.Population(cells.size, sim.IF_curr_exp(v_thresh=1e6)) for _ in range(3)]
        for group, delay in zip(targets, (1.0, 1.0, 2.5), strict=True):
            synapses = sim.names[synapse](delay=delay, **parameters)
            sim.Projection(cells, group, sim.OneToOneConnector(), synapses)
            group.record("v")
        found = self._run_to(sim, cells, 40.0, 120.0)
        v = [group.get_data().segments[0].analogsignals[0].magnitude for group in targets]
        return found, np.concatenate(v, axis=1)


def _spikes(cells: Any) -> list[Array]:
    """Of each source, those of the last segment, ms."""
    return [np.asarray(train.magnitude, dtype=np.float64) for train in cells.get_data().segments[-1].spiketrains]


def _spread(mean: float, size: int) -> float:
    """The relative standard error of the variance of so many Poisson counts."""
    return float(np.sqrt(2 / (size - 1) + 1 / (size * mean)))


def _counts(rows: Array, spikes: Array, stop: float) -> Array:
    """How many spikes each source has in each bin of 0.5 ms, shape (SOURCES, n)."""
    edges = np.arange(0.0, stop + 0.25, 0.5) + STEP / 2  # between two steps: a spike of the last one counts
    return np.asarray(np.histogram2d(rows, spikes, bins=[np.arange(SOURCES + 1) - 0.5, edges])[0])


def _ends(trains: list[Array]) -> tuple[int, int]:
    """The steps of the clock in which the first and the last spike of all sources lie; -1 where there are none."""
    steps = np.ceil(np.concatenate([[], *trains]) / STEP - 1e-6)
    return (int(steps.min()), int(steps.max())) if len(steps) else (-1, -1)
