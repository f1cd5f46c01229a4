"""Cells of many compartments: what is said of them and of places on them, until Arbor is told all at the first step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Morphology, NativeModel, Places, Ragged, Values, Wiring
from pyNN.errors import PyNNError

from pynn_arbor.kernel import arbor
from pynn_arbor.native import NativeCells
from pynn_arbor.sources import Source
from pynn_arbor.synapses import table_of

_GATES = {"m": "m", "h": "h", "n": "n"}
# Each channel's mechanism, and PyNN's names → the mechanism's.
CHANNELS: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "NaChannel": ("hh", {"conductance_density": "gnabar", **_GATES}),
        "KdrChannel": ("hh", {"conductance_density": "gkbar", **_GATES}),
        "PassiveLeak": ("pas", {"conductance_density": "g", "e_rev": "e"}),
        "PassiveLeakHH": ("hh", {"conductance_density": "gl", "e_rev": "el"}),
    }
)
SYNAPSES: Mapping[str, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        "CondExpPostSynapticResponse": ("expsyn", {"tau_syn": "tau", "e_syn": "e", "gsyn": "g"}),
        "CondBetaPostSynapticResponse": ("exp2syn", {"tau_rise": "tau1", "tau_decay": "tau2", "e_syn": "e"}),
    }
)
_DENSITIES = {"hh": ("gnabar", "gkbar", "gl"), "pas": ("g",)}
_NEAR = 1e-6  # of two values of a gate that count as one
_KELVIN = 273.15 + 6.3  # of Hodgkin and Huxley's rates


@dataclass(eq=False)
class Compartments:
    """A block of cells.

    ``v``: potential at time 0, shape (size,), mV; ``first``: the number of the first in Arbor; ``gates``: what those
    shall begin with that a script sets, which must be what Arbor begins them with.
    """

    model: NativeModel
    size: int
    values: Mapping[str, Values]
    v: Array = field(default_factory=lambda: np.empty(0))
    first: int = -1
    gates: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.v = np.full(self.size, -65.0)
        shape = self.shape
        wrong = np.flatnonzero((shape.along != 1.0) & (shape.along != 0.0))
        if len(wrong):
            raise PyNNError(
                f"Segment {wrong[0]} begins at {shape.along[wrong[0]]:g} of its parent. On Arbor a segment begins at "
                "its parent's end: cut the parent in two there."
            )

    @property
    def shape(self) -> Morphology:
        """The morphology of all cells."""
        if self.model.morphology is None:
            raise TypeError("a cell has a morphology")
        return self.model.morphology

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind of each channel and receptor by its name."""
        if not isinstance(self.model.details, Mapping):
            raise TypeError("a row of a multi-compartment cell")
        return self.model.details

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set the potential, or a gate, at time 0."""
        for name, value in values.items():
            column = self.v if name == "v" else self.gates.setdefault(name, np.full(self.size, np.nan))
            column[slice(None) if index is None else index] = np.asarray(value)

    def check_gates(self) -> None:
        """Refuse gates that do not begin where the potential at time 0 holds them, for Arbor begins them there.

        Raises
        ------
        PyNNError
            With the first of them.
        """
        for name, column in self.gates.items():
            held = steady(name.partition(".")[2], self.v)
            wrong = np.flatnonzero(np.abs(column - held) > _NEAR)
            if len(wrong):
                row = int(wrong[0])
                raise PyNNError(
                    f"{name!r} of cell {row} is {column[row]:g} at time 0. Arbor begins it where v = {self.v[row]:g} "
                    f"mV holds it, at {held[row]:g}. Leave it out."
                )

    def spot(self, row: int) -> tuple[int, str]:
        """The cell of a row, and Arbor's words for where it fires."""
        return row, point(int(number(self.values["source"])), 0.5)


@dataclass(eq=False)
class Spots:
    """A block of places on cells; ``label``: of its receptors or detectors in Arbor."""

    cells: Compartments
    places: Places
    label: str

    @property
    def size(self) -> int:
        """Number of places."""
        return len(self.places.cell)

    def spot(self, row: int) -> tuple[int, str]:
        """The cell of a row, and Arbor's words for the place."""
        return int(self.places.cell[row]), point(int(self.places.segment[row]), float(self.places.along[row]))


