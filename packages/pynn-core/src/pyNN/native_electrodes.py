"""Current sources outside the standard, as the simulator itself describes and computes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import NativeModel, Ragged, Values

from pyNN.errors import UnknownParameterError
from pyNN.feeders import Injections
from pyNN.native_types import described, native_parameter
from pyNN.parameters import evaluate
from pyNN.standardmodels.base import ModelType
from pyNN.standardmodels.electrodes import no_draw

if TYPE_CHECKING:
    from cawan.simulator import Array

    from pyNN.simulator import Simulator


class NativeInjections(Injections):
    """A current source of the simulator's own and the cells it is attached to."""

    def __init__(self, simulator: Simulator, source: NativeElectrodeType) -> None:
        super().__init__(simulator, source)
        self._own = source

    def row(self) -> NativeModel:
        """Its own."""
        return self._own.native_model

    def values(self, until: float) -> Mapping[str, Values]:
        """What the script gave; all else is the simulator's default."""
        return self._own.native_values()


class NativeElectrodeType(ModelType):
    """A current source of the simulator: its own names and units; it acts as the simulator lets it act."""

    native_model: ClassVar[NativeModel]
    simulator: ClassVar[Simulator]
    endless: ClassVar[bool] = False

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        self._given = {name: self._checked(name, value) for name, value in parameters.items()}
        self.identity = self.simulator.identity("current source", None)
        self._targets = NativeInjections(self.simulator, self)
        self.simulator.add_source(self._targets)

    def inject_into(self, cells: Any, location: Any = None) -> None:
        """Attach to a population, a view, an assembly, a cell or a list of cells, from now on."""
        self._targets.attach(cells, location)

    def set_parameters(self, copy: bool = True, **parameters: Any) -> None:
        """Change the source from now on.

        Raises
        ------
        UnknownParameterError
            The simulator's model has no such parameter.
        """
        for name in parameters:
            if name not in self.parameters:
                raise UnknownParameterError(name, type(self).__name__, self.parameters)
        self._given |= {name: self._checked(name, value) for name, value in parameters.items()}
        self._targets.changed()

    def get_parameters(self) -> dict[str, Any]:
        """The parameters as they are now."""
        return {**self.given, **self._given}

    def native_values(self) -> dict[str, Values]:
        """Those that the script gave."""
        return {
            name: Ragged(value, np.array([0, len(value)])) if isinstance(value, np.ndarray) else value
            for name, value in self._given.items()
        }

    def draw_anew(self) -> None:
        """What it draws is the simulator's business."""

    def _checked(self, name: str, given: Any) -> float | Array:
        value = evaluate(type(self).__name__, name, self.parameters[name], given, 1, no_draw)
        if isinstance(value, Ragged):
            return value.data
        return float(np.asarray(value).ravel()[0])


def native_electrode_type(simulator: Simulator, spec: object) -> type[NativeElectrodeType]:
    """The current source that this simulator knows under a name.

    Raises
    ------
    PyNNError
        The simulator has no native models, or no current source of this name.
    """
    row = described(simulator, spec, "current source")
    body = {
        "__doc__": f"{row.name} of {simulator.name}, in its own names and units.",
        "native_model": row,
        "simulator": simulator,
        "parameters": {name: native_parameter(native.default) for name, native in row.parameters.items()},
    }
    return type(row.name, (NativeElectrodeType,), body)
