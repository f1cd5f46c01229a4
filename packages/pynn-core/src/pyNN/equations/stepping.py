"""The scheme that solves a cell's equations, in NumPy: any number of cells side by side."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from cawan.simulator import Array, Index

from pyNN.equations.checked import CheckedCell
from pyNN.expressions import exprel, value_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Columns = Mapping[str, "Array | float"]

REFRACTORY = ".refractory"


def derived(cell: CheckedCell, parameters: Columns, timestep: float) -> dict[str, Array]:
    """What follows from the parameters alone, by names that no variable can have.

    Returns
    -------
    dict
        The steady intermediates by their names; for each exact variable x ``x.kept`` and ``x.gain``, with which
        x → kept x + gain drive over half a step of the integration; for receptor number k ``.tau.k``, the time constant
        (ms) with which its variable decays, 0 where it has none or is v, whose jumps act at once; and ``.refractory``
        (ms).
    """
    half = 0.5 * timestep / cell.substeps(timestep)
    known: dict[str, Array | float] = dict(parameters)
    _evaluate(cell.steady, known)
    found = {name: _numbers(known[name]) for name in cell.steady}
    factors = {name: _numbers(value_of(form.factor, known)) for name, form in cell.exact.items()}
    for name, factor in factors.items():
        found[f"{name}.kept"] = np.asarray(np.exp(half * factor))
        found[f"{name}.gain"] = np.asarray(half * exprel(half * factor))
    for port, name in enumerate(cell.receptors.values()):
        factor = factors.get(name, np.zeros(1)) if name != "v" else np.zeros(1)
        decays = factor < 0
        found[f".tau.{port}"] = np.where(decays, -1.0 / np.where(decays, factor, -1.0), 0.0)
    found[REFRACTORY] = _numbers(value_of(cell.refractory, known))
    return found


def limits(cell: CheckedCell, parameters: Columns) -> dict[str, tuple[Array, float]]:
    """What must be finite for these parameters, by what it is called, and the least that it may be.

    A rate that is no number would make every step one, and a refractory time below 0 means nothing.
    """
    known: dict[str, Array | float] = dict(parameters)
    _evaluate(cell.steady, known)
    rates = {f"the rate of {x}": (_numbers(value_of(form.factor, known)), -np.inf) for x, form in cell.exact.items()}
    return rates | {"its refractory time": (_numbers(value_of(cell.refractory, known)), 0.0)}


class Stepper:
    """One cell type; every column is a number or of shape (n,), and the columns of states are changed in place."""

    def __init__(self, cell: CheckedCell) -> None:
        self.cell = cell

    def integrate(self, columns: Columns, states: Mapping[str, Array], free: NDArray[np.bool_], h: float) -> None:
        """Move the states on by ``h`` ms, v only where a cell is ``free``; ``columns`` hold parameters, what is
        :func:`derived` from them for this h, and the current :data:`pyNN.equations.CURRENT` (nA)."""
        known = {**columns, **states}
        _evaluate(self.cell.driven, known)
        drives = {name: value_of(form.drive, known) for name, form in self.cell.exact.items()}
        begin = {name: states[name] for name in self.cell.exact}
        middle = self._half(begin, drives, known, free)
        end = self._half(middle, drives, known, free)
        start = {name: states[name] for name in self.cell.slopes}
        k1 = self._slope({**known, **begin}, free)
        k2 = self._slope({**known, **middle, **_moved(start, k1, 0.5 * h)}, free)
        k3 = self._slope({**known, **middle, **_moved(start, k2, 0.5 * h)}, free)
        k4 = self._slope({**known, **end, **_moved(start, k3, h)}, free)
        for name, y in start.items():
            states[name][:] = y + h / 6 * (k1[name] + 2 * k2[name] + 2 * k3[name] + k4[name])
        for name, x in end.items():
            states[name][:] = x

    def receive(self, states: Mapping[str, Array], port: int, weight: Array, free: NDArray[np.bool_]) -> None:
        """Add what arrives at one receptor; a v that is held does not move."""
        name = list(self.cell.receptors.values())[port]
        states[name][:] = states[name] + (np.where(free, weight, 0.0) if name == "v" else weight)

    def fires(self, columns: Columns, states: Mapping[str, Array]) -> NDArray[np.bool_]:
        """Where the threshold is true."""
        size = len(states["v"])
        if self.cell.threshold is None:
            return np.zeros(size, dtype=bool)
        known = {**columns, **states}
        _evaluate(self.cell.driven, known)
        _evaluate(self.cell.intermediates, known)
        return np.array(np.broadcast_to(np.asarray(value_of(self.cell.threshold, known), dtype=bool), (size,)))

    def reset(self, columns: Columns, states: Mapping[str, Array], fired: Index) -> None:
        """What a spike does to the cells that fired."""
        if not len(fired):
            return
        known = {name: value[fired] if np.size(value) > 1 else value for name, value in columns.items()}  # type: ignore[index]
        known |= {name: state[fired] for name, state in states.items()}
        for name, tree in self.cell.resets:
            known[name] = value_of(tree, known)
            states[name][fired] = known[name]

    def _half(
        self, begin: Mapping[str, Array], drives: Columns, known: Columns, free: NDArray[np.bool_]
    ) -> dict[str, Array]:
        """The exact variables half a step later."""
        moved = {name: x * known[f"{name}.kept"] + known[f"{name}.gain"] * drives[name] for name, x in begin.items()}
        if "v" in moved:
            moved["v"] = np.where(free, moved["v"], begin["v"])
        return moved

    def _slope(self, known: dict[str, Array | float], free: NDArray[np.bool_]) -> dict[str, Array | float]:
        _evaluate(self.cell.intermediates, known)
        slopes = {name: value_of(tree, known) for name, tree in self.cell.slopes.items()}
        if "v" in slopes:
            slopes["v"] = np.where(free, slopes["v"], 0.0)
        return slopes


def _evaluate(trees: Mapping[str, ast.expr], known: dict[str, Array | float]) -> None:
    for name, tree in trees.items():
        known[name] = value_of(tree, known)


def _moved(start: Mapping[str, Array], slopes: Columns, h: float) -> dict[str, Array]:
    return {name: y + h * slopes[name] for name, y in start.items()}


def _numbers(value: object) -> Array:
    return np.atleast_1d(np.asarray(value, dtype=np.float64))
