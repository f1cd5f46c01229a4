"""``GIF_cond_exp``: cells with kernels of several exponentials, and a random number for each step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import Index, Ragged, Values
from pyNN.errors import PyNNError

from pynn_neuron.cells import Cells, put_key

KERNELS = 16  # of the mechanism
_SERIES = ("tau_eta", "a_eta", "tau_gamma", "a_gamma")


class GifCells(Cells):
    """Kernels are arrays of the mechanism; i_eta and v_t are sums, which the first exponential makes up for."""

    SUMS: ClassVar[Mapping[str, str]] = {"i_eta": "eta", "v_t": "gamma"}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        cells = self.chosen(index)
        for name in _SERIES:
            value = values.get(name)
            if isinstance(value, Ragged):
                _check(name, value)
                for k, cell in enumerate(cells):
                    _put_kernel(cell, name, value.row(k if len(value) > 1 else 0).tolist())
        super().assign({name: v for name, v in values.items() if name not in (*_SERIES, *self.SUMS)}, index)
        for cell in cells:
            cell.sum_up()
        for name, kernel in self.SUMS.items():
            if name in values:
                wanted = np.broadcast_to(np.asarray(values[name], dtype=np.float64), (len(cells),)).tolist()
                for cell, x in zip(cells, wanted, strict=True):
                    if cell.kernels:
                        getattr(cell, kernel)[0] += x - getattr(cell, name)
                    cell.sum_up()

    def number(self) -> None:
        """Tell each cell its row and the stream of the block."""
        for row in self.rows_here():
            self.objects[row].row = row
            put_key(self.objects[row], self.stream)


def _check(name: str, value: Ragged) -> None:
    longest = int(np.diff(value.splits).max(initial=0))
    if longest > KERNELS:
        raise PyNNError(
            f"{name} of GIF_cond_exp has {longest} exponentials; on NEURON a kernel has at most {KERNELS}. Fit the "
            "kernel with fewer."
        )


def _put_kernel(cell: Any, name: str, numbers: list[float]) -> None:
    """Exponentials that are not given have no amplitude."""
    cell.kernels = max(cell.kernels, float(len(numbers)))
    empty = 1.0 if name.startswith("tau") else 0.0
    series = getattr(cell, name)
    for k in range(KERNELS):
        series[k] = numbers[k] if k < len(numbers) else empty
