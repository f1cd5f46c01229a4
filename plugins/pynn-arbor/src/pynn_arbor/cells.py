"""Blocks of cells: parameters and state as columns that our mechanism works on in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.recipes import Recipe

from pynn_arbor.kernel import World
from pynn_arbor.models import KINDS, MEMBRANES, columns_of

_SERIES = ("tau_eta", "a_eta", "tau_gamma", "a_gamma")
_SUMS = {"i_eta": "eta", "v_t": "gamma"}


@dataclass(eq=False)
class Cells:
    """``columns`` have shape (size,); those of a kernel's exponentials (size, n)."""

    model: NativeModel
    size: int
    stream: int
    columns: dict[str, Array] = field(default_factory=dict)
    kernels: dict[str, Array] = field(default_factory=dict)
    number: int = -1  # in the catalogue
    changed: bool = True

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
            self.kernels = {name: np.empty((self.size, 0)) for name in (*_SERIES, "eta", "gamma")}
        if self.recipe.membrane in ("Izhikevich", "HH"):
            self.columns["tau_refrac"][:] = 0.0

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        rows = slice(None) if index is None else index
        for name, value in values.items():
            if name in self.kernels:
                self._set_kernel(name, value, index)
            elif isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            else:
                self.columns[name][rows] = np.asarray(value)
        if self.kernels:
            self._make_up(values, rows)
        self.changed = True

    def _set_kernel(self, name: str, value: Values, index: Index | None) -> None:
        if not isinstance(value, Ragged):
            raise TypeError(f"{name} is a sequence for each cell")
        rows = np.arange(self.size) if index is None else index
        series = [value.row(k if len(value) > 1 else 0) for k in range(len(rows))]
        width = max([self.kernels[name].shape[1], *map(len, series)])
        for other in self.kernels:
            self._widen(other, width)
        for row, numbers in zip(rows, series, strict=True):
            self.kernels[name][row] = 1.0 if name.startswith("tau") else 0.0
            self.kernels[name][row, : len(numbers)] = numbers

    def _widen(self, name: str, width: int) -> None:
        old = self.kernels[name]
        if width > old.shape[1]:
            self.kernels[name] = np.full((self.size, width), 1.0 if name.startswith("tau") else 0.0)
            self.kernels[name][:, : old.shape[1]] = old

    def _make_up(self, values: Mapping[str, Values], rows: Index | slice) -> None:
        """i_eta and v_t are sums: the first exponential makes up for what is wanted."""
        for name, table in _SUMS.items():
            if name in values and self.kernels[table].shape[1]:
                base = self.columns["v_t_star"] if name == "v_t" else 0.0
                self.kernels[table][rows, 0] += (self.columns[name] - base - self.kernels[table].sum(axis=1))[rows]
        self.columns["i_eta"][:] = self.kernels["eta"].sum(axis=1)
        self.columns["v_t"][:] = self.columns["v_t_star"] + self.kernels["gamma"].sum(axis=1)

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
            for gamma, kernel in enumerate(("eta", "gamma")):
                if self.kernels:
                    a, tau, value = (self.kernels[name] for name in (f"a_{kernel}", f"tau_{kernel}", kernel))
                    world.kernel(self.number, bool(gamma), a, tau, value)
            world.prepare(self.number)
            self.changed = False


_OF_PORT = (("gsyn", "isyn"), ("rise",), ("e_syn",), ("tau_rise", "tau_syn"), ("tau_decay", "tau_syn"))
