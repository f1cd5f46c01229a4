"""Arbor's own cells, with its names, units and defaults: ``lif_cell``, ``adex_cell``, and density mechanisms by name.

A mechanism of Arbor's catalogues ("hh"), or several (("nax", "kdrmt", "pas")), is a cable cell of one compartment: a
cylinder of ``length`` and ``diam`` µm, with ``cm`` µF/cm², that fires where its potential rises through ``threshold``
mV. Its receptors are Arbor's ``expsyn`` and ``exp2syn``, with weights in µS. What belongs to one of several mechanisms,
or to a receptor, has its name before a dot: ``nax.gbar``, ``expsyn.tau``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Native, NativeModel, Ragged, Receptor, Values
from pyNN.errors import PyNNError

from pynn_arbor.kernel import arbor

# Of cells that are no cables: Arbor's attributes and their units.
POINTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "lif_cell": {"C_m": "pF", "E_L": "mV", "E_R": "mV", "V_th": "mV", "t_ref": "ms", "tau_m": "ms"},
        "adex_cell": {
            "C_m": "nF", "E_L": "mV", "E_R": "mV", "V_th": "mV", "a": "uS", "b": "nA", "delta": "mV", "g": "uS",
            "t_ref": "ms", "tau": "ms",
        },
    }
)  # fmt: skip
_OF_POINTS: Mapping[str, tuple[str, ...]] = MappingProxyType({"lif_cell": ("V_m",), "adex_cell": ("V_m", "w")})
_SHAPE: Mapping[str, float] = MappingProxyType({"length": 20.0, "diam": 20.0, "cm": 1.0, "threshold": -10.0})
RECEPTORS = ("expsyn", "exp2syn")
_CATALOGUES = ("default_catalogue", "allen_catalogue", "bbp_catalogue")
_SOMA = "(location 0 0.5)"
_START = -65.0  # mV


@dataclass(frozen=True, slots=True)
class Cable:
    """Density mechanisms of one compartment, and those parameters that count for a whole mechanism: their defaults."""

    mechanisms: tuple[str, ...]
    whole: Mapping[str, float]

    def full(self, mechanism: str, own: Mapping[str, float]) -> str:
        """Arbor's name of a mechanism, of which other values of such parameters are a part."""
        prefix = _prefix(self.mechanisms, mechanism)
        changed = {name: own[name] for name, default in self.whole.items() if own.get(name, default) != default}
        parts = [f"{name.removeprefix(prefix)}={x!r}" for name, x in changed.items() if _belongs(name, prefix)]
        return f"{mechanism}/{','.join(parts)}" if parts else mechanism


@dataclass(eq=False)
class NativeCells:
    """A block of such cells; ``first``: the number of the first in Arbor."""

    model: NativeModel
    size: int
    columns: dict[str, Array] = field(default_factory=dict)
    first: int = -1

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters, or the potential at time 0, of these rows."""
        for name, value in values.items():
            if isinstance(value, Ragged):
                raise TypeError("a parameter is a number for each cell")
            if name in self.model.variables and name not in ("v", "V_m"):
                raise PyNNError(f"Arbor begins {name!r} of {self.model.name} itself. Leave it out.")
            column = self.columns.setdefault(name, np.full(self.size, _START))
            column[slice(None) if index is None else index] = np.asarray(value)

    @property
    def cell_kind(self) -> Any:
        """What Arbor calls the kind of cell."""
        kinds = {"lif_cell": "lif", "adex_cell": "adex"}
        return getattr(arbor().cell_kind, kinds.get(self.model.name, "cable"))

    def target(self, receptor: str) -> str:
        """Arbor's label of what receives."""
        return "target" if self.model.name in POINTS else receptor

    def description(self, row: int, clamps: Sequence[Any]) -> Any:
        """Arbor's cell, with the currents that flow into it."""
        own = self._own(row)
        if isinstance(self.model.details, Cable):
            return _cable(self.model.details, own, clamps)
        if clamps:
            raise PyNNError(f"A current cannot be injected into {self.model.name} on Arbor. Use spikes.")
        units, cell = arbor().units, getattr(arbor(), self.model.name)("source", "target")
        for name, unit in {**POINTS[self.model.name], "V_m": "mV"}.items():
            if name in own:
                setattr(cell, name, own[name] * getattr(units, unit))
        return cell

    def _own(self, row: int) -> dict[str, float]:
        return {name: float(column[row]) for name, column in self.columns.items()}

    def probe(self, row: int, variable: str, tag: str) -> Any:
        """Arbor's probe of a variable of a row."""
        module, name, details = arbor(), self.model.name, self.model.details
        if name in POINTS:
            kind, what = name.partition("_")[0], {"V_m": "voltage", "w": "adaption"}[variable]
            return getattr(module, f"{kind}_probe_{what}")(tag)
        if variable == "v":
            return module.cable_probe_membrane_voltage(_SOMA, tag)
        mechanism, _, state = variable.rpartition(".")
        if mechanism in RECEPTORS:
            return module.cable_probe_point_state(mechanism, mechanism, state, tag)
        if isinstance(details, Cable):
            mechanism = details.full(mechanism or details.mechanisms[0], self._own(row))
        return module.cable_probe_density_state(_SOMA, mechanism, state, tag)


