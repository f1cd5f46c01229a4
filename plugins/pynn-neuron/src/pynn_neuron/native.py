"""Cells outside PyNN's standard: NEURON's own artificial cells by name, and Python classes of sections.

A class is called with the cell's parameters, by name, and makes its sections. It says, as class attributes,
``receptor_types``: names of its point processes, such as ``("soma_ampa",)`` or ``("dendrite.ampa",)``, and
``recordable``: what can be recorded, such as ``("v", "soma(0.5).m_hh")``. Each cell has ``source``, a segment: its
potential is ``v``, the cell fires where it rises through ``threshold`` (mV, -10 unless the class says otherwise), and
currents are injected there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Index, Native, NativeModel, Receptor, Values
from pyNN.errors import PyNNError

from pynn_neuron import building
from pynn_neuron.adjusters import Adjusted, adjuster_row, is_adjuster
from pynn_neuron.cells import Cells, put, take
from pynn_neuron.kernel import hoc
from pynn_neuron.sources import Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PATH = re.compile(r"(?P<section>[A-Za-z_][\w.]*)\((?P<where>[0-9.]+)\)\.(?P<variable>\w+)")
THRESHOLD = -10.0  # mV, where a class says nothing


@dataclass(frozen=True, slots=True)
class Artificial:
    """One of NEURON's artificial cells, by the name of its mechanism."""

    mechanism: str


@dataclass(frozen=True, slots=True)
class OfSections:
    """A Python class whose instances are cells; ``begun_by_itself``: as PyNN 0.13 takes them."""

    make: type
    begun_by_itself: bool = False


def describe(spec: object) -> NativeModel:
    """The row of an artificial cell, of a class of cells, or of a mechanism that adjusts weights.

    Raises
    ------
    LookupError
        NEURON has no such mechanism, or the class cannot be made from parameters with defaults.
    """
    if isinstance(spec, type):
        return _of_class(spec)
    name = str(spec)
    known = artificial_cells()
    if name not in known and is_adjuster(name):
        return adjuster_row(name, _tables(name))
    if name not in known:
        raise LookupError(
            f"Its artificial cells are: {', '.join(known)}. Of sections, give a Python class; a synapse is a point "
            "process with a POINTER wsyn, of a folder that load_mechanisms() was given."
        )
    tables = _tables(name)
    variables = {key: Native(key) for key in (*tables[1], *tables[2])}
    return NativeModel(name, tables[0], variables, {"default": Receptor(0)}, keyed=False, details=Artificial(name))


def _tables(name: str) -> list[dict[str, Native]]:
    """What NEURON knows of a mechanism: its parameters, what is assigned, its states."""
    h, parameter = hoc(), hoc().ref("")
    tables: list[dict[str, Native]] = []
    for kind in (1, 2, 3):  # parameters, what is assigned, states
        standard = h.MechanismStandard(name, kind)
        found = {}
        for place in range(int(standard.count())):
            standard.name(parameter, place)
            found[parameter[0]] = Native(parameter[0], default=standard.get(parameter[0]))
        tables.append(found)
    return tables


def artificial_cells() -> list[str]:
    """The names of NEURON's artificial cells, those of loaded mechanisms too."""
    kinds, name = hoc().MechanismType(1), hoc().ref("")
    found = []
    for place in range(int(kinds.count())):
        kinds.select(place)
        kinds.selected(name)
        if kinds.is_artificial(place) and kinds.has_net_event(place) and not name[0].startswith("Cawan"):
            found.append(str(name[0]))
    return found


def _of_class(made: type) -> NativeModel:
    import inspect  # 5 ms, in the import of this simulator

    parameters = {}
    for name, parameter in inspect.signature(made).parameters.items():
        if not isinstance(parameter.default, int | float):
            raise LookupError(f"Its parameter {name!r} needs a default that is a number.")
        parameters[name] = Native(name, default=float(parameter.default))
    receptors = {name: Receptor(name) for name in getattr(made, "receptor_types", ())}
    variables = {name: Native(name) for name in getattr(made, "recordable", ("v",))}
    return NativeModel(made.__name__, parameters, variables, receptors, keyed=False, details=OfSections(made))


class NativeCells(Cells):
    """Cells that NEURON itself moves; they must all be there at the first step, where NEURON begins them."""

    takes: ClassVar[str] = "exact"

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        for name, value in values.items():
            self.put(name, value, index)
            if name in self.model.variables:
                self.wanted.append((name, value, index))

    def put(self, name: str, value: Values, index: Index | None) -> None:
        """Set one variable."""
        put(self.chosen(index), name, np.asarray(value, dtype=np.float64))

    def begin(self) -> None:
        """Set the state again that NEURON has just begun in its own way."""
        for name, value, index in self.wanted:
            self.put(name, value, index)
        self.wanted.clear()

    def port(self, receptor: str) -> int:
        """Their input has no port."""
        return 0


