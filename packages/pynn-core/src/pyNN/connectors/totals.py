"""Connectors that choose among all pairs: a fixed number in all, and small worlds. Defined to the bit, as all rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from cawan.simulator import Index, Values

from pyNN.connectors.base import CHUNK, Ends, Plan, Rows, by_target, check_number, chunked
from pyNN.connectors.maps import MapConnector, one_by_one
from pyNN.connectors.random import FixedNumberConnector
from pyNN.errors import ConnectionError, InvalidValueError
from pyNN.random import AbstractRNG, RandomDistribution
from pyNN.random.generators import draws_itself
from pyNN.random.streams import bounded, uniform, words


class FixedTotalNumberConnector(FixedNumberConnector):
    """``n`` connections in all, each between a source and a target chosen at random.

    Pair k has the source ``bounded(word 2k, n_pre)`` and the target ``bounded(word 2k + 1, n_post)`` of substream 0;
    pairs that are not allowed are left out, without replacement also those that were there before, and the first n of
    the rest are taken.
    """

    def __init__(
        self, n: int | RandomDistribution, allow_self_connections: bool = True, with_replacement: bool = True,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(n, allow_self_connections, with_replacement, location_selector, rng, safe, callback)

    def plan(self, ends: Ends) -> Plan:
        """All pairs from one substream, then sorted by target and source."""
        number = int(self._numbers(ends, 1)[0])
        twins = self.twins(ends)
        selves = np.empty(0, np.int64) if twins is None else np.flatnonzero(twins >= 0)
        forbidden = selves if twins is None else twins[selves] * ends.post.size + selves
        self._require(number, ends.pre.size * ends.post.size - len(forbidden))
        key, own = self.key(ends), draws_itself(self.rng)

        @cache
        def pairs() -> tuple[Index, Index]:
            """Both ends of every row, sorted; made when first asked for."""
            found = self._pairs(ends, key, number, forbidden)
            pre, post = np.divmod(found, ends.post.size) if number else (found, found)
            order = by_target(pre, post)
            return pre[order], post[order]

        def rows() -> Iterator[Rows]:
            pre, post = pairs()
            start = 0
            while start < number:
                stop = min(start + CHUNK, number)
                if stop < number:  # a chunk holds all rows of its last target
                    stop = int(np.searchsorted(post, post[stop - 1], side="right"))
                yield Rows(pre[start:stop], post[start:stop])
                start = stop

        if own:
            return Plan(rows, number)
        parameters: dict[str, Values] = {"n": float(number), "with_replacement": float(self.with_replacement)}
        return Plan(rows, number, kind="fixed_total_number", parameters=parameters, stream=key, twins=twins)

    def _require(self, number: int, possible: int) -> None:
        if number > possible and (not self.with_replacement or possible <= 0):
            raise ConnectionError(
                f"{type(self).__name__}: {number} connections are asked for, but only {max(possible, 0)} different "
                "ones are possible. Lower n, or use with_replacement=True."
            )

    def _pairs(self, ends: Ends, key: int, number: int, forbidden: Index) -> Index:
        """Numbers pre × n_post + post of the chosen pairs, in the order in which they were chosen."""
        candidates, count = np.empty(0, np.int64), 0
        while True:
            count = max(2 * count, number + 16)
            if draws_itself(self.rng):
                candidates = np.concatenate([candidates, self._drawn_pairs(ends, number + 16)])
            else:
                raw = words(key, 0, 2 * count)
                pre, post = bounded(raw[0::2], ends.pre.size), bounded(raw[1::2], ends.post.size)
                candidates = pre * ends.post.size + post
            allowed = candidates[~np.isin(candidates, forbidden)] if len(forbidden) else candidates
            if not self.with_replacement:
                allowed = allowed[np.sort(np.unique(allowed, return_index=True)[1])]
            if len(allowed) >= number:
                return allowed[:number]

    def _drawn_pairs(self, ends: Ends, count: int) -> Index:
        pre = np.asarray(self.rng.next(count, "uniform_int", {"low": 0, "high": ends.pre.size}), dtype=np.int64)  # type: ignore[union-attr]  # it draws
        post = np.asarray(self.rng.next(count, "uniform_int", {"low": 0, "high": ends.post.size}), dtype=np.int64)  # type: ignore[union-attr]  # it draws
        return pre * ends.post.size + post


class SmallWorldConnector(MapConnector):
    """Each source to all targets nearer than ``degree`` µm, each connection moved to a target at random by chance.

    Watts & Strogatz (1998), Nature 393, 440, with the distance in space in place of the ring. Connection k of source i
    (its targets in order) is moved where uniform number k of substream i lies below ``rewiring``; its new target is
    ``bounded`` word n_near + k of that substream. With ``n_connections``, each source keeps the n targets of the
    smallest words n_near × 2 + k.
    """

    parameter_names = ("allow_self_connections", "degree", "rewiring", "n_connections")

    def __init__(
        self, degree: float, rewiring: float, allow_self_connections: bool = True, n_connections: int | None = None,
        location_selector: object = None, rng: AbstractRNG | None = None, safe: bool = True,
        callback: Callable[[float], object] | None = None, **old: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            allow_self_connections=allow_self_connections, rng=rng, location_selector=location_selector, safe=safe,
            callback=callback, **old,
        )  # fmt: skip
        name = type(self).__name__
        if isinstance(rewiring, str | bool) or not 0 <= float(rewiring) <= 1:
            raise InvalidValueError(name, "rewiring", rewiring, "between 0 and 1")
        if isinstance(degree, str | bool) or not float(degree) >= 0:
            raise InvalidValueError(name, "degree", degree, "a distance, 0 µm or more")
        if isinstance(self.allow_self_connections, str):
            raise InvalidValueError(name, "allow_self_connections", "NoMutual", "True or False")
        self.degree, self.rewiring = float(degree), float(rewiring)
        self.n_connections = None if n_connections is None else check_number(name, "n_connections", n_connections)

    def plan(self, ends: Ends) -> Plan:
        """For each source its own substream; rows are sorted by source."""
        key = self.key(ends)
        twins: dict[int, list[int]] = {}
        for j, sources in ends.twins.items():
            for i in sources:
                twins.setdefault(i, []).append(j)

        def rows() -> Iterator[Rows]:
            groups = ((i, self._targets(ends, key, i, twins.get(i, []))) for i in range(ends.pre.size))
            return one_by_one(groups, by_source=True) if draws_itself(self.rng) else chunked(groups, by_source=True)

        return Plan(rows, by_source=True, sequential=draws_itself(self.rng))

    def _targets(self, ends: Ends, key: int, i: int, twins: list[int]) -> Index:
        everyone = np.arange(ends.post.size, dtype=np.int64)
        if not self.allow_self_connections:
            everyone = everyone[~np.isin(everyone, twins)]
        near = everyone[ends.distances(Rows(np.full(len(everyone), i), everyone)) < self.degree]
        if not len(near):
            return near
        count = len(near)
        if draws_itself(self.rng):
            chance = np.asarray(self.rng.next(count, "uniform", {"low": 0.0, "high": 1.0}))  # type: ignore[union-attr]  # it draws
            new = np.asarray(self.rng.next(count, "uniform_int", {"low": 0, "high": len(everyone)}), dtype=np.int64)  # type: ignore[union-attr]  # it draws
            order = np.argsort(self.rng.next(count, "uniform", {"low": 0.0, "high": 1.0}))  # type: ignore[union-attr]  # it draws
        else:
            raw = words(key, i, 3 * count)
            chance, new = uniform(key, i, count), bounded(raw[count : 2 * count], len(everyone))
            order = np.argsort(raw[2 * count :], kind="stable")
        targets = np.where(chance < self.rewiring, everyone[new], near)
        kept = np.arange(count) if self.n_connections is None else np.sort(order[: self.n_connections])
        return np.sort(targets[kept])
