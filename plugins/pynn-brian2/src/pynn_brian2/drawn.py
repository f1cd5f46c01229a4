"""Poisson sources whose spikes are drawn here, step by step, with ``setup(native_poisson=True)``.

Brian's own ``PoissonGroup`` draws one number for each source and step, from NumPy's global generator, and a source of
it fires at most once a step. Here the spikes of all sources of a step are one Poisson number, which are then dealt out
by their rates: the same trains, at a cost that grows with the spikes and not with the sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values
from pyNN.random.rates import SteppedRates
from pyNN.random.streams import generator

from pynn_brian2.clockwork import Clockwork
from pynn_brian2.sources import Source


class Drawn(Source):
    """Sources of one population; their numbers are those of NumPy's Philox with the key of the population."""

    def __init__(self, size: int, values: Mapping[str, Values], clockwork: Clockwork, stream: int) -> None:
        timestep = clockwork.timestep
        super().__init__(size, Ragged(np.empty(0), np.zeros(size + 1, np.int64)), timestep, clockwork.clock)
        self._told, self._random = SteppedRates(size, timestep), generator(stream)
        self._awake = np.zeros(size, np.int64)  # the first step in which each may fire again
        self.change(values, None, clockwork.step)

    def change(self, values: Mapping[str, Values], index: Index | None, step: int) -> None:
        """New values of these rows from this step on."""
        self._told.change(values, index, step)
        self._dead = self._told.dead_steps().astype(np.int64)
        self._switch = step

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """What these rows were told."""
        return self._told.read(names, index)

    def firing(self, step: int) -> Index:
        """The rows that fire at the end of ``step`` (time step × timestep), a row as often as it fires."""
        if step < 1 or not self.size:
            return np.empty(0, np.int64)
        if step > self._switch:
            self._hold_from(step - 1)
        count = self._random.poisson(self._total)
        if not count:
            return np.empty(0, np.int64)
        places = np.searchsorted(self._upto, self._random.random(count) * self._total, side="right")
        rows = self._rows[np.minimum(np.sort(places), len(self._rows) - 1)]
        return self._awake_of(rows, step) if self._dead.any() else rows

    def _hold_from(self, step: int) -> None:
        """The rates of the steps from this one to the next switch."""
        means: Array = self._told.at(step) * self.timestep / 1000.0
        self._rows = np.flatnonzero(means)
        self._upto = np.cumsum(means[self._rows])  # spikes a step of all rows up to each
        self._total = float(self._upto[-1]) if len(self._upto) else 0.0
        self._switch = self._told.next_switch(step)

    def _awake_of(self, rows: Index, step: int) -> Index:
        """Those that are not dead, each once where it has dead time."""
        dead = self._dead[rows]
        again = np.zeros(len(rows), dtype=bool)
        again[1:] = rows[1:] == rows[:-1]
        rows = rows[(dead == 0) | (~again & (self._awake[rows] <= step))]
        self._awake[rows] = step + self._dead[rows] + 1
        return rows
