"""PyNN's generator classes: what a script passes as ``rng``.

Their seed keys the draws of a network (see :mod:`pyNN.random.streams`); ``next`` draws in sequence, as scripts that
call it themselves expect, with the same values as PyNN 0.13.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np

from pyNN.random.catalogue import named_parameters

_log = logging.getLogger(__name__)


class AbstractRNG:
    """A source of random numbers with a seed."""

    def __init__(self, seed: int | None = None) -> None:
        if seed is not None and int(seed) != seed:
            raise TypeError(f"The seed is {seed!r}. It must be a whole number.")
        self.seed = None if seed is None else int(seed)

    def next(
        self, n: int | None = None, distribution: str | None = None, parameters: Any = None, mask: Any = None
    ) -> Any:
        """The next value (``n`` None) or ``n`` values of a distribution."""
        raise NotImplementedError(f"{type(self).__name__} draws only inside a simulator.")


class WrappedRNG(AbstractRNG):
    """A generator of a library, by PyNN's names of distributions."""

    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        super().__init__(seed)
        self.parallel_safe = parallel_safe

    def describe(self) -> str:
        """One line for people."""
        return f"{type(self).__name__}(seed={self.seed})"

    __repr__ = describe


class NumpyRNG(WrappedRNG):
    """NumPy's Mersenne Twister, drawn in sequence.

    >>> NumpyRNG(seed=1).next(2, "uniform", {"low": 0.0, "high": 1.0})
    array([0.417022  , 0.72032449])
    """

    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        super().__init__(seed, parallel_safe)
        self.rng = np.random.RandomState(self.seed)

    def next(
        self, n: int | None = None, distribution: str | None = None, parameters: Any = None, mask: Any = None
    ) -> Any:
        """The next value (``n`` None) or ``n`` values; with ``mask``, those of the n that it selects."""
        name = distribution or "uniform"
        given = named_parameters(name, (0.0, 1.0) if parameters is None and name == "uniform" else parameters, {})
        values = self._draw(name, given, 1 if n is None else int(n))
        if n is None:
            return values[0]
        return values if mask is None else values[mask]

    def permutation(self, items: Any) -> Any:
        """The items in random order."""
        return self.rng.permutation(items)

    def _draw(self, name: str, given: Mapping[str, float], n: int) -> Any:
        low, high = given.get("low", -np.inf), given.get("high", np.inf)
        if name == "normal_clipped":
            values = self.rng.normal(given["mu"], given["sigma"], n)
            for _ in range(1000):
                outside = (values < low) | (values > high)
                if not outside.any():
                    break
                values[outside] = self.rng.normal(given["mu"], given["sigma"], int(outside.sum()))
            return values
        if name == "normal_clipped_to_boundary":
            return np.clip(self.rng.normal(given["mu"], given["sigma"], n), low, high)
        if name == "uniform_int":
            return self.rng.randint(int(low), int(high) + 1, n)
        method = getattr(self.rng, {"exponential": "exponential"}.get(name, name))
        return method(*given.values(), size=n)


class NativeRNG(AbstractRNG):
    """The simulator's own generator, where it draws by itself; elsewhere only its seed counts."""
