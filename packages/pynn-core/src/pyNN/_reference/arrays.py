"""Spikes at given times."""

from __future__ import annotations

import numpy as np
from cawan.simulator import Index, Ragged


class ArraySource:
    """Spikes at given times; a time up to now that was not yet emitted counts once, at time 0."""

    def __init__(self, size: int, times: Ragged, timestep: float) -> None:
        self.size, self.timestep = size, timestep
        self.rows = [np.sort(times.row(k)) for k in range(size)]
        self._index(-1)

    def replace(self, times: Ragged, index: Index | None, now: float) -> None:
        """These rows fire at these times from now on; what lies before stays."""
        chosen = range(self.size) if index is None else index
        for k, row in enumerate(chosen):
            new = times.row(k if len(times) > 1 else 0)
            old = self.rows[int(row)]
            kept = old[old <= now] if now > 0 else old[:0]
            self.rows[int(row)] = np.concatenate([kept, np.sort(new[(new > now) | (now == 0)])])
        self._index(round(now / self.timestep) if now > 0 else -1)

    def _index(self, done: int) -> None:
        """Rows by the step at which they fire, for all steps after ``done``."""
        rows = np.repeat(np.arange(self.size), [len(row) for row in self.rows])
        steps = np.rint(np.concatenate([np.empty(0), *self.rows]) / self.timestep).astype(np.int64)
        order = np.lexsort((rows, steps))
        rows, steps = rows[order], steps[order]
        ahead = steps > done
        self._steps, self._cells = steps[ahead], rows[ahead]

    def firing(self, step: int) -> Index:
        """The rows that fire at the end of ``step`` (time step × timestep), a row as often as it fires."""
        first, last = np.searchsorted(self._steps, [step, step + 1])
        rows: Index = self._cells[first:last]
        return rows
