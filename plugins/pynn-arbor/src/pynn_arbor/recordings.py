"""Recordings: spikes and samples that our mechanism takes as it moves the cells.

Arbor's own samplers lack the last sample of a run, and keep all they have until the end.
"""

from __future__ import annotations

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Samples, Spikes

from pynn_arbor.cables import Compartments
from pynn_arbor.cells import Cells
from pynn_arbor.kernel import World
from pynn_arbor.native import NativeCells
from pynn_arbor.sources import Source


@dataclass(eq=False)
class SpikeTap:
    """Spikes of some rows after step ``since`` that were not read yet."""

    block: Cells | Source | Compartments | NativeCells
    index: Index
    since: int
    timestep: float
    pending: list[tuple[Index, Index]] = field(default_factory=list)

    def take(self, steps: Index, rows: Index) -> None:
        """Keep what is for this recording."""
        mine = np.isin(rows, self.index) & (steps > self.since)
        self.pending.append((steps[mine], rows[mine]))

    def read(self) -> Spikes:
        """What is new."""
        steps = np.concatenate([np.empty(0, np.int64), *(steps for steps, _ in self.pending)])
        rows = np.concatenate([np.empty(0, np.int64), *(rows for _, rows in self.pending)])
        self.pending = []
        return Spikes(rows, steps * self.timestep)


@dataclass(eq=False)
class SampleTap:
    """A variable of some rows, every ``every`` steps; ``next`` is the step of the next sample."""

    block: Cells
    variable: str
    index: Index
    every: int
    next: int
    timestep: float
    rows: list[Array] = field(default_factory=list)
    first: int = 0
    place: Index = field(default_factory=lambda: np.empty(0, np.int64))
    back: Index = field(default_factory=lambda: np.empty(0, np.int64))
    _filled: Array | None = None

    def __post_init__(self) -> None:
        chosen, back = np.unique(self.index, return_inverse=True)
        self.back = back.reshape(-1)
        self.place = np.full(self.block.size, -1, dtype=np.int64)
        self.place[chosen] = np.arange(len(chosen))
        self.first = self.next

    def look(self, step: int) -> None:
        """Take the sample of now, which may have been set since the cells last moved."""
        if step == self.next:
            self.rows.append(self.block.columns[self.variable][self.index][None, :])
            self.next += self.every

    def plan(self, last: int) -> tuple[Array, Index, int, int, int, Array] | None:
        """What the mechanism shall sample before step ``last``."""
        count = max(0, -((self.next - last) // self.every))
        if not count or not len(self.index):
            self.next += count * self.every
            self.rows.append(np.empty((count, len(self.index))))
            return None
        self._filled = np.empty((count, int(self.place.max()) + 1))
        return self.block.columns[self.variable], self.place, self.next, self.every, last, self._filled

    def keep(self) -> None:
        """What was planned has happened."""
        if self._filled is not None:
            self.rows.append(self._filled[:, self.back])
            self.next += len(self._filled) * self.every
            self._filled = None

    def read(self, step: int) -> Samples:
        """What is new, up to this step."""
        self.look(step)
        values = np.concatenate([np.empty((0, len(self.index))), *self.rows])
        start, self.first, self.rows = self.first, self.next, []
        return Samples(self.index, start * self.timestep, self.every * self.timestep, values)


def drain(world: World, block: Cells | Source, taps: list[SpikeTap]) -> None:
    """Hand what a block has fired to its recordings."""
    steps, rows = world.drain(block.number)
    for tap in taps:
        tap.take(steps, rows)
