"""Blocks of cells: parameters and state as columns that our mechanism works on in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.kernels import SERIES, SUMS, Kernels
from pyNN.recipes import Recipe

from pynn_arbor.kernel import World
from pynn_arbor.models import KINDS, MEMBRANES, columns_of


@dataclass(eq=False)
class Cells:
    """``columns`` have shape (size,); ``kernels`` are those of cells that have some."""

    model: NativeModel
    size: int
    stream: int
    columns: dict[str, Array] = field(default_factory=dict)
    kernels: Kernels | None = None
    number: int = -1  # in the catalogue
    changed: bool = True
    tireless: bool = True  # one may fire in two steps that follow each other

    @property
    def recipe(self) -> Recipe:
        """What the cells are made of."""
        if not isinstance(self.model.details, Recipe):
            raise TypeError("a row without a recipe")
        return self.model.details

    def __post_init__(self) -> None:
        for name in columns_of(self.recipe):
            self.columns[name] = np.full(self.size, 1.0 if name.startswith("tau") else 0.0)
        for port in self.recipe.ports:
            for part, name in port.names.items():
                self.columns.setdefault(name, np.full(self.size, 1.0 if part.startswith("tau") else 0.0))
        if self.recipe.membrane == "GIF":
            self.kernels = Kernels(self.size)
        if self.recipe.membrane in ("Izhikevich", "HH"):
            self.columns["tau_refrac"][:] = 0.0

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        rows = slice(None) if index is None else index
        for name, value in values.items():
            if self.kernels is not None and name in SERIES:
                self.kernels.put(name, value, index)
            elif isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            else:
                self.columns[name][rows] = np.asarray(value)
        if self.kernels is not None:
            for name, table in SUMS.items():
                base = self.columns["v_t_star"] if name == "v_t" else 0.0
                if name in values:
                    self.kernels.make_up(table, self.columns[name] - base, rows)
                self.columns[name][:] = base + self.kernels.tables[table].sum(axis=1)
        self.changed = True

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        rows = slice(None) if index is None else index
        return {name: self.columns[name][rows].copy() for name in names}

    def enter(self, world: World) -> None:
        """Tell the catalogue of these cells."""
        self.number = world.block(MEMBRANES[self.recipe.membrane], self.size, self.stream)
        for name in columns_of(self.recipe):
            world.column(self.number, self.columns[name])
        for port in self.recipe.ports:
            world.port(self.number, KINDS[port.kind], [self._of_port(port.names, *names) for names in _OF_PORT])

    def _of_port(self, names: Mapping[str, str], *parts: str) -> Array | None:
        return next((self.columns[names[part]] for part in parts if part in names), None)

    def prepare(self, world: World) -> None:
        """Tell the catalogue of new parameters, where there are some."""
        if self.changed:
            for gamma, kernel in enumerate(SUMS.values()):
                if self.kernels is not None:
                    a, tau, value = (self.kernels.tables[name] for name in (f"a_{kernel}", f"tau_{kernel}", kernel))
                    world.kernel(self.number, bool(gamma), a, tau, value)
            world.prepare(self.number)
            held = np.rint(self.columns["tau_refrac"] / world.timestep)  # steps
            self.tireless = self.recipe.membrane != "HH" and bool((held < 1).any())  # HH's potential must rise between
            self.changed = False


_OF_PORT = (("gsyn", "isyn"), ("rise",), ("e_syn",), ("tau_rise", "tau_syn"), ("tau_decay", "tau_syn"))
