"""A population: cells of one type, made together."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import Array, Block, Index, NativeModel, Ragged, Tag, Values

from pyNN.errors import (
    CellNotFoundError,
    FixedNetworkError,
    InvalidDimensionsError,
    InvalidModelError,
    InvalidValueError,
    PyNNError,
    StaleObjectError,
    UnknownParameterError,
)
from pyNN.legacy.arguments import at_grid_place, of_old
from pyNN.parallel import from_all
from pyNN.parameters import Parameter, Sequence, evaluate
from pyNN.populations.cell import ID
from pyNN.populations.group import BasePopulation, Group, Parts
from pyNN.populations.places import CellPlaces, no_places_on
from pyNN.populations.view import PopulationView
from pyNN.random import RandomDistribution
from pyNN.random.generators import draws_itself
from pyNN.random.streams import generator, uniform
from pyNN.recording.recorder import Recorder
from pyNN.refusals import chosen, refusals
from pyNN.space import BaseStructure, Grid2D, Grid3D, Line
from pyNN.standardmodels import CellType
from pyNN.standardmodels.cells import MultiCompartmentNeuron, PointNeuron
from pyNN.translation import defaults, to_native, to_pynn

if TYPE_CHECKING:
    from pyNN.simulator import Simulator


class Population(BasePopulation):
    """Cells of one type.

    Parameters
    ----------
    size
        How many; 0 is legal. Several numbers make a grid, whose product is the size.
    cellclass
        A cell type such as ``IF_cond_exp(tau_m=15.0)``, or the class with ``cellparams``.
    structure
        Where the cells are; along a line by default.
    initial_values
        State variables at time 0.
    label
        Names the population, and keys its random draws.
    """

    bound_to: ClassVar[Simulator | None] = None

    def __init__(
        self, size: int | tuple[int, ...], cellclass: type[CellType] | CellType,
        cellparams: Mapping[str, Any] | None = None, structure: BaseStructure | None = None,
        initial_values: Mapping[str, Any] | None = None, label: str | None = None,
        additional_parameters: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        structure, label, initial_values, cellparams = of_old(structure, label, initial_values, cellparams, cellclass)
        if self.bound_to is None:
            raise PyNNError("A Population belongs to a simulator. Make it as sim.Population(...).")
        self._simulator: Simulator = self.bound_to
        self._simulator.require("A Population")
        self.generation, self.timestep = self._simulator.generation, self._simulator.timestep
        self._size = _whole(size)
        self.dim = tuple(int(n) for n in size) if isinstance(size, tuple | list) else (self._size,)
        self.celltype = _instance(cellclass, cellparams)
        self.identity = self._simulator.identity("population", label)
        self.label = label or f"population{self._simulator.count_population()}"
        self.annotations: dict[str, Any] = {}
        self._structure = structure if structure is not None else _grid(self.dim)
        self._positions: Array | None = None
        space = self.celltype.given
        self.values: dict[str, Values] = {
            name: self._evaluate(name, parameter, space[name], self._size)
            for name, parameter in self.celltype.parameters.items()
        }
        self.celltype.check(self.label, self.values)
        self._initial: dict[str, Values] = {}
        begins = {**self.celltype.changed_initial_values, **(initial_values or {})}
        self.initialize_values(begins, np.arange(self._size), self.label)
        self.recorder = Recorder(self)
        self.model_row: NativeModel = self._simulator.resolve(self.celltype)
        self.first_number = self._simulator.number_cells(self._size)
        self.block: Block = None
        self._places: CellPlaces | None = None
        self._local: Index | None = None
        for name, value in self.values.items():
            self._check_scope(name, value, True)
        self._simulator.add_population(self)

    # -- Group ----------------------------------------------------------------------------------------------------

    def id_to_index(self, id: Any) -> Any:
        """Index of a cell, or an array of them for several cells: they are numbered in order."""
        index = np.asarray(id.all_cells if isinstance(id, Group) else id, dtype=np.int64) - self.first_number
        if np.any((index < 0) | (index >= self._size)):
            raise CellNotFoundError(f"{id!r} is not a cell of {self.label!r}.")
        return index if index.ndim else int(index)

    def local_rows(self) -> Index:
        """Rows that this process owns, increasing."""
        return self._local if self._local is not None else self._every_row

    def parts(self) -> Parts:
        """Itself, with all its rows."""
        return [(self, self._every_row)]

    @cached_property
    def _every_row(self) -> Index:
        """All rows: every projection keeps them, so there is one array for all, which nobody may change."""
        rows = np.arange(self._size, dtype=np.int64)
        rows.flags.writeable = False
        return rows

    @property
    def simulator(self) -> Simulator:
        """Where it lives."""
        return self._simulator

    def require(self, what: str) -> None:
        """Refuse what needs the simulation that these cells belong to, where it is over."""
        if self.generation != self._simulator.generation:
            raise StaleObjectError("Population", self.label)
        self._simulator.require(what)

    @property
    def size(self) -> int:
        """Number of cells."""
        return self._size

    def cell(self, k: int) -> ID:
        """The cell of row k."""
        return ID(self.first_number + k, self)

    def id_to_local_index(self, id: Any) -> Any:
        """Index among the cells that this process owns."""
        return self.id_to_index(id)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int | np.integer):
            return self.cell_at(int(index))
        if isinstance(index, tuple) and len(self.dim) > 1 and len(index) == len(self.dim):
            return self.cell_at(at_grid_place(index, self.dim))
        return PopulationView(self, index)

    # -- places ---------------------------------------------------------------------------------------------------

    @property
    def positions(self) -> Array:
        """Where the cells are, shape (3, size), µm."""
        if self._positions is None:
            self._positions = self._placed()
        return self._positions

    @positions.setter
    def positions(self, value: Any) -> None:
        array = np.array(value, dtype=np.float64)
        if array.shape != (3, self._size):
            raise InvalidDimensionsError(self.label, "positions", array.shape, f"(3, {self._size})")
        self._positions, self._structure = array, None

    def _placed(self) -> Array:
        structure = self._structure if self._structure is not None else Line()
        if not isinstance(structure, BaseStructure) or _places_itself(structure):
            return np.array(structure.generate_positions(self._size), dtype=np.float64)
        rng: Any = getattr(structure, "rng", None)
        if draws_itself(rng):
            found = structure.place(self._size, lambda n: rng.next(n, "uniform", {"low": 0.0, "high": 1.0}))
        else:
            key = self.identity.key("positions", None if rng is None else rng.seed)
            found = structure.place(self._size, lambda n: uniform(key, 0, n))
        return np.ascontiguousarray(found.T)

    @property
    def structure(self) -> BaseStructure | None:
        """Where the cells are; None where positions were set one by one."""
        return self._structure

    @structure.setter
    def structure(self, structure: BaseStructure | None) -> None:
        self._structure, self._positions = structure, None

    def described(self) -> dict[str, Any]:
        """What a description says."""
        first = self.cell(0).get_parameters() if self._size else {}
        structure = None if self._structure is None else self._structure.describe(template=None)
        return {
            "label": self.label,
            "celltype": self.celltype.describe(template=None),
            "celltype_name": type(self.celltype).__name__,
            "structure": structure,
            "structure_name": type(self._structure).__name__,
            "size": self._size,
            "size_local": self.local_size,
            "first_id": int(self.first_id) if self._size else None,
            "last_id": int(self.last_id) if self._size else None,
            "local_first_id": int(self.first_id) if self._size else None,
            "cell_parameters": "\n".join(f"        {name}: {value}" for name, value in first.items()),
            "annotations": dict(self.annotations),
        }

    @property
    def has_places(self) -> bool:
        """Whether the cells have many compartments."""
        return self._places is not None

    # -- places on the cells --------------------------------------------------------------------------------------

    @property
    def places(self) -> CellPlaces:
        """Receptors and other places on the cells.

        Raises
        ------
        PyNNError
            The cells are of one compartment.
        """
        if self._places is None:
            raise no_places_on(self)
        return self._places

    # -- building -------------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the cells on the backend, with their parameters and initial values."""
        backend = self._simulator.backend
        values = {**self.values_now(), **self.celltype.constants}
        native = {**defaults(self.model_row), **to_native(self.model_row, values)}
        tag = Tag(self.label, self.identity.key("cells"))  # after reset, other draws
        with refusals(backend.name, self.label, chosen(self.celltype.given, self.celltype.parameters)):
            self.block = backend.create(self.model_row, self._size, native, tag)
        alone = self._simulator.num_processes() == 1
        self._local = None if alone else self._simulator.local_rows(self.block, self._size)
        start = {
            name: self._start(name)
            for name, variable in self.celltype.variables.items()
            if name in self.model_row.variables and (name in self._initial or variable.initial is not None)
        }
        if start and self._size:
            with refusals(backend.name, self.label, start):
                backend.set(self.block, to_native_variables(self.model_row, start))
        if self._places is None and isinstance(self.celltype, MultiCompartmentNeuron):
            self._places = CellPlaces(self, self.celltype)
        if self._places is not None:
            self._places.build()

    def values_now(self) -> Mapping[str, Values]:
        """Parameters as the backend gets them: times on the grid, of a source that the core feeds, its spikes."""
        return self._simulator.feeders.values_of(self)

    # -- parameters -----------------------------------------------------------------------------------------------

    def values_of(self, name: str, index: Index) -> Any:
        """A parameter of these rows: an array of shape (n,), or a list of Sequence."""
        if name not in self.values:
            raise UnknownParameterError(name, type(self.celltype).__name__, self.celltype.parameters)
        value = self.values[name]
        if isinstance(value, Ragged):
            return [Sequence(value.row(int(k))) for k in index]
        return value[index] if isinstance(value, np.ndarray) else np.full(len(index), value)

    def set_rows(self, given: Mapping[str, Any], index: Index, owner: str) -> None:
        """Change parameters of these rows from now on; nothing changes where one value is refused."""
        self.require("Changing a parameter")
        schema = self.celltype.parameters
        changed = {name: self._evaluate(name, schema[name], value, len(index), owner) for name, value in given.items()}
        for name, value in changed.items():
            self._check_scope(name, value, len(index) == self._size)
        updated = self.values | {
            name: _merged(self.values[name], value, index, self._size) for name, value in changed.items()
        }
        self.celltype.check(self.label, updated)
        self._simulator.feeders.before_change(self, updated)
        known, self.values = self.values, updated
        if self._simulator.feeders.feeds(self):
            return
        try:
            self._send(set(changed), index)
        except Exception:
            self.values = known
            raise

    def _send(self, names: set[str], index: Index) -> None:
        values = self.values_now()
        native = to_native(
            self.model_row, {name: values[name] for name in names} if self.model_row.computed is None else values
        )
        whole = len(index) == self._size
        order = np.argsort(index, kind="stable")
        rows = index[order]
        parts = {name: value if whole else _rows(value, rows) for name, value in native.items()}
        with refusals(self._simulator.name, self.label, sorted(names)):
            self._simulator.backend.set(self.block, parts, None if whole else rows)

    def _check_scope(self, name: str, value: Values, whole: bool) -> None:
        native = self.model_row.parameters.get(name)
        if native is None:
            return
        if native.fixed and self._simulator.started and self.block is not None:
            raise FixedNetworkError(f"change {name!r} of {type(self.celltype).__name__}", self._simulator.name)
        if native.scope == "block" and not (whole and isinstance(value, float)):
            raise PyNNError(
                f"{self._simulator.name} has one {name!r} for all cells of {self.label!r}. "
                "Give one value, for the whole population."
            )

    # -- state ----------------------------------------------------------------------------------------------------

    @property
    def initial_values(self) -> dict[str, Any]:
        """Values at time 0 of every variable, each as a LazyArray of shape (size,)."""
        from pyNN.parameters import LazyArray

        return {name: LazyArray(self._start(name), shape=(self._size,)) for name in self.celltype.variables}

    def present(self, name: str, index: Index) -> Any:
        """A parameter, or a state variable as it is now, of these rows: an array (n,), or a list of Sequence."""
        if name in self.values or name not in self.celltype.variables:
            return self.values_of(name, index)
        if not self._simulator.started or name not in self.model_row.variables:
            return self.initial_of(name)[index]
        self.require("Reading a state variable")
        native = self.model_row.variables[name]
        mine = np.flatnonzero(np.isin(index, self.local_rows()))
        mine = mine[np.argsort(index[mine], kind="stable")]
        found = self._simulator.backend.get(self.block, [native.name], index[mine])[native.name]
        values = np.empty(len(index))
        share = np.broadcast_to(np.asarray(to_pynn(native, found), dtype=np.float64), (len(mine),))
        for places, part in from_all((mine, share)) if self._local is not None else [(mine, share)]:
            values[places] = part
        return values

    def initial_of(self, variable: str) -> Array:
        """Values of a variable at time 0, shape (size,)."""
        self._check_variable(variable)
        return np.array(np.broadcast_to(np.asarray(self._start(variable), dtype=np.float64), (self._size,)))

    def _start(self, variable: str) -> Values:
        """A variable at time 0, as one number where all cells share it."""
        if variable in self._initial:
            return self._initial[variable]
        start = self.celltype.variables[variable].initial
        return self.values[start] if isinstance(start, str) else float("nan") if start is None else start

    def initialize_values(self, given: Mapping[str, Any], index: Index, owner: str) -> dict[str, Values]:
        """Keep initial values of these rows; gives what was evaluated."""
        for name in given:
            self._check_variable(name)
        evaluated = {
            name: self._evaluate(name, Parameter(0.0, self.celltype.variables[name].units), value, len(index), owner)
            for name, value in given.items()
        }
        for name, value in evaluated.items():
            whole = len(index) == self._size
            self._initial[name] = value if whole else _merged(self.initial_of(name), value, index, self._size)
        return evaluated

    def initialize_rows(self, given: Mapping[str, Any], index: Index, owner: str) -> None:
        """Keep initial values of these rows, and set them on the backend now."""
        self.require("Setting an initial value")
        evaluated = self.initialize_values(given, index, owner)
        known = {name: value for name, value in evaluated.items() if name in self.model_row.variables}
        missing = sorted(set(evaluated) - set(known))
        if missing:
            raise PyNNError(
                f"{self._simulator.name} cannot set {', '.join(missing)} of {type(self.celltype).__name__}."
            )
        order = np.argsort(index, kind="stable")
        native = to_native_variables(self.model_row, known)
        ordered = {name: _rows(value, order) for name, value in native.items()}
        if self._size:
            with refusals(self._simulator.name, self.label, known):
                self._simulator.backend.set(self.block, ordered, None if len(index) == self._size else index[order])

    def _check_variable(self, name: str) -> None:
        if name not in self.celltype.variables:
            raise UnknownParameterError(name, type(self.celltype).__name__, self.celltype.variables, "state variable")
        if isinstance(self.celltype, MultiCompartmentNeuron) and name.partition(".")[0] in self.celltype.receptors:
            raise PyNNError(f"{name!r} of {self.label!r} begins at 0, and only input changes it. Leave it out.")

    def _evaluate(self, name: str, parameter: Parameter, value: Any, size: int, owner: str = "") -> Values:
        def draw(distribution: RandomDistribution) -> Array:
            if draws_itself(distribution.rng):
                return np.asarray(distribution.next(size), dtype=np.float64)
            seed = None if distribution.rng is None else distribution.rng.seed
            return distribution.draw(generator(self.identity.key(name, seed)), size)

        result = evaluate(owner or self.label, name, parameter, value, size, draw)
        if isinstance(result, Ragged) and name == "spike_times":
            _check_times(owner or self.label, name, result)
        return result


