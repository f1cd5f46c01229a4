"""Models outside the standard, as the simulator itself describes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import Block, Index, NativeModel, Ragged, SupportsHandles, SupportsNativeModels, Values

from pyNN.errors import InvalidValueError, OtherSimulatorError, PyNNError
from pyNN.parameters import Parameter
from pyNN.standardmodels.base import CellType, SynapseType, Variable

if TYPE_CHECKING:
    from pyNN.equations import CellEquations
    from pyNN.simulator import Simulator


class NativeCellType(CellType):
    """A cell type of the simulator: its own names and units; weights in the unit of its receptors."""

    native_model: NativeModel
    injectable = True

    @property
    def weight_units(self) -> str:
        """Weights are plain numbers in the simulator's unit, times the receptor's scale."""
        return ""


class NativeSynapseType(SynapseType):
    """A synapse type of the simulator: its own names and units, beside PyNN's weight and delay."""

    native_model: NativeModel
    plastic = True
    postsynaptic_cell_type: type[NativeCellType]  # where the synapse ends on such cells alone


def native_cell_type(simulator: Simulator, spec: object) -> type[NativeCellType]:
    """The cell type that this simulator knows under a name, by a class of its own, or by its equations.

    Parameters
    ----------
    spec
        A name, whatever the simulator takes, or a :class:`pyNN.equations.CellEquations`.

    Raises
    ------
    PyNNError
        The simulator has no native models, or none of this name, or solves no equations.
    """
    from pyNN.equations import CellEquations  # 8 ms, in the import of every simulator

    row = described(simulator, spec, "cell")
    if isinstance(spec, CellEquations):
        return _solved(row, spec, simulator.name)
    return cell_type_of(row, simulator.name)


def cell_type_of(row: NativeModel, simulator: str, name: str = "") -> type[NativeCellType]:
    """The cell type of a row that a backend made itself, called ``name`` or as the row."""
    body = {
        "__doc__": f"{row.name} of {simulator}, in its own names and units.",
        "native_model": row,
        "parameters": {name: native_parameter(native.default) for name, native in row.parameters.items()},
        "variables": {name: Variable("", None) for name in row.variables},
        "receptor_types": tuple(row.receptors),
    }
    return type(name or row.name, (NativeCellType,), body)


class SolvedCellType(NativeCellType):
    """A cell type of a user's equations: names and units as they give them."""

    equations: ClassVar[CellEquations]

    @classmethod
    def check(cls, owner: str, values: Mapping[str, Values]) -> None:
        """Rates of exact equations are finite, and no refractory time is below 0."""
        from pyNN.equations import limits

        checked = cls.equations.checked
        for name, (quantity, allowed) in limits(checked, {k: values[k] for k in checked.parameters}).items():  # type: ignore[misc]  # numbers
            wrong = np.flatnonzero(~(np.isfinite(quantity) & (quantity >= allowed)))
            if len(wrong):
                index = int(wrong[0]) if len(quantity) > 1 else None
                bound = "a finite number" if allowed == -np.inf else "a finite number, 0 or more"
                raise InvalidValueError(owner, name, float(quantity[wrong[0]]), bound, index=index, count=len(wrong))


def _solved(row: NativeModel, equations: CellEquations, simulator: str) -> type[NativeCellType]:
    cell = equations.checked
    body = {
        "__doc__": f"{cell.name}, solved by {simulator} from these equations:\n\n{equations.equations}",
        "native_model": row,
        "equations": equations,
        "parameters": dict(cell.parameters),
        "variables": {name: Variable(unit, cell.initial[name]) for name, unit in cell.states.items()},
        "receptor_types": tuple(cell.receptors),
        "injectable": cell.takes_current,
    }
    return type(row.name, (SolvedCellType,), body)


def native_synapse_type(simulator: Simulator, spec: object) -> type[NativeSynapseType]:
    """The synapse type that this simulator knows under a name.

    Raises
    ------
    PyNNError
        The simulator has no native models, or none of this name.
    """
    return synapse_type_of(described(simulator, spec, "synapse"), simulator.name)


def synapse_type_of(row: NativeModel, simulator: str, name: str = "") -> type[NativeSynapseType]:
    """The synapse type of a row that a backend made itself, called ``name`` or as the row."""
    parameters = {name: native_parameter(native.default) for name, native in row.parameters.items()}
    parameters |= {"weight": Parameter(0.0), "delay": Parameter(None, "ms", "positive")}
    body = {
        "__doc__": f"{row.name} of {simulator}, in its own names and units.",
        "native_model": row,
        "parameters": parameters,
    }
    return type(name or row.name, (NativeSynapseType,), body)


def described(simulator: Simulator, spec: object, kind: str) -> NativeModel:
    """The row of a "cell", "synapse" or "current source" model that only this simulator has.

    Raises
    ------
    PyNNError
        The simulator has no native models, none of this name, or one of another kind.
    """
    if simulator.instead_of:
        raise OtherSimulatorError(f"The {kind} model {spec!r}", simulator.instead_of, simulator.name)
    backend = simulator._backend or simulator.backend_class()
    if not isinstance(backend, SupportsNativeModels):
        raise PyNNError(f"{simulator.name} has no models of its own beside the standard ones, so no {spec!r}.")
    try:
        row = backend.describe(spec)
    except LookupError as error:
        from pyNN.equations import CellEquations

        if isinstance(spec, CellEquations):
            raise PyNNError(
                f"{simulator.name} does not solve equations, so it has no {spec!r}. "
                "The embedded engine (pyNN.native), Brian 2 and pyNN.reference do."
            ) from error
        raise PyNNError(
            f"{simulator.name} has no {kind} model {spec!r}. {error.args[0] if error.args else ''}"
        ) from error
    found = "current source" if row.injects else "synapse" if "weight" in row.parameters else "cell"
    if found != kind:
        raise PyNNError(f"{spec!r} of {simulator.name} is a {found}, no {kind} model.")
    return row


def native_parameter(default: float | Ragged | None) -> Parameter:
    """A parameter of the simulator's: any number, or as many numbers as you like."""
    if isinstance(default, Ragged):
        return Parameter(tuple(default.data.tolist()))
    return Parameter(0.0 if default is None else default)


def handles(simulator: Simulator, label: str, blocks: Iterable[tuple[Block, Index | None]]) -> list[Any]:
    """The simulator's own objects for rows of blocks.

    Raises
    ------
    AttributeError
        The simulator does not hand out its objects.
    """
    backend = simulator.backend
    if simulator.instead_of:
        raise OtherSimulatorError(f"{label}.native", simulator.instead_of, simulator.name)
    if not isinstance(backend, SupportsHandles):
        raise AttributeError(f"{simulator.name} has no objects of its own for {label!r}.")
    return [backend.handles(block, index) for block, index in blocks]
