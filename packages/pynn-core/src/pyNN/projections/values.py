"""The values of a projection's synapses: numbers, arrays, draws and functions of distance, checked row by row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from math import isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array, Draw

from pyNN.connectors.base import Ends, Plan, Rows
from pyNN.core import IndexBasedExpression
from pyNN.errors import InvalidDimensionsError, InvalidValueError, UnknownParameterError
from pyNN.expressions import Expression, of_distances
from pyNN.parameters import Parameter, check_range, range_covers, strip_units
from pyNN.projections.limits import DelayLimits, check_sign
from pyNN.random import RandomDistribution
from pyNN.random.generators import draws_itself
from pyNN.random.streams import Substreams
from pyNN.random.support import support


@dataclass(frozen=True, slots=True)
class Column:
    """One synapse parameter: ``common`` where all rows share it, else ``rows`` gives it for a chunk.

    ``draw`` says the same as data, for an engine that expands rules itself; ``sequential``: from a generator that draws
    in sequence.
    """

    common: float | None = None
    rows: Callable[[Rows], Array] | None = None
    draw: Draw | None = None
    sequential: bool = False


@dataclass(frozen=True)
class Columns:
    """All synapse parameters of a projection.

    Attributes
    ----------
    schema
        The synapse type's parameters.
    sign
        +1 or -1 where weights of the other sign are refused, 0 where both are allowed.
    """

    owner: str
    schema: Mapping[str, Parameter]
    columns: Mapping[str, Column]
    limits: DelayLimits
    sign: int

    def common(self) -> dict[str, float]:
        """What all rows share, in PyNN's units."""
        shared = {name: column.common for name, column in self.columns.items() if column.common is not None}
        return {name: self._checked(name, value, None) for name, value in shared.items()}  # type: ignore[misc]  # float in, float out

    def of(self, rows: Rows, drawn: Mapping[str, Array] = MappingProxyType({})) -> dict[str, Array]:
        """What differs from row to row, each of shape (n,), in PyNN's units; ``drawn``: what is there already."""
        values = {
            name: drawn[name] if name in drawn else column.rows(rows)
            for name, column in self.columns.items()
            if column.rows is not None
        }
        for name, value in values.items():
            if not self._certain(name) and not self._all_held(name, value):
                self._checked(name, value, rows)
        return values

    def drawn(self) -> dict[str, Draw]:
        """Those columns that are drawn from keyed streams, as data."""
        return {name: column.draw for name, column in self.columns.items() if column.draw is not None}

    def sequential(self) -> bool:
        """Whether a column comes from a generator that draws in sequence."""
        return any(column.sequential for column in self.columns.values())

    def draws(self) -> dict[str, Draw] | None:
        """The drawn columns as data; None where a column is neither drawn nor shared."""
        varying = {name: column.draw for name, column in self.columns.items() if column.rows is not None}
        if any(draw is None for draw in varying.values()):
            return None
        return {name: draw for name, draw in varying.items() if draw is not None}

    def bounds(self, name: str) -> tuple[float, float] | None:
        """Between which values a drawn or shared column lies for certain, PyNN's units; None where nothing is."""
        column = self.columns[name]
        if column.common is not None:
            return column.common, column.common
        return None if column.draw is None else support(column.draw.distribution, column.draw.parameters)

    def certain(self) -> bool:
        """Whether no row can have a value that is refused: what differs is drawn from a distribution between limits."""
        return all(self._certain(name) for name, column in self.columns.items() if column.rows is not None)

    def _certain(self, name: str) -> bool:
        found = self.bounds(name)
        return found is not None and self._holds(name, *found)

    def _all_held(self, name: str, values: Array) -> bool:
        """Whether the extremes of a chunk say already that nothing in it is refused: two passes, and no array more."""
        low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
        return isfinite(low) and isfinite(high) and self._holds(name, low, high)

    def _holds(self, name: str, low: float, high: float) -> bool:
        """Whether every finite number from ``low`` to ``high`` is allowed."""
        if not range_covers(self.schema[name].range, low, high):
            return False
        if name == "delay" and not self.limits.hold(low, high):
            return False
        return name != "weight" or not self.sign or min(self.sign * low, self.sign * high) >= 0

    def _checked(self, name: str, values: float | Array, rows: Rows | None) -> float | Array:
        check_values(self.owner, name, self.schema[name], values, rows)
        if name == "delay":
            self.limits.on_grid(values, rows)  # refuses what lies outside; delays are kept as given
        if name == "weight" and self.sign:
            check_sign(self.owner, values, self.sign, rows)
        return values


