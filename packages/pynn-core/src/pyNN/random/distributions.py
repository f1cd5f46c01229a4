"""Distributions by PyNN's names, drawn from keyed streams when a network is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array

from pyNN.errors import PyNNError
from pyNN.random.catalogue import UnknownDistributionError, available_distributions, named_parameters
from pyNN.random.generators import AbstractRNG, NumpyRNG

__all__ = ["RandomDistribution", "UnknownDistributionError", "available_distributions"]

_MAX_REDRAWS = 1000


class RandomDistribution:
    """Values to be drawn later, one for each cell or synapse.

    Parameters
    ----------
    distribution
        One of :data:`available_distributions`.
    parameters_pos
        Its parameters in order; or give them by name.
    rng
        A generator whose *seed* keys the draws, in place of the simulation's. Sharing one among many
        distributions does not make them depend on each other's order. ``next`` draws from it in sequence.

    >>> RandomDistribution("normal", (10.0, 2.0))
    RandomDistribution('normal', mu=10.0, sigma=2.0)
    """

    def __init__(
        self,
        distribution: str,
        parameters_pos: Sequence[float] | Mapping[str, float] | None = None,
        rng: AbstractRNG | None = None,
        **parameters_named: float,
    ) -> None:
        self.name = distribution
        self.parameters = named_parameters(distribution, parameters_pos, parameters_named)
        self.rng = rng

    def draw(self, source: np.random.Generator, n: int) -> Array:
        """``n`` values from one substream, shape (n,)."""
        return _DRAWS[self.name](source, n, **self.parameters)

    def next(self, n: int | None = None, mask: Any = None) -> Any:
        """Draw in sequence from ``rng``: one value, or ``n`` of them (with ``mask``, those it selects)."""
        rng = self.rng if self.rng is not None else NumpyRNG()
        return rng.next(n, self.name, self.parameters, mask)

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"RandomDistribution({self.name!r}, {shown})"


def _clipped(source: np.random.Generator, n: int, mu: float, sigma: float, low: float, high: float) -> Array:
    """Normal, drawn again where it falls outside [low, high]."""
    values = source.normal(mu, sigma, n)
    for _ in range(_MAX_REDRAWS):
        outside = np.flatnonzero((values < low) | (values > high))
        if not len(outside):
            return values
        values[outside] = source.normal(mu, sigma, len(outside))
    raise PyNNError(
        f"normal_clipped(mu={mu}, sigma={sigma}, low={low}, high={high}) still falls outside after {_MAX_REDRAWS} "
        "draws. Widen the bounds."
    )


def _floats(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64)


_DRAWS: Mapping[str, Callable[..., Array]] = {
    "binomial": lambda g, size, n, p: _floats(g.binomial(int(n), p, size)),
    "gamma": lambda g, n, k, theta: g.standard_gamma(k, n) * theta,
    "exponential": lambda g, n, beta: g.standard_exponential(n) * beta,
    "lognormal": lambda g, n, mu, sigma: g.lognormal(mu, sigma, n),
    "normal": lambda g, n, mu, sigma: g.normal(mu, sigma, n),
    "normal_clipped": _clipped,
    "normal_clipped_to_boundary": lambda g, n, mu, sigma, low, high: np.clip(g.normal(mu, sigma, n), low, high),
    "poisson": lambda g, n, lambda_: _floats(g.poisson(lambda_, n)),
    "uniform": lambda g, n, low, high: low + (high - low) * g.random(n),
    "uniform_int": lambda g, n, low, high: _floats(g.integers(int(low), int(high), n, endpoint=True)),
    "vonmises": lambda g, n, mu, kappa: g.vonmises(mu, kappa, n),
}
