"""The connections between two groups of cells, made by a connector, all of one synapse type."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from cawan.errors import listing, suggestion
from cawan.fast_dataclasses import replace
from cawan.simulator import Array, Block, Index, Tag

from pyNN.connectors.base import Connector, Ends, Rows, by_target
from pyNN.core import IndexBasedExpression
from pyNN.errors import (
    ConnectionError,
    FixedNetworkError,
    InvalidDimensionsError,
    InvalidParameterValueError,
    InvalidValueError,
    PyNNError,
    ReceptorTypeError,
    StaleObjectError,
    UnknownParameterError,
)
from pyNN.expressions import Expression, of_distances
from pyNN.legacy.projections import OldProjection, of_old
from pyNN.native_types import handles
from pyNN.parameters import Parameter, strip_units
from pyNN.projections.connection import Connection
from pyNN.projections.limits import DelayLimits, check_bounds, check_sign, weight_sign
from pyNN.projections.plastic import from_backend, to_backend
from pyNN.projections.receptors import reached_by
from pyNN.projections.sampling import SynapseRecorder
from pyNN.projections.singly import SingleValues
from pyNN.projections.starting import starting_values
from pyNN.projections.values import check_values, columns_of, drawn
from pyNN.projections.wiring import Part, RowSource, Translation, wiring
from pyNN.random import RandomDistribution
from pyNN.random.streams import Identity
from pyNN.refusals import chosen, noting_errors, refusals
from pyNN.space import Space
from pyNN.standardmodels import SynapseType
from pyNN.standardmodels.synapses import ElectricalSynapse, StaticSynapse

if TYPE_CHECKING:
    from pyNN.populations.group import Group, Parts
    from pyNN.populations.places import Placement
    from pyNN.populations.population import Population
    from pyNN.simulator import Simulator

_SINGULAR = {"weights": "weight", "delays": "delay"}
_UFUNCS: Mapping[str, Callable[..., Any]] = {"sum": np.add, "min": np.minimum, "max": np.maximum}


class Projection(OldProjection):
    """Synapses from one population, view or assembly to another.

    Parameters
    ----------
    presynaptic_neurons, postsynaptic_neurons
        The two groups.
    connector
        Who connects to whom.
    synapse_type
        Its parameters may be numbers, arrays of shape (n_pre, n_post), distributions, functions of the distance or
        expressions in ``d`` (µm); a static synapse of weight 0 by default.
    source
        Where on presynaptic cells of many compartments spikes are taken: a section's name, or a place of
        :mod:`pyNN.morphology`. None: at the cells' own source.
    receptor_type
        One of the postsynaptic cells' receptor types. None: the first; the inhibitory one of a current-based cell
        where the given weight is a negative number.
    space
        Where distances are measured.
    label
        Names the projection, and keys its random draws.
    """

    MULTI_SYNAPSE_OPERATIONS: ClassVar[tuple[str, ...]] = ("last", "first", "sum", "min", "max")

    def __init__(
        self, presynaptic_neurons: Group | None = None, postsynaptic_neurons: Group | None = None,
        connector: Connector | None = None, synapse_type: SynapseType | None = None, source: str | None = None,
        receptor_type: str | None = None, space: Space | None = None, label: str | None = None, **old: Any,
    ) -> None:  # fmt: skip
        given: dict[str, Any] = {
            "presynaptic_neurons": presynaptic_neurons, "postsynaptic_neurons": postsynaptic_neurons,
            "connector": connector, "synapse_type": synapse_type, "source": source, "receptor_type": receptor_type,
            "space": space, "label": label,
        }  # fmt: skip
        if old or getattr(connector, "old", None) is not None:
            given = of_old(given, old, tuple(given))
        self._prepare(**given)

    def _prepare(
        self, presynaptic_neurons: Any, postsynaptic_neurons: Any, connector: Any, synapse_type: Any, source: Any,
        receptor_type: str | None, space: Any, label: str | None,
    ) -> None:  # fmt: skip
        _check_arguments(presynaptic_neurons, postsynaptic_neurons, connector, synapse_type)
        self.pre, self.post, self._connector = presynaptic_neurons, postsynaptic_neurons, connector
        self.synapse_type = synapse_type if synapse_type is not None else StaticSynapse()
        self.space = space if space is not None else Space()
        simulator: Simulator = self.pre.simulator
        _check_together(simulator, self.pre, self.post)
        simulator.require("A Projection")
        self._source = source
        for population, _ in self.pre.parts() if source else ():
            self._source_of(population)
        self.simulator, self._generation = simulator, simulator.generation
        self.identity: Identity = simulator.identity("projection", label)
        self.label = label or f"{self.pre.label}→{self.post.label}"
        types = self._receptor_types(receptor_type)
        self.annotations: dict[str, Any] = {}
        self._models = simulator.resolve(self.synapse_type)
        limits = DelayLimits(self.label, simulator.timestep, *simulator.delay_limits())
        ends = Ends(self.pre, self.post, self.space, self.identity, self.label, self.synapse_type)
        plan = connector.plan(ends)
        given = dict(self.synapse_type.given)
        schema = self._schema
        self._ends, self._plan = ends, plan
        selector, columns = connector.location_selector, columns_of(self.label, ends, plan, schema, given, limits, 0)
        reached = reached_by(
            self.post, receptor_type or types[0], selector, self.synapse_type, self.identity, self.label
        )
        self._rows = RowSource(plan, columns, self.shape, reached)
        self.receptor_type = receptor_type or self._inferred(types)
        conductances = self.post.conductance_based
        plain = all(population.celltype.weight_units for population, _ in self.post.parts())  # else a native cell's
        sign = weight_sign(conductance_based=conductances, receptor_type=self.receptor_type) if plain else 0
        self._rows.require_sign(1 if isinstance(self.synapse_type, ElectricalSynapse) else sign)
        if "w_max" in schema and self._rows.any():
            check_bounds(self.label, self._rows.common, self._rows.weight_range())
        given_state = self.synapse_type.initial_state
        self._initial: dict[str, float] = {**self.synapse_type.default_initial_values, **given_state}
        self._placed: list[tuple[Part, Part, Block]] = []
        self._singly = SingleValues(self)
        self.recorder = SynapseRecorder(self)
        simulator.add_projection(self)

    # -- building -----------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the synapses on the backend: one block for each pair of blocks that they join."""
        backend = self.simulator.backend
        tag = Tag(self.label, self.identity.key("synapses"))  # after reset, other draws
        pres, posts = numbered(self.pre.parts()), numbered(self.post.parts())
        whole = len(pres) == 1 and len(posts) == 1
        self._placed = []
        self._singly.forget()
        for pre, source in pres:
            for post, target in posts:
                translation = Translation(self._models, post.model_row.receptors[self.receptor_type].weight_scale)
                made = wiring(self._rows, source, target, translation, whole=whole, shape=self.shape)
                begin = self._source_of(pre).block if self._source else pre.block
                end = post.places.receptors[self.receptor_type] if self._rows.reached else None
                to = post.block if end is None else end.block
                own: list[Exception] = []
                with refusals(backend.name, self.label, chosen(self.synapse_type.given, self._schema), own):
                    made = noting_errors(made, own)
                    block = backend.connect(self._models, begin, to, self.receptor_type, made, tag)
                self._placed.append((source, target if end is None else replace(target, cell=end.cell), block))
        for name, value in self._initial.items():
            self._initialize(name, value)

    def _source_of(self, population: Population) -> Placement:
        """The place where the spikes of presynaptic cells are taken; all cells have it, so its rows are theirs."""
        placements = population.places.at(self._source, np.arange(population.size))
        if len(placements) > 1 or len(placements[0].cell) < population.size:
            names = listing([placement.label for placement in placements])
            raise ConnectionError(
                f"source={self._source!r} is not one place on each cell of {population.label!r} but: {names}. Name one."
            )
        return placements[0]

    def _receptor_types(self, asked: str | None) -> tuple[str, ...]:
        types: tuple[str, ...] = self.post.receptor_types
        if asked is not None and asked not in types:
            raise ReceptorTypeError(asked, self.post.label, types)
        if not self.post._homogeneous_synapses:
            raise ConnectionError(
                f"Weights onto some cells of {self.post.label!r} are conductances, and onto others currents. Make a "
                "projection for each kind."
            )
        if not types:
            raise ConnectionError(
                f"{self.post.label!r} has no synapses to connect to. Choose cells with receptors as the target."
            )
        return types

    def _inferred(self, types: tuple[str, ...]) -> str:
        """The first receptor; the inhibitory one of current-based cells where all weights are negative."""
        if not self.post.conductance_based and "inhibitory" in types and not self._rows.weights_are_positive():
            low, high = self._rows.weight_range()
            if low < 0 and high <= 0:
                return "inhibitory"
        return types[0]

    @property
    def _schema(self) -> dict[str, Parameter]:
        """The synapse type's parameters; a weight is a conductance or a current, as the target takes it."""
        if isinstance(self.synapse_type, ElectricalSynapse):
            return dict(self.synapse_type.parameters)
        units = {population.celltype.weight_units for population, _ in self.post.parts()}
        unit = units.pop() if len(units) == 1 else "uS" if self.post.conductance_based else "nA"
        return {
            name: replace(p, units=unit) if name in ("weight", "w_min", "w_max", "eta") else p
            for name, p in self.synapse_type.parameters.items()
        }

    # -- sizes and rows -----------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._rows.size

    def size(self, gather: bool = True) -> int:
        """Connections in all; with ``gather=False``, those whose target this process owns."""
        return self._rows.size if gather or self.simulator.num_processes() == 1 else int(self._local().sum())

    def _local(self) -> Any:
        """Which connections have a target that this process owns, shape (n,)."""
        return self.post._mask_local[self.indices()[1]]

    @property
    def shape(self) -> tuple[int, int]:
        """Sizes of the two groups."""
        return self.pre.size, self.post.size

    def indices(self) -> tuple[Index, Index]:
        """Indices of the presynaptic and of the postsynaptic cell of each connection, both of shape (n,)."""
        pre, post, _ = self._rows.table(())
        return pre, post

    def __getitem__(self, k: int | slice) -> Any:
        if isinstance(k, slice):
            return [self[n] for n in range(*k.indices(len(self)))]
        if not -len(self) <= k < len(self):
            raise IndexError(f"{self.label} has {len(self)} connections, so none is number {k}.")
        number, ends = k % len(self), self._singly.ends()
        return Connection(self._singly, number, int(ends.pre[number]), int(ends.post[number]))

    def __iter__(self) -> Iterator[Connection]:
        pre, post, _ = self._rows.table(())
        for k, (i, j) in enumerate(zip(pre, post, strict=True)):
            yield Connection(self._singly, k, int(i), int(j))

    def delay_range(self) -> tuple[float, float]:
        """Shortest and longest delay of all connections on the clock, ms; (inf, 0) where there is none."""
        if "delay" not in self._schema or not self._rows.any():
            return inf, 0.0
        rounded = self._rows.columns.limits.rounded
        if "delay" in self._rows.common:
            common = float(rounded(self._rows.common["delay"]))
            return common, common
        parts = [values["delay"] for _, values in self._rows if len(values["delay"])]
        return float(rounded(min(p.min() for p in parts))), float(rounded(max(p.max() for p in parts)))

    # -- values -------------------------------------------------------------------------------------------------

    def get(
        self, attribute_names: str | Sequence[str], format: Literal["list", "array"], gather: bool | str = True,
        with_address: bool = True, multiple_synapses: str = "sum", realised: bool = False,
    ) -> Any:  # fmt: skip
        """Values of all connections.

        Parameters
        ----------
        format
            "list": a list of tuples (i, j, values …), sorted by target and then source; "array": one array of shape
            (n_pre, n_post) for each attribute, NaN where there is no connection.
        multiple_synapses
            For "array": how several connections of one pair become one number.
        realised
            Delays as the simulator has them, in steps of the clock; else as they were given.
        """
        names = (attribute_names,) if isinstance(attribute_names, str) else tuple(attribute_names)
        names = tuple(_SINGULAR.get(name, name) for name in names)
        pre, post, values = self._table(names)
        if not gather and self.simulator.num_processes() > 1:
            mine = self._local()
            pre, post, values = pre[mine], post[mine], {name: column[mine] for name, column in values.items()}
        if realised and "delay" in values:
            values["delay"] = np.asarray(self._rows.columns.limits.rounded(values["delay"]))
        if format == "array":
            found = [_dense(self, values[name], pre, post, multiple_synapses) for name in names]
            return found[0] if isinstance(attribute_names, str) else found
        if format != "list":
            raise PyNNError(
                f"format is {format!r}. It must be 'list' or 'array'.{suggestion(format, ('list', 'array'))}"
            )
        order = by_target(pre, post)
        address = [pre[order].tolist(), post[order].tolist()] if with_address else []
        columns = [*address, *(values[name][order].tolist() for name in names)]
        return columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))

    def set(self, **attributes: Any) -> None:
        """Change values of all connections from now on: a number, an array of shape (n_pre, n_post), one value for
        each connection in the order of ``get``, a distribution, or an expression in ``d`` or a function of it."""
        for name, value in attributes.items():
            self._set(name, value)

    def initialize(self, **initial_values: float) -> None:
        """Set state variables of the synapses, such as ``u``."""
        for name, value in starting_values(self.synapse_type, self._initial, initial_values).items():
            self._initial[name] = value
            self._initialize(name, value)

    def record(self, variables: str | Sequence[str] | None, sampling_interval: float | None = None) -> None:
        """Record values of all synapses, such as "weight", from now on; None ends all recording.

        Parameters
        ----------
        sampling_interval
            ms, a multiple of the timestep; each step by default.
        """
        self._require()
        self.recorder.record(variables, sampling_interval)

    def get_data(self, variables: str | Sequence[str] = "all") -> Any:
        """What was recorded: a Neo Block, a signal of shape (n_samples, n_connections) for each variable."""
        return self.recorder.block(variables)

    def values_in_rows(self, name: str) -> Array:
        """A value of every connection, in the order of ``projection[k]``, shape (n,)."""
        return self._table((name,))[2][name]

    def require_attribute(self, name: str) -> None:
        """Refuse a name that the synapses have no value of."""
        known = {*self.synapse_type.parameters, *self._models.variables}
        if name not in known:
            raise UnknownParameterError(name, type(self.synapse_type).__name__, known, "attribute")

    def units_of(self, name: str) -> str:
        """PyNN's unit of a parameter; "" for a number without one."""
        return self._schema[name].units if name in self._schema else ""

    def values_at_start(self, name: str) -> Array:
        """A value of every connection as it is after ``reset``, in the order of ``projection[k]``, shape (n,)."""
        return self._rows.table((name,))[2][name] if name in self._schema else self.values_in_rows(name)

    def save(
        self, attribute_names: str | Sequence[str], file: Any, format: Literal["list", "array"] = "list",
        gather: bool = True, with_address: bool = True,
    ) -> None:  # fmt: skip
        """Write values as text, or to a file object of PyNN: a header with the column names, a connection a line.

        "all" writes every parameter; arrays have 0 where there is no connection.
        """
        names = [attribute_names] if isinstance(attribute_names, str) else list(attribute_names)
        names = list(self.synapse_type.get_parameter_names()) if names in (["all"], ["connections"]) else names
        found = self.get(names, format, gather, with_address)
        columns = ["i", "j", *names] if with_address and format == "list" else names
        rows = found if format == "list" else [row for array in found for row in np.nan_to_num(array, nan=0.0)]
        if gather and self.simulator.rank():
            return
        if isinstance(file, str | os.PathLike):
            from pyNN.recording.files import StandardTextFile

            with StandardTextFile(file, "w") as opened:
                opened.write(rows, {"columns": columns})
        else:
            file.write(found, {"columns": columns})
            file.close()

    def describe(self, template: Any = "projection_default.txt", engine: Any = "default") -> Any:
        """A description for people; the values themselves where ``template`` is None."""
        from pyNN.descriptions import render

        context = {
            "label": self.label, "pre": self.pre.describe(template=None), "post": self.post.describe(template=None),
            "pre_label": self.pre.label, "post_label": self.post.label, "pre_n_cells": self.pre.size,
            "post_n_cells": self.post.size, "receptor_type": self.receptor_type, "size": len(self),
            "size_local": self.size(gather=False), "connector": self._connector.describe(template=None),
            "synapse_type": repr(self.synapse_type), "space": repr(self.space), "annotations": dict(self.annotations),
        }  # fmt: skip
        return render(engine, template, context)

    @property
    def connections(self) -> Any:
        """All connections, one after the other."""
        return iter(self)

    @property
    def native(self) -> Any:
        """The simulator's own objects for the connections, one for each pair of populations (alone: itself).

        Raises
        ------
        AttributeError
            The simulator does not hand out its objects.
        """
        self._singly.write()
        found = handles(self.simulator, self.label, [(block, None) for _, _, block in self._placed])
        return found[0] if len(found) == 1 else found

    @property
    def nest_connections(self) -> Any:
        """As :attr:`native`, by the name that PyNN has for it on NEST."""
        return self.native

    def annotate(self, **annotations: Any) -> None:
        """Keep notes with the projection."""
        self.annotations.update(annotations)

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from pyNN.populations.html import table

        return table(
            f"Projection {self.label!r}",
            {
                "from": f"{self.pre.label} ({self.pre.size} cells)",
                "to": f"{self.post.label} ({self.post.size} cells), {self.receptor_type}",
                "connections": len(self),
                "connector": repr(self._connector),
                "synapses": repr(self.synapse_type),
            },
        )

    def __repr__(self) -> str:
        return f"Projection({self.label!r}, {len(self)} connections)"

    # -- inside -------------------------------------------------------------------------------------------------

    def _table(self, names: tuple[str, ...]) -> tuple[Index, Index, dict[str, Array]]:
        for name in names:
            self.require_attribute(name)
        plastic = tuple(name for name in names if name in self._models.variables)
        pre, post, values = self._rows.table(tuple(name for name in names if name not in plastic))
        if plastic:
            self._require()
            self._singly.write()
            scale = self._weight_scale()
            values |= from_backend(self.simulator.backend, self._placed, self._models, scale, pre, post, plastic)
        return pre, post, values

    def _set(self, name: str, value: Any) -> None:
        schema = self._schema
        if name not in schema:
            raise UnknownParameterError(name, type(self.synapse_type).__name__, schema)
        value = strip_units(self.label, name, schema[name].units, value)
        pre, post, _ = self._rows.table(())
        if isinstance(value, RandomDistribution):
            values: float | Array = self._draw_for(name, value, pre, post)
        elif isinstance(value, str | Callable):
            values = self._of_pairs(value, pre, post)
        else:
            array = np.asarray(value, dtype=np.float64)
            values = float(array) if array.ndim == 0 else self._for_rows(name, array, pre, post)
        self._apply(name, values)

    def _of_pairs(self, value: Any, pre: Index, post: Index) -> Array:
        """An expression or a function, of the distance or of both indices, for every connection."""
        if isinstance(value, IndexBasedExpression):
            indexed = copy(value)
            indexed.projection = self
            return np.array(np.broadcast_to(np.asarray(indexed(pre, post), dtype=np.float64), pre.shape))
        distances = self.space.pairwise(self._ends.pre_positions[pre], self._ends.post_positions[post])
        if callable(value):
            return of_distances(value, distances)
        return np.array(np.broadcast_to(np.asarray(Expression(value, ("d",))(d=distances), float), pre.shape))

    def _draw_for(self, name: str, value: RandomDistribution, pre: Index, post: Index) -> Array:
        column = drawn(self._ends, self._plan, name, value)
        order = np.lexsort((post, pre) if self._plan.by_source else (pre, post))
        values = np.empty(len(pre))
        values[order] = column.rows(Rows(pre[order], post[order])) if column.rows is not None else np.nan
        return values

    def _for_rows(self, name: str, array: Array, pre: Index, post: Index) -> Array:
        if array.shape == self.shape:
            return array[pre, post]
        if array.shape == (len(pre),):
            values = np.empty(len(pre))
            values[by_target(pre, post)] = array
            return values
        raise InvalidDimensionsError(self.label, name, array.shape, f"{self.shape} or ({len(pre)},)")

    def _apply(self, name: str, values: float | Array) -> None:
        self._require()
        self._check(name, values, self._singly.ends() if isinstance(values, np.ndarray) else None)
        self._singly.write()
        self.write(name, values)
        self._rows.change(name, values)  # last: a backend may refuse
        self._singly.forget()

    def _check(self, name: str, values: float | Array, rows: Rows | None) -> None:
        check_values(self.label, name, self.synapse_type.parameters[name], values, rows)
        if name == "weight":
            check_sign(self.label, values, self._rows.columns.sign, rows)
        if name == "delay":
            self._limits_now().on_grid(values, rows)
        row = self._models.parameters.get(name)
        if row is not None and row.fixed and self.simulator.started:
            raise FixedNetworkError(f"change {name!r} of synapses", self.simulator.name)

    def _limits_now(self) -> DelayLimits:
        return DelayLimits(self.label, self.simulator.timestep, *self.simulator.delay_limits())

    def checked(self, k: int, name: str, value: Any) -> float:
        """A value in PyNN's unit that connection ``k`` can have; others are refused."""
        self._require()
        schema = self._schema
        if name not in schema:
            raise UnknownParameterError(name, type(self.synapse_type).__name__, schema)
        value = strip_units(self.label, name, schema[name].units, value)
        if np.ndim(value) or isinstance(value, str | bool) or value is None:
            raise InvalidValueError(self.label, name, value, "a number", index=f"connection {k}")
        try:
            self._check(name, np.array([value], dtype=np.float64), None)
        except (InvalidParameterValueError, ConnectionError):  # once more among all: that error names the connection
            values = self.values_in_rows(name).copy()
            values[k] = value
            self._check(name, values, self._singly.ends())
        return float(value)

    def moment(self) -> tuple[int, float] | None:
        """The present: how often the simulation was reset, and its time, ms; None once it is over."""
        if self._generation != self.simulator.generation:
            return None
        return self.simulator.segment_counter, self.simulator.time

    def write(self, name: str, values: float | Array) -> None:
        """Hand values of all connections to the simulator: one for all, or an array in the order of its rows."""
        scale, backend, (pre, post) = self._weight_scale(), self.simulator.backend, self.indices()
        realised = self._limits_now().rounded(values) if name == "delay" else values
        with refusals(backend.name, self.label, (name,)):
            to_backend(backend, self._placed, self._models, scale, pre, post, {name: realised})

    def keep(self, name: str, values: Array) -> None:
        """Remember values of all connections, shape (n,), as those that they have after ``reset``."""
        self._rows.change(name, values)

    def _require(self) -> None:
        if self._generation != self.simulator.generation:
            raise StaleObjectError("Projection", self.label)

    def _initialize(self, name: str, value: float) -> None:
        if name in self._models.variables:
            native = self._models.variables[name]
            with refusals(self.simulator.name, self.label, (name,)):
                for _, _, block in self._placed:
                    self.simulator.backend.set(block, {native.name: value * native.scale})

    def _weight_scale(self) -> float:
        parts = self.post.parts()
        return parts[0][0].model_row.receptors[self.receptor_type].weight_scale if parts else 1.0


