"""Recordings, and what each holds that was not read yet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from cawan.simulator import Array, Index, Samples, Spikes


class SpikeTap:
    """Spikes of some rows of a block of ``size`` rows."""

    def __init__(self, index: Index, size: int, timestep: float) -> None:
        self.timestep = timestep
        self._wanted = np.zeros(size, dtype=bool)
        self._wanted[index] = True
        self._rows: list[Index] = []
        self._steps: list[int] = []

    def add(self, rows: Index, step: int) -> None:
        """These rows fire at the end of ``step``."""
        found = rows[self._wanted[rows]]
        if len(found):
            self._rows.append(found)
            self._steps.append(step)

    def read(self) -> Spikes:
        """What is new."""
        counts = [len(rows) for rows in self._rows]
        rows = np.concatenate([np.empty(0, np.int64), *self._rows]).astype(np.int64)
        times = np.repeat(np.array(self._steps, dtype=np.float64) * self.timestep, counts)
        self._rows, self._steps = [], []
        return Spikes(rows, times)


class SampleTap:
    """One variable of some rows, every ``every`` steps from ``first`` on; looked at when the time has come."""

    def __init__(self, look: Callable[[], Array], index: Index, first: int, every: int, timestep: float) -> None:
        self._look, self.index, self.every, self.timestep = look, index, every, timestep
        self.next = first
        self._rows: list[Array] = []

    def sample(self, step: int) -> None:
        """Keep the values of ``step`` if it is one of ours."""
        if step == self.next:
            self._rows.append(self._look()[self.index])
            self.next += self.every

    def read(self, step: int) -> Samples:
        """What is new, with the sample of the present."""
        self.sample(step)
        rows, self._rows = self._rows, []
        first = self.next - len(rows) * self.every
        values = np.array(rows) if rows else np.empty((0, len(self.index)))
        return Samples(self.index, first * self.timestep, self.every * self.timestep, values)
