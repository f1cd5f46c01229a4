"""Synapses: NetCons, one for each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    """NetCons straight to the cells."""

    timestep: float
    rows: Rows
    netcons: list[Any]

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

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        netcons = self._chosen(index)
        for name, value in values.items():
            for netcon, x in zip(netcons, column(value, len(netcons)), strict=True):
                if name == "weight":
                    netcon.weight[0] = x
                else:
                    netcon.delay = to_netcon(round(x / self.timestep) * self.timestep, self.timestep)

    def release(self) -> None:
        """Let NEURON delete the NetCons."""
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
    return Static(timestep, Rows(i, j), netcons)
