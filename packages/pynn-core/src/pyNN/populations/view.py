"""A view: some cells of a population, under their own indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import Index

from pyNN.errors import CellNotFoundError, PyNNError, SelectionError
from pyNN.populations.cell import ID
from pyNN.populations.group import BasePopulation, Group, Parts

if TYPE_CHECKING:
    from pyNN.populations.population import Population
    from pyNN.simulator import Simulator
    from pyNN.standardmodels import CellType


def select(group: Group, selector: Any) -> Index:
    """Indices that a slice, a list of indices, a mask or cells of the group select, in that order."""
    if isinstance(selector, str | bytes | float):
        raise SelectionError(
            f"Cells of {group.label!r} are selected by whole numbers, slices or a mask, not by {selector!r}."
        )
    if isinstance(selector, slice):
        return np.arange(group.size, dtype=np.int64)[selector]
    if isinstance(selector, Group):
        return np.asarray(group.id_to_index(selector.all_cells), dtype=np.int64)
    items = list(selector) if not isinstance(selector, np.ndarray) else selector
    if len(items) and isinstance(items[0], ID):
        return np.asarray(group.id_to_index(np.array([int(cell) for cell in items])), dtype=np.int64)
    array = np.asarray(items)
    if array.dtype == bool:
        if array.shape != (group.size,):
            raise PyNNError(f"The mask has shape {array.shape}. {group.label!r} has {group.size} cells.")
        return np.flatnonzero(array).astype(np.int64)
    if len(array) and array.dtype.kind not in "iu":
        raise SelectionError(f"Cells are selected by whole numbers or a mask, not by {array[0]!r}.")
    index = array.astype(np.int64)
    wrong = np.flatnonzero((index < -group.size) | (index >= group.size))
    if len(wrong):
        raise CellNotFoundError(f"{group.label!r} has {group.size} cells, so none has index {index[wrong[0]]}.")
    index = index % group.size if group.size else index
    if np.bincount(index).max(initial=0) > 1:
        raise PyNNError(f"A view of {group.label!r} cannot hold one cell twice. Give each index once.")
    return index


class PopulationView(BasePopulation):
    """Some cells of a population, or of a view.

    Parameters
    ----------
    parent
        A population or a view.
    selector
        A slice, indices, a mask or cells.
    """

    def __init__(self, parent: Population | PopulationView, selector: Any, label: str | None = None) -> None:
        self.parent = parent
        self.index_in_parent = np.asarray(select(parent, selector), dtype=np.int64)
        self.mask = self.index_in_parent
        grandparent, rows = parent.parts()[0]
        self.grandparent = grandparent
        self._rows = rows[self.index_in_parent]
        self.label = label or f"view of {parent.label!r} with {len(self._rows)} cells"
        self.annotations: dict[str, Any] = {}

    def parts(self) -> Parts:
        """The population at the bottom, with the rows of the view."""
        return [(self.grandparent, self._rows)]

    @property
    def simulator(self) -> Simulator:
        """That of the parent."""
        return self.parent.simulator

    @property
    def celltype(self) -> CellType:
        """That of the parent."""
        return self.grandparent.celltype

    template: ClassVar[str] = "populationview_default.txt"

    def described(self) -> dict[str, Any]:
        """What a description says."""
        return {
            "label": self.label,
            "parent": self.parent.label,
            "mask": self.mask,
            "size": self.size,
            "annotations": dict(self.annotations),
        }

    @property
    def structure(self) -> Any:
        """That of the population at the bottom."""
        return self.grandparent.structure

    @property
    def initial_values(self) -> dict[str, Any]:
        """Values at time 0 of every variable, each as a LazyArray of shape (size,)."""
        from pyNN.parameters import LazyArray

        return {name: LazyArray(self.get_initial_value(name), shape=(self.size,)) for name in self.celltype.variables}

    def index_in_grandparent(self, indices: Any) -> Any:
        """Rows of the population for indices of the view."""
        return self._rows[indices]

    def index_from_parent_index(self, indices: Any) -> Any:
        """Indices of the view for indices of the parent."""
        return self.id_to_index(self.parent.all_cells[indices])

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int | np.integer):
            return self.cell_at(int(index))
        return PopulationView(self, index)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PopulationView) and (
            self.grandparent is other.grandparent and np.array_equal(self._rows, other._rows)
        )

    def __hash__(self) -> int:
        return hash((id(self.grandparent), self._rows.tobytes()))
