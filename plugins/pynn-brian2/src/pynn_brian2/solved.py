"""Cells of a user's ``CellEquations``: Brian has their state, its synapses act on it, and PyNN's scheme moves it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values
from pyNN.equations import CURRENT, CheckedCell, Stepper, derived

from pynn_brian2.blocks import Neurons
from pynn_brian2.equations import DELTA_TAU_MS
from pynn_brian2.holding import Holding
from pynn_brian2.quiet import brian2

_OWN = ("injected", "free", "fires")


class Act(brian2.BrianObject):  # type: ignore[misc]  # Brian has no types
    """What is done in every step in one slot of the schedule, before Brian's own objects there."""

    def __init__(self, clock: Any, when: str, act: Any) -> None:
        super().__init__(clock=clock, when=when, order=-1, name=f"{when}_act*")
        self._act = act

    def run(self) -> None:
        """Do it."""
        self._act()


class SolvedCells(Neurons):
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
        self._own: dict[str, Array] = dict.fromkeys((*_OWN, *taus), np.empty(0))
        self.columns: dict[str, Array] = dict.fromkeys(places, np.empty(0))
        if size:
            self.group = brian2.NeuronGroup(
                size, "\n".join(f"{place} : 1" for place in (*places.values(), *self._own)), threshold="fires > 0.5",
                clock=clock, namespace={}, codeobj_class=code, name="cells*",
            )  # fmt: skip
            self.columns = {name: self.arriving(place) for name, place in places.items()}
            self._own = {name: self.arriving(name) for name in self._own}
            acts = Act(clock, "groups", self._integrate), Act(clock, "thresholds", self._look)
            self.parts = [self.group, *acts]
        self._holding = Holding(self._own["free"])
        self._states = {name: self.columns[name] for name in self.cell.states}
        self.assign(values, None)

    def column(self, name: str) -> Array:
        """Values of all rows, as Brian has them."""
        return self.columns[name]

    def arriving(self, name: str) -> Array:
        """Values of all rows, by the name in Brian's group."""
        found: Array = self.group.variables[name].get_value()
        return found

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        rows = slice(None) if index is None else index
        for name, value in values.items():
            if isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            self.columns[name][rows] = np.asarray(value)
        parameters = {name: self.columns[name] for name in self.cell.parameters}
        self._known = {**parameters, **derived(self.cell, parameters, self.timestep), CURRENT: self._own["injected"]}
        for port in range(len(self.cell.receptors)):
            self._own[_tau(port)][:] = np.maximum(self._known[f".tau.{port}"], DELTA_TAU_MS)

    def arrival(self, port: int) -> tuple[str, str]:
        """The receptor's variable; a v that is held loses its jumps."""
        name = list(self.cell.receptors.values())[port]
        return f"x_{name}", "free" if name == "v" else "1"

    def tau_syn(self, port: int) -> str:
        """Of a variable that decays by itself, its time constant."""
        return f"{_tau(port)}_post"

    def inject_nothing(self) -> None:
        """No current flows."""
        self._own["injected"][:] = 0.0

    def inject(self, rows: Index, current: Array | float) -> None:
        """Add to the current into these rows, nA."""
        np.add.at(self._own["injected"], rows, current)

    def _integrate(self) -> None:
        self._holding.begin_step()
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
            self._holding.hold(rows, np.rint(held / self.timestep))
        return rows


def _tau(port: int) -> str:
    return f"tau_{port}"
