"""Blocks of spike sources: the steps at which they fire."""

from __future__ import annotations

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Ragged

from pynn_arbor.kernel import World
from pynn_arbor.models import MEMBRANES


@dataclass(eq=False)
class Source:
    """Rows of steps, sorted; those that are over are kept for as long as a spike may be under way."""

    size: int
    timestep: float
    rows: list[Index] = field(default_factory=list)
    number: int = -1  # in the catalogue
    longest: int = 0  # delay, steps
    crowded: Index = field(default_factory=lambda: np.empty(0, np.int64))  # steps at which one fires that just fired
    _told: tuple[Index, Index] | None = None  # the catalogue works on these until it is told others
    _changed: bool = True

    def __post_init__(self) -> None:
        self.rows = [np.empty(0, np.int64)] * self.size

    def replace(self, times: Ragged, index: Index | None, done: int) -> None:
        """These rows fire at these times after step ``done`` (-1: none has passed, and what lies before 0 is at 0)."""
        for k, row in enumerate(range(self.size) if index is None else index.tolist()):
            new = self._steps(times.row(k if len(times) > 1 else 0), done)
            old = self.rows[row]
            self.rows[row] = np.concatenate([old[(old <= done) & (old > done - self.longest - 1)], new])
        self._changed = True

    def _steps(self, times: Array, done: int) -> Index:
        steps = np.sort(np.rint(times / self.timestep)).astype(np.int64)
        return steps[steps > done]

    def enter(self, world: World) -> None:
        """Tell the catalogue of these sources."""
        self.number = world.block(MEMBRANES["Source"], self.size, 0)

    def tell(self, world: World, done: int) -> None:
        """Tell the catalogue when they fire, where that is new."""
        if self._changed:
            splits = np.cumsum([0, *map(len, self.rows)], dtype=np.int64)
            told = splits, np.concatenate([np.zeros(0, np.int64), *self.rows])
            world.times(self.number, *told, done)
            self.crowded = _followers(*told)
            self._told, self._changed = told, False


def _followers(splits: Index, steps: Index) -> Index:
    """Steps at which a row fires that fired in the step before, in order; row k is steps[splits[k]:splits[k + 1]]."""
    follows = np.diff(steps, prepend=-2) == 1
    begins = splits[:-1]
    follows[begins[begins < len(steps)]] = False
    return np.unique(steps[follows])
