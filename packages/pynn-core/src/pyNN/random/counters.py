"""Random numbers at any place of a keyed stream, many at a time: Philox4x64-10 as a function of its counter.

Salmon, Moraes, Dror & Shaw (2011), SC'11, "Parallel random numbers: as easy as 1, 2, 3". What is drawn for one spike
of one synapse, or for one step of one cell, does not depend on any other draw.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from cawan.simulator import Array, Index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Words: TypeAlias = "NDArray[np.uint64]"

_MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
_WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)
_MASK = (1 << 64) - 1
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def uniform_at(key: int, word: int, c0: ArrayLike, c1: ArrayLike, c2: ArrayLike = 0, c3: ArrayLike = 0) -> Array:
    """Uniform doubles in [0, 1) from word ``word`` (0 … 3) of the output for each counter (c0, c1, c2, c3).

    The upper 53 bits over 2**53; counters broadcast to one shape.
    """
    return (philox(key, c0, c1, c2, c3)[word] >> np.uint64(11)).astype(np.float64) * 2.0**-53


def nth_of_pair(pre: Index, post: Index) -> Index:
    """How many earlier rows join the same two cells, shape (n,): with them, the place of a synapse."""
    order = np.lexsort((post, pre))  # stable: rows of one pair keep their order
    i, j = pre[order], post[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (i[1:] != i[:-1]) | (j[1:] != j[:-1])
    begins = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    nth = np.empty(len(order), dtype=np.int64)
    nth[order] = np.arange(len(order)) - begins
    return nth


def philox(key: int, c0: ArrayLike, c1: ArrayLike, c2: ArrayLike, c3: ArrayLike) -> tuple[Words, Words, Words, Words]:
    """The four 64-bit words of Philox4x64-10 for each counter, shape of the counters."""
    x0, x1, x2, x3 = np.broadcast_arrays(*(np.asarray(c).astype(np.uint64) for c in (c0, c1, c2, c3)))
    k0, k1 = key & _MASK, key >> 64 & _MASK
    for _ in range(10):
        high0, low0 = _product(_MULTIPLIERS[0], x0)
        high1, low1 = _product(_MULTIPLIERS[1], x2)
        x0, x1, x2, x3 = high1 ^ x1 ^ np.uint64(k0), low1, high0 ^ x3 ^ np.uint64(k1), low0
        k0, k1 = (k0 + _WEYL[0]) & _MASK, (k1 + _WEYL[1]) & _MASK
    return x0, x1, x2, x3


def _product(factor: int, x: Words) -> tuple[Words, Words]:
    """The upper and lower 64 bits of a product, by 32-bit halves."""
    a0, a1 = np.uint64(factor & 0xFFFFFFFF), np.uint64(factor >> 32)
    b0, b1 = x & _LOW, x >> _HALF
    middle = a1 * b0 + (a0 * b0 >> _HALF)
    middle2 = a0 * b1 + (middle & _LOW)
    high = a1 * b1 + (middle >> _HALF) + (middle2 >> _HALF)
    return high, (middle2 << _HALF) | (a0 * b0 & _LOW)
