"""Synapses: NetCons, one for each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Ragged, Values, Wiring
from pyNN.errors import PyNNError

from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc
from pynn_neuron.sources import Source
from pynn_neuron.timing import early, from_netcon, to_netcon
from pynn_neuron.wirings import Rows

Join = Callable[[int, int, float, float], Any]


@dataclass(eq=False)
class Static:
    """NetCons straight to the cells.

    NEURON reads a weight where an event arrives. What is under way shall arrive as it was sent, so in mid-run a new
    weight comes with a new NetCon; the old one sends no more, and stays until its last event has arrived.
    """

    timestep: float
    rows: Rows
    netcons: list[Any]
    join: Join
    early: float
    leaving: list[tuple[float, list[Any]]] = field(default_factory=list)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Array]:
        """Values of these rows; "i" and "j" are their ends."""
        netcons = self._chosen(index)
        found: dict[str, Array] = {}
        for name in names:
            if name in ("i", "j"):
                found[name] = self.rows.ends(name, index)
            elif name == "weight":
                found[name] = np.array([netcon.weight[0] for netcon in netcons], dtype=np.float64)
            else:
                found[name] = np.array([from_netcon(netcon.delay, self.timestep, self.early) for netcon in netcons])
        return found

    def assign(self, values: Mapping[str, Values], index: Index | None, now: float = -1.0) -> None:
        """Set values of these rows; ``now`` (ms): spikes may be under way, below 0: none is."""
        netcons = self._chosen(index)
        if "weight" in values:
            weights = column(values["weight"], len(netcons))
            if now < 0:
                for netcon, x in zip(netcons, weights, strict=True):
                    netcon.weight[0] = x
            else:
                self._renew(range(len(self.netcons)) if index is None else index.tolist(), weights, now)
                netcons = self._chosen(index)
        if "delay" in values:
            delays = to_netcon(np.asarray(values["delay"]), self.timestep, self.early)
            for netcon, x in zip(netcons, column(delays, len(netcons)), strict=True):
                netcon.delay = x

    def _renew(self, rows: Sequence[int], weights: Sequence[float], now: float) -> None:
        self.leaving = [(last, netcons) for last, netcons in self.leaving if last > now]
        old, last = [], now
        for row, weight in zip(rows, weights, strict=True):
            netcon = self.netcons[row]
            if netcon.weight[0] == weight:
                continue
            netcon.active(False)
            old.append(netcon)
            last = max(last, now + netcon.delay)
            self.netcons[row] = self.join(int(self.rows.pre[row]), int(self.rows.post[row]), netcon.delay, weight)
        self.leaving.append((last + self.timestep, old))

    def release(self) -> None:
        """Let NEURON delete the NetCons."""
        self.leaving.clear()
        self.netcons.clear()

    def _chosen(self, index: Index | None) -> list[Any]:
        return self.netcons if index is None else [self.netcons[row] for row in index.tolist()]


def column(value: Values, size: int) -> list[float]:
    """One number for each row."""
    if isinstance(value, Ragged):
        raise TypeError("a synapse has numbers")
    found: list[float] = np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)).tolist()
    return found


def connect_netcons(pre: Cells | Source, post: Cells, receptor: str, wiring: Wiring, timestep: float) -> Static:
    """One NetCon for each row."""
    join = joiner(pre, post, receptor)
    steps = early(isinstance(pre, Source), post.takes)
    ends: tuple[list[Index], list[Index]] = ([], [])
    netcons: list[Any] = []
    for edges in wiring.chunks():
        values: dict[str, Values] = {**wiring.common, **edges.values}
        weights = column(values["weight"], len(edges.pre))
        delays = column(to_netcon(np.asarray(values["delay"]), timestep, steps), len(edges.pre))
        netcons += map(join, edges.pre.tolist(), edges.post.tolist(), delays, weights)
        ends[0].append(edges.pre.astype(np.int64, copy=True))
        ends[1].append(edges.post.astype(np.int64, copy=True))
    i, j = (np.concatenate([np.empty(0, np.int64), *parts]) for parts in ends)
    return Static(timestep, Rows(i, j), netcons, join, steps)


def heard_late(pre: Cells | Source) -> bool:
    """Whether processes hear of the spikes of these cells a step late: NEURON finds them, not our mechanisms."""
    return isinstance(pre, Cells) and pre.mine is not None and pre.takes != "stepping"


def refuse_late(pre: Cells | Source, mechanism: str) -> None:
    """Refuse a synapse with a mechanism that would hear of these cells too late."""
    if heard_late(pre):
        raise PyNNError(
            f"With several processes, {mechanism} hears of spikes of cells that NEURON itself moves a step too late. "
            "Use StaticSynapse, or one process."
        )


def joiner(pre: Cells | Source, post: Cells, receptor: str) -> Join:
    """What makes a NetCon from cell i to cell j; the usual cells without a call more."""
    port, make = post.port(receptor), hoc().NetCon
    sources, targets = pre.objects, post.targets(receptor)

    def straight(i: int, j: int, delay: float, weight: float) -> Any:
        return make(sources[i], targets[j], 0.0, delay, weight)

    def anyhow(i: int, j: int, delay: float, weight: float) -> Any:
        return pre.wire(i, targets[j], delay, weight)

    join = straight if isinstance(pre, Source) or not (pre.has_sections or pre.mine is not None) else anyhow

    def to_port(i: int, j: int, delay: float, weight: float) -> Any:
        netcon = join(i, j, delay, weight)
        netcon.weight[1] = port
        return netcon

    return to_port if port else join
