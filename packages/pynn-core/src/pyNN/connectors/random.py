"""Connectors by chance, keyed by target (fixed out-degree: by source). The reference defines each rule to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from cawan.logs import logger
from cawan.simulator import Index

from pyNN.connectors.base import Ends, Plan, Rows, check_number, chunked, mutual, without_twin
from pyNN.connectors.maps import MapConnector, drawn_trials, one_by_one
from pyNN.errors import ConnectionError, InvalidValueError
from pyNN.random import AbstractRNG, RandomDistribution
from pyNN.random.generators import draws_itself
from pyNN.random.streams import Substreams, bernoulli_many, bernoulli_threshold, choose_rows, generator

_log = logger(__name__)
BATCH = 64  # targets whose trials are decided at once


class FixedProbabilityConnector(MapConnector):
    """Each pair with probability ``p_connect``."""

    parameter_names = ("allow_self_connections", "p_connect")

    def __init__(
        self, p_connect: float, allow_self_connections: bool | str = True, location_selector: object = None,
        rng: AbstractRNG | None = None, safe: bool = True, callback: Callable[[float], object] | None = None,
        **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            allow_self_connections=allow_self_connections, rng=rng, location_selector=location_selector, safe=safe,
            callback=callback, **old,
        )  # fmt: skip
        if isinstance(p_connect, str | bool) or not 0 <= float(p_connect) <= 1:
            raise InvalidValueError(type(self).__name__, "p_connect", p_connect, "between 0 and 1")
        self.p_connect = float(p_connect)

    def plan(self, ends: Ends) -> Plan:
        """For each target its own substream, one trial for each source."""
        key, threshold, size = self.key(ends), bernoulli_threshold(self.p_connect), ends.pre.size
        allowed = self.allow_self_connections
        if draws_itself(self.rng):
            return drawn_trials(self, ends, lambda j: self.p_connect)

        def rows() -> Iterator[Rows]:
            return chunked((j, without_twin(ends, j, chosen, allowed)) for j, chosen in trials_of_targets())

        def trials_of_targets() -> Iterator[tuple[int, Index]]:
            for first in range(0, ends.post.size, BATCH):
                last = min(first + BATCH, ends.post.size)
                yield from enumerate(bernoulli_many(key, first, last, size, threshold), first)

        parameters = {"p_connect": self.p_connect, **mutual(allowed)}
        return Plan(rows, kind="fixed_probability", parameters=parameters, stream=key, twins=self.twins(ends))


class FixedNumberConnector(MapConnector):
    """What the connectors with a fixed number of connections a cell have in common."""

    parameter_names = ("allow_self_connections", "n")

    def __init__(
        self, n: int | RandomDistribution, allow_self_connections: bool | str = True, with_replacement: bool = False,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None, **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            allow_self_connections=allow_self_connections, rng=rng, location_selector=location_selector, safe=safe,
            callback=callback, **old,
        )  # fmt: skip
        if isinstance(self.allow_self_connections, str):
            raise InvalidValueError(type(self).__name__, "allow_self_connections", "NoMutual", "True or False")
        self.n = n if isinstance(n, RandomDistribution) else check_number(type(self).__name__, "n", n)
        self.with_replacement = with_replacement

    def _numbers(self, ends: Ends, groups: int) -> Index:
        if not isinstance(self.n, RandomDistribution):
            return np.broadcast_to(np.int64(self.n), groups)  # projections keep it: 8 bytes, not 8 for each cell
        if draws_itself(self.n.rng):
            return _whole_numbers(self.n.next(groups))
        seed = None if self.n.rng is None else self.n.rng.seed
        return _whole_numbers(self.n.draw(generator(ends.identity.key("n", seed)), groups))

    def _choose(self, key: Substreams, group: int, size: int, twins: list[int], n: int) -> Index:
        """n of ``size``; a twin that is not allowed is taken out of the count, and the numbers close up."""
        excluded = [] if self.allow_self_connections is True else sorted(twins)
        available = size - len(excluded)
        sets, rest = self._sets(available, n)
        if draws_itself(self.rng):
            chosen = self._drawn(available, rest)
        else:
            chosen = choose_rows(key, group, available, rest, self.with_replacement)
        if sets:
            chosen = np.sort(np.concatenate([*[np.arange(available, dtype=np.int64)] * sets, chosen]))
        for twin in excluded:
            chosen = chosen + (chosen >= twin)
        return chosen

    def _sets(self, available: int, n: int) -> tuple[int, int]:
        """How often all cells are taken before the rest is chosen, and how many that is."""
        if self.with_replacement or n <= available:
            return 0, n
        return divmod(n, available)

    def _require_partners(self, numbers: Index, size: int, twins: Index | None) -> None:
        """Refuse connections for a cell that has none to connect to; ``twins``: shape (len(numbers),), -1 for none."""
        available = np.full(len(numbers), size) if twins is None else size - (twins >= 0)
        alone = np.flatnonzero((numbers > 0) & (available == 0))
        if len(alone):
            raise ConnectionError(
                f"{type(self).__name__}: {numbers[alone[0]]} connections are asked for cell {alone[0]}, but no cell is "
                "there."
            )

    def _warn(self, numbers: Index, size: int) -> None:
        """Say that some cells are taken more than once."""
        most = int(numbers.max(initial=0))
        if not self.with_replacement and most > size > 0:
            _log.warning(
                "%s: %d connections without replacement are asked for, but only %d cells are there: each is taken %d "
                "times, and the rest are chosen at random.", type(self).__name__, most, size, most // size,
            )  # fmt: skip

    def _drawn(self, available: int, n: int) -> Index:
        """n of the cells, as the script's own generator chooses them."""
        rng: Any = self.rng
        if self.with_replacement:
            found = rng.next(n, "uniform_int", {"low": 0, "high": available}) if n else []
        else:
            found = rng.permutation(np.arange(available))[:n]
        return np.sort(np.asarray(found, dtype=np.int64))


