"""Spike sources: cells that fire when they are told to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import Array, Index, Ragged

from pynn_neuron.kernel import hoc
from pynn_neuron.timing import AHEAD


@dataclass(eq=False)
class Source:
    """The artificial cells in order, what each was told, and which of them NEURON was not told of yet."""

    takes: ClassVar[str] = "stepping"
    has_sections: ClassVar[bool] = False

    timestep: float
    objects: list[Any]
    rows: dict[int, Array] = field(default_factory=dict)
    watched: dict[int, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.objects)

    def replace(self, times: Ragged, index: Index | None, now: float, begun: bool) -> None:
        """These rows fire at these times after ``now``, and at no others."""
        for k, row in enumerate(range(self.size) if index is None else index.tolist()):
            new = np.sort(times.row(k if len(times) > 1 else 0))
            self.rows[row] = new[new > now + 0.25 * self.timestep] if begun else new

    def tell(self) -> None:
        """Hand over what is new; NEURON must have taken note of the cells."""
        if not self.rows:
            return
        trains = list(self.rows.values())
        # The nearest whole step, and AHEAD of it, but never before time 0: NEURON would end the process.
        steps = np.rint(np.concatenate(trains) / self.timestep)
        vector = hoc().Vector(np.maximum(steps - AHEAD, 0.0) * self.timestep)
        ends = np.cumsum([len(train) for train in trains]).tolist()
        for row, first, end in zip(self.rows, [0, *ends[:-1]], ends, strict=True):
            self.objects[row].play(vector, first, end)
        self.rows = {}

    def netcon(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon from the cell."""
        return hoc().NetCon(self.objects[row], target, 0.0, delay, weight)

    def release(self) -> None:
        """Let NEURON delete the cells."""
        self.watched.clear()
        self.objects.clear()


def make_source(size: int, times: Ragged, timestep: float) -> Source:
    """New cells that fire at these times."""
    make = hoc().CawanSource
    source = Source(timestep, [make() for _ in range(size)])
    source.replace(times, None, 0.0, False)
    return source
