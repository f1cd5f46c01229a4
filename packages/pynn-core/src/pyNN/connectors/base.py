"""What a connector sees, and what it gives: rows of a projection, in chunks, as often as they are asked for.

Rows are sorted by target and then by source, and what is drawn for them is keyed by target, so that a process can make
the rows of its own targets alone; ``Plan.by_source`` marks the one rule that is the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Values

from pyNN.errors import InvalidValueError
from pyNN.legacy.connectors import OldValues, old_values
from pyNN.random import AbstractRNG
from pyNN.random.streams import Identity
from pyNN.space import Space

if TYPE_CHECKING:
    from pyNN.populations.group import Group

CHUNK = 1_000_000  # rows that a backend gets at once, at most
GATHERED = 1 << 16  # rows that are put together before they are handed on


@dataclass
class Ends:
    """The two groups of cells that a connector connects, counted from 0 within each group."""

    pre: Group
    post: Group
    space: Space
    identity: Identity
    label: str
    synapse_type: Any = None

    @cached_property
    def pre_positions(self) -> Array:
        """Positions of the presynaptic cells, shape (n_pre, 3), µm."""
        return np.ascontiguousarray(self.pre.positions.T)

    @cached_property
    def post_positions(self) -> Array:
        """Positions of the postsynaptic cells, shape (n_post, 3), µm."""
        return np.ascontiguousarray(self.post.positions.T)

    @cached_property
    def _axes_apart(self) -> tuple[int, ...]:
        return self.space.axes_apart(self.pre_positions, self.post_positions)

    @cached_property
    def twin_numbers(self) -> Index:
        """For each postsynaptic index, the presynaptic index that is the same cell, -1 where none is; (n_post,)."""
        pre, post = self.pre.all_cells, self.post.all_cells
        if not len(pre):
            return np.full(len(post), -1, dtype=np.int64)
        order = np.argsort(pre, kind="stable")
        places = order[np.minimum(np.searchsorted(pre[order], post), len(pre) - 1)]
        return np.where(pre[places] == post, places, -1)

    @cached_property
    def twins(self) -> dict[int, list[int]]:
        """The same for one target at a time: in a list, and absent where none is the same cell."""
        return {j: [i] for j, i in enumerate(self.twin_numbers.tolist()) if i >= 0}

    def distances(self, rows: Rows) -> Array:
        """Distance of the two ends of each row, shape (n,), µm."""
        pre, post = self.pre_positions, self.post_positions
        return self.space.along_axes(
            lambda axis: (pre[rows.pre, axis], post[rows.post, axis]), len(rows), self._axes_apart
        )


@dataclass(frozen=True, slots=True)
class Rows:
    """Some connections: indices into the two groups, shape (n,), and values that the connector itself brings."""

    pre: Index
    post: Index
    columns: Mapping[str, Array] = field(default_factory=lambda: MappingProxyType({}))

    def __len__(self) -> int:
        return len(self.pre)

    def select(self, keep: Any) -> Rows:
        """The rows of this mask or index."""
        return Rows(self.pre[keep], self.post[keep], {name: values[keep] for name, values in self.columns.items()})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a connector will connect.

    Attributes
    ----------
    rows
        Gives all rows in chunks of about :data:`CHUNK`, the same each time it is called; a chunk holds all rows of
        each target (source, with ``by_source``) that occurs in it.
    size
        Rows in all, where known.
    columns
        Names of the values that the rows bring with them.
    kind, parameters, stream, twins
        The rule as data, for an engine that expands it itself (see :class:`cawan.simulator.Rule`); "" where there is
        none. The rows of a rule can be made without any error.
    sequential
        The rows come from a generator that draws in sequence, target by target: they are made once, and kept.
    """

    rows: Callable[[], Iterator[Rows]]
    size: int | None = None
    columns: tuple[str, ...] = ()
    by_source: bool = False
    kind: str = ""
    parameters: Mapping[str, Values] = field(default_factory=lambda: MappingProxyType({}))
    stream: int = 0
    twins: Index | None = None
    sequential: bool = False


