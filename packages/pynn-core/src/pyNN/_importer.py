"""``import pyNN.<name>`` for every installed simulator: the module is made here, no plug-in ships one."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING

from cawan.errors import PluginError

if TYPE_CHECKING:
    from importlib.abc import Loader

    from cawan.plugins import Plugins
    from cawan.simulator import SimulatorBackend
else:
    Loader = object  # which has all that a loader here needs; importlib.abc takes 10 ms

_PREFIX = "pyNN."
# Modules of PyNN 0.13 that scripts import; without this list they would be taken for misspelt simulators.
NOT_YET = frozenset({"neuroml", "nineml"})
# Modules that PyNN 0.13 had in each simulator's package; here their names are all in the simulator's own module.
PARTS = frozenset(
    "cells connectors control electrodes populations procedural_api projections random recording simulator "
    "standardmodels standardmodels.cells standardmodels.electrodes standardmodels.receptors standardmodels.synapses "
    "synapses".split()
)
# Simulators and machines whose modules scripts import, and that have no plug-in.
ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("spiNNaker", "spinnaker", "spynnaker", "spiNNaker8", "spynnaker8"), "the SpiNNaker machine"),
    **dict.fromkeys(("hardware", "brainscales", "brainscales2"), "the BrainScaleS machines"),
    "genn": "GeNN",
    "moose": "MOOSE",
    "pcsim": "PCSIM",
    "nemo": "NeMo",
}
# What to do where a plug-in is compiled, and there is neither a wheel for this machine nor a compiler.
_INSTEAD = {
    "native": ". Where pip can neither find nor build it, import pyNN.reference gives the same results, some hundred "
    "times slower."
}
_registry: Plugins[SimulatorBackend] | None = None


def backends() -> Plugins[SimulatorBackend]:
    """The installed simulator backends, by name."""
    global _registry
    if _registry is None:
        from cawan.plugins import Plugins

        _registry = Plugins("pynn.backends")
    return _registry


def list_simulators() -> list[str]:
    """Names of the simulators that are installed: ``import pyNN.<name>``."""
    return backends().names()


def load(name: str) -> ModuleType:
    """The module ``pyNN.<name>``, for a name in a variable.

    Raises
    ------
    ModuleNotFoundError
        With the sentence that says what is installed and what to type.
    """
    from importlib import import_module

    return import_module(_PREFIX + name)


def _instead_of(name: str, simulators: Collection[str]) -> str:
    """The backend that the notebook wants in the place of this one (``smt repeat --on``); "" where it wants none."""
    if name not in simulators or "CAWAN_RUN" not in os.environ:
        return ""
    from cawan import run

    current = run.current()
    given = current.backend if current is not None else ""
    if given in ("", name):
        return ""
    sys.stderr.write(f"pyNN.{name} is {given} in this run, as smt repeat --on {given} asked.\n")
    return given


def _known_but_not_here(name: str, installed: Collection[str]) -> str:
    """What a script reads that imports a module of PyNN 0.13, or of a machine, that no plug-in gives."""
    if name in NOT_YET:
        return f"pyNN.{name} is a module of PyNN 0.13 that this version of pynn-core does not have yet."
    lines = " or ".join(f"import pyNN.{found} as sim" for found in installed) or "none is installed"
    return (
        f"pyNN.{name} is for {ELSEWHERE[name]}, and there is no plug-in for it. What is standard PyNN in the script "
        f"runs on an installed simulator: {lines}."
    )


class BackendFinder:
    """Answers for ``pyNN.<name>`` once nobody else did."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a simulator module, or of a package on the way to a name with dots.

        Raises
        ------
        ModuleNotFoundError
            No such simulator; the text says what is installed.
        """
        if not fullname.startswith(_PREFIX):
            return None
        name = fullname.removeprefix(_PREFIX)
        if name.startswith("_") or any(part.startswith("_") for part in name.split(".")):
            return None
        below = _below_a_simulator(fullname)
        if below is not None:
            return below
        plugins = backends()
        names = plugins.names()
        given = _instead_of(name, {*names, *plugins.definition.known})
        if given:
            return ModuleSpec(fullname, BackendLoader(given, name), is_package=True)
        if name in names:
            return ModuleSpec(fullname, BackendLoader(name), is_package=True)
        if any(other.startswith(name + ".") for other in names):
            return ModuleSpec(fullname, BackendLoader(None), is_package=True)
        if name in NOT_YET or name in ELSEWHERE:
            raise ModuleNotFoundError(_known_but_not_here(name, names), name=fullname)
        parent = fullname.rpartition(".")[0]
        if parent != "pyNN" and getattr(sys.modules.get(parent), "simulator", None) is None:
            return None
        try:
            plugins.load(name)
        except PluginError as error:
            raise ModuleNotFoundError(f"{error}{_INSTEAD.get(name, '')}", name=fullname) from error
        return None


class BackendLoader(Loader):
    """Makes one module: of a simulator, also in the place of the one ``asked`` for, or a package on the way to it."""

    def __init__(self, name: str | None, asked: str = "") -> None:
        self.name = name
        self.asked = asked

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """A module bound to a new Simulator; the backend is imported here, its simulator in ``setup``."""
        if self.name is None:
            return None
        from pyNN._module import SimulatorModule
        from pyNN.simulator import Simulator

        try:
            backend = backends().load(self.name)
        except PluginError as error:
            raise ImportError(str(error), name=spec.name) from error
        simulator = Simulator(backend)
        simulator.instead_of = self.asked
        return SimulatorModule(spec.name, simulator)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to execute."""


class PartLoader(Loader):
    """Makes a module of a simulator, such as ``pyNN.nest.populations``, from the simulator's module."""

    def __init__(self, whole: str) -> None:
        self.whole = whole

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The names of the whole."""
        from pyNN._module import PartModule

        return PartModule(spec.name, sys.modules[self.whole])

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is left to execute."""


class OtherName(Loader):
    """Gives a module that there is under one more name."""

    def __init__(self, target: str) -> None:
        self.target = target

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """A module that stands in for it until it is executed."""
        return None

    def exec_module(self, module: ModuleType) -> None:
        """Put the real one in its place."""
        from importlib import import_module

        sys.modules[module.__name__] = import_module(self.target)


def _below_a_simulator(fullname: str) -> ModuleSpec | None:
    """The spec of a module that PyNN 0.13 had in a simulator's package, or that a backend exports; None of others."""
    other = _other_name(fullname)
    if other:
        return ModuleSpec(fullname, OtherName(other))
    parts = fullname.split(".")
    for size in (1, 2):
        whole, name = ".".join(parts[:-size]), ".".join(parts[-size:])
        if name in PARTS and hasattr(sys.modules.get(whole), "_simulator"):
            return ModuleSpec(fullname, PartLoader(whole), is_package=name == "standardmodels")
    return None


def _other_name(fullname: str) -> str:
    """The module that ``pyNN.<name>.<module>`` is, "" where it is none.

    ``morphology`` is PyNN's own on every simulator, as scripts of PyNN 0.13 import it from either; others are what a
    backend exports.
    """
    parent, _, name = fullname.rpartition(".")
    simulator = vars(sys.modules[parent]).get("_simulator") if parent in sys.modules else None
    if simulator is None:
        return ""
    target: str = {"morphology": "pyNN.morphology", **simulator.backend_class.exports}.get(name, "")
    return "" if ":" in target else target


def install_finder() -> None:
    """Put the finder at the end of ``sys.meta_path``, once."""
    if not any(isinstance(finder, BackendFinder) for finder in sys.meta_path):
        sys.meta_path.append(BackendFinder())
