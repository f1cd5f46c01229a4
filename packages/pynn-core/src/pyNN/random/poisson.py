"""How many spikes strong Poisson sources have in each step of the clock: exact inversion of keyed words.

A source is strong where it has ``LEAST`` to ``MOST`` spikes in one step on average. The reference page "Random streams"
defines the counts to the bit; ``tests/test_poisson.py`` has the test vectors.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from cawan.simulator import Array, Index

from pyNN.random.counters import philox

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST, MOST = 0.1, 64.0  # mean number of spikes in one step: part of the format of the random streams
_LANES, _NUMBERS = 16, 1 << 16  # of 16 bits in one output of Philox
_UNDECIDED = 255  # no count of a strong source is above 254
_FEW = 64  # means for which the counts of all numbers of 16 bits are kept in a table, 64 kB each
_DIGITS = 60  # e^-64 × 10^-60 is far below 2^-64
_WORDS_OF_COUNTS, _WORDS_OF_THE_UNDECIDED = 1, 2  # second number of the counter

Counts: TypeAlias = "NDArray[np.uint8]"


def mean_counts(rate: Array, timestep: float) -> Array:
    """Mean number of spikes in one step, from rates in Hz and the timestep in ms."""
    return np.asarray(rate * timestep / 1000.0)


def strong(means: Array) -> NDArray[np.bool_]:
    """Which sources are drawn step by step."""
    return (means >= LEAST) & (means <= MOST)


@lru_cache(maxsize=1024)
def thresholds(mean: float) -> NDArray[np.uint64]:
    """T_k = floor(2^64 × P(count ≤ k)) for k = 0, 1, … as long as T_k < 2^64 - 1, shape (n,).

    A source has as many spikes as there are thresholds that are not above its number U of 64 bits.
    """
    from decimal import Decimal, localcontext  # 5 ms, in the import of every simulator

    found: list[int] = []
    with localcontext() as context:
        context.prec = _DIGITS
        m = Decimal(mean)
        probability = (-m).exp()
        below = probability
        while (threshold := int(below * 2**64)) < 2**64 - 1:
            found.append(threshold)
            probability *= m / len(found)
            below += probability
    return np.array(found, dtype=np.uint64)


class StepCounts:
    """The spikes of some strong sources in each step.

    Parameters
    ----------
    key
        Of the trains, 128 bits.
    means
        Of every source of the population, shape (n,).
    """

    def __init__(self, key: int, means: Array) -> None:
        self._key = key
        self.rows: Index = np.flatnonzero(strong(means)).astype(np.int64)
        distinct, self._kind = np.unique(means[self.rows], return_inverse=True)
        self._thresholds = [thresholds(float(mean)) for mean in distinct]
        # Of all thresholds the upper 16 bits, increasing; those of a mean begin at its number × 2^16.
        uppers = [k * _NUMBERS + (table >> np.uint64(48)).astype(np.int64) for k, table in enumerate(self._thresholds)]
        self._upper = np.concatenate([np.empty(0, np.int64), *uppers])
        self._first = np.cumsum([0, *map(len, uppers)])
        few = 0 < len(distinct) <= _FEW
        self._table = self._search(np.arange(len(distinct) * _NUMBERS, dtype=np.int64)) if few else None

    def of(self, first: int, last: int) -> Counts:
        """The counts in the steps ``first`` … ``last`` - 1, shape (steps, sources)."""
        if not len(self.rows):
            return np.empty((last - first, 0), dtype=np.uint8)
        blocks = int(self.rows[-1]) // _LANES + 1
        raw = np.empty((last - first, 4 * blocks), dtype="<u8")
        for step in range(first, last):
            counter = np.array([0, _WORDS_OF_COUNTS, step, 0], dtype=np.uint64)
            halves = np.array([self._key & (1 << 64) - 1, self._key >> 64], dtype=np.uint64)
            raw[step - first] = np.random.Philox(counter=counter, key=halves).random_raw(4 * blocks)
        lanes = raw.view("<u2")[:, self.rows]
        numbers = self._kind * _NUMBERS + lanes
        counts: Counts = self._search(numbers) if self._table is None else self._table[numbers]
        steps, places = np.nonzero(counts == _UNDECIDED)
        if len(steps):
            counts[steps, places] = self._decide(lanes[steps, places], first + steps, places)
        return counts

    def _search(self, numbers: Index) -> Counts:
        """The counts for numbers of 16 bits, plus 2^16 × the number of the mean, where these decide."""
        below = np.searchsorted(self._upper, numbers)
        counts: Counts = (below - self._first[numbers // _NUMBERS]).astype(np.uint8)
        counts[self._upper[np.minimum(below, len(self._upper) - 1)] == numbers] = _UNDECIDED
        return counts

    def _decide(self, upper: NDArray[np.uint16], steps: Index, places: Index) -> Counts:
        more = philox(self._key, self.rows[places], _WORDS_OF_THE_UNDECIDED, steps, 0)[0]
        numbers = upper.astype(np.uint64) << np.uint64(48) | more >> np.uint64(16)
        found = np.empty(len(numbers), dtype=np.uint8)
        for kind, table in enumerate(self._thresholds):
            of_it = self._kind[places] == kind
            found[of_it] = np.searchsorted(table, numbers[of_it], side="right")
        return found
