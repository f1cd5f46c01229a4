"""Connectors that decide each pair of cells by itself, target by target; and those that a script writes itself.

A script's own connector has a method ``connect(projection)``, which calls
``projection._convergent_connect(presynaptic_indices, postsynaptic_index, **parameters)``, or one of
:class:`MapConnector`'s methods with a map of all pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Array, Index

from pyNN.connectors.base import Connector, Ends, Plan, Rows, chunked, without_twin
from pyNN.errors import ConnectionError, InvalidValueError
from pyNN.random.generators import draws_itself
from pyNN.random.streams import Substreams

if TYPE_CHECKING:
    from pyNN.parameters import LazyArray

_PAIRS = 1 << 16  # pairs whose probabilities are computed at once


class MapConnector(Connector):
    """A connector that is a map of all pairs of cells, shape (n_pre, n_post)."""

    def _connect_with_map(self, projection: Any, connection_map: LazyArray, distance_map: Any = None) -> None:
        """Connect where the map, a lazy array of truth values, is true."""
        self._standard_connect(projection, connection_map.by_column, distance_map)

    def _standard_connect(
        self, projection: Any, connection_map_generator: Callable[..., Iterable[Any]], distance_map: Any = None
    ) -> None:
        """Connect each target to the sources that the generator gives for it: indices, a mask, or True for all."""
        for j, sources in enumerate(connection_map_generator()):
            chosen = np.asarray(sources)
            if chosen.ndim == 0:
                chosen = np.arange(projection.pre.size) if bool(chosen) else np.empty(0, np.int64)
            elif chosen.dtype == bool:
                chosen = np.flatnonzero(chosen)
            if len(chosen):
                projection._convergent_connect(chosen, j)


class Collector:
    """A projection, as a script's own connector sees it while it connects."""

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self.pre, self.post, self.space, self.label = ends.pre, ends.post, ends.space, ends.label
        self.shape = (ends.pre.size, ends.post.size)
        self.synapse_type = ends.synapse_type
        self._simulator = ends.pre.simulator
        self.found: list[tuple[Index, int, Mapping[str, Any]]] = []

    def _convergent_connect(
        self, presynaptic_indices: Any, postsynaptic_index: int, location_selector: Any = None, **parameters: Any
    ) -> None:
        """Connect these sources to one target; parameters are numbers, or arrays with one value for each source."""
        sources = np.atleast_1d(self._indices(presynaptic_indices, self.pre)).astype(np.int64)
        target = int(np.atleast_1d(self._indices(postsynaptic_index, self.post))[0])
        wrong = sources[(sources < 0) | (sources >= self.pre.size)]
        if len(wrong) or not 0 <= target < self.post.size:
            bad = f"source {wrong[0]}" if len(wrong) else f"target {target}"
            raise ConnectionError(
                f"{self.label}: the connector asks for {bad}, but there are {self.pre.size} sources and "
                f"{self.post.size} targets."
            )
        self.found.append((sources, target, parameters))

    @staticmethod
    def _indices(given: Any, group: Any) -> Any:
        """Indices of cells, or the cells themselves."""
        first = given[0] if isinstance(given, list | tuple) and len(given) else given
        return group.id_to_index(given) if hasattr(first, "parent") else given

    def rows(self) -> Rows:
        """Everything that was connected, sorted by target and source."""
        names = sorted({name for *_, parameters in self.found for name in parameters})
        pre = np.concatenate([np.empty(0, np.int64), *(sources for sources, *_ in self.found)])
        post = np.concatenate([np.empty(0, np.int64), *(np.full(len(s), j) for s, j, _ in self.found)])
        columns = {name: self._column(name) for name in names}
        order = np.lexsort((pre, post))
        return Rows(pre[order], post[order], {name: values[order] for name, values in columns.items()})

    def _column(self, name: str) -> Array:
        parts = []
        for sources, j, parameters in self.found:
            if name not in parameters:
                raise ConnectionError(f"{self.label}: the connector gives {name!r} for some targets, but not for {j}.")
            parts.append(np.broadcast_to(np.asarray(parameters[name], dtype=np.float64), (len(sources),)))
        return np.concatenate([np.empty(0), *parts])


def collected(connector: Connector, ends: Ends) -> Plan:
    """The plan of a script's own connector: its ``connect`` runs once, and what it asked for is kept."""
    collector = Collector(ends)
    connector.connect(collector)
    rows = collector.rows()
    return Plan(lambda: iter([rows] if len(rows) else []), len(rows), tuple(rows.columns))


def one_by_one(groups: Iterable[tuple[int, Index]], *, by_source: bool = False) -> Iterator[Rows]:
    """Rows of (target, its sources) pairs, or of (source, its targets), each pair by itself."""
    for number, other in groups:
        if len(other):
            key = np.full(len(other), number, dtype=np.int64)
            yield Rows(key, other) if by_source else Rows(other, key)


Probability = Callable[[Index, Index], Array]  # of sources i and targets j, both of shape (n,)


def trials(connector: Connector, ends: Ends, probability: Probability) -> Plan:
    """Each pair by itself: source i of target j where uniform number i of substream j lies below its probability."""
    everyone = np.arange(ends.pre.size, dtype=np.int64)

    def of_target(j: int) -> Array:
        return probability(everyone, np.full(len(everyone), j, dtype=np.int64))

    if draws_itself(connector.rng):
        return drawn_trials(connector, ends, of_target)
    key, size, allowed = connector.key(ends), ends.pre.size, connector.allow_self_connections
    batch = max(1, _PAIRS // max(size, 1))

    def chosen() -> Iterator[tuple[int, Index]]:
        source = Substreams(key)
        for first in range(0, ends.post.size, batch):
            targets = np.arange(first, min(first + batch, ends.post.size), dtype=np.int64)
            likely = probability(np.tile(everyone, len(targets)), np.repeat(targets, size)).reshape(len(targets), size)
            for j, row in zip(targets.tolist(), likely, strict=True):
                below = np.flatnonzero(source.uniform(j, size) < row).astype(np.int64, copy=False)
                yield j, without_twin(ends, j, below, allowed)

    return Plan(lambda: chunked(chosen()))


def drawn_trials(connector: Connector, ends: Ends, probability: Callable[[int], Any]) -> Plan:
    """Each pair by itself, from a generator that draws in sequence, targets outermost."""
    rng: Any = connector.rng

    def chosen(j: int) -> Index:
        drawn = np.asarray(rng.next(ends.pre.size, "uniform", {"low": 0.0, "high": 1.0}))
        return np.flatnonzero(drawn < probability(j)).astype(np.int64)

    def rows() -> Iterator[Rows]:
        allowed = connector.allow_self_connections
        return one_by_one((j, without_twin(ends, j, chosen(j), allowed)) for j in range(ends.post.size))

    return Plan(rows, sequential=True)


def checked(connector: str, probability: Array, targets: Index) -> Array:
    """Probabilities, where all lie between 0 and 1; the first that does not is named with its target."""
    wrong = np.flatnonzero(~((probability >= 0) & (probability <= 1)))
    if len(wrong):
        first = int(wrong[0])
        place = f"the probability of a source of target {targets[first]}"
        raise InvalidValueError(connector, place, float(probability[first]), "between 0 and 1", count=len(wrong))
    return probability
