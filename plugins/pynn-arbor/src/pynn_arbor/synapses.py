"""Blocks of synapses. Arbor's event carries the number of a synapse at its target; our columns say what it does."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, NativeModel, Values, Wiring
from pyNN.random.counters import nth_of_pair

from pynn_arbor.cells import Cells
from pynn_arbor.kernel import World, address
from pynn_arbor.models import SynapseKind
from pynn_arbor.sources import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(eq=False)
class Synapses:
    """``columns`` of shape (n,): parameters and state."""

    model: NativeModel
    pre_block: Cells | Source
    post_block: Cells
    port: int
    stream: int
    pre: Index
    post: Index
    columns: dict[str, Array]
    delay: Index = field(default_factory=lambda: np.empty(0, np.int64))  # steps
    number: int = -1  # in the catalogue
    _kept: list[NDArray[np.generic] | None] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.pre)

    @property
    def kind(self) -> SynapseKind:
        """What it is in the catalogue."""
        if not isinstance(self.model.details, SynapseKind):
            raise TypeError("a row without a kind")
        return self.model.details

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        rows = slice(None) if index is None else index
        found: dict[str, Values] = {}
        for name in names:
            if name in ("i", "j"):
                found[name] = (self.pre if name == "i" else self.post)[rows].astype(np.float64)
            else:
                found[name] = self.columns[name][rows].copy()
        return found

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        for name, value in values.items():
            self.columns[name][slice(None) if index is None else index] = np.asarray(value)

    def settle(self, world: World, step: int) -> None:
        """Compute what all spikes up to this step do, so that what is under way arrives as it was sent."""
        if len(self):
            world.settle(self.number, step)

    def enter(self, world: World, timestep: float) -> None:
        """Tell the catalogue of these synapses."""
        kind, size = self.kind, len(self)
        self.delay = np.rint(self.columns["delay"] / timestep).astype(np.int64)
        behind = self.delay.copy()  # what does not learn does all at the spike itself
        if kind.learns:
            behind = np.rint(self.delay * self.columns["dendritic_delay_fraction"]).astype(np.int64)
        width = int(np.rint(self.columns["n"]).max(initial=0)) if "n" in self.columns else 0
        nth = nth_of_pair(self.pre, self.post) if kind.draws else None
        spikes = np.zeros(size, np.int64) if kind.draws else None
        full = np.ones((size, width), np.int8) if width else None
        self._kept = [self.pre, self.post, self.delay, behind, nth, spikes, full]
        places = (ctypes.c_void_p * 7)(*map(address, self._kept))
        ends = self.pre_block.number, self.post_block.number, self.port
        self.number = world.synapses(kind.number, ends, self.stream, size, width, places)
        for name in kind.columns:
            world.synapse_column(self.number, self.columns[name])


@dataclass(eq=False)
class Gaps:
    """Gap junctions, each with a conductance (µS)."""

    pre_block: Cells
    post_block: Cells
    pre: Index
    post: Index
    columns: dict[str, Array]

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        ends = {"i": self.pre.astype(np.float64), "j": self.post.astype(np.float64)}
        rows = slice(None) if index is None else index
        return {name: {**self.columns, **ends}[name][rows].copy() for name in names}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        for name, value in values.items():
            self.columns[name][slice(None) if index is None else index] = np.asarray(value)


def make_gaps(pre: Cells, post: Cells, wiring: Wiring) -> Gaps:
    """The gap junctions of a wiring."""
    i, j, columns = table_of(wiring)
    columns.setdefault("weight", np.zeros(len(i)))  # of a wiring without rows nothing is known
    return Gaps(pre, post, i, j, columns)


def make_synapses(
    model: NativeModel, pre: Cells | Source, post: Cells, port: int, wiring: Wiring, stream: int
) -> Synapses:
    """The synapses of a wiring, every value in a column of shape (n,)."""
    i, j, columns = table_of(wiring)
    made = Synapses(model, pre, post, port, stream, i, j, columns)
    for name, value in made.kind.state.items():
        columns.setdefault(name, np.full(len(i), value))
    for name in (*made.kind.columns, *model.parameters):
        columns.setdefault(name, np.zeros(len(i)))  # of a wiring without rows nothing is known
    return made


def table_of(wiring: Wiring) -> tuple[Index, Index, dict[str, Array]]:
    """Both ends of every row, and all values as columns."""
    chunks = list(wiring.chunks())
    i = np.concatenate([np.empty(0, np.int64), *(edges.pre for edges in chunks)])
    j = np.concatenate([np.empty(0, np.int64), *(edges.post for edges in chunks)])
    names = chunks[0].values if chunks else ()
    columns = {name: np.concatenate([edges.values[name] for edges in chunks]) for name in names}
    shared = {name: np.full(len(i), value, dtype=np.float64) for name, value in wiring.common.items()}
    return i, j, {**columns, **shared}
