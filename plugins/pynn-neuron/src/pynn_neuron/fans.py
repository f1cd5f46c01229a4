"""Static synapses onto PyNN's own cells: those of a projection in one mechanism, by arrays.

It adds their weights to what has arrived at their targets, at the very times at which NetCons would. So there is a
NetCon for each source only. Cells that NEURON itself moves need a NetCon for each synapse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values, Wiring
from pyNN.errors import PyNNError
from pyNN.parallel import from_all

from pynn_neuron import building
from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc
from pynn_neuron.sources import Source
from pynn_neuron.synapses import Static, connect_netcons, heard_late, joiner
from pynn_neuron.timing import EARLY, to_netcon
from pynn_neuron.wirings import Rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def connect_static(pre: Cells | Source, post: Cells, receptor: str, wiring: Wiring, timestep: float) -> Fan | Static:
    """The synapses in the fastest way that is right for these cells."""
    if post.takes != "stepping":
        return connect_netcons(pre, post, receptor, wiring, timestep)
    shortest = 2 if heard_late(pre) else 1
    if shortest > 1:
        check_delay(min(from_all(shortest_delay(wiring))), shortest, timestep)  # so that all processes say the same
    building.load("CawanFan", "StaticSynapse")
    made = Fan(pre, post, receptor, timestep, shortest)
    made.connect([(edges.pre, edges.post, {**wiring.common, **edges.values}) for edges in wiring.chunks()])
    return made


class Fan:
    """One mechanism, and a NetCon to it from each source; NetCons alone once a script has asked for these.

    ``shortest``: the least delay, steps.
    """

    def __init__(self, pre: Cells | Source, post: Cells, receptor: str, timestep: float, shortest: int) -> None:
        self.pre, self.post, self.receptor = pre, post, receptor
        self.timestep, self.shortest = timestep, shortest
        self._process: Any = None
        self._size = 0
        self._netcons: list[Any] = []
        self._leaving: list[tuple[float, Any, list[Any]]] = []
        self._plain: Static | None = None

    def connect(self, chunks: Iterable[tuple[NDArray[Any], NDArray[Any], Mapping[str, Values]]]) -> None:
        """Make the synapses: rows of sources and targets, weights, and delays (ms)."""
        process, self._size = hoc().CawanFan(), 0
        for pre, post, values in chunks:
            steps = np.rint(np.asarray(values["delay"]) / self.timestep)
            process.take_rows(*map(vector, (pre, post, values["weight"], steps)))
            self._size += len(pre)
        process.group_rows()
        process.share(self._doors().shelf_number)
        sources, steps = hoc().Vector(), hoc().Vector()
        process.tell_firsts(sources, steps)
        delays = (array(steps) - EARLY) * self.timestep
        self._netcons = [
            self.pre.wire(int(i), process, delay, number)
            for number, (i, delay) in enumerate(zip(sources, delays.tolist(), strict=True))
        ]
        self._process = process

    def _doors(self) -> Any:
        """A fan that has met all cells here, by the receptor; the first projection makes it."""
        port = self.post.port(self.receptor)
        if port not in self.post.doors:
            found = self.post.doors[port] = hoc().CawanFan()
            for row in self.post.rows_here():
                found.meet(row, self.post.objects[row]._ref_arrived[port])
        return self.post.doors[port]

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Array]:
        """Values of these rows; "i" and "j" are their ends."""
        if self._plain is not None:
            return self._plain.read(names, index)
        columns = self._columns()
        return {name: columns[name] if index is None else columns[name][index] for name in names}

    def _columns(self) -> dict[str, Array]:
        vectors = [hoc().Vector() for _ in range(4)]
        self._process.tell_rows(*vectors)
        weight, steps, i, j = map(array, vectors)
        return {"weight": weight, "delay": steps * self.timestep, "i": i, "j": j}

    def assign(self, values: Mapping[str, Values], index: Index | None, now: float = -1.0) -> None:
        """Set values of these rows; ``now`` (ms): spikes may be under way, below 0: none is."""
        if "delay" in values:
            check_delay(values["delay"], self.shortest, self.timestep)
        if self._plain is not None:
            self._plain.assign(values, index, now)
            return
        if "weight" in values:
            rows = np.arange(self._size) if index is None else index
            weights = np.broadcast_to(np.asarray(values["weight"], dtype=np.float64), (len(rows),))
            self._process.alter(vector(rows), vector(weights), now, self.timestep)
        if "delay" in values:
            columns = self._columns()
            self._retire(now, columns["delay"])
            columns["delay"][slice(None) if index is None else index] = np.asarray(values["delay"])
            self.connect([(columns["i"], columns["j"], dict(columns))])

    def _retire(self, now: float, delays: Array) -> None:
        """Send no more; what is under way still arrives, over these delays (ms) at the most."""
        for netcon in self._netcons:
            netcon.active(False)
        self._leaving = [part for part in self._leaving if part[0] > now]
        last = max(now, 0.0) + float(np.max(delays, initial=0.0)) + self.timestep
        self._leaving.append((last, self._process, self._netcons))
        self._process, self._netcons = None, []

    def plain(self, now: float) -> list[Any]:
        """A NetCon for each row, from now on (ms) in place of the mechanism."""
        if self._plain is None:
            columns = self._columns()
            i, j = columns["i"].astype(np.int64), columns["j"].astype(np.int64)
            join, delays = joiner(self.pre, self.post, self.receptor), to_netcon(columns["delay"], self.timestep)
            made = map(join, i.tolist(), j.tolist(), delays.tolist(), columns["weight"].tolist())
            self._plain = Static(self.timestep, Rows(i, j), list(made), join, EARLY)
            self._retire(now, columns["delay"])
        return self._plain.netcons

    def release(self) -> None:
        """Let NEURON delete the NetCons, then the mechanism."""
        if self._plain is not None:
            self._plain.release()
        self._netcons.clear()
        for _, _, netcons in self._leaving:
            netcons.clear()
        self._leaving.clear()
        self._process = None


def vector(values: ArrayLike | Ragged) -> Any:
    """A Vector of NEURON's with these values, or with this one."""
    column = np.atleast_1d(np.asarray(values, dtype=np.float64))
    made = hoc().Vector(column.size)
    if column.size:
        made.as_numpy()[:] = column
    return made


def array(found: Any) -> Array:
    """The values of a Vector of NEURON's."""
    return np.array(found.as_numpy()) if len(found) else np.empty(0)


def shortest_delay(wiring: Wiring) -> float:
    """That of all rows of this process, ms; inf where there is none."""
    rows = [np.asarray(edges.values.get("delay", wiring.common.get("delay"))) for edges in wiring.chunks()]
    return min((float(np.min(delay, initial=np.inf)) for delay in rows), default=np.inf)


def check_delay(delay: Values, shortest: int, timestep: float) -> None:
    """Refuse a delay of fewer than ``shortest`` steps."""
    found = float(np.min(np.asarray(delay), initial=np.inf))
    if found < (shortest - 0.5) * timestep:
        raise PyNNError(
            f"A synapse from cells that NEURON itself moves to PyNN's own has a delay of {found:g} ms. With several "
            f"processes it must be {shortest * timestep:g} ms, two steps, or more: NEURON tells of such a spike in the "
            "step after it."
        )
