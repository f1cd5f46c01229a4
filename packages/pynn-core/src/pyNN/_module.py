"""The module ``pyNN.<simulator>``: made from a Simulator, with the same names for every backend."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from pyNN.errors import OtherSimulatorError, PyNNError, UnavailableModelError, UnknownNameError
from pyNN.installed import simulators_with
from pyNN.legacy.spinnaker import NOT_HERE
from pyNN.namespace import LATER
from pyNN.simulator import Simulator
from pyNN.standardmodels.catalogue import CELL_TYPES, SYNAPSE_TYPES

_OWN = frozenset(
    {
        "__builtins__",
        "__cached__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__path__",
        "__spec__",
    }
)


class PartModule(ModuleType):
    """``pyNN.<simulator>.populations`` and the like of PyNN 0.13: the names of the simulator's module again."""

    def __init__(self, name: str, whole: ModuleType) -> None:
        super().__init__(name, f"Names of {whole.__name__}, as PyNN 0.13 had them in this module.")
        self.__dict__["_whole"] = whole

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return getattr(self.__dict__["_whole"], name)


class SimulatorModule(ModuleType):
    """PyNN on one simulator. A model that it lacks is an attribute error that names the simulators that have it."""

    def __init__(self, name: str, simulator: Simulator) -> None:
        super().__init__(name, f"PyNN on {simulator.name}.")
        lacking = {model for model in (*CELL_TYPES, *SYNAPSE_TYPES) if not simulator.has_model(model)}
        names = {key: value for key, value in simulator.names.items() if key not in lacking}
        self.__dict__.update(names, state=simulator.state, _simulator=simulator, _lacking=lacking)
        # A star import that brings "name" would take a name that many scripts give to something of their own.
        self.__dict__["__all__"] = sorted({*names, *LATER} - {"name"})

    def __getattr__(self, name: str) -> Any:
        simulator: Simulator = self.__dict__["_simulator"]
        if name in self.__dict__["_lacking"]:
            raise UnavailableModelError(name, simulator.name, simulators_with(name))
        if name in ("populations", "projections"):
            return list(getattr(simulator, name))
        exports = {**LATER, **simulator.backend_class.exports}
        if name in exports:
            module, _, attribute = exports[name].partition(":")
            found: Any = import_module(module)
            return getattr(found, attribute) if attribute else found
        if name.startswith("__"):  # Python's import system asks for such names, and wants no suggestion
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if simulator.instead_of:
            raise OtherSimulatorError(f"{self.__name__}.{name}", simulator.instead_of, simulator.name)
        raise UnknownNameError(self.__name__, name, self.__dict__["__all__"], NOT_HERE.get(name, ""))

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, PartModule) and name not in ("populations", "projections"):
            return  # the import system binds it, and a whole module of that name is here already
        # The import system binds submodules, such as the simulator below a name with dots.
        if name not in _OWN and not isinstance(value, ModuleType):
            raise PyNNError(
                f"{self.__name__}.{name} cannot be assigned: the module is the same for all scripts. "
                "Keep the value in a variable of your own."
            )
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__["__all__"], *self.__dict__["_simulator"].backend_class.exports})
