"""Piecewise-constant currents and gap junctions: what flows into each cell over the next step, nA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Ragged, Values

from pynn_brian2.blocks import Neurons


@dataclass
class Current:
    """Steps of a current and its targets; all targets get the same."""

    timestep: float
    steps: Index = field(default_factory=lambda: np.empty(0, np.int64))
    amplitudes: Array = field(default_factory=lambda: np.empty(0))
    targets: list[tuple[Neurons, Index]] = field(default_factory=list)

    def assign(self, values: Mapping[str, Values], now: int) -> None:
        """What flows from step ``now`` on; what flows at ``now`` flows on until the first new time."""
        new = {name: value.data for name, value in values.items() if isinstance(value, Ragged)}
        before = self.steps < now
        flowing = self.at(now)
        steps, amplitudes = np.rint(new["times"] / self.timestep).astype(np.int64), new["amplitudes"]
        if not len(steps):
            steps, amplitudes = np.array([now], dtype=np.int64), np.array([flowing])
        self.steps = np.concatenate([self.steps[before], steps])
        self.amplitudes = np.concatenate([self.amplitudes[before], amplitudes])

    def at(self, step: int) -> float:
        """The current that flows from ``step`` on, nA."""
        place = int(np.searchsorted(self.steps, step, side="right"))
        return float(self.amplitudes[place - 1]) if place else 0.0

    def changes_at(self, step: int) -> bool:
        """Whether another current begins at ``step``."""
        place = int(np.searchsorted(self.steps, step))
        return place < len(self.steps) and int(self.steps[place]) == step


class Currents:
    """All that flows into the cells of a simulation."""

    def __init__(self) -> None:
        self.sources: list[Current] = []
        self.gaps: list[Any] = []
        self._stale = True

    def changed(self) -> None:
        """Something was set or attached."""
        self._stale = True

    def flow(self, step: int) -> None:
        """Set ``injected`` of every cell for the step that begins."""
        if not (self._stale or self.gaps or any(source.changes_at(step) for source in self.sources)):
            return
        self._stale = False
        blocks: dict[int, Neurons] = {id(cells): cells for source in self.sources for cells, _ in source.targets}
        blocks |= {id(cells): cells for gap in self.gaps for cells in (gap.pre, gap.post)}
        for cells in blocks.values():
            cells.inject_nothing()
        for source in self.sources:
            flowing = source.at(step)
            for cells, index in source.targets:
                cells.inject(index, flowing)
        for gap in self.gaps:
            gap.flow()