@dataclass(eq=False)
class CableSynapses:
    """Static synapses onto receptors: places, or those that every cell has."""

    pre: Source | Compartments | Spots | NativeCells
    post: Spots | NativeCells
    receptor: str
    i: Index
    j: Index
    columns: dict[str, Array]

    def onto(self, number: int) -> Index:
        """The synapses onto one of Arbor's cells."""
        if isinstance(self.post, Spots):
            return np.flatnonzero(self.post.places.cell[self.j] == number - self.post.cells.first)
        return np.flatnonzero(self.j == number - self.post.first)

    def target(self, j: int) -> str:
        """Arbor's label of what receives at row j."""
        return f"{self.post.label}-{j}" if isinstance(self.post, Spots) else self.post.target(self.receptor)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        rows = slice(None) if index is None else index
        ends = {"i": self.i.astype(np.float64), "j": self.j.astype(np.float64)}
        return {name: {**self.columns, **ends}[name][rows].copy() for name in names}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        for name, value in values.items():
            self.columns[name][slice(None) if index is None else index] = np.asarray(value)


def join(
    model: NativeModel, pre: Source | Compartments | Spots | NativeCells, post: Compartments | Spots | NativeCells,
    receptor: str, wiring: Wiring,
) -> CableSynapses:  # fmt: skip
    """The synapses of a wiring.

    Raises
    ------
    PyNNError
        They are not static.
    """
    if model.name != "StaticSynapse":
        raise PyNNError(f"{model.name} is not available onto cells that Arbor itself moves. Use StaticSynapse.")
    if isinstance(post, Compartments):
        raise TypeError("synapses end on receptors")
    return CableSynapses(pre, post, receptor, *table_of(wiring))


def steady(gate: str, v: Array) -> Array:
    """Where a potential (mV) holds a gate: a / (a + b).

    References
    ----------
    Hodgkin & Huxley (1952), Journal of Physiology 117, 500, eq. 12, 13, 20, 21, 23, 24; their rest is -65 mV.
    """
    u = np.asarray(v, dtype=np.float64) + 65.0
    with np.errstate(invalid="ignore"):
        x, y = 2.5 - 0.1 * u, 1.0 - 0.1 * u
        a, b = {
            "m": (np.where(x == 0, 1.0, x / np.expm1(x)), 4.0 * np.exp(-u / 18)),
            "h": (0.07 * np.exp(-u / 20), 1.0 / (np.exp(3.0 - 0.1 * u) + 1.0)),
            "n": (0.1 * np.where(y == 0, 1.0, y / np.expm1(y)), 0.125 * np.exp(-u / 80)),
        }[gate]
    return np.asarray(a / (a + b))


def point(segment: int, along: float) -> str:
    """Arbor's words for a place on a segment."""
    return f"(on-components {along!r} (segment {segment}))"


def number(value: Values) -> float:
    """A value that is the same along the cell."""
    if isinstance(value, Ragged):
        raise TypeError("one number")
    return float(np.asarray(value))


def spread(value: Values, count: int) -> Array:
    """A number for each segment."""
    return value.row(0) if isinstance(value, Ragged) else np.full(count, float(np.asarray(value)))


def regions(values: Sequence[Array]) -> list[tuple[str, list[float]]]:
    """Where several values are the same in many segments: Arbor's words for these, and the values."""
    table = np.array(values).T
    found, which = np.unique(table, axis=0, return_inverse=True)
    made = []
    for k, row in enumerate(found):
        segments = [f"(segment {n})" for n in np.flatnonzero(which.reshape(-1) == k)]
        made.append((joined(segments), row.tolist()))
    return made


def joined(parts: Sequence[str]) -> str:
    """Arbor's words for all of these together."""
    while len(parts) > 1:  # pairs of pairs: Arbor's reader recurses
        parts = [f"(join {' '.join(parts[k : k + 2])})" if k + 1 < len(parts) else parts[k]
                 for k in range(0, len(parts), 2)]  # fmt: skip
    return parts[0]