def to_native_variables(model: NativeModel, values: Mapping[str, Values]) -> dict[str, Values]:
    """Native values of state variables."""
    from pyNN.translation import scaled

    return {model.variables[name].name: scaled(value, model.variables[name].scale) for name, value in values.items()}


def _whole(size: int | tuple[int, ...]) -> int:
    if isinstance(size, tuple | list) and not 1 <= len(size) <= 3:
        raise InvalidValueError("Population", "size", size, "a whole number, or one to three of them")
    number = int(np.prod(size)) if isinstance(size, tuple | list) else size
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or number < 0:
        raise InvalidValueError("Population", "size", size, "a whole number, 0 or more")
    return int(number)


def _instance(cellclass: type[CellType] | CellType, cellparams: Mapping[str, Any] | None) -> CellType:
    if isinstance(cellclass, CellType):
        if cellparams and isinstance(cellclass, PointNeuron):
            return cellclass.with_parameters(cellparams)
        if cellparams:
            return type(cellclass)(**{**_changed(cellclass), **cellparams})
        return cellclass
    if isinstance(cellclass, type) and issubclass(cellclass, CellType):
        return cellclass(**dict(cellparams or {}))
    raise InvalidModelError(f"cellclass is {cellclass!r}. It must be a cell type, such as IF_cond_exp().")


