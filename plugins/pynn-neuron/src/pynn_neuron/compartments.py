"""Cells of many compartments: sections of NEURON, its mechanisms along them, and places on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Morphology, NativeModel, Places, Ragged, Values

from pynn_neuron import building
from pynn_neuron.kernel import hoc
from pynn_neuron.native import NativeCells

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel as NEURON has it: a mechanism, which may be that of others too, and PyNN's names → its own."""

    mechanism: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Synapse:
    """A receptor: a point process, PyNN's names → its own, and what it is told beside."""

    process: str
    names: Mapping[str, str]
    told: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


_GATES = {"m": "m", "h": "h", "n": "n"}
CHANNELS: Mapping[str, Channel] = MappingProxyType(
    {
        "NaChannel": Channel("hh", {"conductance_density": "gnabar", **_GATES}),
        "KdrChannel": Channel("hh", {"conductance_density": "gkbar", **_GATES}),
        "PassiveLeak": Channel("pas", {"conductance_density": "g", "e_rev": "e"}),
        "PassiveLeakHH": Channel("hh", {"conductance_density": "gl", "e_rev": "el"}),
    }
)
_ONE_TAU = {"tau_syn": "tau", "e_syn": "e", "gsyn": "g", "isyn": "g"}
SYNAPSES: Mapping[str, Synapse] = MappingProxyType(
    {
        "CurrExpPostSynapticResponse": Synapse("CawanReceptor", _ONE_TAU, {"kind": 0.0}),
        "CondExpPostSynapticResponse": Synapse("ExpSyn", _ONE_TAU),
        "CondAlphaPostSynapticResponse": Synapse("CawanReceptor", _ONE_TAU, {"kind": 2.0}),
        "CondBetaPostSynapticResponse": Synapse(
            "Exp2Syn", {"tau_rise": "tau1", "tau_decay": "tau2", "e_syn": "e", "gsyn": "g"}
        ),
    }
)
_DENSITIES = {"hh": ("gnabar", "gkbar", "gl"), "pas": ("g",)}
_IONS = {"hh": ("na", "k"), "pas": ()}


@dataclass(eq=False)
class Tree:
    """One cell: a section for each segment of the morphology, and the segment of NEURON where it fires."""

    sections: list[Any]
    source: Any


