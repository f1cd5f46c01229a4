"""Blocks of synapses. Arbor's events carry the number of a synapse at its target; what it does stands in our columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Values, Wiring
from numpy.typing import NDArray

from pynn_arbor.cells import Cells
from pynn_arbor.kernel import World
from pynn_arbor.models import SynapseKind
from pynn_arbor.sources import Source


@dataclass(eq=False)
class Synapses:
    """``columns``: what acts at arrivals; ``wanted``: what was set since, where spikes with the old value are under way."""

    model: NativeModel
    pre_block: Cells | Source
    post_block: Cells
    port: int
    stream: int
    pre: Index
    post: Index
    columns: dict[str, Array]
    delay: Index = field(default_factory=lambda: np.empty(0, np.int64))  # steps
    wanted: dict[str, Array] = field(default_factory=dict)
    later: list[tuple[int, str, Index, Array]] = field(default_factory=list)  # at this step these rows change
    number: int = -1
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
                found[name] = self.wanted.get(name, self.columns[name])[rows].copy()
        return found

    def assign(self, values: Mapping[str, Values], index: Index | None, now: int) -> None:
        """Set values of these rows; spikes that were sent up to step ``now`` arrive with the old ones (-1: none was)."""
        rows = np.arange(len(self)) if index is None else index
        for name, value in values.items():
            column = np.broadcast_to(np.asarray(value, dtype=np.float64), rows.shape)
            if now < 0 or name in self.kind.state:
                self.columns[name][rows] = column
                continue
            self.wanted.setdefault(name, self.columns[name].copy())[rows] = column
            for delay in np.unique(self.delay[rows]):
                due = self.delay[rows] == delay
                self.later.append((now + int(delay), name, rows[due], column[due]))
        self.later.sort(key=lambda change: change[0])  # stable: of two for one row, the later set stays the later

    def catch_up(self, step: int) -> None:
        """Make the changes that are due once this step is over."""
        while self.later and self.later[0][0] <= step:
            _, name, rows, column = self.later.pop(0)
            self.columns[name][rows] = column
        if not self.later:
            self.wanted.clear()

    def enter(self, world: World) -> None:
        """Tell the catalogue of these synapses."""
        kind, size = self.kind, len(self)
        chance = kind.number > 1
        width = int(np.rint(self.columns["n"]).max(initial=0)) if "n" in self.columns else 0
        nth = nth_of_pair(self.pre, self.post) if chance else None
        spikes = np.zeros(size, np.int64) if chance else None
        full = np.ones((size, width), np.int8) if width else None
        self._kept = [self.pre, self.post, self.delay, nth, spikes, full]
        source = self.pre_block.number if isinstance(self.pre_block, Source) else -1
        post = self.post_block.number
        self.number = world.synapses(kind.number, post, self.port, source, self.stream, self._kept, width)
        for name in kind.columns:
            world.synapse_column(self.number, self.columns[name])


def make_synapses(
    model: NativeModel, pre: Cells | Source, post: Cells, port: int, wiring: Wiring, stream: int
) -> Synapses:
    """The synapses of a wiring, every value in a column of shape (n,)."""
    chunks = list(wiring.chunks())
    i = np.concatenate([np.empty(0, np.int64), *(edges.pre for edges in chunks)])
    j = np.concatenate([np.empty(0, np.int64), *(edges.post for edges in chunks)])
    columns = {
        name: np.concatenate([edges.values[name] for edges in chunks]) for name in (chunks[0].values if chunks else ())
    }
    columns |= {name: np.full(len(i), value, dtype=np.float64) for name, value in wiring.common.items()}
    made = Synapses(model, pre, post, port, stream, i, j, {})
    state = {name: np.full(len(i), value) for name, value in made.kind.state.items()}
    made.columns = {**state, **columns}
    for name in (*made.kind.columns, "delay"):
        made.columns.setdefault(name, np.zeros(len(i)))
    return made


def nth_of_pair(pre: Index, post: Index) -> Index:
    """How many earlier rows join the same two cells, shape (n,)."""
    order = np.lexsort((np.arange(len(pre)), post, pre))
    i, j = pre[order], post[order]
    new = np.ones(len(pre), dtype=bool)
    new[1:] = (i[1:] != i[:-1]) | (j[1:] != j[:-1])
    starts = np.maximum.accumulate(np.where(new, np.arange(len(pre)), 0))
    nth = np.empty(len(pre), dtype=np.int64)
    nth[order] = np.arange(len(pre)) - starts
    return nth
