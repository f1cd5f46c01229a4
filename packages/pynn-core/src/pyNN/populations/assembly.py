"""An assembly: several populations and views as one group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.errors import listing, suggestion
from cawan.simulator import Index

from pyNN.errors import InvalidModelError, PyNNError
from pyNN.populations.cell import ID
from pyNN.populations.group import Group, Parts
from pyNN.populations.view import PopulationView, select

if TYPE_CHECKING:
    from pyNN.simulator import Simulator


class Assembly(Group):
    """Populations, views and other assemblies, one after the other; no cell twice.

    Parameters
    ----------
    populations
        What it consists of; an assembly among them is opened.
    """

    def __init__(self, *populations: Group, label: str | None = None) -> None:
        self.populations: list[Any] = []
        for group in populations:
            self._insert(group)
        self.label = label or "assembly of " + listing((g.label for g in self.populations), 5)
        self.annotations: dict[str, Any] = {}

    def _insert(self, group: object) -> None:
        if isinstance(group, Assembly):
            for member in group.populations:
                self._insert(member)
            return
        if not isinstance(group, Group):
            raise InvalidModelError(f"An Assembly is made of populations, views and assemblies, not of {group!r}.")
        if any(group is member for member in self.populations):
            return
        if self.populations and group.simulator is not self.simulator:
            raise PyNNError(f"{group.label!r} lives in another simulation than the rest of the assembly.")
        shared = np.intersect1d(group.all_cells, self.all_cells)
        if len(shared) == group.size > 0:
            return
        if len(shared):
            raise PyNNError(
                f"{group.label!r} shares {len(shared)} cells with the assembly. No cell may be in it twice."
            )
        self.populations.append(group)

    @property
    def first_id(self) -> ID:
        """The cell with the lowest number."""
        return self.cell_at(int(np.argmin(self.all_cells)))

    @property
    def last_id(self) -> ID:
        """The cell with the highest number."""
        return self.cell_at(int(np.argmax(self.all_cells)))

    def inject(self, current_source: Any, location: Any = None) -> None:
        """Attach a current source to every cell; ``location``: where on cells of many compartments."""
        for group in self.populations:
            group.inject(current_source, location)

    def _notes(self) -> dict[str, str]:
        return {"assembly": self.label}

    def parts(self) -> Parts:
        """The parts of its members, in order."""
        return [part for group in self.populations for part in group.parts()]

    @property
    def simulator(self) -> Simulator:
        """That of the first member."""
        if not self.populations:
            raise PyNNError("An empty Assembly belongs to no simulator. Add a population first.")
        found: Simulator = self.populations[0].simulator
        return found

    template: ClassVar[str] = "assembly_default.txt"

    def described(self) -> dict[str, Any]:
        """What a description says."""
        return {"label": self.label, "populations": [group.describe(template=None) for group in self.populations]}

    def get_annotations(self, annotation_keys: str | Sequence[str], simplify: bool = True) -> dict[str, Any]:
        """Notes of all members by name; one value where all agree, with ``simplify``."""
        names = [annotation_keys] if isinstance(annotation_keys, str) else list(annotation_keys)
        found: dict[str, Any] = {}
        for name in names:
            values = [group.annotations.get(name) for group in self.populations for _ in range(group.size)]
            alike = simplify and len(values) > 0 and all(value == values[0] for value in values)
            found[name] = values[0] if alike else values
        return found

    def get_population(self, label: str) -> Any:
        """The member with this label."""
        for group in self.populations:
            if group.label == label:
                return group
        labels = [group.label for group in self.populations]
        raise KeyError(
            f"The assembly has no population {label!r}. It has: {listing(labels)}.{suggestion(label, labels)}"
        )

    def __iadd__(self, other: Group) -> Assembly:
        self._insert(other)
        return self

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int | np.integer):
            return self.cell_at(int(index))
        chosen = select(self, index)
        views: list[PopulationView] = []
        start = 0
        for population, rows in self.parts():
            inside: Index = chosen[(chosen >= start) & (chosen < start + len(rows))] - start
            if len(inside):
                views.append(PopulationView(population, rows[inside]))
            start += len(rows)
        return Assembly(*views)
