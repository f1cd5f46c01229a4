"""Places on the cells of one population: where receptors sit, currents flow in and values are recorded."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Block, Index, Places, SupportsPlaces

from pyNN.errors import ConnectionError, PyNNError, RecordingError
from pyNN.installed import simulators_able
from pyNN.random.streams import generator, uniform
from pyNN.standardmodels.multicompartment import MultiCompartmentNeuron
from pyNN.translation import to_native

if TYPE_CHECKING:
    from pyNN.morphology.locations import LocationGenerator, Spot
    from pyNN.populations.population import Population


@dataclass(eq=False)
class Placement:
    """Some places, sorted by cell: bare ones of one name, those of a receptor, or some of the latter.

    Attributes
    ----------
    cell, spots
        The cell of each and where on it, n of each.
    nth
        How many places of this name come before on each cell.
    whole, rows
        Of what these are some, and which of its rows.
    """

    label: str
    receptor: str
    cell: Index
    spots: list[Spot]
    nth: int = 0
    whole: Placement | None = None
    rows: Index | None = None
    made: Block = None

    @cached_property
    def section(self) -> Index:
        """The section of each, shape (n,)."""
        return np.array([spot.section for spot in self.spots], dtype=np.int64)

    @property
    def block(self) -> Block:
        """What the backend has."""
        return self.made if self.whole is None else self.whole.made

    def of(self, cells: Index) -> tuple[Index, Index]:
        """Rows of the places on these cells (sorted), at most one each, and the cells that have one."""
        first = np.searchsorted(self.cell, cells)
        there = np.append(self.cell, -1)[first] == cells
        rows = first[there]
        return (rows if self.rows is None else self.rows[rows]), cells[there]


class CellPlaces:
    """All places of a population of multi-compartment cells, made on the backend when first asked for."""

    def __init__(self, population: Population, celltype: MultiCompartmentNeuron) -> None:
        backend = population.simulator.backend
        from pyNN.morphology.locations import receptor_places  # 4 ms, in the import of every simulator

        if not isinstance(backend, SupportsPlaces):
            raise no_places_on(population)
        self.population, self.celltype, self._backend = population, celltype, backend
        self._key: int | None = None
        self._bare: dict[tuple[str, Any], list[Placement]] = {}
        self.receptors: dict[str, Placement] = {}
        for name, receptor in celltype.receptors.items():
            given = receptor.given["locations"]
            places = receptor_places(given)
            key = population.identity.key(f"places of {name}")
            self.receptors[name] = self._placement(name, name, places, np.arange(population.size), key)

    def build(self) -> None:
        """Make all places on the backend, where the cells have just been made."""
        for placement in (*self.receptors.values(), *(one for several in self._bare.values() for one in several)):
            self._make(placement)

    def at(self, locations: Any, index: Index) -> list[Placement]:
        """Bare places by their names on these cells, each of which some of the cells have.

        Raises
        ------
        PyNNError
            The morphology has no such section, or no cell has such a place.
        """
        from pyNN.morphology.locations import as_places

        if self._key is None:
            self._key = self.population.identity.key("places")
        found: list[Placement] = []
        for places in as_places(locations):
            cells = index if places.chance else np.arange(self.population.size)
            made = self._by_name(places, np.sort(cells), self._key)
            if not made:
                raise PyNNError(f"The cells of {self.population.label!r} have no place like {locations!r}.")
            found += made
        return found

    def _by_name(self, places: LocationGenerator, cells: Index, key: int) -> list[Placement]:
        whole = self._placement("", "", [places], cells, key)
        names = dict.fromkeys(spot.label for spot in whole.spots)
        made = []
        for name in names:
            mine = [k for k, spot in enumerate(whole.spots) if spot.label == name]
            made += self._of_name(name, [whole.spots[k] for k in mine], whole.cell[mine])
        return made

    def _of_name(self, name: str, spots: list[Spot], cells: Index) -> list[Placement]:
        """Placements that are there already, or new ones under a name that no other place has.

        Each has at most one place on a cell.
        """
        where = tuple((int(cell), spot.section, spot.along) for cell, spot in zip(cells, spots, strict=True))
        taken = {label for label, _ in self._bare}
        for (label, there), known in self._bare.items():
            if there == where and label.partition("#")[0] == name:
                return known
        label = name
        while label in taken:
            label = f"{name}#{int(label.partition('#')[2] or 1) + 1}"
        counts, made = _nth(cells), []
        for nth in range(int(counts.max(initial=-1)) + 1):
            rows = np.flatnonzero(counts == nth)
            made.append(Placement(label, "", cells[rows], [spots[k] for k in rows], nth))
            self._make(made[-1])
        self._bare[label, where] = made
        return made

    def _placement(
        self, label: str, receptor: str, places: list[LocationGenerator], cells: Index, key: int
    ) -> Placement:
        rows: list[int] = []
        spots: list[Spot] = []
        morphology = self.celltype.morphology
        same: list[list[Spot] | None] = [None] * len(places)
        for cell in cells.tolist():
            rng = generator(key, cell)
            for k, generating in enumerate(places):
                found = same[k]
                if found is None or generating.chance:
                    found = same[k] = list(generating.spots(morphology, rng))
                spots += found
                rows += [cell] * len(found)
        return Placement(label, receptor, np.array(rows, dtype=np.int64), spots)

    def _make(self, placement: Placement) -> None:
        shape, row = self.celltype.shape, self.population.model_row
        at = [shape.spot(spot.section, spot.along) for spot in placement.spots]
        prefix = f"{placement.receptor}."
        own = {n: v for n, v in self.celltype.constants.items() if placement.receptor and n.startswith(prefix)}
        places = Places(
            placement.cell, np.array([segment for segment, _ in at], dtype=np.int64),
            np.array([along for _, along in at], dtype=np.float64), placement.receptor, to_native(row, own),
        )  # fmt: skip
        placement.made = self._backend.place(self.population.block, places)

    # -- receptors ------------------------------------------------------------------------------------------------

    def targets(self, receptor: str, selector: Any, index: Index, key: int) -> list[Index]:
        """For each of these cells, the rows of the receptors that a connection reaches, one in each selected section.

        Parameters
        ----------
        selector
            A connector's ``location_selector``; None where each cell has one such receptor alone.
        key
            Of the stream for :class:`~pyNN.morphology.random_section`.
        """
        from pyNN.morphology import random_section

        placement = self.receptors[receptor]
        chance = isinstance(selector, random_section)
        chosen = None if selector is None else self._sections(selector.f if chance else selector)
        found = []
        for cell in index.tolist():
            rows = np.arange(*np.searchsorted(placement.cell, [cell, cell + 1]), dtype=np.int64)
            if chosen is None and len(rows) > 1:
                raise ConnectionError(
                    f"Cell {cell} of {self.population.label!r} has {len(rows)} receptors {receptor!r}. Choose among "
                    "them with the connector's location_selector, such as AllToAllConnector(location_selector='soma')."
                )
            if chosen is not None:
                rows = rows[np.isin(placement.section[rows], chosen)]
                rows = rows[np.sort(np.unique(placement.section[rows], return_index=True)[1])]
            if chance and len(rows):
                rows = rows[[int(uniform(key, cell, 1)[0] * len(rows))]]
            found.append(rows)
        return found

    def _sections(self, selector: Any) -> Index:
        from pyNN.morphology import MorphologyFilter, with_label

        morphology = self.celltype.morphology
        if isinstance(selector, str):
            return with_label(selector)(morphology)
        if isinstance(selector, MorphologyFilter):
            return selector(morphology)
        raise PyNNError(
            f"location_selector is {selector!r}. It must be a section's name, a selection such as dendrites(), or "
            "random_section(dendrites())."
        )

    def receptors_in(self, receptor: str, placement: Placement) -> Placement:
        """Those of a receptor in the sections of some places: the first in each, which recordings of it are of."""
        own = self.receptors[receptor]
        rows = [
            next((k for k in np.flatnonzero(own.cell == cell) if own.section[k] == section), -1)
            for cell, section in zip(placement.cell, placement.section, strict=True)
        ]
        if min(rows, default=-1) < 0:
            raise RecordingError(f"{receptor} at {placement.label}", repr(self.population.label), self.receptors)
        spots, index = [own.spots[k] for k in rows], np.array(rows, dtype=np.int64)
        return Placement(placement.label, receptor, own.cell[rows], spots, placement.nth, own, index)


def _nth(cells: Index) -> Index:
    """How many of the same number come before each; equal numbers lie together."""
    begins = np.searchsorted(cells, cells)
    return np.arange(len(cells)) - begins


def no_places_on(population: Population) -> PyNNError:
    """What is said where the cells have no places: of one compartment, or on a simulator without the ability."""
    if isinstance(population.celltype, MultiCompartmentNeuron):
        able = ", ".join(simulators_able(SupportsPlaces)) or "none"
        return PyNNError(
            f"{population.simulator.name} has no cells of many compartments. Installed simulators that have: {able}."
        )
    return PyNNError(
        f"A location on cells of {population.label!r} needs a MultiCompartmentNeuron, not "
        f"{type(population.celltype).__name__}, which is one point. Leave the location out."
    )
