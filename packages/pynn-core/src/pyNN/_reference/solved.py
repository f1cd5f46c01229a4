"""Cells of a user's equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from cawan.simulator import Array, Index, Values

from pyNN._reference.cells import Cells
from pyNN.equations import CURRENT, CheckedCell, Stepper, derived

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Solved(Cells):
    """A block of cells of any checked equations; the scheme is that of :class:`pyNN.equations.Stepper`."""

    def __init__(self, size: int, values: Mapping[str, Values], timestep: float, cell: CheckedCell) -> None:
        self.cell, self.stepper, self.ports = cell, Stepper(cell), len(cell.receptors)
        super().__init__(size, values, timestep)

    def prepare(self) -> None:
        """All state has a column, and what follows from the parameters is computed."""
        for name in self.cell.states:
            self.values.setdefault(name, np.zeros(self.size))
        parameters = {name: self.values[name] for name in self.cell.parameters}
        self._derived = derived(self.cell, parameters, self.timestep)
        self._states = {name: self.values[name] for name in self.cell.states}

    def _columns(self) -> dict[str, Array | float]:
        return {**self.values, **self._derived, CURRENT: self.current}

    def integrate(self) -> Array:
        """Where a cell is not free, its v stays."""
        count = self.cell.substeps(self.timestep)
        columns = self._columns()
        for _ in range(count):
            self.stepper.integrate(columns, self._states, self.free, self.timestep / count)
        return self.values["v"]

    def receive(self, receptor: int, weight: Array) -> None:
        """The weight adds to the receptor's variable."""
        self.stepper.receive(self._states, receptor, weight, self.free)

    def tau_syn(self, receptor: int, rows: Index) -> Array:
        """Of a variable that decays by itself, its time constant."""
        return np.array(np.broadcast_to(self._derived[f".tau.{receptor}"], (self.size,))[rows])

    def fires(self, step: int) -> NDArray[np.bool_]:
        """Where the threshold is true."""
        return self.stepper.fires(self._columns(), self._states)

    def reset(self, fired: Index) -> None:
        """The assignments, and the refractory time."""
        self.stepper.reset(self._columns(), self._states, fired)
        held = np.broadcast_to(self._derived[".refractory"], (self.size,))[fired]
        self.refractory[fired] = np.rint(held / self.timestep).astype(np.int64)
