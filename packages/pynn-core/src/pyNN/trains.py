"""The spikes of random sources, from keyed streams: the same on every simulator, however a run is cut into pieces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from cawan.simulator import Array, Drive, Index, Ragged, Values

from pyNN.random.poisson import StepCounts, mean_counts, strong
from pyNN.random.streams import generator
from pyNN.standardmodels.cells import SpikeSourceGamma, SpikeSourceInhGamma, SpikeSourcePoisson

if TYPE_CHECKING:
    from pyNN.populations.population import Population

WINDOW_MS = 100.0  # spikes of one window come from one substream: part of the format of the random streams
_AT_ONCE = 16  # intervals drawn at a time; numbers do not depend on it


def up_to_grid(times: Array, timestep: float) -> Array:
    """The first step of the clock that is not before each time."""
    return np.asarray(steps_of(np.asarray(times, dtype=np.float64), timestep) * timestep)


def steps_of(times: Array, timestep: float) -> Array:
    """The number of the first step of the clock that is not before each time, as a float."""
    steps = times / timestep
    steps -= 1e-9
    return np.asarray(np.ceil(steps, out=steps))


def on_steps(size: int, rows: Index, steps: Array, timestep: float) -> Ragged:
    """Rows of times from pairs of row and step: one sort of whole numbers, which NumPy does fastest."""
    if not len(rows):
        return Ragged(np.empty(0), np.zeros(size + 1, np.int64))
    first = steps.min()
    span = int(steps.max() - first) + 1
    keys = rows * span
    keys += (steps - first).astype(np.int64)
    keys.sort()
    splits = np.searchsorted(keys, np.arange(size + 1, dtype=np.int64) * span).astype(np.int64)
    keys -= np.repeat(np.arange(size, dtype=np.int64) * span, np.diff(splits))
    return Ragged((keys + first) * timestep, splits)


def ragged(size: int, rows: Index, times: Array) -> Ragged:
    """Rows of times from pairs of row and time."""
    order = np.lexsort((times, rows))
    splits = np.searchsorted(rows[order], np.arange(size + 1)).astype(np.int64)
    return Ragged(times[order], splits)


def floor_to(time: float, period: float) -> float:
    """The last multiple of ``period`` that is not after ``time``."""
    return float(np.floor(time / period + 1e-9) * period)


class Trains(ABC):
    """The spikes of one population, drawn as time goes on."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.begin(0.0, population.values)

    @abstractmethod
    def begin(self, now: float, values: Mapping[str, Values]) -> None:
        """Forget what lies after ``now``; from there on, these parameters."""

    @abstractmethod
    def per_ms(self) -> float:
        """Expected spikes of all cells in one ms."""

    @abstractmethod
    def after(self, now: float, until: float, timestep: float) -> Ragged | None:
        """All spikes after ``now`` that are known, once those up to ``until`` are; None where none is new."""

    stream: int | None = None
    """The key of the trains, where an engine could draw them itself: it is another once parameters change."""

    def drive(self) -> Drive:
        """The same trains, for an engine that draws them itself, where they have a ``stream``."""
        raise NotImplementedError(type(self).__name__)

    def rebuild(self) -> None:
        """From time 0 again, with the parameters as they are and a new stream."""
        self.begin(0.0, self.population.values)

    def column(self, values: Mapping[str, Values], name: str) -> Array:
        """A parameter of every cell, shape (size,)."""
        return np.broadcast_to(np.asarray(values[name], dtype=np.float64), (self.population.size,))


