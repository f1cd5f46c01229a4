"""The rates of Poisson sources that a simulator draws itself: what holds in which step of the clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from cawan.simulator import Array, Index, Values

from pyNN.trains import steps_of

NEVER = 1 << 62  # a step that no simulation reaches
_SURE = 1 - 1e-12  # a chance whose logarithm can be taken


class SteppedRates:
    """Rates of one population, switched at the steps where a window begins or ends.

    Parameters
    ----------
    size
        Number of sources.
    timestep
        ms.
    """

    def __init__(self, size: int, timestep: float) -> None:
        self._size, self._timestep = size, timestep
        self._told: dict[str, Array] = {}
        self._since = np.zeros(size, np.int64)

    def change(self, values: Mapping[str, Values], index: Index | None, step: int) -> None:
        """New values of these rows from this step on: rate (Hz), start, duration and tau_refrac (ms)."""
        rows = np.arange(self._size) if index is None else index
        for name, value in values.items():
            self._told.setdefault(name, np.zeros(self._size))[rows] = np.asarray(value, dtype=np.float64)
        self._since[rows] = step

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """What these rows were told."""
        return {name: self._told[name] if index is None else self._told[name][index] for name in names}

    def dead_steps(self) -> Array:
        """Whole steps after a spike in which a source cannot fire, shape (size,)."""
        return np.rint(self._told.get("tau_refrac", np.zeros(self._size)) / self._timestep)

    def at(self, step: int) -> Array:
        """Hz in the step that begins with this one, while a source is not dead; 0 outside its window; shape (size,).

        A source with dead time fires at most once a step, with probability 1 - exp(-rate × step): that which gives the
        intervals, of whole steps, the mean that was asked for.
        """
        rate, dead = self._told["rate"], self.dead_steps()
        slow = np.maximum(rate, 1e-300)  # stands for 0, which has no interval
        chance = np.minimum(self._timestep / np.maximum(1000.0 / slow - dead * self._timestep, 1e-300), _SURE)
        awake = np.where(dead > 0, -np.log1p(-chance) * (1000.0 / self._timestep), rate)
        begin, end = self._window()
        return np.where((begin <= step) & (step < end), awake, 0.0)

    def next_switch(self, step: int) -> int:
        """The first step after this one at which a window begins or ends; ``NEVER`` where none does."""
        begin, end = self._window()
        return int(np.concatenate([begin[begin > step], end[end > step], [NEVER]]).min())

    def _window(self) -> tuple[Array, Array]:
        """The steps before the first and after the last in which each may fire; a new interval begins at a change."""
        start, duration = self._told["start"], self._told["duration"]
        begin = np.maximum(steps_of(start, self._timestep), self._since) + self.dead_steps()
        return begin, steps_of(start + duration, self._timestep)
