"""A backend that keeps what it is told and invents what it records: two spikes a cell, uniform random signals.

As in PyNN 0.13, cell number k of a simulation spikes at k and k + 5 ms, modulo the time when the data are read; and
``setup(num_processes=2, rank=1)`` pretends to be one process of several, which shows what each of them would hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import (
    Array,
    Block,
    Index,
    NativeModel,
    Option,
    Pulse,
    Ragged,
    Recording,
    Samples,
    Settings,
    SimulatorBackend,
    Spikes,
    Tag,
    Values,
    Wiring,
)

from pyNN._reference.models import MODELS
from pyNN.errors import InvalidValueError
from pyNN.random.streams import generator
from pyNN.recipes import point_neuron_row

_FIRST = 42


@dataclass(eq=False)
class Cells:
    """A block of cells or of one source: its first number, size and values."""

    first: int
    size: int
    stream: int
    values: dict[str, Values]


@dataclass(eq=False)
class Rows:
    """A block of synapses: what was set, and the wiring, which is walked through again where its ends are asked for."""

    wiring: Wiring
    values: dict[str, Array]

    @cached_property
    def ends(self) -> tuple[Index, Index]:
        """Both ends of every row."""
        none = np.empty(0, np.int64)
        pres, posts = zip((none, none), *((edges.pre, edges.post) for edges in self.wiring.chunks()), strict=True)
        return np.concatenate(pres), np.concatenate(posts)


@dataclass(eq=False)
class Tap:
    """One recording."""

    block: Cells
    variable: str
    index: Index
    interval: float
    since: float
    read: bool = field(default=False)


class MockBackend(SimulatorBackend):
    """Invented data for any network."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "MockSimulator"
    invents: ClassVar[bool] = True
    models: ClassVar[Mapping[str, NativeModel]] = MappingProxyType(MODELS)
    options: ClassVar[Mapping[str, Option]] = MappingProxyType(
        {
            "num_processes": Option(1, "how many processes this one pretends to be among"),
            "rank": Option(0, "which of them it pretends to be, from 0"),
        }
    )

    def __init__(self) -> None:
        self.setup(Settings())

    def setup(self, settings: Settings) -> None:
        """Forget everything."""
        self._time, self._timestep, self._cells = 0.0, settings.timestep, 0
        self._size = _count("num_processes", settings.options.get("num_processes", 1), 1, None)
        self._rank = _count("rank", settings.options.get("rank", 0), 0, self._size)

    def advance(self, until: float, pulse: Pulse) -> None:
        """Be at this time."""
        self._time = until

    def end(self) -> None:
        """Nothing to release."""

    @property
    def time(self) -> float:
        """The time that was asked for last, ms."""
        return self._time

    @property
    def rank(self) -> int:
        """Which process this one pretends to be."""
        return self._rank

    @property
    def size(self) -> int:
        """How many processes there are said to be."""
        return self._size

    def pretend(self, size: int | None = None, rank: int | None = None) -> None:
        """Be another process, or among other numbers of them, from now on; tests of PyNN 0.13 do so by ``state``."""
        self._size = self._size if size is None else _count("num_processes", size, 1, None)
        self._rank = self._rank if rank is None else _count("rank", rank, 0, self._size)

    def local(self, block: Block) -> Index:
        """Rows that the process would own: cells in turn, of which the first has number 42, as in PyNN 0.13."""
        if not isinstance(block, Cells):
            raise TypeError("This is no block of cells of this backend.")
        rows = np.arange(block.size, dtype=np.int64)
        mine: Index = rows[(_FIRST + block.first + rows) % self._size == self._rank]
        return mine

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Keep the values."""
        first = self._cells
        if model.name != "StepCurrentSource":
            self._cells += size
        return Cells(first, size, tag.stream, dict(values))

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Keep the rows of synapses that change, and walk through all others."""
        if not model.variables:
            for _ in wiring.chunks():
                pass
            return Rows(wiring, {})
        chunks = list(wiring.chunks())
        size = sum(len(edges.pre) for edges in chunks)
        values = {name: np.full(size, value) for name, value in wiring.common.items()}
        for name in {name for edges in chunks for name in edges.values}:
            values[name] = np.concatenate([edges.values[name] for edges in chunks])
        for native in model.variables.values():
            values.setdefault(native.name, np.zeros(size))
        return Rows(wiring, values)

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, or that of a PointNeuron."""
        return point_neuron_row(parts) if name == "PointNeuron" and parts else super().resolve(name, parts)

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """What was set last; a state that was never set is 0."""
        if isinstance(block, Rows):
            known = dict(block.values)
            if "i" in names or "j" in names:
                known |= {"i": block.ends[0].astype(float), "j": block.ends[1].astype(float)}
            return {name: known[name] if index is None else known[name][index] for name in names}
        if not isinstance(block, Cells):
            raise TypeError("This is no block of this backend.")
        found: dict[str, Values] = {}
        for name in names:
            value = np.broadcast_to(np.asarray(block.values.get(name, 0.0), dtype=np.float64), (block.size,))
            found[name] = np.array(value if index is None else value[index])
        return found

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Keep the values."""
        if not isinstance(block, Cells | Rows):
            raise TypeError("This is no block of this backend.")
        size = block.size if isinstance(block, Cells) else len(block.ends[0])
        for name, value in values.items():
            if index is None or isinstance(value, Ragged):
                block.values[name] = value if isinstance(block, Cells) else np.array(np.broadcast_to(value, (size,)))  # type: ignore[assignment, arg-type]  # arrays of rows
                continue
            before = np.broadcast_to(np.asarray(block.values.get(name, 0.0), dtype=np.float64), (size,))
            changed = np.array(before)
            changed[index] = value
            block.values[name] = changed

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Invent from now on."""
        if not isinstance(block, Cells):
            raise TypeError("This is no block of this backend.")
        return Tap(block, variable, np.intersect1d(index, self.local(block)), interval, self._time)

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new: invented."""
        if not isinstance(recording, Tap):
            raise TypeError("This is no recording of this backend.")
        numbers = (recording.block.first + recording.index).astype(np.float64)
        if recording.variable == "spikes":
            if recording.read or self._time <= 0:
                return Spikes(np.empty(0, np.int64), np.empty(0))
            recording.read = True
            times = np.concatenate([numbers % self._time, (numbers + 5.0) % self._time])
            return Spikes(np.tile(recording.index, 2), times)
        count = round((self._time - recording.since) / recording.interval) + 1
        start = recording.since
        recording.since = start + count * recording.interval
        source = generator(recording.block.stream, round(start / self._timestep))
        values = source.random((max(count, 0), len(recording.index)))
        return Samples(recording.index, start, recording.interval, values)


def _count(name: str, value: object, low: int, high: int | None) -> int:
    """A whole number from ``low``, below ``high``."""
    if isinstance(value, bool) or not isinstance(value, int) or value < low or (high is not None and value >= high):
        allowed = f"a whole number, {low} or more" if high is None else f"a whole number from {low} to {high - 1}"
        raise InvalidValueError("setup", name, value, allowed)
    return value