def numbered(parts: Parts) -> list[tuple[Population, Part]]:
    """The populations of a group, each with the numbers that its cells have in the group."""
    starts = np.cumsum([0, *(len(index) for _, index in parts)])
    return [
        (population, Part(int(start), index, _owned(population, index)))
        for (population, index), start in zip(parts, starts, strict=False)
    ]


def _owned(population: Population, index: Index) -> Any:
    """Which of these rows this process owns; None where there is one process."""
    return None if population.simulator.num_processes() == 1 else np.isin(index, population.local_rows())


def _check_arguments(pre: object, post: object, connector: object, synapse_type: object) -> None:
    from pyNN.populations.group import Group

    for value, what in ((pre, "presynaptic_neurons"), (post, "postsynaptic_neurons")):
        if not isinstance(value, Group):
            raise ConnectionError(f"{what} is {value!r}. It must be a Population, a PopulationView or an Assembly.")
    if not isinstance(connector, Connector):
        hint = f" Did you mean {connector.__name__}(...)?" if isinstance(connector, type) else ""
        raise ConnectionError(f"connector is {connector!r}. It must be a Connector, such as AllToAllConnector().{hint}")
    if synapse_type is not None and not isinstance(synapse_type, SynapseType):
        raise ConnectionError(
            f"synapse_type is {synapse_type!r}. It must be a synapse type, such as StaticSynapse(weight=0.1)."
        )
    for group in (pre, post) if isinstance(synapse_type, ElectricalSynapse) else ():
        if isinstance(group, Group) and not group.injectable:
            raise ConnectionError(
                f"A gap junction cannot join the cells of {group.label!r}: no current flows into them. "
                "Join cells with a membrane; equations must have i_inj, the current that flows in."
            )


def _check_together(simulator: Simulator, *groups: Group) -> None:
    for population, _ in (part for group in groups for part in group.parts()):
        population.require("A Projection")
        if population.simulator is not simulator:
            raise PyNNError(
                f"{population.label!r} lives in a simulation on {population.simulator.name}, the presynaptic cells in "
                f"one on {simulator.name}. A Projection joins cells of one simulation."
            )


def _dense(projection: Projection, values: Array, pre: Index, post: Index, several: str) -> Array:
    if several not in projection.MULTI_SYNAPSE_OPERATIONS:
        allowed = listing(projection.MULTI_SYNAPSE_OPERATIONS)
        raise PyNNError(f"multiple_synapses is {several!r}. It must be one of: {allowed}.")
    result = np.full(projection.shape, np.nan)
    if several == "last":
        result[pre, post] = values
    elif several == "first":
        turned = np.arange(len(pre))[::-1].copy()  # NumPy may walk a reversed view forwards
        result[pre[turned], post[turned]] = values[turned]
    else:
        result[pre, post] = {"sum": 0.0, "min": np.inf, "max": -np.inf}[several]
        _UFUNCS[several].at(result, (pre, post), values)  # type: ignore[attr-defined]  # a ufunc
    return result
