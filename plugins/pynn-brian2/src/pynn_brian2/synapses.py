"""A block of synapses: one ``Synapses`` of Brian, built from rows. What all rows share is one number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from cawan.simulator import Array, Edges, Index, NativeModel, Ragged, Values, Wiring

from pynn_brian2 import learning
from pynn_brian2.blocks import Neurons
from pynn_brian2.clockwork import Clockwork
from pynn_brian2.functions import NAMESPACE
from pynn_brian2.models import Kind
from pynn_brian2.quiet import brian2
from pynn_brian2.sources import Source

_INITIAL = {"x": 1.0, "passed": 1.0, "sent_last": -1.0, "heard_last": -1.0}


class Synapses:
    """Rows of synapses with their parameters; a parameter becomes an array when rows get values of their own.

    Attributes
    ----------
    brian
        Brian's object, None where there is no row.
    delay
        ms, shape (size,), or (1,) where all are the same.
    """

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Neurons | Source, post: Neurons, receptor: str,
        clockwork: Clockwork, code: type[Any],
    ) -> None:  # fmt: skip
        if not isinstance(model.details, Kind):
            raise TypeError(f"{model.name} is no synapse")
        self.kind, self.pre, self.post, self.clockwork, self._code = model.details, pre, post, clockwork, code
        self.port = self._port(receptor)
        self.size = 0
        self.brian: Any = None
        self.delay: Array = np.empty(1)
        chunks = iter(wiring.chunks())
        first = next((chunk for chunk in chunks if len(chunk.pre)), None)
        state = learning.state_of(self.kind)
        own = [name for name in (first.values if first else ()) if name != "delay"]
        shared = {name: value for name, value in wiring.common.items() if name not in (*own, "delay")}
        learnt = {name: shared.pop(name) for name in learning.learnt(self.kind) if name in shared}
        self._names = [*shared, *own, *learnt, *state]
        if first is None:
            return
        self._make(shared, [*own, *learnt, *state])
        self._fill(chain([first], chunks), wiring.common)
        del first
        for name, value in {**learnt, **{name: _INITIAL.get(name, 0.0) for name in state}}.items():
            self.column(name)[:] = value

    def _port(self, receptor: str) -> int:
        port = self.post.model.receptors[receptor].port
        if not isinstance(port, int):
            raise TypeError("a receptor's port is its number")
        return port

    def _make(self, shared: Mapping[str, float], own: Sequence[str]) -> None:
        lines = ["now : 1 (shared)", *(f"{name} : 1 (shared)" for name in shared), *(f"{name} : 1" for name in own)]
        self.brian = brian2.Synapses(
            self.pre.group, self.post.group, "\n".join(lines), clock=self.clockwork.clock, namespace=NAMESPACE,
            codeobj_class=self._code, name="synapses*",
        )  # fmt: skip
        for name, value in shared.items():
            self.column(name)[:] = value

    def _fill(self, chunks: Iterable[Edges], common: Mapping[str, float]) -> None:
        delays = []
        for edges in chunks:
            if not len(edges.pre):
                continue
            begin, self.size = self.size, self.size + len(edges.pre)
            self._append(edges.pre, edges.post)
            for name, value in edges.values.items():
                if name == "delay":
                    delays.append(np.array(value))
                else:
                    self.column(name)[begin:] = value
        self._count()
        self.clockwork.network.rows += self.size
        self.delay = np.concatenate(delays) if delays else np.array([common.get("delay", np.nan)])

    def _append(self, pre: Index, post: Index) -> None:
        """More rows. Brian's ``connect`` does the same by code that it generates anew for each call."""
        variables, before = self.brian.variables, len(self.brian)
        for end, side, rows in (("_synaptic_pre", "source", pre), ("_synaptic_post", "target", post)):
            variables[end].resize(before + len(rows))
            offset = variables[f"_{side}_offset"].get_value()
            np.add(rows, offset, out=variables[end].get_value()[before:], casting="unsafe")
        self.brian._resize(before + len(pre))

    def _count(self) -> None:
        """Tell Brian that all rows are there, and how many each cell has."""
        self.brian._update_synapse_numbers(0)
        self.brian._connect_called = True

    def column(self, name: str) -> Array:
        """Brian's own array of one variable: of all rows, or of shape (1,) where they share the value."""
        found: Array = self.brian.variables[name].get_value()
        return found

    def has(self, name: str) -> bool:
        """Whether these synapses have a parameter or variable of this name."""
        return name in self._names

    def shares(self, name: str) -> bool:
        """Whether all rows have one value."""
        return bool(self.brian.variables[name].scalar)

    def values(self, name: str, rows: Index) -> Array:
        """Values of these rows."""
        column = self.delay if name == "delay" else self.column(name)
        return np.broadcast_to(column, (len(rows),)) if len(column) == 1 else column[rows]

    def ends(self) -> tuple[Index, Index]:
        """Rows of the presynaptic and postsynaptic block, each of shape (size,)."""
        if self.brian is None:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        variables = self.brian.variables
        return tuple(variables[f"_synaptic_{side}"].get_value().astype(np.int64) for side in ("pre", "post"))

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows; "i" and "j" are their ends."""
        rows = np.arange(self.size) if index is None else index
        found: dict[str, Values] = {}
        for name in names:
            if name in ("i", "j"):
                found[name] = self.ends()[name == "j"][rows].astype(np.float64)
            else:
                found[name] = np.array(self.values(name, rows)) if self.size else np.empty(0)
        return found

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows from now on."""
        if self.brian is None:
            return
        for name, value in values.items():
            if isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each synapse")
            if name == "delay":
                self._set_delay(np.asarray(value, dtype=np.float64), index)
                continue
            if self.shares(name) and (index is not None or np.ndim(value)):
                self._give_each_its_own(name)
            self.column(name)[slice(None) if index is None else index] = np.asarray(value)

    def _set_delay(self, value: Array, index: Index | None) -> None:
        if index is None and value.ndim == 0:
            self.delay = np.array([float(value)])
        else:
            self.delay = np.array(np.broadcast_to(self.delay, (self.size,)))
            self.delay[slice(None) if index is None else index] = value
        self.tell_delays()

    def steps(self) -> Array:
        """Delays in steps of the clock, of each synapse or of all."""
        return np.rint(self.delay / self.clockwork.timestep)

    def tell_delays(self) -> None:
        """Delays were set."""
        raise NotImplementedError

    def _give_each_its_own(self, name: str) -> None:
        """Brian's variables are of all rows or of each from the beginning, so that its object is made anew."""
        pre, post = self.ends()
        old = {known: np.array(self.column(known)) for known in self._names}
        shared = {known: float(old[known][0]) for known in self._names if self.shares(known) and known != name}
        self.take_out()
        self._make(shared, [known for known in self._names if known not in shared])
        self._append(pre, post)
        self._count()
        for known, value in old.items():
            self.column(known)[:] = value
        self.put_in()

    def put_in(self) -> None:
        """Let Brian's objects take part."""
        raise NotImplementedError

    def take_out(self) -> None:
        """Take Brian's objects out of the network."""
        raise NotImplementedError
