"""Spike sources: cells that fire when they are told to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, NativeModel, Ragged, Values

from pynn_neuron.cells import put, put_key
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

    def assign(self, values: Mapping[str, Values], index: Index | None, now: float) -> None:
        """These rows fire at these times after ``now`` (below 0: nothing has begun), and at no others."""
        times = values["spike_times"]
        if not isinstance(times, Ragged):
            raise TypeError("spike_times is Ragged")
        for k, row in enumerate(range(self.size) if index is None else index.tolist()):
            new = np.sort(times.row(k if len(times) > 1 else 0))
            self.rows[row] = new[new > now + 0.25 * self.timestep] if now >= 0 else new

    def tell(self, now: float) -> None:
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

    def rows_here(self) -> range:
        """All rows: every process has all sources."""
        return range(self.size)

    def netcon(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon from the cell."""
        return hoc().NetCon(self.objects[row], target, 0.0, delay, weight)

    wire = netcon

    def release(self) -> None:
        """Let NEURON delete the cells."""
        self.watched.clear()
        self.objects.clear()


class PoissonSource(Source):
    """Sources whose spikes NEURON draws, each from the keyed stream of its block."""

    def begin(self, stream: int) -> None:
        """Tell each cell its row and the stream."""
        for row, cell in enumerate(self.objects):
            cell.row = row
            put_key(cell, stream)

    def assign(self, values: Mapping[str, Values], index: Index | None, now: float) -> None:
        """New parameters of these rows, from now on."""
        chosen = range(self.size) if index is None else index.tolist()
        for name, value in values.items():
            put([self.objects[row] for row in chosen], name, np.asarray(value, dtype=np.float64))
        self.rows |= {row: np.empty(0) for row in chosen}

    def tell(self, now: float) -> None:
        """Let those that changed begin anew."""
        for row in self.rows:
            self.objects[row].restart(now)
        self.rows = {}


def make_source(model: NativeModel, size: int, values: Mapping[str, Values], timestep: float, stream: int) -> Source:
    """New cells that fire at given times, or by chance."""
    make = getattr(hoc(), model.name)
    made = [make() for _ in range(size)]
    source = PoissonSource(timestep, made) if model.name == "CawanPoisson" else Source(timestep, made)
    if isinstance(source, PoissonSource):
        source.begin(stream)
    source.assign(values, None, -1.0)
    return source
