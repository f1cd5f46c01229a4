"""Gap junctions: a current in both directions, computed at the beginning of a step and held over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values, Wiring

from pynn_brian2.blocks import Neurons


class Gaps:
    """Rows of two cells and a conductance, µS."""

    def __init__(self, wiring: Wiring, pre: Neurons, post: Neurons) -> None:
        self.pre, self.post = pre, post
        chunks = list(wiring.chunks())
        self._i = np.concatenate([np.empty(0, np.int64), *(edges.pre for edges in chunks)])
        self._j = np.concatenate([np.empty(0, np.int64), *(edges.post for edges in chunks)])
        shared = wiring.common.get("weight", 0.0)
        weights = [edges.values.get("weight", np.full(len(edges.pre), shared)) for edges in chunks]
        self._weight: Array = np.concatenate([np.empty(0), *weights])

    def flow(self) -> None:
        """Add the currents of this step to both sides, nA."""
        v_pre, v_post = self.pre.column("v"), self.post.column("v")
        current = self._weight * (v_pre[self._i] - v_post[self._j])
        self.post.inject(self._j, current)
        self.pre.inject(self._i, -current)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows; "i" and "j" are their ends."""
        rows = slice(None) if index is None else index
        columns = {"i": self._i.astype(np.float64), "j": self._j.astype(np.float64), "weight": self._weight}
        return {name: np.array(columns[name][rows]) for name in names}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set conductances of these rows from now on."""
        value = values["weight"]
        if isinstance(value, Ragged):
            raise TypeError("weight is a number for each gap junction")
        self._weight[slice(None) if index is None else index] = np.asarray(value)
