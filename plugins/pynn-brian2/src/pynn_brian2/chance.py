"""Synapses that release by chance: each spike of each synapse has its own numbers, whatever else is drawn.

Word k of spike n of the m-th synapse from i to j is word k mod 4 of Philox4x64-10 with the key of the block's stream
and the counter (n, i, j, m + 2**32 (k div 4)).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.simulator import Array, Index
from pyNN.random.counters import nth_of_pair, uniform_at


class Releases:
    """Decides for each arriving spike how much of the weight is released, and writes it to ``passed``."""

    def __init__(self, block: Any, stream: int) -> None:
        self._block, self._stream = block, stream
        self._pre, self._post = block.ends()
        self._spikes = np.zeros(block.size, dtype=np.int64)
        self._nth = nth_of_pair(self._pre, self._post)

    def prepare(self, rows: Index, step: int) -> None:
        """A spike arrives at each of these synapses at the end of ``step``."""
        self._block.column("passed")[rows] = self.draw(rows, 0) < self._block.values("p", rows)
        self._spikes[rows] += 1

    def draw(self, rows: Index, word: int) -> Array:
        """Uniform numbers for the present spike of these rows."""
        high = self._nth[rows] + (word // 4 << 32)
        return uniform_at(self._stream, word % 4, self._spikes[rows], self._pre[rows], self._post[rows], high)


class Quanta(Releases):
    """Several sites that release and recover each on its own: site k recovers by word k and releases by word n + k."""

    def __init__(self, block: Any, stream: int) -> None:
        super().__init__(block, stream)
        self._full = np.ones((block.size, 0), dtype=bool)
        self._last = np.zeros(block.size, dtype=np.int64)

    def count_from(self, later: Array) -> None:
        """The last spikes are to be taken for this many steps later, one number for each synapse or for all."""
        self._last += later.astype(np.int64)

    def prepare(self, rows: Index, step: int) -> None:
        """A spike arrives at each of these synapses at the end of ``step``."""
        use, tau, tau_rec = (self._block.values(name, rows) for name in ("U", "tau_facil", "tau_rec"))
        interval = (step - self._last[rows]) * self._block.clockwork.timestep
        kept = np.where(tau > 0, np.exp(-interval / np.where(tau > 0, tau, 1.0)), 0.0)
        column = self._block.column("u")
        u = use + column[rows] * (1 - use) * kept
        recovers = -np.expm1(-interval / tau_rec)
        count = np.zeros(len(rows))
        sites = self._block.values("n", rows) if self._block.has("n") else np.ones(len(rows))
        sites = np.rint(sites).astype(np.int64)
        more = int(sites.max(initial=0)) - self._full.shape[1]  # those that are added are full
        self._full = np.pad(self._full, ((0, 0), (0, max(0, more))), constant_values=True)
        for number in np.unique(sites):
            mine = np.flatnonzero(sites == number)
            for site in range(int(number)):
                chosen = rows[mine]
                full = self._full[chosen, site] | (self.draw(chosen, site) < recovers[mine])
                released = full & (self.draw(chosen, int(number) + site) < u[mine])
                self._full[chosen, site] = full & ~released
                count[mine] += released
        column[rows], self._last[rows] = u, step
        self._block.column("passed")[rows] = count
        self._spikes[rows] += 1
