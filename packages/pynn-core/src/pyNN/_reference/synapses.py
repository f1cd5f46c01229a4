"""The synapses of one projection, kept by source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Values, Wiring

from pyNN._reference.cells import Cells

Source = object


class Synapses:
    """Static synapses: at a spike of source i, the weight of each of its rows is on its way to the target."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        self.pre_block, self.post_block, self.receptor, self.timestep = pre, post, receptor, timestep
        self.stream = stream
        chunks = list(wiring.chunks())
        self.pre = np.concatenate([np.empty(0, np.int64), *(edges.pre for edges in chunks)])
        self.post = np.concatenate([np.empty(0, np.int64), *(edges.post for edges in chunks)])
        self.values: dict[str, Array] = {}
        for name in chunks[0].values if chunks else [row.name for row in model.parameters.values()]:
            self.values[name] = np.concatenate([np.empty(0), *(edges.values[name] for edges in chunks)])
        for name, value in wiring.common.items():
            self.values[name] = np.full(len(self.pre), value)
        self._order = np.argsort(self.pre, kind="stable")
        self._sorted = self.pre[self._order]

    def __len__(self) -> int:
        return len(self.pre)

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        for name, value in values.items():
            self.values[name][slice(None) if index is None else index] = np.asarray(value)

    def rows_of(self, sources: Index) -> Iterator[Index]:
        """The rows of each source that has some."""
        for i in sources:
            first, last = np.searchsorted(self._sorted, [i, i + 1])
            if last > first:
                yield self._order[first:last]

    def begin(self, step: int) -> None:
        """Before the cells take the input of this step."""

    def send(self, sources: Index, step: int) -> None:
        """These sources fire at the end of ``step``."""
        for rows in self.rows_of(sources):
            delays = np.rint(self.values["delay"][rows] / self.timestep).astype(np.int64)
            self.arrive(rows, self.released(rows, step), step + delays)

    def hear(self, targets: Index, step: int) -> None:
        """These targets fire at the end of ``step``."""

    def released(self, rows: Index, step: int) -> Array:
        """What arrives at the targets of these rows."""
        return self.values["weight"][rows]

    def arrive(self, rows: Index, weights: Array, steps: Index) -> None:
        """These weights reach the targets of these rows at the end of these steps."""
        for step in np.unique(steps):
            due = steps == step
            self.post_block.arrive(int(step), self.receptor, self.post[rows[due]], weights[due])


class TsodyksMarkram(Synapses):
    """Depressing and facilitating synapses, moved on from spike to spike by the exact solution."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        size = len(self.pre)
        self.values |= {"u": np.zeros(size), "x": np.ones(size), "y": np.zeros(size)}
        self._last = np.zeros(size)

    def released(self, rows: Index, step: int) -> Array:
        """weight × u x, once u and x are moved on to this spike."""
        v, now = self.values, step * self.timestep
        interval = now - self._last[rows]
        self._last[rows] = now
        # Where input acts at once, it is inactive at once: the limit of a short time constant.
        tau_syn = np.maximum(self.post_block.tau_syn(self.receptor, self.post[rows]), 1e-9)
        u, x, y = propagate(
            v["u"][rows], v["x"][rows], v["y"][rows], interval, v["tau_rec"][rows], v["tau_facil"][rows], tau_syn
        )
        u = u + v["U"][rows] * (1 - u)
        moved = u * x
        v["u"][rows], v["x"][rows], v["y"][rows] = u, x - moved, y + moved
        return np.asarray(v["weight"][rows] * moved)


def propagate(
    u: Array, x: Array, y: Array, interval: Array, tau_rec: Array, tau_facil: Array, tau_syn: Array
) -> tuple[Array, Array, Array]:
    """u, x and y after ``interval`` ms without a spike: the solution of the linear equations in closed form.

    With z = 1 - x - y: y decays with tau_syn into z, z with tau_rec into x.
    """
    decay_facil = np.where(tau_facil > 0, np.exp(-interval / np.where(tau_facil > 0, tau_facil, 1.0)), 0.0)
    decay_syn, decay_rec = np.exp(-interval / tau_syn), np.exp(-interval / tau_rec)
    z = 1 - x - y
    rate = 1 / tau_syn - 1 / tau_rec
    near = np.abs(rate * interval) < 1e-9
    safe = np.where(near, 1.0, rate)
    passed = np.where(near, interval * decay_rec, (decay_rec - decay_syn) / safe) / tau_syn
    z_now = z * decay_rec + y * passed
    y_now = y * decay_syn
    return u * decay_facil, 1 - y_now - z_now, y_now