@dataclass(eq=False)
class Located(NativeCells):
    """Segments of NEURON in rows: where cells fire, or places on them."""

    takes: ClassVar[str] = "section"
    has_sections: ClassVar[bool] = True

    threshold: float = 0.0

    def at(self, row: int) -> Any:
        """The segment of a row."""
        raise NotImplementedError

    def references(self, name: str, index: Index) -> Iterable[Any]:
        """NEURON's reference to a variable of each of these rows."""
        for row in index.tolist():
            if name == "injected":
                if row not in self.electrodes:
                    building.load("CawanElectrode", "electrode for any current")
                    self.electrodes[row] = hoc().CawanElectrode(self.at(row))
                yield self.electrodes[row]._ref_injected
            else:
                yield self.reference(row, name)

    def reference(self, row: int, name: str) -> Any:
        """That of one row: the potential, or a gate of a channel."""
        if name == "v":
            return self.at(row)._ref_v
        mechanism, variable = _native(self.model, name)
        return getattr(getattr(self.at(row), mechanism), f"_ref_{variable}")

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        rows = self.rows_here() if index is None else index.tolist()
        return {name: np.array([self.reference(row, name)[0] for row in rows], dtype=np.float64) for name in names}

    def netcon(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon that tells when the potential there rises through the threshold."""
        at = self.at(row)
        return hoc().NetCon(at._ref_v, target, self.threshold, delay, weight, sec=at.sec)

    def release(self) -> None:
        """Let NEURON delete them."""
        self.electrodes.clear()
        super().release()


class Compartments(Located):
    """The cells themselves."""

    def at(self, row: int) -> Any:
        """Where the cell fires."""
        return self.objects[row].source

    def put(self, name: str, value: Values, index: Index | None) -> None:
        """Set a variable in all compartments of these cells that have it."""
        cells = self.chosen(index)
        mechanism, variable = ("", "v") if name == "v" else _native(self.model, name)
        for cell, x in zip(cells, np.broadcast_to(np.asarray(value, dtype=np.float64), (len(cells),)), strict=True):
            for section in cell.sections:
                if not mechanism:
                    section.v = float(x)
                elif section.has_membrane(mechanism):
                    for segment in section:
                        setattr(getattr(segment, mechanism), variable, float(x))


@dataclass(eq=False)
class Spots(Located):
    """Places on cells, each with a point process where it is a receptor: ``objects`` are these, or None."""

    segments: list[Any] = field(default_factory=list)
    receptor: str = ""

    def at(self, row: int) -> Any:
        """The segment of NEURON at the place."""
        return self.segments[row]

    def reference(self, row: int, name: str) -> Any:
        """That of one row: the potential, a gate of a channel, or what the receptor does."""
        prefix, _, variable = name.partition(".")
        if self.receptor and prefix == self.receptor:
            kind = SYNAPSES[_kinds(self.model)[prefix]]
            return getattr(self.objects[row], f"_ref_{kind.names[variable]}")
        return super().reference(row, name)

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Nothing of a place is set but its receptor, once."""
        for row in range(self.size) if index is None else index.tolist():
            for name, value in values.items():
                kind = SYNAPSES[_kinds(self.model)[self.receptor]]
                setattr(self.objects[row], kind.names[name.partition(".")[2]], float(np.asarray(value)))

    def release(self) -> None:
        """Let NEURON delete the receptors."""
        self.segments.clear()
        super().release()


def make_compartments(
    model: NativeModel, size: int, values: Mapping[str, Values], stream: int, mine: NDArray[np.bool_] | None
) -> Compartments:
    """New cells."""
    shape, h = model.morphology, hoc()
    if shape is None:
        raise TypeError("a cell has a morphology")
    h.usetable_hh = 0  # else rates are interpolated between whole mV
    here = np.ones(size, dtype=bool) if mine is None else mine
    cells = [_tree(shape, values, model) if own else None for own in here]
    return Compartments(model, cells, stream, mine=mine, threshold=_number(values["spike_threshold"]))


def _tree(shape: Morphology, values: Mapping[str, Values], model: NativeModel) -> Tree:
    h, count = hoc(), len(shape)
    sections = [h.Section(name=f"segment_{k}") for k in range(count)]
    cm, resistivity = _spread(values["cm"], count), _number(values["Ra"])
    for k, section in enumerate(sections):
        for end in (shape.proximal[k], shape.distal[k]):
            h.pt3dadd(*(float(x) for x in end), sec=section)
        section.nseg, section.Ra, section.cm = int(shape.compartments[k]), resistivity, float(cm[k])
        if shape.parent[k] >= 0:
            section.connect(sections[int(shape.parent[k])](float(shape.along[k])), 0.0)
    _insert(sections, values, _kinds(model))
    return Tree(sections, sections[int(_number(values["source"]))](0.5))


def _insert(sections: list[Any], values: Mapping[str, Values], kinds: Mapping[str, str]) -> None:
    """Channels where their density is above 0."""
    used = [(name, CHANNELS[kind]) for name, kind in kinds.items() if kind in CHANNELS]
    columns = {
        (channel.mechanism, channel.names[key]): _spread(value, len(sections))
        for name, channel in used
        for key, value in ((k, values.get(f"{name}.{k}")) for k in channel.names)
        if value is not None
    }
    reversal = {ion: _spread(values[f"ions.{ion}"], len(sections)) for ion in ("na", "k") if f"ions.{ion}" in values}
    for mechanism in dict.fromkeys(channel.mechanism for _, channel in used):
        own = {name: column for (mech, name), column in columns.items() if mech == mechanism}
        densities = {name: own.get(name, np.zeros(len(sections))) for name in _DENSITIES[mechanism]}
        for k in np.flatnonzero(sum(densities.values()) > 0).tolist():
            section = sections[k]
            section.insert(mechanism)
            for segment in section:
                for name, column in {**own, **densities}.items():
                    setattr(getattr(segment, mechanism), name, float(column[k]))
            for ion in _IONS[mechanism]:
                if ion in reversal:
                    setattr(section, f"e{ion}", float(reversal[ion][k]))


def make_spots(cells: Compartments, places: Places) -> Spots:
    """Places on cells, and their receptors."""
    mine = None if cells.mine is None else cells.mine[places.cell]
    segments = [
        None if cells.objects[cell] is None else cells.objects[cell].sections[segment](along)
        for cell, segment, along in zip(
            places.cell.tolist(), places.segment.tolist(), places.along.tolist(), strict=True
        )
    ]
    processes: list[Any] = [None] * len(segments)
    if places.receptor:
        kind = SYNAPSES[_kinds(cells.model)[places.receptor]]
        if kind.process.startswith("Cawan"):
            building.load(kind.process, f"receptor {places.receptor!r}")
        make = getattr(hoc(), kind.process)
        processes = [None if segment is None else make(segment) for segment in segments]
        for process in processes:
            for name, value in kind.told.items() if process is not None else ():
                setattr(process, name, value)
    spots = Spots(
        cells.model, processes, mine=mine, threshold=cells.threshold, segments=segments, receptor=places.receptor
    )
    spots.change(places.values, None)
    return spots


def check_parts(kinds: Mapping[str, str]) -> None:
    """Refuse two channels that NEURON has in one place.

    Raises
    ------
    LookupError
        Of one kind there is one in NEURON, whatever its name.
    """
    seen: dict[str, str] = {}
    for name, kind in kinds.items():
        if kind in CHANNELS and seen.setdefault(kind, name) != name:
            raise LookupError(f"{seen[kind]!r} and {name!r} are both {kind}, of which a cell has one on NEURON.")


def _kinds(model: NativeModel) -> Mapping[str, str]:
    if not isinstance(model.details, Mapping):
        raise TypeError("a row of a multi-compartment cell")
    return model.details


def _native(model: NativeModel, name: str) -> tuple[str, str]:
    """The mechanism, and the name in it, of a channel's variable."""
    channel, _, variable = name.partition(".")
    found = CHANNELS[_kinds(model)[channel]]
    return found.mechanism, found.names[variable]


def _number(value: Values) -> float:
    return float(np.asarray(value))


def _spread(value: Values, count: int) -> Array:
    """A number for each segment."""
    return value.row(0) if isinstance(value, Ragged) else np.full(count, float(np.asarray(value)))