class PoissonTrains(Trains):
    """The spikes of one Poisson population ("Random streams", section Sources).

    Strong sources: a number of spikes in each step of the clock. The others: in window w of 100 ms, cell by cell, a
    Poisson number of uniform times; substream w gives first the numbers for all cells, then the times. Where parameters
    change, a new key begins.
    """

    def begin(self, now: float, values: Mapping[str, Values]) -> None:
        """Forget what lies after ``now``; from there on, these parameters."""
        self._key = self.stream = self.population.identity.key("spike times")
        self._rate, self._on, duration = (self.column(values, name) for name in ("rate", "start", "duration"))
        self._off = self._on + duration
        self._since = now
        self._until = floor_to(now, WINDOW_MS)
        self._rows, self._steps = np.empty(0, np.int64), np.empty(0)
        self._timestep = timestep = self.population.simulator.timestep
        self._means = mean_counts(self._rate, timestep)
        self._seldom = np.where(strong(self._means), 0.0, self._rate)  # a mean of 0 draws nothing
        self._counts: StepCounts | None = None
        begin = np.maximum(steps_of(self._on, timestep), np.floor(now / timestep + 1e-9))
        self._alive = begin, steps_of(self._off, timestep)

    def drive(self) -> Drive:
        """The same trains, for an engine that draws them itself."""
        return Drive(self._rate, self._on, self._off, self._key, self._since)

    def per_ms(self) -> float:
        """Expected spikes of all cells in one ms."""
        return float(self._rate.sum()) / 1000.0

    def after(self, now: float, until: float, timestep: float) -> Ragged | None:
        """All spikes after ``now`` that are known, once those up to ``until`` are; None where none is new."""
        if until <= self._until:
            return None
        found = [(self._rows, self._steps)]
        for window in range(round(self._until / WINDOW_MS), ceil(until / WINDOW_MS - 1e-9)):
            found += self._window(window), self._steps_of_window(window)
            self._until = (window + 1) * WINDOW_MS
        rows, steps = (np.concatenate(parts) for parts in zip(*found, strict=True))
        keep = steps * timestep > now + 1e-9
        if not keep.all():
            rows, steps = rows[keep], steps[keep]
        self._rows, self._steps = rows, steps
        return on_steps(self.population.size, rows, steps, timestep)

    def _window(self, window: int) -> tuple[Index, Array]:
        source = generator(self._key, window)
        counts = source.poisson(self._seldom * (WINDOW_MS / 1000.0))
        rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        times = window * WINDOW_MS + WINDOW_MS * source.random(len(rows))
        inside = (times > max(self._since, 0.0)) & (times >= self._on[rows]) & (times < self._off[rows])
        return rows[inside], steps_of(times[inside], self._timestep)

    def _steps_of_window(self, window: int) -> tuple[Index, Array]:
        """Rows and steps of the strong sources."""
        if self._counts is None:  # not where an engine draws the trains
            self._counts = StepCounts(self._key, self._means)
        first, last = (int((window + k) * WINDOW_MS / self._timestep + 1e-9) + 1 for k in (0, 1))
        counts = self._counts.of(first, last)
        begin, end = (steps[self._counts.rows] for steps in self._alive)
        steps = np.arange(first, last, dtype=np.float64)[:, np.newaxis]
        counts[(steps <= begin) | (steps > end)] = 0
        places, columns = np.nonzero(counts)
        repeats = counts[places, columns]
        return np.repeat(self._counts.rows[columns], repeats), np.repeat(places + float(first), repeats)


class RenewalTrains(Trains):
    """Spikes one interval after the other: interval n of cell c is draw n of substream c, in operational time.

    A draw of 1 is the mean time between spikes at a rate of one per unit; where parameters change, a new key begins
    and each cell's first interval begins there.
    """

    def begin(self, now: float, values: Mapping[str, Values]) -> None:
        """Forget what lies after ``now``; from there on, these parameters."""
        key, size = self.population.identity.key("spike times"), self.population.size
        self._sources = [generator(key, cell) for cell in range(size)]
        start = self.column(values, "start")
        self._off = start + self.column(values, "duration")
        self._next = np.maximum(start, now)
        self._last = self._next.copy()
        self._values = values
        self._waiting: list[Array] = [np.empty(0)] * size
        self._known: list[Array] = [np.empty(0)] * size
        self._until = now
        self.prepare(values)
        for cell in range(size):
            self._next[cell] = self._draw(cell)

    @abstractmethod
    def prepare(self, values: Mapping[str, Values]) -> None:
        """Keep what the intervals depend on."""

    @abstractmethod
    def draws(self, source: np.random.Generator, cell: int, count: int, last: float) -> Array:
        """The next draws of a cell whose last spike was at ``last``, shape (count,)."""

    @abstractmethod
    def spike_after(self, cell: int, last: float, draw: float) -> float:
        """The time of the next spike, ms; inf where there is none."""

    def _draw(self, cell: int) -> float:
        waiting = self._waiting[cell]
        last = float(self._last[cell])
        if not len(waiting):
            waiting = self.draws(self._sources[cell], cell, self.at_once, last)
        self._waiting[cell] = waiting[1:]
        return self.spike_after(cell, last, float(waiting[0]))

    at_once = _AT_ONCE

    def after(self, now: float, until: float, timestep: float) -> Ragged | None:
        """All spikes after ``now`` that are known, once those up to ``until`` are; None where none is new."""
        if until <= self._until:
            return None
        self._until = floor_to(until, WINDOW_MS) + WINDOW_MS
        rows: list[Array] = []
        for cell in range(self.population.size):
            fresh = []
            end = min(self._until, float(self._off[cell]))
            while self._next[cell] < end:
                fresh.append(float(self._next[cell]))
                self._last[cell] = self._next[cell]
                self._next[cell] = self._draw(cell)
            known = np.concatenate([self._known[cell], fresh])
            self._known[cell] = known[up_to_grid(known, timestep) > now + 1e-9]
            rows.append(up_to_grid(self._known[cell], timestep))
        splits = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        return Ragged(np.concatenate([np.empty(0), *rows]), splits)