class Connector:
    """A rule that connects two groups of cells."""

    parameter_names: tuple[str, ...] = ()
    old: OldValues | None = None

    def __init__(
        self,
        *,
        allow_self_connections: bool | str = True,
        rng: Any | None = None,
        location_selector: object = None,
        safe: bool = True,
        callback: Callable[[float], object] | None = None,
        **old: Any,
    ) -> None:
        self.old = old_values(type(self).__name__, old, self.parameter_names)
        if allow_self_connections not in (True, False, "NoMutual"):
            raise InvalidValueError(
                type(self).__name__, "allow_self_connections", allow_self_connections, "True, False or 'NoMutual'"
            )
        if rng is not None and not isinstance(rng, AbstractRNG):
            raise InvalidValueError(type(self).__name__, "rng", rng, "a generator of pyNN.random, or None")
        if callback is not None and not callable(callback):
            raise InvalidValueError(type(self).__name__, "callback", callback, "a function of the progress, 0 to 1")
        self.allow_self_connections = allow_self_connections
        self.location_selector = location_selector
        self.rng, self.safe, self.callback = rng, safe, callback

    def plan(self, ends: Ends) -> Plan:
        """What to connect; keys of random streams are taken here, once."""
        from pyNN.connectors.maps import collected

        return collected(self, ends)

    def connect(self, projection: Any) -> None:
        """Connect: what a connector of a script's own defines (see :mod:`pyNN.connectors.maps`)."""
        plan = self.plan(projection._ends)
        for rows in plan.rows():
            for j in np.unique(rows.post):
                mine = rows.select(rows.post == j)
                projection._convergent_connect(mine.pre, int(j), **mine.columns)

    def twins(self, ends: Ends) -> Index | None:
        """What a rule must know of cells that are in both groups; None where they are nothing special."""
        return None if self.allow_self_connections is True else ends.twin_numbers

    def key(self, ends: Ends) -> int:
        """The key of the stream that decides who connects to whom."""
        return ends.identity.key("structure", None if self.rng is None else self.rng.seed)

    def get_parameters(self) -> dict[str, Any]:
        """What this connector was made with."""
        return {name: getattr(self, name) for name in self.parameter_names}

    def describe(self, template: Any = "connector_default.txt", engine: Any = "default") -> Any:
        """A description for people; the values themselves where ``template`` is None."""
        from pyNN.descriptions import render

        return render(engine, template, {"name": type(self).__name__, "parameters": self.get_parameters()})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_parameters().items())})"


def without_twin(ends: Ends, j: int, sources: Index, allowed: bool | str) -> Index:
    """Sources of target j, less the target itself where self-connections are not allowed.

    "NoMutual" leaves of each two cells one connection, from the later of the two in the group to the earlier.
    """
    if allowed is True or j not in ends.twins:
        return sources
    if allowed == "NoMutual":
        return sources[sources > max(ends.twins[j])]
    return sources[~np.isin(sources, ends.twins[j])]


def mutual(allowed: bool | str) -> dict[str, Values]:
    """The parameter of a rule that says what becomes of sources that are a target's twin, or come before it."""
    return {"allow_mutual_connections": float(allowed != "NoMutual")}


def chunked(groups: Iterable[tuple[int, Index]], *, by_source: bool = False) -> Iterator[Rows]:
    """Rows of (target, its sources) pairs, or of (source, its targets), gathered into chunks."""
    numbers: list[int] = []
    others: list[Index] = []
    waiting = 0
    for number, other in groups:
        if waiting and waiting + len(other) > GATHERED:
            yield _gather(numbers, others, by_source)
            numbers, others, waiting = [], [], 0
        numbers.append(number)
        others.append(other)
        waiting += len(other)
    if waiting:
        yield _gather(numbers, others, by_source)


def _gather(numbers: list[int], others: list[Index], by_source: bool) -> Rows:
    key = np.repeat(np.array(numbers, dtype=np.int64), [len(other) for other in others])
    far = np.concatenate(others)
    return Rows(key, far) if by_source else Rows(far, key)


def check_number(connector: str, name: str, value: object) -> int:
    """A whole number, 0 or more."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer | float) or value != value or value % 1:
        raise InvalidValueError(connector, name, value, "a whole number, 0 or more")
    if value < 0:
        raise InvalidValueError(connector, name, value, "a whole number, 0 or more")
    return int(value)


def by_target(pre: Index, post: Index) -> Index:
    """The order of rows by target, then by source; rows of one pair stay as they are.

    Sixteen bits at a time, which NumPy sorts in linear time.
    """
    order = np.arange(len(pre), dtype=np.int64)
    for numbers in (pre, post):
        for shift in range(0, int(numbers.max(initial=0)).bit_length(), 16):
            digits = ((numbers >> shift) & 0xFFFF).astype(np.uint16)
            order = order[np.argsort(digits[order], kind="stable")]
    return order
