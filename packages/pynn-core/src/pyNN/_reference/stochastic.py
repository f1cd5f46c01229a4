"""Synapses that release by chance: each spike of each has its own numbers, those of :mod:`pyNN.random.releases`."""

from __future__ import annotations

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Wiring

from pyNN._reference.cells import Cells
from pyNN._reference.synapses import Source, Synapses
from pyNN.random.releases import Releases, use_now


class Stochastic(Synapses):
    """``SimpleStochasticSynapse``: each spike passes with probability p."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        self._releases = Releases(self.stream, self.pre, self.post)

    def released(self, rows: Index, step: int) -> Array:
        """The weight, or 0."""
        passed = self._releases.draw(rows, 0) < self.values["p"][rows]
        self._releases.go_on(rows)
        return np.where(passed, self.values["weight"][rows], 0.0)


class Quantal(Stochastic):
    """``MultiQuantalSynapse``, and with one site ``StochasticTsodyksMarkramSynapse``."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        size = len(self.pre)
        self.values["u"] = np.zeros(size)
        self._last = np.zeros(size, dtype=np.int64)

    def released(self, rows: Index, step: int) -> Array:
        """The weight times the number of sites that release."""
        v = {name: column[rows] for name, column in self.values.items()}
        interval = np.asarray((step - self._last[rows]) * self.timestep, dtype=np.float64)
        u = use_now(v["U"], v["u"], interval, v["tau_facil"])
        recovers = -np.expm1(-interval / v["tau_rec"])
        count = self._releases.quanta(rows, v.get("n", np.ones(len(rows))), recovers, u)
        self.values["u"][rows] = u
        self._last[rows] = step
        self._releases.go_on(rows)
        return np.asarray(count * v["weight"])
