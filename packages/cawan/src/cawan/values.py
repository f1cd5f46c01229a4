"""The plain values that cross between PyNN and a simulator: arrays in frozen classes, times in ms."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from cawan.fast_dataclasses import dataclass, field

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.float64]"
Index: TypeAlias = "NDArray[np.int64]"
Values: TypeAlias = "float | Array | Ragged"

_EMPTY: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Ragged:
    """Rows of different lengths, such as the spike times of each cell.

    Attributes
    ----------
    data
        All rows one after the other, shape (splits[-1],).
    splits
        Shape (n_rows + 1,), not decreasing, starts with 0; row k is ``data[splits[k]:splits[k + 1]]``.
    """

    data: Array
    splits: Index

    def __len__(self) -> int:
        return len(self.splits) - 1

    def row(self, k: int) -> Array:
        """Row k, shape (n_k,)."""
        return self.data[int(self.splits[k]) : int(self.splits[k + 1])]


@dataclass(frozen=True, slots=True)
class Morphology:
    """The shape of a cell: a tree of segments, each a truncated cone that is cut into compartments of equal length.

    Attributes
    ----------
    parent
        The segment that each begins on, shape (n,); -1 for segment 0 alone, and parents come before their children.
    along
        Where on its parent each begins, 0 (the parent's beginning) … 1 (its end), shape (n,).
    proximal, distal
        Both ends: x, y, z and diameter, shape (n, 4), µm. An end need not lie where the parent is: ``parent`` counts.
    compartments
        In how many each is cut, shape (n,), at least 1.
    """

    parent: Index
    along: Array
    proximal: Array
    distal: Array
    compartments: Index

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True, slots=True)
class Places:
    """Places on the cells of one block; with ``receptor``, each gets a receptor of its own.

    Attributes
    ----------
    cell
        Row of the cell, shape (n,), not decreasing.
    segment, along
        Where on its morphology: a segment, and 0 (its beginning) … 1 (its end), both of shape (n,).
    receptor
        A receptor of the cells' model, "" for a place alone.
    values
        That receptor's parameters by native names.
    """

    cell: Index
    segment: Index
    along: Array
    receptor: str = ""
    values: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Drive:
    """Poisson trains as plain keyed data, for an engine that draws the spikes itself; it must draw the same ones.

    Attributes
    ----------
    rate
        Of each source, Hz, shape (n,).
    start, stop
        A source fires from ``start`` to before ``stop``, ms, both of shape (n,).
    stream
        The key of the trains, 128 bits; the reference ("random streams", "Sources") defines the spikes to the bit.
    since
        Only what lies after this time is of these trains, ms.
    """

    rate: Array
    start: Array
    stop: Array
    stream: int
    since: float


@dataclass(frozen=True, slots=True)
class Tag:
    """What a block is called in files and errors, and the 128-bit key of every draw made inside it."""

    label: str
    stream: int


@dataclass(frozen=True, slots=True)
class Spikes:
    """Recorded spikes: ``index`` rows of the recorded block and ``time`` in ms, both (n_spikes,), in any order."""

    index: Index
    time: Array


@dataclass(frozen=True, slots=True)
class Samples:
    """Recorded values of one variable.

    Attributes
    ----------
    index
        Rows of the recorded block, one per channel, shape (n_channels,).
    start, interval
        Time of the first sample and distance of two, ms.
    values
        Shape (n_samples, n_channels), native units.
    times
        Time of each sample, ms, where the simulator chooses its own steps; else None.
    """

    index: Index
    start: float
    interval: float
    values: Array
    times: Array | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a simulation is set up; times in ms, None lets the backend choose."""

    timestep: float = 0.1
    min_delay: float | None = None
    max_delay: float | None = None
    seed: int = 0
    threads: int = 1
    options: Mapping[str, object] = field(default_factory=lambda: _EMPTY)