def _places_itself(structure: BaseStructure) -> bool:
    """Whether a script's own structure gives positions by its method ``generate_positions``."""
    return type(structure).generate_positions is not BaseStructure.generate_positions


def _grid(dim: tuple[int, ...]) -> BaseStructure | None:
    """The structure of a population whose size is given as several numbers."""
    if len(dim) < 2:
        return Line()
    if len(dim) == 2:
        return Grid2D(aspect_ratio=dim[0] / dim[1])
    return Grid3D(aspect_ratioXY=dim[0] / dim[1], aspect_ratioXZ=dim[0] / dim[2])


def _changed(celltype: CellType) -> dict[str, Any]:
    return dict(celltype.given)


def _check_times(owner: str, name: str, times: Ragged) -> None:
    starts = np.zeros(len(times.data), dtype=bool)
    starts[times.splits[:-1][np.diff(times.splits) > 0]] = True
    falling = np.flatnonzero((np.diff(times.data, prepend=-np.inf) < 0) & ~starts)
    if len(falling):
        cell = int(np.searchsorted(times.splits, falling[0], side="right")) - 1
        raise InvalidValueError(
            owner, name, float(times.data[falling[0]]), f"at least {times.data[falling[0] - 1]:g}, the time before it",
            index=cell, count=len(falling),
        )  # fmt: skip
    negative = np.flatnonzero(times.data < 0)
    if len(negative):
        cell = int(np.searchsorted(times.splits, negative[0], side="right")) - 1
        raise InvalidValueError(
            owner, name, float(times.data[negative[0]]), "0 ms or later", index=cell, count=len(negative)
        )


def _merged(old: Values, new: Values, index: Index, size: int) -> Values:
    """The values of all rows, once those of ``index`` are new."""
    if len(index) == size:
        return _rows(new, np.argsort(index, kind="stable"))
    if isinstance(new, Ragged) and isinstance(old, Ragged):
        both = Ragged(np.concatenate([old.data, new.data]), np.append(old.splits, old.splits[-1] + new.splits[1:]))
        order = np.arange(size, dtype=np.int64)
        order[index] = size + np.arange(len(index))
        return _rows(both, order)
    merged = np.array(np.broadcast_to(np.asarray(old, dtype=np.float64), (size,)))
    merged[index] = np.asarray(new)
    return merged


def _rows(value: Values, index: Index) -> Values:
    """These rows of a value; a number is the same for all."""
    if isinstance(value, Ragged):
        lengths = np.diff(value.splits)[index]
        splits = np.append(0, np.cumsum(lengths))
        shifts = np.repeat(value.splits[index] - splits[:-1], lengths)
        return Ragged(value.data[np.arange(splits[-1]) + shifts], splits)
    return value[index] if isinstance(value, np.ndarray) else value
