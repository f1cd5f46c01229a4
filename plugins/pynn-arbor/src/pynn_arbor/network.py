"""The network as Arbor sees it: one compartment with our mechanism for each cell or source, and a connection a synapse.

A step of PyNN lasts three of Arbor's ms where the shortest delay is one step, else two. In the first of them, where
Arbor's steps last 1 ms, a cell moves, and its spike is dated at the middle; an event that acts at the end of a step
arrives in the first of that step, before the cell moves. No step of Arbor's is ever divided, for its epochs, half the
shortest delay, are whole.

Only a spike that follows another in the next step needs a second step of Arbor's between them. Where no cell can fire
so, one step of 2 ms does for both (a stride), if epochs are whole numbers of those. Its spikes are dated 0.5 ms later,
and arrive 0.5 ms later in the same step of PyNN.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Index
from pyNN.errors import PyNNError

from pynn_arbor.cells import Cells
from pynn_arbor.kernel import World, arbor, catalogue
from pynn_arbor.recipes import recipe
from pynn_arbor.sources import Source
from pynn_arbor.synapses import Gaps, Synapses

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST = 1 << 24  # whole numbers that an event's weight can be
_CALM = 80  # steps: between fewer, Arbor's epochs, cut short by the change of its step, cost more than strides save
_NO_STRIDES = (1, 2, 4, 6)  # shortest delays, in steps: epochs of whole strides are none, or so short as to cost more


class Network:
    """A network that can run, and the memory of our mechanism."""

    def __init__(
        self, blocks: Sequence[Cells | Source], synapses: Sequence[Synapses], gaps: Sequence[Gaps], timestep: float,
        threads: int,
    ) -> None:  # fmt: skip
        self.world = World(timestep)
        self._firsts: dict[int, int] = {}
        size = 0
        for block in blocks:
            block.enter(self.world)
            self._firsts[id(block)] = size
            size += block.size
        self._silent = Source(1, timestep)
        self._silent.enter(self.world)
        self._silent.tell(self.world, -1)
        for made in synapses:
            made.enter(self.world, timestep)
        shortest = min((int(made.delay.min()) for made in synapses if len(made)), default=0)
        self._unit = 3 if shortest == 1 else 2
        self._strides = shortest not in _NO_STRIDES
        whole = 4 if self._strides else 2
        self._pace = whole * ((self._unit * shortest - 1) // whole) if shortest else 0
        self._blocks, self._step = blocks, -1
        self._incoming = self._arrange(synapses, size)
        self._gaps = list(gaps)
        self._gap_tables = self._couple(size + 1) if gaps else ()
        self._simulation = self._build(size + 1, 1 if gaps else threads)  # they see each other's last step in one group

    def _arrange(self, synapses: Sequence[Synapses], size: int) -> tuple[NDArray[Any], ...]:
        """Synapses by target: where each cell's begin; block and row, source and delay of each."""
        counts = [len(made) for made in synapses]
        of = np.repeat(np.arange(len(synapses), dtype=np.int32), counts)
        row = np.concatenate([np.empty(0, np.int64), *(np.arange(n, dtype=np.int64) for n in counts)])
        target = _joined([made.post + self._firsts[id(made.post_block)] for made in synapses])
        source = _joined([made.pre + self._firsts[id(made.pre_block)] for made in synapses])
        delay = _joined([made.delay for made in synapses])
        order = np.argsort(target, kind="stable")
        offset = np.concatenate([[0], np.cumsum(np.bincount(target, minlength=size + 1))]).astype(np.int64)
        most = int(np.diff(offset).max(initial=0))
        if most > _MOST:
            raise PyNNError(f"A cell has {most} synapses; on Arbor at most {_MOST}.")
        arranged = offset, of[order], row[order], source[order], delay[order]
        self.world.incoming(*arranged[:3])
        return arranged

    def _couple(self, size: int) -> tuple[NDArray[Any], ...]:
        """Gap junctions by cell, each twice: where each cell's begin, the other cell, and the place of the weight."""
        first = _joined([made.pre + self._firsts[id(made.pre_block)] for made in self._gaps])
        second = _joined([made.post + self._firsts[id(made.post_block)] for made in self._gaps])
        cell, other = np.concatenate([second, first]), np.concatenate([first, second])
        order = np.argsort(cell, kind="stable")
        offset = np.concatenate([[0], np.cumsum(np.bincount(cell, minlength=size))]).astype(np.int64)
        weight = np.zeros(len(first))
        tables = offset, other[order], np.tile(np.arange(len(first)), 2)[order], weight
        self.world.gaps(*tables)
        return tables

    def look(self) -> None:
        """Gap junctions see the potentials and conductances of now."""
        if self._gaps:
            np.concatenate([made.columns["weight"] for made in self._gaps], out=self._gap_tables[3])
            self.world.look()

    def _build(self, size: int, threads: int) -> Any:
        module = arbor()
        context = module.context(threads=threads)
        hint = module.partition_hint()
        hint.cpu_group_size = -(-size // threads)
        told = recipe(Points(size, self._unit, self._pace, self.world, self._incoming))
        domains = module.partition_load_balance(told, context, {module.cell_kind.cable: hint})
        return module.simulation(told, context, domains)

    def run(self, step: int) -> None:
        """Move on to the end of this step; the first call also makes step 0, in which sources fire."""
        ms = arbor().units.ms
        for last, in_stride in self._stretches(step):
            self._simulation.run(self._unit * (last + 1) * ms, dt=(self._unit if in_stride else 1) * ms)
        self._step = step

    def _stretches(self, last: int) -> Iterator[tuple[int, bool]]:
        """The last step of each stretch of the way, and whether it is taken in strides."""
        if self._strides and not any(isinstance(b, Cells) and b.tireless for b in self._blocks):
            for first, until in calm([b.crowded for b in self._blocks if isinstance(b, Source)], self._step + 1, last):
                if first > self._step + 1:
                    yield first - 1, False
                yield until, True
        yield last, False

    def close(self) -> None:
        """Free the memory, Arbor's first."""
        self._simulation = None
        self.world.close()


def _joined(parts: Sequence[Index]) -> Index:
    return np.concatenate([np.empty(0, np.int64), *parts])


def calm(crowded: Sequence[Index], first: int, last: int) -> list[tuple[int, int]]:
    """The first and last step of each long stretch within ``first`` … ``last`` - 1 that no spike follows at once.

    ``crowded``: arrays of the steps at which a spike does, in order. Before each must be a step that is no stride, and
    so is ``last``: after it a user may let a source fire.
    """
    within = [steps[np.searchsorted(steps, first + 1) : np.searchsorted(steps, last + 1)] for steps in crowded]
    bounds = np.concatenate([[first], np.unique(_joined(within)), [last + 1]])
    long = np.flatnonzero(np.diff(bounds) > _CALM)
    return [(int(bounds[k]), int(bounds[k + 1]) - 2) for k in long]


class Points:
    """What Arbor's recipe asks: cells of one compartment, all alike, and the synapses onto each."""

    def __init__(self, size: int, unit: int, pace: int, world: World, incoming: tuple[NDArray[Any], ...]) -> None:
        module = arbor()
        self._size, self._unit, self._pace, self._world, self._incoming = size, unit, pace, world, incoming
        self._tree = module.segment_tree()
        self._tree.append(module.mnpos, module.mpoint(0, 0, 0, 1), module.mpoint(2, 0, 0, 1), tag=1)
        self._detector = module.threshold_detector(0 * module.units.mV)
        self._entry = module.cell_local_label("in")
        self._delay = cache(lambda steps: (unit * steps - 0.25) * module.units.ms)

    def size(self) -> int:
        """How many cells there are."""
        return self._size

    def kind(self, gid: int) -> Any:
        """All are cable cells."""
        return arbor().cell_kind.cable

    def catalogue(self) -> Any:
        """Our mechanism."""
        return catalogue(self._world.path)

    def description(self, gid: int) -> Any:
        """One compartment, with our mechanism."""
        module, place = arbor(), "(location 0 0.5)"
        told = {"cell": gid, "world": self._world.number, "unit": self._unit}
        decor = module.decor().set_property(Vm=-1 * module.units.mV)
        decor = decor.place(place, module.synapse("cawan_cell", told), "in").place(place, self._detector, "out")
        return module.cable_cell(self._tree, decor)

    def connections(self, gid: int) -> list[Any]:
        """From other cells: the weight is the number of the synapse."""
        module = arbor()
        connection, output, entry, delay_of = module.connection, module.cell_global_label, self._entry, self._delay
        if gid == self._size - 1:  # fires never; its delay sets the length of Arbor's epochs
            return [connection((gid, "out"), "in", -1.0, self._pace * module.units.ms)] if self._pace else []
        offset, _, _, source, delay = self._incoming
        first, last = offset[gid], offset[gid + 1]
        senders, delays = source[first:last].tolist(), delay[first:last].tolist()
        return [
            connection(output(i, "out"), entry, float(k), delay_of(d))
            for k, (i, d) in enumerate(zip(senders, delays, strict=True))
        ]

    def generators(self, gid: int) -> list[Any]:
        """None: the mechanism fires sources too."""
        return []

    def probes(self, gid: int) -> list[Any]:
        """None: the mechanism keeps samples."""
        return []
