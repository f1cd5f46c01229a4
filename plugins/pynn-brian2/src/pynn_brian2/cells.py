"""Cells: a group of Brian's whose variables have PyNN's names and units, and the code that moves it on by a step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.recipes import Recipe

from pynn_brian2 import equations
from pynn_brian2.blocks import Neurons
from pynn_brian2.functions import NAMESPACE
from pynn_brian2.propagators import derive, derived_names, substeps
from pynn_brian2.quiet import brian2

_BOOKKEEPING = ("injected", "free", "left", "sub")


class Step(brian2.CodeRunner):  # type: ignore[misc]  # Brian has no types
    """The code that moves cells on by one step; stiff cells take several smaller ones."""

    def __init__(self, cells: Cells, recipe: Recipe, clock: Any) -> None:
        self._cells, self._recipe = cells, recipe
        exact = recipe.membrane == "Exact"
        code = equations.exact_step(recipe) if exact else equations.runge_kutta_step(recipe)
        self._move: Callable[[], None] = self._once if exact else self._in_parts
        super().__init__(
            cells.group, "stateupdate", code=code, clock=clock, when="groups", check_units=False, name="step*"
        )

    def run(self) -> None:
        """One step of the clock."""
        self._cells.begin_step()
        self._move()

    def _once(self) -> None:
        super().run()

    def _in_parts(self) -> None:
        p = self._cells.columns
        timestep = self._cells.timestep
        parts = substeps(self._recipe, p, timestep)
        sub = p["sub"]
        sub[:] = timestep / parts
        most = int(parts.max())
        uneven = bool((parts != most).any())
        for k in range(most):
            if uneven and k:
                sub[parts <= k] = 0.0
            super().run()


class Cells(Neurons):
    """A block of standard cells.

    Attributes
    ----------
    columns
        Brian's own arrays of all parameters and state, by name, each of shape (size,).
    """

    def __init__(
        self, model: NativeModel, size: int, values: Mapping[str, Values], timestep: float, clock: Any, code: type[Any]
    ) -> None:
        if not isinstance(model.details, Recipe):
            raise TypeError(f"{model.name} has no recipe")
        super().__init__(model, size)
        self.recipe, self.timestep = model.details, timestep
        self._parameters = {native.name for native in model.parameters.values()}
        names = self._names()
        if size:
            self._make_group(names, clock, code)
        else:
            self.columns: dict[str, Array] = {name: np.empty(0) for name in names}
        self.columns["free"][:] = 1.0
        self.assign(values, None)

    def _names(self) -> list[str]:
        membrane = equations.MEMBRANES[self.recipe.membrane]
        peaks = [*equations.states(self.recipe), *membrane.extra, *derived_names(self.recipe)]
        return list(dict.fromkeys([*self._parameters, *peaks, *_BOOKKEEPING]))

    def _make_group(self, names: Sequence[str], clock: Any, code: type[Any]) -> None:
        membrane = equations.MEMBRANES[self.recipe.membrane]
        self.group = brian2.NeuronGroup(
            self.size,
            "\n".join(f"{name} : 1" for name in names),
            threshold=f"free > 0.5 and {membrane.threshold}",
            reset=membrane.reset or None,
            clock=clock,
            namespace=NAMESPACE,
            codeobj_class=code,
            name="cells*",
        )
        self.columns = {name: self.group.variables[name].get_value() for name in names}
        self.parts = [self.group, Step(self, self.recipe, clock)]

    def column(self, name: str) -> Array:
        """Values of all rows, as Brian has them."""
        return self.columns[name]

    def begin_step(self) -> None:
        """Count the refractory steps: a cell is free again when none is left."""
        free, left = self.columns["free"], self.columns["left"]
        free[:] = left < 0.5
        np.subtract(left, 1.0, out=left, where=left > 0.5)
        if "before" in self.columns:
            self.columns["before"][:] = self.columns["v"]

    def end_step(self) -> Index:
        """The rows that fired in this step."""
        if "before" in self.columns:
            self.columns["rising"][:] = self.columns["v"] > self.columns["before"]
        return super().end_step()

    def arrival(self, port: int) -> tuple[str, str]:
        """As the recipe says."""
        return equations.arrival(self.recipe, port)

    def tau_syn(self, port: int) -> str:
        """As the recipe says."""
        return equations.tau_syn(self.recipe.ports[port])

    def inject_nothing(self) -> None:
        """No current flows."""
        self.columns["injected"][:] = 0.0

    def inject(self, rows: Index, current: Array | float) -> None:
        """Add to the current into these rows, nA."""
        np.add.at(self.columns["injected"], rows, current)

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        rows = slice(None) if index is None else index
        for name, value in values.items():
            if isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            self.columns[name][rows] = np.asarray(value)
        if self.size and not self._parameters.isdisjoint(values):
            for name, column in derive(self.recipe, self.columns, self.timestep).items():
                self.columns[name][:] = column
