"""Cells of a user's ``CellEquations``: Brian has their state, its synapses act on it, and PyNN's scheme moves it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Values
from pyNN.equations import CURRENT, CheckedCell, Stepper, derived

from pynn_brian2.blocks import PlainCells
from pynn_brian2.equations import DELTA_TAU_MS
from pynn_brian2.quiet import brian2

_OWN = ("free", "fires")


class Act(brian2.BrianObject):  # type: ignore[misc]  # Brian has no types
    """What is done in every step in one slot of the schedule, before Brian's own objects there."""

    def __init__(self, clock: Any, when: str, act: Any) -> None:
        super().__init__(clock=clock, when=when, order=-1, name=f"{when}_act*")
        self._act = act

    def run(self) -> None:
        """Do it."""
        self._act()


class SolvedCells(PlainCells):
    """A block of cells; what the user calls ``g`` is ``x_g`` in Brian's group, since Brian has names of its own."""

    def __init__(
        self, model: NativeModel, size: int, values: Mapping[str, Values], timestep: float, clock: Any, code: type[Any]
    ) -> None:
        if not isinstance(model.details, CheckedCell):
            raise TypeError(f"{model.name} is no cell from equations")
        super().__init__(model, size)
        self.cell, self.timestep = model.details, timestep
        self._stepper = Stepper(self.cell)
        taus = [_tau(port) for port in range(len(self.cell.receptors))]
        places = {name: f"x_{name}" for name in (*self.cell.parameters, *self.cell.states)}
        made = self.make_plain_group(
            (*places.values(), *_OWN, *taus), clock, code, threshold="fires > 0.5", namespace={}
        )
        self.columns = {name: made[place] for name, place in places.items()}
        self._own = {name: made[name] for name in (*_OWN, *taus)}
        if size:
            acts = Act(clock, "groups", self._integrate), Act(clock, "thresholds", self._look)
            self.parts = [self.group, *acts]
        self._states = {name: self.columns[name] for name in self.cell.states}
        self.assign(values, None)

    def arriving(self, name: str) -> Array:
        """Values of all rows, by the name in Brian's group."""
        found: Array = self.group.variables[name].get_value()
        return found

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        super().assign(values, index)
        parameters = {name: self.columns[name] for name in self.cell.parameters}
        self._known = {**parameters, **derived(self.cell, parameters, self.timestep), CURRENT: self.injected}
        for port in range(len(self.cell.receptors)):
            self._own[_tau(port)][:] = np.maximum(self._known[f".tau.{port}"], DELTA_TAU_MS)

    def arrival(self, port: int) -> tuple[str, str]:
        """The receptor's variable; a v that is held loses its jumps."""
        name = list(self.cell.receptors.values())[port]
        return f"x_{name}", "free" if name == "v" else "1"

    def tau_syn(self, port: int) -> str:
        """Of a variable that decays by itself, its time constant."""
        return f"{_tau(port)}_post"

    def _integrate(self) -> None:
        self.holding.begin_step()
        count, free = self.cell.substeps(self.timestep), self._own["free"] > 0.5
        for _ in range(count):
            self._stepper.integrate(self._known, self._states, free, self.timestep / count)

    def _look(self) -> None:
        """Who fires, once all input has arrived."""
        self._own["fires"][:] = self._stepper.fires(self._known, self._states) & (self._own["free"] > 0.5)

    def end_step(self) -> Index:
        """The rows that fired in this step, which are reset."""
        rows = super().end_step()
        self._stepper.reset(self._known, self._states, rows)
        held = np.broadcast_to(self._known[".refractory"], (self.size,))[rows]
        if len(rows):
            self.holding.hold(rows, np.rint(held / self.timestep))
        return rows


def _tau(port: int) -> str:
    return f"tau_{port}"
