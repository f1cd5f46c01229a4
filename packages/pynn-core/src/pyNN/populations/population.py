"""A population: cells of one type, made together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import Array, Block, Index, NativeModel, Ragged, Tag, Values

from pyNN.errors import FixedNetworkError, InvalidValueError, PyNNError, StaleObjectError, UnknownParameterError
from pyNN.parameters import Parameter, Sequence, evaluate
from pyNN.populations.cell import ID
from pyNN.populations.group import Group, Parts
from pyNN.populations.view import PopulationView
from pyNN.random import RandomDistribution
from pyNN.random.streams import generator, uniform
from pyNN.recording.recorder import Recorder
from pyNN.space import BaseStructure, Line
from pyNN.standardmodels import CellType
from pyNN.standardmodels.cells import PointNeuron
from pyNN.translation import defaults, to_native

if TYPE_CHECKING:
    from pyNN.simulator import Simulator


class Population(Group):
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
    ) -> None:  # fmt: skip
        if self.bound_to is None:
            raise PyNNError("A Population belongs to a simulator. Make it as sim.Population(...).")
        self._simulator: Simulator = self.bound_to
        self._simulator.require("A Population")
        self.generation, self.timestep = self._simulator.generation, self._simulator.timestep
        self._size = _whole(size)
        self.celltype = _instance(cellclass, cellparams)
        self.identity = self._simulator.identity("population", label)
        self.label = label or f"population{self._simulator.count_population()}"
        self.annotations: dict[str, Any] = {}
        self.structure = structure
        self._positions: Array | None = None
        space = self.celltype.parameter_space
        self.values: dict[str, Values] = {
            name: self._evaluate(name, parameter, space[name], self._size)
            for name, parameter in self.celltype.parameters.items()
        }
        self.celltype.check(self.label, self.values)
        self._initial: dict[str, Values] = {}
        self.initialize_values(dict(initial_values or {}), np.arange(self._size), self.label)
        self.recorder = Recorder(self)
        self.native: NativeModel = self._simulator.resolve(self.celltype)
        self.first_number = self._simulator.number_cells(self._size)
        self.block: Block = None
        for name, value in self.values.items():
            self._check_scope(name, value, True)
        self._simulator.add_population(self)

    # -- Group ----------------------------------------------------------------------------------------------------

    def parts(self) -> Parts:
        """Itself, with all its rows."""
        return [(self, np.arange(self._size, dtype=np.int64))]

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

    def is_local(self, id: int) -> bool:
        """Whether this process owns a cell."""
        return bool(self.id_to_index(id) >= 0)

    def id_to_local_index(self, id: Any) -> Any:
        """Index among the cells that this process owns."""
        return self.id_to_index(id)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, int | np.integer):
            return self.cell_at(int(index))
        return PopulationView(self, index)

    # -- places ---------------------------------------------------------------------------------------------------

    @property
    def positions(self) -> Array:
        """Where the cells are, shape (3, size), µm."""
        if self._positions is None:
            structure = self.structure or Line()
            rng = getattr(structure, "rng", None)
            key = self.identity.key("positions", None if rng is None else rng.seed)
            self._positions = np.ascontiguousarray(structure.place(self._size, lambda n: uniform(key, 0, n)).T)
        return self._positions

    @positions.setter
    def positions(self, value: Any) -> None:
        array = np.asarray(value, dtype=np.float64)
        if array.shape != (3, self._size):
            raise PyNNError(f"positions have shape {array.shape}. They must have shape (3, {self._size}).")
        self._positions, self.structure = array, None

    def nearest(self, position: Any) -> ID:
        """The cell nearest to a position (3 numbers, µm)."""
        squares = ((self.positions - np.asarray(position, dtype=np.float64)[:, None]) ** 2).sum(axis=0)
        return self.cell_at(int(np.argmin(squares)))

    # -- building -------------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the cells on the backend, with their parameters and initial values."""
        backend = self._simulator.backend
        native = {**defaults(self.native), **to_native(self.native, self.values_now())}
        tag = Tag(self.label, self.identity.key("cells"))  # after reset, other draws
        self.block = backend.create(self.native, self._size, native, tag)
        start = {
            name: self._start(name)
            for name, variable in self.celltype.variables.items()
            if name in self.native.variables and (name in self._initial or variable.initial is not None)
        }
        if start and self._size:
            backend.set(self.block, to_native_variables(self.native, start))

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
        self.values = updated
        if self._simulator.feeders.feeds(self):
            return
        self._send(set(changed), index)

    def _send(self, names: set[str], index: Index) -> None:
        values = self.values_now()
        native = to_native(
            self.native, {name: values[name] for name in names} if self.native.computed is None else values
        )
        whole = len(index) == self._size
        order = np.argsort(index, kind="stable")
        rows = index[order]
        parts = {name: value if whole else _rows(value, rows) for name, value in native.items()}
        self._simulator.backend.set(self.block, parts, None if whole else rows)

    def _check_scope(self, name: str, value: Values, whole: bool) -> None:
        native = self.native.parameters.get(name)
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
    def initial_values(self) -> dict[str, Values]:
        """Values at time 0 of every variable."""
        return {name: self.initial_of(name) for name in self.celltype.variables}

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
        known = {name: value for name, value in evaluated.items() if name in self.native.variables}
        missing = sorted(set(evaluated) - set(known))
        if missing:
            raise PyNNError(
                f"{self._simulator.name} cannot set {', '.join(missing)} of {type(self.celltype).__name__}."
            )
        order = np.argsort(index, kind="stable")
        native = to_native_variables(self.native, known)
        ordered = {name: _rows(value, order) for name, value in native.items()}
        if self._size:
            self._simulator.backend.set(self.block, ordered, None if len(index) == self._size else index[order])

    def _check_variable(self, name: str) -> None:
        if name not in self.celltype.variables:
            raise UnknownParameterError(name, type(self.celltype).__name__, self.celltype.variables, "state variable")

    def _evaluate(self, name: str, parameter: Parameter, value: Any, size: int, owner: str = "") -> Values:
        def draw(distribution: RandomDistribution) -> Array:
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
    raise PyNNError(f"cellclass is {cellclass!r}. It must be a cell type, such as IF_cond_exp().")


def _changed(celltype: CellType) -> dict[str, Any]:
    return dict(celltype.parameter_space)


def _check_times(owner: str, name: str, times: Ragged) -> None:
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
        rows = [old.row(k) for k in range(size)]
        for k, row in enumerate(index):
            rows[int(row)] = new.row(k)
        return Ragged(np.concatenate([np.empty(0), *rows]), np.cumsum([0, *map(len, rows)], dtype=np.int64))
    merged = np.array(np.broadcast_to(np.asarray(old, dtype=np.float64), (size,)))
    merged[index] = np.asarray(new)
    return merged


def _rows(value: Values, index: Index) -> Values:
    """These rows of a value; a number is the same for all."""
    if isinstance(value, Ragged):
        rows = [value.row(int(k)) for k in index]
        return Ragged(np.concatenate([np.empty(0), *rows]), np.cumsum([0, *map(len, rows)], dtype=np.int64))
    return value[index] if isinstance(value, np.ndarray) else value