class FixedNumberPreConnector(FixedNumberConnector):
    """Each postsynaptic cell receives from ``n`` presynaptic cells (fixed in-degree)."""

    def plan(self, ends: Ends) -> Plan:
        """For each target its own substream."""
        key, numbers, size = self.key(ends), self._numbers(ends, ends.post.size), ends.pre.size
        self._warn(numbers, size)
        self._require_partners(numbers, size, self.twins(ends))

        def rows() -> Iterator[Rows]:
            source, twins = Substreams(key), ends.twins
            chosen = ((j, self._choose(source, j, size, twins.get(j, []), int(n))) for j, n in enumerate(numbers))
            return one_by_one(chosen) if draws_itself(self.rng) else chunked(chosen)

        return _fixed_number_plan(self, ends, rows, numbers, key, by_source=False)


class FixedNumberPostConnector(FixedNumberConnector):
    """Each presynaptic cell projects to ``n`` postsynaptic cells (fixed out-degree)."""

    def plan(self, ends: Ends) -> Plan:
        """For each source its own substream; rows are sorted by source."""
        key, numbers, size = self.key(ends), self._numbers(ends, ends.pre.size), ends.post.size
        self._warn(numbers, size)
        own = self.twins(ends)
        if own is not None:
            own = np.full(ends.pre.size, -1, dtype=np.int64)
            own[ends.twin_numbers[ends.twin_numbers >= 0]] = np.flatnonzero(ends.twin_numbers >= 0)
        self._require_partners(numbers, size, own)

        def rows() -> Iterator[Rows]:
            source = Substreams(key)
            twins = {} if own is None else {i: [j] for i, j in enumerate(own.tolist()) if j >= 0}
            chosen = ((i, self._choose(source, i, size, twins.get(i, []), int(n))) for i, n in enumerate(numbers))
            return one_by_one(chosen, by_source=True) if draws_itself(self.rng) else chunked(chosen, by_source=True)

        return _fixed_number_plan(self, ends, rows, numbers, key, by_source=True)


def _fixed_number_plan(
    connector: FixedNumberConnector, ends: Ends, rows: Callable[[], Iterator[Rows]], numbers: Index, key: int, *,
    by_source: bool,
) -> Plan:  # fmt: skip
    equal = not isinstance(connector.n, RandomDistribution)
    parameters: dict[str, Any] = {
        "n": float(connector.n) if equal else numbers.astype(np.float64),  # type: ignore[arg-type]  # equal: a number
        "with_replacement": float(connector.with_replacement),
    }
    kind = "fixed_number_post" if by_source else "fixed_number_pre"
    own = draws_itself(connector.rng)
    return Plan(
        rows, int(numbers.sum()), by_source=by_source, kind="" if own else kind, parameters=parameters, stream=key,
        twins=connector.twins(ends), sequential=own,
    )  # fmt: skip


def _whole_numbers(drawn: Any) -> Index:
    """The nearest whole numbers, 0 or more."""
    numbers: Index = np.maximum(0, np.rint(np.asarray(drawn, dtype=np.float64))).astype(np.int64)
    return numbers
