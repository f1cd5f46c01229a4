"""``GIF_cond_exp``: kernels of any number of exponentials, kept beside Brian's variables, and spikes by chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Values
from pyNN.kernels import SERIES, SUMS, Kernels
from pyNN.random.counters import uniform_at

from pynn_brian2.cells import Cells
from pynn_brian2.clockwork import Clockwork


class GifCells(Cells):
    """A block of these cells: Brian moves v on, under the current of the kernels, and fires whom chance says."""

    def __init__(
        self, model: NativeModel, size: int, values: Mapping[str, Values], clockwork: Clockwork, code: type[Any],
        stream: int,
    ) -> None:  # fmt: skip
        self.kernels = Kernels(size)
        self._clockwork, self._stream = clockwork, stream
        super().__init__(model, size, values, clockwork.timestep, clockwork.clock, code)

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name not in SERIES]

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        for name in SERIES:
            if name in values:
                self.kernels.put(name, values[name], index)
        super().assign({name: value for name, value in values.items() if name not in SERIES}, index)
        rows = slice(None) if index is None else index
        for name, table in SUMS.items():
            if name in values:
                self.kernels.make_up(table, self.columns[name] - self._at_rest(name), rows)
        self._sum_up()

    def _at_rest(self, name: str) -> Array | float:
        return self.columns["v_t_star"] if name == "v_t" else 0.0

    def _sum_up(self) -> None:
        for name, table in SUMS.items():
            self.columns[name][:] = self._at_rest(name) + self.kernels.tables[table].sum(axis=1)

    def begin_part(self, h: Array | float) -> None:
        """The current at the beginning, in the middle and at the end of a part of a step."""
        self.columns["i_eta"][:] = self.kernels.tables["eta"].sum(axis=1)
        self.columns["i_eta_middle"][:] = self.kernels.decayed("eta", 0.5 * h).sum(axis=1)
        for table in SUMS.values():
            self.kernels.tables[table] = self.kernels.decayed(table, h)
        self.columns["i_eta_end"][:] = self.kernels.tables["eta"].sum(axis=1)

    def finish_parts(self) -> None:
        """Draw one number for each cell: whose is below its hazard fires, if it is free."""
        self._sum_up()
        p = self.columns
        per_ms = 1e-3 * p["lambda0"] * np.exp(np.minimum((p["v"] - p["v_t"]) / p["delta_v"], 700.0))
        drawn = uniform_at(self._stream, 0, self._clockwork.step + 1, np.arange(self.size))
        p["fires"][:] = drawn < -np.expm1(-per_ms * self.timestep)

    def end_step(self) -> Index:
        """The rows that fired in this step; their kernels grow."""
        rows = super().end_step()
        if len(rows):
            self.kernels.spike(rows)
            self._sum_up()
        return rows
