"""Connectors by chance, keyed by target (fixed out-degree: by source). The reference defines each rule to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from cawan.simulator import Index

from pyNN.connectors.base import Connector, Ends, Plan, Rows, check_number, chunked, without_twin
from pyNN.errors import ConnectionError, InvalidValueError
from pyNN.random import AbstractRNG, RandomDistribution
from pyNN.random.streams import bernoulli_rows, bernoulli_threshold, choose_rows, generator


class FixedProbabilityConnector(Connector):
    """Each pair with probability ``p_connect``."""

    parameter_names = ("allow_self_connections", "p_connect")

    def __init__(
        self, p_connect: float, allow_self_connections: bool = True, location_selector: object = None,
        rng: AbstractRNG | None = None, safe: bool = True, callback: Callable[[float], object] | None = None, **old: Any,
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

        def rows() -> Iterator[Rows]:
            return chunked(
                (j, without_twin(ends, j, bernoulli_rows(key, j, size, threshold), allowed))
                for j in range(ends.post.size)
            )

        parameters = {"p_connect": self.p_connect, "allow_self_connections": float(allowed)}
        return Plan(rows, kind="fixed_probability", parameters=parameters, stream=key)


class _FixedNumberConnector(Connector):
    parameter_names = ("allow_self_connections", "n")

    def __init__(
        self, n: int | RandomDistribution, allow_self_connections: bool = True, with_replacement: bool = False,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None, **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            allow_self_connections=allow_self_connections, rng=rng, location_selector=location_selector, safe=safe,
            callback=callback, **old,
        )  # fmt: skip
        self.n = n if isinstance(n, RandomDistribution) else check_number(type(self).__name__, "n", n)
        self.with_replacement = with_replacement

    def _numbers(self, ends: Ends, groups: int) -> Index:
        if not isinstance(self.n, RandomDistribution):
            return np.full(groups, self.n, dtype=np.int64)
        seed = None if self.n.rng is None else self.n.rng.seed
        drawn = self.n.draw(generator(ends.identity.key("n", seed)), groups)
        return np.maximum(0, np.rint(drawn)).astype(np.int64)

    def _choose(self, key: int, group: int, size: int, twins: list[int], n: int) -> Index:
        """n of ``size``; a twin that is not allowed is taken out of the count, and the numbers close up."""
        excluded = [] if self.allow_self_connections else sorted(twins)
        available = size - len(excluded)
        if n > available and (not self.with_replacement or available == 0):
            raise ConnectionError(
                f"{type(self).__name__}: {n} connections are asked for cell {group}, but only {available} different "
                "cells are there. Lower n, or use with_replacement=True."
            )
        chosen = choose_rows(key, group, available, n, self.with_replacement)
        for twin in excluded:
            chosen = chosen + (chosen >= twin)
        return chosen


class FixedNumberPreConnector(_FixedNumberConnector):
    """Each postsynaptic cell receives from ``n`` presynaptic cells (fixed in-degree)."""

    def plan(self, ends: Ends) -> Plan:
        """For each target its own substream."""
        key, numbers, size = self.key(ends), self._numbers(ends, ends.post.size), ends.pre.size

        def rows() -> Iterator[Rows]:
            return chunked(
                (j, self._choose(key, j, size, ends.twins.get(j, []), int(n))) for j, n in enumerate(numbers)
            )

        return _fixed_number_plan(self, rows, numbers, key, by_source=False)


class FixedNumberPostConnector(_FixedNumberConnector):
    """Each presynaptic cell projects to ``n`` postsynaptic cells (fixed out-degree)."""

    def plan(self, ends: Ends) -> Plan:
        """For each source its own substream; rows are sorted by source."""
        key, numbers, size = self.key(ends), self._numbers(ends, ends.pre.size), ends.post.size
        twins: dict[int, list[int]] = {}
        for j, sources in ends.twins.items():
            for i in sources:
                twins.setdefault(i, []).append(j)

        def rows() -> Iterator[Rows]:
            pairs = ((i, self._choose(key, i, size, twins.get(i, []), int(n))) for i, n in enumerate(numbers))
            return chunked(pairs, by_source=True)

        return _fixed_number_plan(self, rows, numbers, key, by_source=True)


def _fixed_number_plan(
    connector: _FixedNumberConnector, rows: Callable[[], Iterator[Rows]], numbers: Index, key: int, *, by_source: bool
) -> Plan:
    equal = not isinstance(connector.n, RandomDistribution)
    parameters: dict[str, Any] = {
        "n": float(connector.n) if equal else numbers.astype(np.float64),  # type: ignore[arg-type]  # equal: a number
        "with_replacement": float(connector.with_replacement),
        "allow_self_connections": float(connector.allow_self_connections),
    }
    kind = "fixed_number_post" if by_source else "fixed_number_pre"
    return Plan(rows, int(numbers.sum()), by_source=by_source, kind=kind, parameters=parameters, stream=key)
