"""The kernels of ``GIF_cond_exp`` as tables, for backends that move on whole blocks of cells: sums of exponentials.

A table has shape (size, n), with as many exponentials as the longest row has; those that a row lacks have no amplitude.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values

SERIES = ("tau_eta", "a_eta", "tau_gamma", "a_gamma")
SUMS: Mapping[str, str] = {"i_eta": "eta", "v_t": "gamma"}
"""By variable, the table whose rows sum up to it, above what it is without a spike (0, and v_t_star)."""


class Kernels:
    """Time constants (ms), amplitudes (nA, mV) and present values of both kernels of each cell.

    Attributes
    ----------
    tables
        By the names of :data:`SERIES`, and "eta" and "gamma" for the present values.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.tables: dict[str, Array] = {name: np.empty((size, 0)) for name in (*SERIES, *SUMS.values())}

    def put(self, name: str, value: Values, index: Index | None) -> None:
        """Take over one series for these rows: a row for each of them, or one for all."""
        if not isinstance(value, Ragged):
            raise TypeError(f"{name} is a sequence for each cell")
        rows = np.arange(self.size) if index is None else index
        series = [value.row(k if len(value) > 1 else 0) for k in range(len(rows))]
        width = max([self.tables[name].shape[1], *map(len, series)])
        for other in self.tables:
            self._widen(other, width)
        for row, numbers in zip(rows, series, strict=True):
            self.tables[name][row] = 1.0 if name.startswith("tau") else 0.0
            self.tables[name][row, : len(numbers)] = numbers

    def _widen(self, name: str, width: int) -> None:
        old = self.tables[name]
        if width > old.shape[1]:
            self.tables[name] = np.full((self.size, width), 1.0 if name.startswith("tau") else 0.0)
            self.tables[name][:, : old.shape[1]] = old

    def make_up(self, name: str, wanted: Array, rows: Index | slice) -> None:
        """Let the rows of a table sum up to what is wanted: the first exponential makes up for it."""
        table = self.tables[name]
        if table.shape[1]:
            table[rows, 0] += (wanted - table.sum(axis=1))[rows]

    def decayed(self, name: str, h: Array | float) -> Array:
        """A table's values after ``h`` ms, of each cell or of all, shape (size, n)."""
        falling = np.exp(-np.reshape(h, (-1, 1)) / self.tables[f"tau_{name}"])
        return np.asarray(self.tables[name] * falling)

    def spike(self, rows: Index) -> None:
        """These cells fired."""
        for name in SUMS.values():
            self.tables[name][rows] += self.tables[f"a_{name}"][rows]