def tree_of(shape: Morphology) -> Any:
    """The morphology."""
    module = arbor()
    tree = module.segment_tree()
    for k in range(len(shape)):
        ends = [module.mpoint(*map(float, end[:3]), float(end[3]) / 2) for end in (shape.proximal[k], shape.distal[k])]
        parent = int(shape.parent[k]) if shape.along[k] == 1.0 else module.mnpos
        tree.append(parent, *ends, tag=1)
    return tree


def policy_of(shape: Morphology) -> Any:
    """Compartments of equal length in each segment."""
    counts = shape.compartments.tolist()
    cuts = [point(k, float(x)) for k, count in enumerate(counts) for x in np.linspace(0.0, 1.0, count + 1)]
    return arbor().cv_policy_explicit(joined(cuts))


def decor_of(cells: Compartments, row: int, spots: Sequence[Spots], detected: Sequence[Spots]) -> Any:
    """All that is on one cell but currents."""
    module = arbor()
    units, count, values = module.units, len(cells.shape), cells.values
    per_area = units.F / units.m2
    decor = module.decor()
    decor.set_property(
        Vm=float(cells.v[row]) * units.mV, rL=number(values["Ra"]) * units.Ohm * units.cm, tempK=_KELVIN * units.Kelvin
    )
    for region, (cm,) in regions([spread(values["cm"], count)]):
        decor.paint(region, cm=0.01 * cm * per_area)
    for ion in ("na", "k"):
        if f"ions.{ion}" in values:
            for region, (e,) in regions([spread(values[f"ions.{ion}"], count)]):
                decor.paint(region, ion=ion, rev_pot=e * units.mV)
    _paint_channels(decor, cells)
    threshold = module.threshold_detector(number(values["spike_threshold"]) * units.mV)
    decor.place(cells.spot(row)[1], threshold, "source")
    for spot in spots:
        for k in np.flatnonzero(spot.places.cell == row).tolist() if spot.cells is cells else ():
            if spot.places.receptor:
                decor.place(spot.spot(k)[1], _receptor(cells, spot), f"{spot.label}-{k}")
            if spot in detected:
                decor.place(spot.spot(k)[1], threshold, f"{spot.label}-{k}-source")
    return decor


def _paint_channels(decor: Any, cells: Compartments) -> None:
    count = len(cells.shape)
    columns: dict[str, dict[str, Array]] = {}
    for name, kind in cells.kinds.items():
        if kind in CHANNELS:
            mechanism, names = CHANNELS[kind]
            own = columns.setdefault(mechanism, {key: np.zeros(count) for key in _DENSITIES[mechanism]})
            given = {names[key]: cells.values.get(f"{name}.{key}") for key in names}
            own |= {key: spread(value, count) for key, value in given.items() if value is not None}
    for mechanism, own in columns.items():
        for region, row in regions(list(own.values())):
            found = dict(zip(own, row, strict=True))
            if sum(found[key] for key in _DENSITIES[mechanism]) > 0:
                # pas has e for a whole mechanism, as a part of its name
                full = f"pas/e={found.pop('e')!r}" if mechanism == "pas" and "e" in found else mechanism
                decor.paint(region, arbor().density(full, found))


def _receptor(cells: Compartments, spot: Spots) -> Any:
    mechanism, names = SYNAPSES[cells.kinds[spot.places.receptor]]
    own = {names[key.partition(".")[2]]: number(value) for key, value in spot.places.values.items()}
    return arbor().synapse(mechanism, own)


def check_parts(kinds: Mapping[str, str]) -> None:
    """Refuse two channels of one kind.

    Raises
    ------
    LookupError
        Of one kind there is one in a cell, whatever its name.
    """
    seen: dict[str, str] = {}
    for name, kind in kinds.items():
        if kind in CHANNELS and seen.setdefault(kind, name) != name:
            raise LookupError(f"{seen[kind]!r} and {name!r} are both {kind}, of which a cell has one on Arbor.")
