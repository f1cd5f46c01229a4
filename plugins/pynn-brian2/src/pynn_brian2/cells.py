"""Cells: a group of Brian's whose variables have PyNN's names and units, and the code that moves it on by a step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.recipes import Recipe

from pynn_brian2 import equations
from pynn_brian2.blocks import Neurons
from pynn_brian2.functions import NAMESPACE
from pynn_brian2.propagators import derive, derived_names, fewest_steps, pull
from pynn_brian2.quiet import brian2

_BOOKKEEPING = ("injected", "free", "left", "sub")


class Step(brian2.CodeRunner):  # type: ignore[misc]  # Brian has no types
    """Code that moves cells on by one step of the clock, or by a part of it."""

    def __init__(self, cells: Cells, code: str, clock: Any) -> None:
        self._cells = cells
        super().__init__(
            cells.group, "stateupdate", code=code, clock=clock, when="groups", check_units=False, name="step*"
        )

    def run(self) -> None:
        """One step of the clock."""
        self._cells.begin_step()
        self.apply()
        self._cells.finish_parts()

    def apply(self) -> None:
        """The code itself."""
        super().run()


class PartedStep(Step):
    """All cells take a fixed number of parts of a step; where some are stiff, each as many as it needs."""

    def __init__(self, cells: Cells, recipe: Recipe, clock: Any) -> None:
        self._recipe, self._parts = recipe, fewest_steps(recipe, cells.timestep)
        super().__init__(cells, equations.runge_kutta_step(recipe, repr(cells.timestep / self._parts)), clock)
        self._stiff = Step(cells, equations.runge_kutta_step(recipe), clock)

    def apply(self) -> None:
        """As many parts as it takes."""
        timestep = self._cells.timestep
        pulled = pull(self._recipe, self._cells.columns) * timestep
        if pulled.max() <= self._parts:
            for _ in range(self._parts):
                self._cells.begin_part(timestep / self._parts)
                super().apply()
            return
        if self._stiff.codeobj is None:
            self._stiff.create_code_objects({})
        parts, sub = np.maximum(np.ceil(pulled), self._parts), self._cells.columns["sub"]
        sub[:] = timestep / parts
        for k in range(int(parts.max())):
            sub[parts <= k] = 0.0
            self._cells.begin_part(sub)
            self._stiff.apply()


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
        exact = self.recipe.membrane == "Exact"
        step = Step(self, equations.exact_step(self.recipe), clock) if exact else PartedStep(self, self.recipe, clock)
        self.parts = [self.group, step]

    def column(self, name: str) -> Array:
        """Values of all rows, as Brian has them."""
        return self.columns[name]

    def begin_step(self) -> None:
        """Count the refractory steps: a cell is free again when none is left."""
        free, left = self.columns["free"], self.columns["left"]
        free[:] = left < 0.5
        np.maximum(left - 1.0, 0.0, out=left)
        if "before" in self.columns:
            self.columns["before"][:] = self.columns["v"]

    def begin_part(self, h: Array | float) -> None:
        """Before a part of a step of ``h`` ms, one for all cells or one for each."""

    def finish_parts(self) -> None:
        """After all parts of a step, before spikes are looked for."""

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