class RefractoryTrains(RenewalTrains):
    """``SpikeSourcePoissonRefractory``: a draw is exponential, times 1 / rate - tau_refrac, after tau_refrac."""

    def prepare(self, values: Mapping[str, Values]) -> None:
        """Dead time, and the mean of what follows it."""
        self._rate, self._dead = self.column(values, "rate"), self.column(values, "tau_refrac")

    def per_ms(self) -> float:
        """Expected spikes of all cells in one ms."""
        return float(self._rate.sum()) / 1000.0

    def draws(self, source: np.random.Generator, cell: int, count: int, last: float) -> Array:
        """Standard exponential numbers."""
        return source.standard_exponential(count)

    def spike_after(self, cell: int, last: float, draw: float) -> float:
        """Dead time, then an exponentially distributed time."""
        rate, dead = float(self._rate[cell]), float(self._dead[cell])
        return last + dead + draw * (1000.0 / rate - dead) if rate else float("inf")


class GammaTrains(RenewalTrains):
    """``SpikeSourceGamma``: a draw is gamma-distributed with shape alpha, times 1 / beta."""

    def prepare(self, values: Mapping[str, Values]) -> None:
        """Shape and rate parameter."""
        self._shape, self._beta = self.column(values, "alpha"), self.column(values, "beta")

    def per_ms(self) -> float:
        """Expected spikes of all cells in one ms."""
        return float((self._beta / self._shape).sum()) / 1000.0

    def draws(self, source: np.random.Generator, cell: int, count: int, last: float) -> Array:
        """Gamma numbers of scale 1."""
        return source.standard_gamma(float(self._shape[cell]), count)

    def spike_after(self, cell: int, last: float, draw: float) -> float:
        """The draw in units of 1 / beta."""
        return last + 1000.0 * draw / float(self._beta[cell])


class InhomogeneousGammaTrains(RenewalTrains):
    """``SpikeSourceInhGamma``: a draw is gamma-distributed with the shape of the last spike's bin, in ∫ dt / b."""

    at_once = 1  # the shape depends on where the last spike lies

    def prepare(self, values: Mapping[str, Values]) -> None:
        """Bins, shapes and scales of each cell."""
        self._series = {name: value for name, value in values.items() if isinstance(value, Ragged)}

    def per_ms(self) -> float:
        """Expected spikes of all cells in one ms, at most."""
        a, b = self._series["a"], self._series["b"]
        peaks = (float((1 / (a.row(k) * b.row(k))).max(initial=0.0)) for k in range(len(a)))
        return sum(peaks) / 1000.0

    def draws(self, source: np.random.Generator, cell: int, count: int, last: float) -> Array:
        """One gamma number of scale 1."""
        place = int(np.searchsorted(self._series["tbins"].row(cell), last + 1e-12, side="right")) - 1
        return source.standard_gamma(float(self._series["a"].row(cell)[max(place, 0)]), count)

    def spike_after(self, cell: int, last: float, draw: float) -> float:
        """Where ∫ dt / b since the last spike reaches the draw."""
        bins, b = self._series["tbins"].row(cell), self._series["b"].row(cell)
        if not len(bins):
            return float("inf")
        place, now = max(int(np.searchsorted(bins, last + 1e-12, side="right")) - 1, 0), max(last, float(bins[0]))
        left = draw
        while place + 1 < len(bins):
            share = (float(bins[place + 1]) - now) / (1000.0 * float(b[place]))
            if share >= left:
                break
            left, now, place = left - share, float(bins[place + 1]), place + 1
        return now + 1000.0 * left * float(b[place])


def make_trains(population: Population) -> Trains:
    """The trains of a random source."""
    celltype = population.celltype
    if isinstance(celltype, SpikeSourcePoisson):
        return PoissonTrains(population)
    if isinstance(celltype, SpikeSourceGamma):
        return GammaTrains(population)
    if isinstance(celltype, SpikeSourceInhGamma):
        return InhomogeneousGammaTrains(population)
    return RefractoryTrains(population)
