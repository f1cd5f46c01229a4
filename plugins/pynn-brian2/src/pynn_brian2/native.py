"""Cells of the user's own equations: a ``BrianCell`` says what Brian's ``NeuronGroup`` is to be made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Native, NativeModel, Receptor, Values
from pyNN.equations import CellEquations, equations_row
from pyNN.errors import PyNNError

from pynn_brian2.blocks import Neurons
from pynn_brian2.equations import DELTA_TAU_MS
from pynn_brian2.functions import NAMESPACE
from pynn_brian2.quiet import brian2

# PyNN's weights are nA, µS or mV; Brian's arrays hold the units of the SI.
_SCALES = ((brian2.amp, 1e-9), (brian2.siemens, 1e-6), (brian2.volt, 1e-3))


@dataclass(frozen=True)
class BrianCell:
    """A cell type of your own: ``sim.native_cell_type(BrianCell(…))``.

    Parameters, initial values and recorded values are plain numbers in SI units, as in Brian's ``group.v_``; weights
    are nA, µS or mV, by the unit of the variable that they add to.

    Attributes
    ----------
    name
        A Python identifier.
    equations
        Brian's; parameters (``tau : second``) become the parameters of the cell type.
    threshold, reset, refractory, method
        As of ``NeuronGroup``; no threshold: the cells never fire. A spike at T + timestep is one that Brian dates T.
    receptors
        Receptor → the variable that the weight of an arriving spike is added to.
    parameters
        Defaults; a number or a quantity. Those that are not named are 0.
    current
        The parameter, in ampere, that injected currents are written to; none: no current can be injected.
    namespace
        What else the equations refer to.
    """

    name: str
    equations: str
    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    method: str = "exponential_euler"
    receptors: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    current: str = ""
    namespace: Mapping[str, Any] = field(default_factory=dict)


def describe(spec: object) -> NativeModel:
    """The row of such a cell, or of a ``CellEquations``.

    Raises
    ------
    LookupError
        It is something else.
    PyNNError
        Brian does not take its equations, or it names what is not in them.
    """
    if isinstance(spec, CellEquations):
        return equations_row(spec)
    if not isinstance(spec, BrianCell):
        raise LookupError(
            "Brian has equations, not models with names: give a CellEquations(name, equations, …), or a BrianCell of "
            "pynn_brian2.native, with equations of Brian's."
        )
    try:
        equations = brian2.Equations(spec.equations)
    except Exception as error:  # whatever Brian's parser raises
        raise PyNNError(f"Brian does not take the equations of {spec.name!r}: {error}") from error
    parameters, variables = sorted(equations.parameter_names), sorted(equations.diff_eq_names)
    _check(spec, set(parameters), {*parameters, *variables})
    kept = [name for name in parameters if name != spec.current]
    natives = {name: Native(name, default=float(spec.parameters.get(name, 0.0))) for name in kept}
    receptors = {
        receptor: Receptor(port, _scale(equations[variable]))
        for port, (receptor, variable) in enumerate(spec.receptors.items())
    }
    recorded = [*variables, *sorted(equations.subexpr_names)]
    return NativeModel(spec.name, natives, {name: Native(name) for name in recorded}, receptors, details=spec)


def _scale(variable: Any) -> float:
    """What a weight is multiplied by; 1 where the variable has another unit than a current, conductance or voltage."""
    return next((scale for unit, scale in _SCALES if variable.dim == unit.dim), 1.0)


def _check(spec: BrianCell, parameters: set[str], writable: set[str]) -> None:
    if not spec.name.isidentifier():
        raise PyNNError(f"The name of a BrianCell is {spec.name!r}. It must be a Python identifier, such as 'MyCell'.")
    wrong = set(spec.parameters) - parameters
    if wrong:
        names = ", ".join(sorted(parameters)) or "none"
        raise PyNNError(f"{spec.name} has no parameter {sorted(wrong)[0]!r}. Its equations have: {names}.")
    for receptor, variable in spec.receptors.items():
        if variable not in writable:
            raise PyNNError(
                f"The receptor {receptor!r} of {spec.name} adds to {variable!r}, which its equations lack. They have: "
                f"{', '.join(sorted(writable))}."
            )
    if spec.current and spec.current not in parameters:
        raise PyNNError(f"The current of {spec.name} is {spec.current!r}, which is no parameter of its equations.")


class NativeCells(Neurons):
    """A block of cells of a user's equations."""

    def __init__(
        self, model: NativeModel, size: int, values: Mapping[str, Values], clock: Any, code: type[Any]
    ) -> None:
        if not isinstance(model.details, BrianCell):
            raise TypeError(f"{model.name} is no BrianCell")
        super().__init__(model, size)
        self._spec = spec = model.details
        if not size:
            return
        try:
            self.make_group(
                spec.equations, clock, code, threshold=spec.threshold or None, reset=spec.reset or None,
                refractory=spec.refractory or False, method=spec.method, namespace={**NAMESPACE, **spec.namespace},
            )  # fmt: skip
        except Exception as error:  # whatever Brian raises
            raise PyNNError(f"Brian does not take the cell {spec.name!r}: {error}") from error
        self.parts = [self.group]
        self.assign(values, None)

    def column(self, name: str) -> Array:
        """Values of all rows, SI units, to be read and set; of a subexpression, computed now."""
        if self.group is None:
            return np.empty(0)
        variable = self.group.variables[name]
        found: Array = variable.get_value() if hasattr(variable, "get_value") else getattr(self.group, f"{name}_")[:]
        return np.asarray(found)

    def arrival(self, port: int) -> tuple[str, str]:
        """The receptor's variable."""
        return list(self._spec.receptors.values())[port], "1"

    def tau_syn(self, port: int) -> str:
        """None is known: what a Tsodyks-Markram synapse releases is inactive at once."""
        return repr(DELTA_TAU_MS)

    def require_spikes(self) -> None:
        """Refuse to send spikes where there are none."""
        if not self._spec.threshold:
            raise PyNNError(f"{self._spec.name} never fires, so it sends no spikes. Give BrianCell(threshold=…).")

    def inject_nothing(self) -> None:
        """No current flows."""
        self.column(self._current())[:] = 0.0

    def inject(self, rows: Index, current: Array | float) -> None:
        """Add to the current into these rows, nA."""
        np.add.at(self.column(self._current()), rows, np.asarray(current) * 1e-9)

    def _current(self) -> str:
        if not self._spec.current:
            raise PyNNError(
                f"{self._spec.name} takes no current. Give BrianCell(current=…), the parameter that it is written to."
            )
        return self._spec.current
