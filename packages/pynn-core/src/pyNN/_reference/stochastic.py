"""Synapses that release by chance: each spike of each synapse has its own numbers, whatever else is drawn.

Word k of spike n of the m-th synapse from i to j is word k mod 4 of Philox4x64-10 with the key of the block's stream
and the counter (n, i, j, m + 2**32 (k div 4)).
"""

from __future__ import annotations

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Wiring

from pyNN._reference.cells import Cells
from pyNN._reference.synapses import Source, Synapses
from pyNN.random.counters import nth_of_pair, uniform_at


class Stochastic(Synapses):
    """``SimpleStochasticSynapse``: each spike passes with probability p."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        self._spikes = np.zeros(len(self.pre), dtype=np.int64)
        self._nth = nth_of_pair(self.pre, self.post)

    def draw(self, rows: Index, word: int) -> Array:
        """Uniform numbers for the present spike of these rows."""
        high = self._nth[rows] + (word // 4 << 32)
        return uniform_at(self.stream, word % 4, self._spikes[rows], self.pre[rows], self.post[rows], high)

    def released(self, rows: Index, step: int) -> Array:
        """The weight, or 0."""
        passed = self.draw(rows, 0) < self.values["p"][rows]
        self._spikes[rows] += 1
        return np.where(passed, self.values["weight"][rows], 0.0)


class Quantal(Stochastic):
    """``MultiQuantalSynapse``, and with one site ``StochasticTsodyksMarkramSynapse``.

    Site k recovers by word k and releases by word n + k. Sites are full until they release; those above n do nothing.
    """

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        size = len(self.pre)
        self._full = np.ones((size, 0), dtype=bool)
        self.values["u"] = np.zeros(size)
        self._last = np.zeros(size, dtype=np.int64)

    def released(self, rows: Index, step: int) -> Array:
        """The weight times the number of sites that release."""
        v = {name: column[rows] for name, column in self.values.items()}
        sites_of = np.rint(v.get("n", np.ones(len(rows)))).astype(np.int64)
        more = int(sites_of.max(initial=0)) - self._full.shape[1]
        self._full = np.pad(self._full, ((0, 0), (0, max(0, more))), constant_values=True)
        interval = (step - self._last[rows]) * self.timestep
        tau = v["tau_facil"]
        kept = np.where(tau > 0, np.exp(-interval / np.where(tau > 0, tau, 1.0)), 0.0)
        u = v["U"] + v["u"] * (1 - v["U"]) * kept
        recovers = -np.expm1(-interval / v["tau_rec"])
        count = np.zeros(len(rows), dtype=np.int64)
        for sites in np.unique(sites_of):
            mine = np.flatnonzero(sites_of == sites)
            for site in range(int(sites)):
                chosen = rows[mine]
                full = self._full[chosen, site] | (self.draw(chosen, site) < recovers[mine])
                released = full & (self.draw(chosen, int(sites) + site) < u[mine])
                self._full[chosen, site] = full & ~released
                count[mine] += released
        self.values["u"][rows] = u
        self._last[rows] = step
        self._spikes[rows] += 1
        return np.asarray(count * v["weight"])
