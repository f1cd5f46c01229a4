"""One cell: a number that knows its population."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cawan.errors import listing, suggestion

from pyNN.errors import UnknownParameterError

if TYPE_CHECKING:
    from pyNN.populations.population import Population
    from pyNN.populations.view import PopulationView
    from pyNN.standardmodels import CellType


class ID(int):
    """A cell. Its parameters are attributes: ``cell.tau_m = 15.0``."""

    parent: Population

    def __new__(cls, number: int, parent: Population | None = None) -> ID:
        """A cell of ``parent``, which may be set later; ``number`` counts all cells of the simulation."""
        cell = super().__new__(cls, number)
        if parent is not None:
            cell.__dict__["parent"] = parent
        return cell

    @property
    def celltype(self) -> CellType:
        """Its cell type."""
        return self.parent.celltype

    @property
    def local(self) -> bool:
        """Whether this process owns it."""
        return self.parent.is_local(self)

    @property
    def position(self) -> Any:
        """Where it is, shape (3,), µm."""
        return self.parent.positions[:, self.parent.id_to_index(self)]

    @position.setter
    def position(self, value: Any) -> None:
        self.parent.positions[:, self.parent.id_to_index(self)] = value

    def as_view(self) -> PopulationView:
        """A view of this cell alone."""
        from pyNN.populations.view import PopulationView

        return PopulationView(self.parent, [self.parent.id_to_index(self)])

    @property
    def native(self) -> Any:
        """The simulator's own object for it, where it hands that out."""
        return self.as_view().native

    def get_parameters(self) -> dict[str, Any]:
        """All parameters with their values."""
        view = self.as_view()
        return {name: view.get(name) for name in self.celltype.parameters}

    def set_parameters(self, **parameters: Any) -> None:
        """Change parameters from now on."""
        self.as_view().set(**parameters)

    def get_initial_value(self, variable: str) -> float:
        """The value of a variable at time 0."""
        return float(self.as_view().get_initial_value(variable)[0])

    def set_initial_value(self, variable: str, value: float) -> None:
        """Set the value of a variable at time 0."""
        self.as_view().initialize(**{variable: value})

    def inject(self, current_source: Any, location: Any = None) -> None:
        """Attach a current source; ``location``: where on a cell of many compartments."""
        current_source.inject_into([self], location)

    @property
    def is_standard_cell(self) -> bool:
        """Whether its cell type is the same on every simulator."""
        from pyNN.standardmodels import StandardCellType

        return isinstance(self.celltype, StandardCellType)

    def __getattr__(self, name: str) -> Any:
        parent = self.__dict__.get("parent")
        if parent is None or name.startswith("_"):
            raise AttributeError(f"A cell has no attribute {name!r}.")
        known = [*parent.celltype.parameters, *parent.celltype.variables]
        if name in known:
            return self.as_view().get(name)
        raise AttributeError(
            f"A cell of {parent.label!r} has no parameter or state variable {name!r}. "
            f"It has: {listing(known)}.{suggestion(name, known)}"
        )

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "parent":
            self.__dict__["parent"] = value
            return
        parameters = self.parent.celltype.parameters
        if name in parameters:
            self.as_view().set(**{name: value})
        elif name in self.parent.celltype.variables:
            self.as_view().initialize(**{name: value})
        elif hasattr(type(self), name):
            super().__setattr__(name, value)
        else:
            raise UnknownParameterError(name, type(self.parent.celltype).__name__, parameters)
