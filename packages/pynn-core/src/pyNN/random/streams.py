"""Keyed, counter-based random streams: the same numbers whatever else a script does, on any simulator.

A stream's key is the SHA-256 of what it is for. Word *w* of substream *k* of a key is output *w* of the generator
Philox4x64-10 (Salmon et al. 2011, SC'11, "Parallel random numbers: as easy as 1, 2, 3") with that key and the
counter (0, 0, k, 0), counted as NumPy's ``Philox`` counts. The rules are a format for ever: the reference page
"Random streams" defines them to the bit, with the test vectors that ``tests/test_streams.py`` checks.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index

if TYPE_CHECKING:
    from numpy.typing import NDArray

Words: TypeAlias = "NDArray[np.uint64]"
_MASK = (1 << 64) - 1


def stream_key(seed: int, kind: str, label: str | None, nth: int, purpose: str, count: int) -> int:
    """The 128-bit key of a stream.

    Parameters
    ----------
    seed
        The simulation's seed, or that of the generator a script passed in.
    kind
        "population", "projection" or "current source".
    label
        As the script gave it; None for an object without one.
    nth
        How many earlier objects of this kind carry this label.
    purpose
        The parameter or variable that is drawn; "structure" for who connects to whom.
    count
        How often this purpose was drawn before for this object.

    >>> hex(stream_key(42, "population", "cells", 0, "tau_m", 0))
    '0x675747bfd76ccf4dd7914c90d1a36fef'
    """
    import hashlib  # 4 ms with json, which the import of a simulator does without
    import json

    text = json.dumps([seed, kind, label, nth, purpose, count], ensure_ascii=False, separators=(",", ":"))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def generator(key: int, substream: int = 0) -> np.random.Generator:
    """NumPy's generator on one substream, for draws from a distribution."""
    return np.random.Generator(_philox(key, substream))


def words(key: int, substream: int, count: int) -> Words:
    """The first ``count`` 64-bit words of a substream, shape (count,)."""
    return np.atleast_1d(_philox(key, substream).random_raw(count)).astype(np.uint64, copy=False)


def bounded(raw: Words, n: int) -> Index:
    """Whole numbers 0 … n - 1, one for each word: floor(word × n / 2**64), for 1 ≤ n < 2**32.

    The remainder of 2**64 over n is not rejected: the bias is below n / 2**64.
    """
    size = np.uint64(n)
    low = (raw & np.uint64(0xFFFFFFFF)) * size >> np.uint64(32)
    return ((raw >> np.uint64(32)) * size + low >> np.uint64(32)).astype(np.int64)


def _philox(key: int, substream: int) -> np.random.Philox:
    counter = np.array([0, 0, substream, 0], dtype=np.uint64)
    return np.random.Philox(counter=counter, key=np.array([key & _MASK, key >> 64], dtype=np.uint64))


