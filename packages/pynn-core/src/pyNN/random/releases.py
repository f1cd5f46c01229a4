"""What synapses release by chance: each spike of each synapse has its own numbers, whatever else is drawn.

Word k of spike n of the m-th synapse from i to j is word k mod 4 of Philox4x64-10 with the key of the block's stream
and the counter (n, i, j, m + 2**32 (k div 4)).
"""

from __future__ import annotations

import numpy as np
from cawan.simulator import Array, Index

from pyNN.random.counters import nth_of_pair, uniform_at


class Releases:
    """The numbers of each synapse's present spike; ``pre`` and ``post`` are the ends of each, shape (size,)."""

    def __init__(self, stream: int, pre: Index, post: Index) -> None:
        self._stream, self._pre, self._post = stream, pre, post
        self._spikes = np.zeros(len(pre), dtype=np.int64)
        self._nth = nth_of_pair(pre, post)
        self._full = np.ones((len(pre), 0), dtype=bool)

    def draw(self, rows: Index, word: int) -> Array:
        """Uniform numbers for the present spike of these rows."""
        high = self._nth[rows] + (word // 4 << 32)
        return uniform_at(self._stream, word % 4, self._spikes[rows], self._pre[rows], self._post[rows], high)

    def go_on(self, rows: Index) -> None:
        """The present spike of these rows is over."""
        self._spikes[rows] += 1

    def quanta(self, rows: Index, sites: Array, recovers: Array, release: Array) -> Index:
        """How many sites of each of these rows release.

        Each site is full until it releases; it recovers by word k with probability ``recovers``, and releases, if it is
        full, by word n + k with probability ``release``. Those above n, which is ``sites`` rounded, do nothing.
        """
        numbers = np.rint(sites).astype(np.int64)
        more = int(numbers.max(initial=0)) - self._full.shape[1]  # those that are added are full
        self._full = np.pad(self._full, ((0, 0), (0, max(0, more))), constant_values=True)
        count = np.zeros(len(rows), dtype=np.int64)
        for number in np.unique(numbers):
            mine = np.flatnonzero(numbers == number)
            for site in range(int(number)):
                chosen = rows[mine]
                full = self._full[chosen, site] | (self.draw(chosen, site) < recovers[mine])
                released = full & (self.draw(chosen, int(number) + site) < release[mine])
                self._full[chosen, site] = full & ~released
                count[mine] += released
        return count


def use_now(use: Array, before: Array, interval: Array, tau_facil: Array) -> Array:
    """u at a spike, from that of the spike before: U + u (1 - U) exp(-interval / tau_facil); U without tau_facil."""
    kept = np.where(tau_facil > 0, np.exp(-interval / np.where(tau_facil > 0, tau_facil, 1.0)), 0.0)
    return np.asarray(use + before * (1 - use) * kept)
