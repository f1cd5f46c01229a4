"""Cells: a group of Brian's whose variables have PyNN's names and units, and the code that moves it on by a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Values
from pyNN.recipes import Recipe

from pynn_brian2 import equations
from pynn_brian2.blocks import PlainCells
from pynn_brian2.functions import NAMESPACE
from pynn_brian2.propagators import Pull, derive, derived_names, drive, fewest_steps
from pynn_brian2.quiet import brian2
from pynn_brian2.stepping import NEXT, exact_step, runge_kutta_step

_BOOKKEEPING = ("drive", "free", "sub")


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

    def parameters_changed(self) -> None:
        """Of the cells; what follows from them is known already."""

    def apply(self) -> None:
        """The code itself."""
        super().run()


class PartedStep(Step):
    """All cells take a fixed number of parts of a step; where some are stiff, each as many as it needs."""

    def __init__(self, cells: Cells, recipe: Recipe, clock: Any) -> None:
        self._parts = fewest_steps(recipe, cells.timestep)
        self.pull = Pull(recipe, cells.columns, self._parts / cells.timestep)
        super().__init__(cells, runge_kutta_step(recipe, cells.timestep / self._parts), clock)
        self._recipe = recipe
        self._stiff: Step | None = None  # most cells never are

    def parameters_changed(self) -> None:
        """Look at them again."""
        self.pull.parameters_changed()

    def apply(self) -> None:
        """As many parts as it takes."""
        timestep = self._cells.timestep
        if self.pull.is_weak():
            self._apply_to_all()
            return
        pulled = self.pull.of_each() * timestep
        if pulled.max() <= self._parts:
            self._apply_to_all()
            return
        stiff = self._made_for_stiff_cells()
        parts, sub = np.maximum(np.ceil(pulled), self._parts), self._cells.columns["sub"]
        sub[:] = timestep / parts
        for k in range(int(parts.max())):
            sub[parts <= k] = 0.0
            self._cells.begin_part(sub)
            stiff.apply()

    def _made_for_stiff_cells(self) -> Step:
        if self._stiff is None:
            self._stiff = Step(self._cells, runge_kutta_step(self._recipe), self.clock)
            self._stiff.create_code_objects({})
        return self._stiff

    def _apply_to_all(self) -> None:
        for _ in range(self._parts):
            self._cells.begin_part(self._cells.timestep / self._parts)
            super().apply()


class Cells(PlainCells):
    """A block of standard cells; ``columns``: all parameters and state, and what follows from them."""

    def __init__(
        self, model: NativeModel, size: int, values: Mapping[str, Values], timestep: float, clock: Any, code: type[Any]
    ) -> None:
        if not isinstance(model.details, Recipe):
            raise TypeError(f"{model.name} has no recipe")
        super().__init__(model, size)
        self.recipe, self.timestep = model.details, timestep
        self._parameters = {native.name for native in model.parameters.values()}
        membrane = equations.MEMBRANES[self.recipe.membrane]
        self.columns = self.make_plain_group(
            self._names(), clock, code, threshold=f"free > 0.5 and {membrane.threshold}", reset=membrane.reset or None,
            namespace=NAMESPACE,
        )  # fmt: skip
        if size:
            self._make_step(clock)
        self.assign(values, None)

    def _names(self) -> list[str]:
        membrane = equations.MEMBRANES[self.recipe.membrane]
        peaks = [*equations.states(self.recipe), *membrane.extra, *derived_names(self.recipe)]
        return list(dict.fromkeys([*self._parameters, *peaks, *_BOOKKEEPING]))

    def _make_step(self, clock: Any) -> None:
        for name in equations.states(self.recipe):
            self.group.variables.add_reference(f"{name}{NEXT}", self.group, name)
        exact = self.recipe.membrane == "Exact"
        self._step = Step(self, exact_step(self.recipe), clock) if exact else PartedStep(self, self.recipe, clock)
        self.parts = [self.group, self._step]

    def begin_step(self) -> None:
        """Before the parts of a step."""
        self.holding.begin_step()
        if self.injected_changed:
            self.columns["drive"][:] = drive(self.recipe, self.columns, self.injected)
            self.injected_changed = False
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
        rows = super().end_step()
        if len(rows) and equations.MEMBRANES[self.recipe.membrane].holds:
            self.holding.hold(rows, self.columns["hold"][rows])
        return rows

    def arrival(self, port: int) -> tuple[str, str]:
        """As the recipe says."""
        return equations.arrival(self.recipe, port)

    def tau_syn(self, port: int) -> str:
        """As the recipe says."""
        return equations.tau_syn(self.recipe.ports[port])

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        super().assign(values, index)
        if self.size and not self._parameters.isdisjoint(values):
            for name, column in derive(self.recipe, self.columns, self.timestep).items():
                self.columns[name][:] = column
            self.injected_changed = True
            self._step.parameters_changed()