class Substreams:
    """The substreams of one key, one after the other: the same numbers as :func:`generator` and :func:`words` give.

    One generator is set to the beginning of each substream, which costs a tenth of making one.
    """

    def __init__(self, key: int) -> None:
        self._philox = _philox(key, 0)
        self._state: Any = self._philox.state
        self._generator = np.random.Generator(self._philox)

    def _at(self, substream: int) -> None:
        self._state["state"]["counter"][:] = (0, 0, substream, 0)
        self._state["buffer_pos"], self._state["has_uint32"] = 4, 0
        self._philox.state = self._state

    def words(self, substream: int, count: int) -> Words:
        """The first ``count`` words of a substream, shape (count,)."""
        self._at(substream)
        return np.asarray(self._philox.random_raw(count), dtype=np.uint64)

    def generator(self, substream: int) -> np.random.Generator:
        """NumPy's generator at the beginning of a substream; valid until the next is asked for."""
        self._at(substream)
        return self._generator

    def uniform(self, substream: int, size: int) -> Array:
        """As :func:`uniform`."""
        return (self.words(substream, size) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def bernoulli_many(key: int, first: int, last: int, size: int, threshold: int) -> list[Index]:
    """The rows of :func:`bernoulli_rows` for the substreams ``first`` … ``last`` - 1."""
    if threshold >= 1 << 64 or not threshold or not size:
        return [bernoulli_rows(key, k, size, threshold) for k in range(first, last)]
    source, n_blocks = Substreams(key), -(-size // 64)
    # After so many digits one substream in a hundred has a trial that is still open.
    digits = min(size.bit_length() + 7, 65 - (threshold & -threshold).bit_length())
    raw = np.empty((last - first, digits, n_blocks), dtype=np.uint64)
    for k in range(first, last):
        raw[k - first] = source.words(k, digits * n_blocks).reshape(digits, n_blocks)
    open_ = np.full((last - first, n_blocks), _MASK, dtype=np.uint64)
    accepted = np.zeros_like(open_)
    for digit in range(digits):
        if threshold >> (63 - digit) & 1:
            accepted |= open_ & ~raw[:, digit]
            open_ &= raw[:, digit]
        else:
            open_ &= ~raw[:, digit]
    if threshold << digits & _MASK:  # later digits still decide: the substreams with an open trial, one by one
        undecided = open_.any(axis=1)
    else:
        undecided = np.zeros(last - first, dtype=bool)
    if size % 64:
        accepted[:, -1] &= np.uint64((1 << size % 64) - 1)
    bits = np.unpackbits(accepted.astype("<u8", copy=False).view(np.uint8).reshape(-1), bitorder="little")
    places = np.flatnonzero(bits.view(np.bool_)).astype(np.int64, copy=False)
    owners, rows = np.divmod(places, n_blocks * 64)
    parts = np.split(rows, np.searchsorted(owners, np.arange(1, last - first)))
    for k in np.flatnonzero(undecided).tolist():
        parts[k] = bernoulli_rows(key, first + k, size, threshold)
    return parts


def bernoulli_rows(key: int, substream: int, size: int, threshold: int) -> Index:
    """Which of ``size`` trials succeed, each with probability threshold / 2**64; increasing.

    Trials are decided 64 at a time: bit b of block a belongs to trial 64 a + b. Digit d (0 … 63) of block a is
    word d × n_blocks + a, and the digits of a trial, most significant first, are a number U; it succeeds where
    U < threshold. Digits after the last 1 of the threshold cannot change that and are not drawn, nor are any once
    every trial is decided.
    """
    if threshold >= 1 << 64:
        return np.arange(size, dtype=np.int64)
    n_blocks = -(-size // 64)
    source = _philox(key, substream)
    open_ = np.full(n_blocks, _MASK, dtype=np.uint64)  # trials whose digits so far equal the threshold's
    accepted = np.zeros(n_blocks, dtype=np.uint64)
    last = 64 - (threshold & -threshold).bit_length() if threshold else -1
    for digit in range(last + 1):
        raw = source.random_raw(n_blocks)
        if threshold >> (63 - digit) & 1:
            accepted |= open_ & ~raw
            open_ &= raw
        else:
            open_ &= ~raw
        if not open_.any():
            break
    bits = np.unpackbits(accepted.astype("<u8").view(np.uint8), bitorder="little")
    return np.flatnonzero(bits[:size]).astype(np.int64)


def choose_rows(key: int | Substreams, substream: int, size: int, n: int, replace: bool) -> Index:
    """``n`` of ``size`` rows, increasing.

    With replacement, row k is ``bounded(word k, size)``. Without, the rows are the first n different values of
    that sequence; where n > size / 2, the first size - n different values are the ones left out.
    """
    source = key if isinstance(key, Substreams) else Substreams(key)
    if replace:
        return np.sort(bounded(source.words(substream, n), size)) if n else np.empty(0, np.int64)
    wanted = n if 2 * n <= size else size - n
    chosen = _first_different(source, substream, size, wanted)
    if wanted == n:
        return np.sort(chosen)
    left = np.ones(size, dtype=bool)
    left[chosen] = False
    return np.flatnonzero(left).astype(np.int64)


def _first_different(source: Substreams, substream: int, size: int, wanted: int) -> Index:
    count = max(16, 2 * wanted)
    while True:
        drawn = bounded(source.words(substream, count), size)
        first = np.sort(np.unique(drawn, return_index=True)[1])
        if len(first) >= wanted:
            return drawn[first[:wanted]]
        count *= 2


@dataclass
class StreamCounts:
    """Counts objects by kind and label, so that each gets keys of its own; ``setup`` makes a new one."""

    objects: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def identity(self, seed: int, kind: str, label: str | None) -> Identity:
        """The identity that a new object will have; it counts once it is made."""
        return Identity(seed, kind, label, self.objects[kind, label])

    def made(self, identity: Identity) -> None:
        """The object was made: one that is refused leaves no trace in the streams of those after it."""
        self.objects[identity.kind, identity.label] += 1


@dataclass
class Identity:
    """Who an object is among the others of its kind; gives the keys of all that is drawn for it."""

    seed: int
    kind: str
    label: str | None
    nth: int
    drawn: Counter[str] = field(default_factory=Counter)

    def key(self, purpose: str, seed: int | None = None) -> int:
        """The key of the next draw for this purpose; ``seed`` is that of a generator the script passed in."""
        count = self.drawn[purpose]
        self.drawn[purpose] += 1
        return stream_key(self.seed if seed is None else seed, self.kind, self.label, self.nth, purpose, count)


def bernoulli_threshold(probability: float) -> int:
    """floor(p × 2**64), exact: a double of [0, 1] has a finite binary expansion."""
    numerator, denominator = float(probability).as_integer_ratio()
    return (numerator << 64) // denominator


def uniform(key: int, substream: int, size: int) -> Array:
    """Uniform doubles in [0, 1): the upper 53 bits of each word over 2**53, shape (size,)."""
    return (words(key, substream, size) >> np.uint64(11)).astype(np.float64) * 2.0**-53