def _cable(details: Cable, own: Mapping[str, float], clamps: Sequence[Any]) -> Any:
    module = arbor()
    units, tree, half = module.units, module.segment_tree(), own["length"] / 2
    ends = [module.mpoint(x, 0.0, 0.0, own["diam"] / 2) for x in (-half, half)]
    tree.append(module.mnpos, *ends, tag=1)
    decor = module.decor()
    decor.set_property(Vm=own.get("v", _START) * units.mV, cm=0.01 * own["cm"] * units.F / units.m2)
    for mechanism in details.mechanisms:
        prefix = _prefix(details.mechanisms, mechanism)
        mine = {name: x for name, x in own.items() if _belongs(name, prefix) and name not in details.whole}
        given = {name.removeprefix(prefix): x for name, x in mine.items()}
        decor.paint("(all)", module.density(details.full(mechanism, own), given))
    for receptor in RECEPTORS:
        given = {name.partition(".")[2]: x for name, x in own.items() if name.startswith(f"{receptor}.")}
        decor.place(_SOMA, module.synapse(receptor, given), receptor)
    for clamp in clamps:
        decor.place(_SOMA, clamp)
    decor.place(_SOMA, module.threshold_detector(own["threshold"] * units.mV), "source")
    return module.cable_cell(tree, decor)


def _prefix(mechanisms: Sequence[str], mechanism: str) -> str:
    return f"{mechanism}." if len(mechanisms) > 1 else ""


def _belongs(name: str, prefix: str) -> bool:
    """Whether a column is a parameter of the mechanism with this prefix."""
    return name.startswith(prefix) if prefix else "." not in name and name not in {*_SHAPE, "v"}


def catalogue() -> Any:
    """All of Arbor's mechanisms of cables; those of the same name in two catalogues are the default one's."""
    found = arbor().catalogue()
    known: set[str] = set()
    for name in _CATALOGUES:
        part = getattr(arbor(), name)()
        found.extend(part, "" if not known & set(part) else f"{name.partition('_')[0]}::")
        known |= set(part)
    return found


def describe(spec: object) -> NativeModel:
    """The row of one of Arbor's cells, or of density mechanisms in one compartment.

    Raises
    ------
    LookupError
        Arbor has no such cell or density mechanism.
    """
    if isinstance(spec, str) and spec in POINTS:
        return _point(spec)
    names = (spec,) if isinstance(spec, str) else tuple(spec) if isinstance(spec, list | tuple) else ()
    known = catalogue()
    densities = [name for name in known if _is_density(known[name])]
    if not names or any(name not in densities for name in names):
        raise LookupError(
            f"Its cells are: {', '.join(POINTS)}; of one compartment, name one of these mechanisms, or a tuple of "
            f"several: {', '.join(sorted(densities))}."
        )
    return _row_of_cable(names, known)


def _row_of_cable(names: tuple[str, ...], known: Any) -> NativeModel:
    """The row of one compartment with these mechanisms of a catalogue."""
    parameters = {name: Native(name, default=x) for name, x in _SHAPE.items()}
    variables, whole = {"v": Native("v")}, dict[str, float]()
    for name in (*names, *RECEPTORS):
        prefix = f"{name}." if name in RECEPTORS else _prefix(names, name)
        for key, told in (*known[name].parameters.items(), *known[name].globals.items()):
            parameters[prefix + key] = Native(prefix + key, default=float(told.default))
        whole |= {prefix + key: float(told.default) for key, told in known[name].globals.items()}
        variables |= {prefix + key: Native(prefix + key) for key in known[name].state}
    receptors = {name: Receptor(name) for name in RECEPTORS}
    label = "_".join(names)
    return NativeModel(label, parameters, variables, receptors, keyed=False, details=Cable(names, whole))


def _is_density(mechanism: Any) -> bool:
    """Whether a mechanism lies along a membrane; ion "x" stands for one that a script of Arbor's would name."""
    return str(mechanism.kind).startswith("density") and "x" not in list(mechanism.ions)


def _point(name: str) -> NativeModel:
    cell, units = getattr(arbor(), name)("source", "target"), arbor().units
    parameters = {
        key: Native(key, default=float(getattr(cell, key).value_as(getattr(units, unit))))
        for key, unit in POINTS[name].items()
    }
    variables = {key: Native(key) for key in _OF_POINTS[name]}
    return NativeModel(name, parameters, variables, {"default": Receptor("")}, keyed=False, details=name)
