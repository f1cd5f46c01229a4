"""Synapses that release by chance: each spike of each synapse has its own numbers, those of pyNN.random.releases."""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.simulator import Array, Index
from pyNN.random.releases import Releases, use_now


class Chance:
    """Decides for each arriving spike how much of the weight is released, and writes it to ``passed``."""

    def __init__(self, block: Any, stream: int) -> None:
        self._block = block
        self._releases = Releases(stream, *block.ends())

    def prepare(self, rows: Index, step: int) -> None:
        """A spike arrives at each of these synapses at the end of ``step``."""
        self._block.column("passed")[rows] = self._releases.draw(rows, 0) < self._block.values("p", rows)
        self._releases.go_on(rows)


class Quanta(Chance):
    """Several sites that release and recover each on its own."""

    def __init__(self, block: Any, stream: int) -> None:
        super().__init__(block, stream)
        self._last = np.zeros(block.size, dtype=np.int64)

    def count_from(self, later: Array) -> None:
        """The last spikes are to be taken for this many steps later, one number for each synapse or for all."""
        self._last += later.astype(np.int64)

    def prepare(self, rows: Index, step: int) -> None:
        """A spike arrives at each of these synapses at the end of ``step``."""
        use, tau_facil, tau_rec = (self._block.values(name, rows) for name in ("U", "tau_facil", "tau_rec"))
        interval = (step - self._last[rows]) * self._block.clockwork.timestep
        column = self._block.column("u")
        u = use_now(use, column[rows], interval, tau_facil)
        sites = self._block.values("n", rows) if self._block.has("n") else np.ones(len(rows))
        count = self._releases.quanta(rows, sites, -np.expm1(-interval / tau_rec), u)
        column[rows], self._last[rows] = u, step
        self._block.column("passed")[rows] = count
        self._releases.go_on(rows)
