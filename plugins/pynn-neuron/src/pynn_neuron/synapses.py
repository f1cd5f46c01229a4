"""Synapses: NetCons, one for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values, Wiring

from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc
from pynn_neuron.sources import Source
from pynn_neuron.timing import from_netcon, to_netcon
from pynn_neuron.wirings import Rows


@dataclass(eq=False)
class Static:
    """NetCons straight to the cells.

    NEURON reads a weight where an event arrives. What is under way shall arrive as it was sent, so in mid-run a new
    weight comes with a new NetCon; the old one sends no more, and stays until its last event has arrived.
    """

    timestep: float
    rows: Rows
    netcons: list[Any]
    pre: Cells | Source
    post: Cells
    port: int
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
                found[name] = np.array([from_netcon(netcon.delay, self.timestep) for netcon in netcons])
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
            delays = np.rint(np.asarray(values["delay"]) / self.timestep) * self.timestep
            for netcon, x in zip(netcons, column(to_netcon(delays, self.timestep), len(netcons)), strict=True):
                netcon.delay = x

    def _renew(self, rows: Sequence[int], weights: Sequence[float], now: float) -> None:
        self.leaving = [(last, netcons) for last, netcons in self.leaving if last > now]
        make, old, last = hoc().NetCon, [], now
        for row, weight in zip(rows, weights, strict=True):
            netcon = self.netcons[row]
            if netcon.weight[0] == weight:
                continue
            netcon.active(False)
            old.append(netcon)
            last = max(last, now + netcon.delay)
            source, target = self.pre.objects[self.rows.pre[row]], self.post.objects[self.rows.post[row]]
            fresh = make(source, target, 0.0, netcon.delay, weight)
            fresh.weight[1] = self.port
            self.netcons[row] = fresh
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


def connect_static(pre: Cells | Source, post: Cells, receptor: str, wiring: Wiring, timestep: float) -> Static:
    """One NetCon for each row."""
    port = post.port(receptor)
    sources, targets, make = pre.objects, post.objects, hoc().NetCon
    ends: tuple[list[Index], list[Index]] = ([], [])
    netcons: list[Any] = []
    for edges in wiring.chunks():
        values: dict[str, Values] = {**wiring.common, **edges.values}
        weights = column(values["weight"], len(edges.pre))
        delays = column(to_netcon(np.rint(np.asarray(values["delay"]) / timestep) * timestep, timestep), len(edges.pre))
        made = [
            make(sources[i], targets[j], 0.0, delay, weight)
            for i, j, delay, weight in zip(edges.pre.tolist(), edges.post.tolist(), delays, weights, strict=True)
        ]
        if port:
            for netcon in made:
                netcon.weight[1] = port
        netcons += made
        ends[0].append(edges.pre.astype(np.int64, copy=True))
        ends[1].append(edges.post.astype(np.int64, copy=True))
    i, j = (np.concatenate([np.empty(0, np.int64), *parts]) for parts in ends)
    return Static(timestep, Rows(i, j), netcons, pre, post, port)