def check_values(owner: str, name: str, parameter: Parameter, values: float | Array, rows: Rows | None) -> None:
    """Refuse what the equations cannot use, naming the connection."""
    try:
        check_range(owner, name, parameter.range, values)
    except InvalidValueError as error:
        place = None if rows is None or error.index is None else connection_name(rows, int(str(error.index)))
        raise InvalidValueError(owner, name, error.value, error.allowed, index=place, count=error.count) from None


def connection_name(rows: Rows, k: int) -> str:
    """Row k for people."""
    return f"connection {k} (cell {rows.pre[k]} to cell {rows.post[k]})"


def columns_of(
    owner: str, ends: Ends, plan: Plan, schema: Mapping[str, Parameter], given: Mapping[str, object],
    limits: DelayLimits, sign: int,
) -> Columns:  # fmt: skip
    """Turn what a script gave for each synapse parameter into a column; keys of streams are taken here, once."""
    made: dict[str, Column] = {}
    for name in plan.columns:
        if name not in schema:
            raise UnknownParameterError(name, f"The synapse type of {owner}", schema)
    for name, parameter in schema.items():
        if name in plan.columns:
            made[name] = Column(rows=lambda rows, name=name: rows.columns[name])  # type: ignore[misc]  # early binding
        else:
            value = limits.low if name == "delay" and given[name] is None else given[name]
            made[name] = _column(owner, ends, plan, name, parameter, value)
    return Columns(owner, schema, made, limits, sign)


def _column(owner: str, ends: Ends, plan: Plan, name: str, parameter: Parameter, value: object) -> Column:
    value = strip_units(owner, name, parameter.units, value)
    if isinstance(value, RandomDistribution):
        return drawn(ends, plan, name, value)
    if isinstance(value, IndexBasedExpression):
        indexed = copy(value)
        indexed.projection = ends
        return Column(rows=lambda rows: _wide(indexed(rows.pre, rows.post), len(rows)))
    if isinstance(value, str):
        expression = Expression(value, ("d",))
        return Column(rows=lambda rows: _wide(expression(d=ends.distances(rows)), len(rows)))
    if callable(value):
        return Column(rows=lambda rows: of_distances(value, ends.distances(rows)))
    if isinstance(value, bool | bytes) or value is None:
        raise InvalidValueError(owner, name, value, "a number, an array, a distribution, or an expression in d")
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidValueError(
            owner, name, value, "a number, an array, a distribution, or an expression in d"
        ) from error
    if array.ndim == 0:
        return Column(common=float(array))
    expected = (ends.pre.size, ends.post.size)
    if array.shape == expected:
        return Column(rows=lambda rows: array[rows.pre, rows.post])
    raise InvalidDimensionsError(owner, name, array.shape, f"{expected}, one value for each pair of cells")


def drawn(ends: Ends, plan: Plan, name: str, distribution: RandomDistribution) -> Column:
    """Values drawn for each target (source, with ``plan.by_source``) from its own substream, in the order of rows."""
    if draws_itself(distribution.rng):
        return Column(rows=lambda rows: np.asarray(distribution.next(len(rows)), dtype=np.float64), sequential=True)
    seed = None if distribution.rng is None else distribution.rng.seed
    key = ends.identity.key(name, seed)

    def rows(rows: Rows) -> Array:
        """A value for each row of a chunk."""
        owners = rows.pre if plan.by_source else rows.post
        groups, counts = np.unique(owners, return_counts=True)
        if not len(groups):
            return np.empty(0)
        source = Substreams(key)
        parts = [distribution.draw(source.generator(int(k)), int(n)) for k, n in zip(groups, counts, strict=True)]
        return np.concatenate(parts)

    return Column(rows=rows, draw=Draw(distribution.name, dict(distribution.parameters), key))


def _wide(value: Any, size: int) -> Array:
    return np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)))
