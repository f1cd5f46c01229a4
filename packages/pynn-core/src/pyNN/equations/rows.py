"""The row of a user's cell type in a backend's table: PyNN's own names, so nothing is scaled."""

from __future__ import annotations

from cawan.simulator import Native, NativeModel, Receptor

from pyNN.equations.checked import CheckedCell
from pyNN.equations.declaration import CellEquations


def equations_row(spec: object) -> NativeModel:
    """The row that a backend which solves equations gives from ``describe``; its details are the checked cell.

    Raises
    ------
    LookupError
        ``spec`` is no :class:`CellEquations`.
    """
    if not isinstance(spec, CellEquations):
        raise LookupError("It takes equations and no names: give a CellEquations(name, equations, …).")
    cell: CheckedCell = spec.checked
    parameters = {name: Native(name, default=_number(parameter.default)) for name, parameter in cell.parameters.items()}
    receptors = {name: Receptor(port) for port, name in enumerate(cell.receptors)}
    return NativeModel(cell.name, parameters, {name: Native(name) for name in cell.states}, receptors, details=cell)


def _number(default: object) -> float:
    if not isinstance(default, float):
        raise TypeError("a parameter of equations is a number")
    return default