class ArtificialCells(NativeCells):
    """Cells without a membrane that current could flow into."""

    def references(self, name: str, index: Index) -> Iterable[Any]:
        """NEURON's reference to a variable of each of these rows."""
        if name == "injected":
            raise PyNNError(f"A current cannot be injected into {self.model.name}: it has no membrane.")
        return super().references(name, index)


class SectionCells(NativeCells):
    """Instances of the user's class."""

    takes: ClassVar[str] = "section"
    has_sections: ClassVar[bool] = True

    def put(self, name: str, value: Values, index: Index | None) -> None:
        """Set one variable: a parameter is an attribute of the cell, a variable lies in a section."""
        if name not in self.model.variables:
            super().put(name, value, index)
            return
        cells = self.chosen(index)
        for cell, x in zip(cells, np.broadcast_to(np.asarray(value, dtype=np.float64), (len(cells),)), strict=True):
            self.reference(cell, name)[0] = float(x)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        cells = self.chosen(index)
        return {
            name: np.array([self.reference(cell, name)[0] for cell in cells], dtype=np.float64)
            if name in self.model.variables
            else take(cells, name)
            for name in names
        }

    def references(self, name: str, index: Index) -> Iterable[Any]:
        """NEURON's reference to a variable of each of these rows."""
        for row in index.tolist():
            cell = self.objects[row]
            if name == "injected":
                if row not in self.electrodes:
                    building.load("CawanElectrode", "electrode for any current")
                    self.electrodes[row] = hoc().CawanElectrode(self.place(cell))
                yield self.electrodes[row]._ref_injected
            else:
                yield self.reference(cell, name)

    def reference(self, cell: Any, name: str) -> Any:
        """NEURON's reference to ``v``, or to ``section(where).variable``."""
        if name == "v":
            return cell.source._ref_v
        found = _PATH.fullmatch(name)
        if found is None:
            raise PyNNError(f"{name!r} of {type(cell).__name__} is neither 'v' nor 'section(0.5).variable'.")
        section = attrgetter(found["section"])(cell)
        return getattr(section(float(found["where"])), f"_ref_{found['variable']}")

    def place(self, cell: Any) -> Any:
        """Where currents are injected."""
        return cell.source

    def targets(self, receptor: str) -> Sequence[Any]:
        """The point processes of this name."""
        return [None if cell is None else attrgetter(receptor)(cell) for cell in self.objects]

    def netcon(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon from the cell, which fires where its potential rises through the threshold."""
        cell = self.objects[row]
        threshold = float(getattr(type(cell), "threshold", THRESHOLD))
        return hoc().NetCon(cell.source._ref_v, target, threshold, delay, weight, sec=cell.source.sec)

    def release(self) -> None:
        """Let NEURON delete the cells."""
        self.electrodes.clear()
        super().release()


def make_native(
    model: NativeModel, size: int, values: Mapping[str, Values], stream: int, mine: NDArray[np.bool_] | None
) -> NativeCells:
    """New cells with these values."""
    details, here = model.details, np.ones(size, dtype=bool) if mine is None else mine
    if isinstance(details, Artificial):
        make = getattr(hoc(), details.mechanism)
        cells: NativeCells = ArtificialCells(model, [make() if own else None for own in here], stream, mine=mine)
        cells.change(values, None)
        return cells
    if not isinstance(details, OfSections):
        raise TypeError("neither a mechanism nor a class")
    columns = {
        name: np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)).tolist() for name, value in values.items()
    }
    made = [
        details.make(**{name: column[row] for name, column in columns.items()}) if own else None
        for row, own in enumerate(here)
    ]
    if details.begun_by_itself:
        from pynn_neuron.classes import SelfBegunCells

        return SelfBegunCells(model, made, stream, mine=mine)
    return SectionCells(model, made, stream, mine=mine)


def begin_natives(blocks: Iterable[object], begin: Callable[[], None]) -> None:
    """Let NEURON ``begin`` its own cells and the user's mechanisms, at time 0, with the state that was asked for."""
    blocks = list(blocks)
    natives = [block for block in blocks if isinstance(block, NativeCells)]
    if not natives and not any(isinstance(block, Adjusted) for block in blocks):
        return
    begin()
    for native in natives:
        native.begin()
    # NEURON has also noted which cells send all their spikes over one delay, and would fail where one is added in
    # mid-run; a NetCon more makes it forget that.
    for block in blocks:
        if isinstance(block, Cells | Source):
            for row in block.rows_here():
                block.netcon(row, None, 0.0, 0.0)
