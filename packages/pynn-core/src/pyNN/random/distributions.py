"""Distributions by PyNN's names, drawn from keyed streams when a network is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array

from pyNN.errors import PyNNError
from pyNN.legacy.warning import deprecated
from pyNN.random.catalogue import UnknownDistributionError, available_distributions, named_parameters
from pyNN.random.generators import AbstractRNG, NumpyRNG, redrawn

__all__ = ["RandomDistribution", "UnknownDistributionError", "available_distributions"]


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
        distribution, parameters_pos, parameters_named = _modern(distribution, parameters_pos, parameters_named)
        self.name = distribution
        self.parameters = named_parameters(distribution, parameters_pos, parameters_named)
        self.rng = rng

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RandomDistribution) and (
            (self.name, self.parameters, self.rng) == (other.name, other.parameters, other.rng)
        )

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.parameters.items()), id(self.rng)))

    def draw(self, source: np.random.Generator, n: int) -> Array:
        """``n`` values from one substream, shape (n,)."""
        return _DRAWS[self.name](source, n, **self.parameters)

    def next(self, n: int | None = None, mask: Any = None) -> Any:
        """Draw in sequence from ``rng``: one value, or ``n`` of them (with ``mask``, those it selects)."""
        rng = self.rng if self.rng is not None else NumpyRNG()
        return rng.next(n, self.name, self.parameters, mask)

    def lazily_evaluate(self, mask: Any = None, shape: tuple[int, ...] | None = None) -> Any:
        """Values of this shape, drawn in sequence; those that ``mask`` selects."""
        values = self.next(int(np.prod(shape or ()))).reshape(shape or ())
        return values if mask is None else values[mask]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"RandomDistribution({self.name!r}, {shown})"


def _modern(name: str, positional: Any, named: dict[str, Any]) -> tuple[str, Any, dict[str, Any]]:
    """The arguments of today for those of PyNN 0.6 and 0.7, whose bounds were arguments of their own."""
    if "parameters" in named:
        positional = named.pop("parameters")
        deprecated("RandomDistribution(parameters=…)", f"RandomDistribution({name!r}, {tuple(positional)!r})")
    constrain = named.pop("constrain", "clip")
    boundaries = named.pop("boundaries", None)
    if boundaries is not None:
        given = dict(zip(available_distributions.get(name, ()), positional or (), strict=False)) | named
        named = {**given, "low": min(boundaries), "high": max(boundaries)}
        new = "normal_clipped" if constrain == "redraw" else "normal_clipped_to_boundary"
        if name != "normal":
            raise PyNNError(f"boundaries are possible for 'normal' only, not for {name!r}. Clip the values yourself.")
        shown = ", ".join(f"{key}={value!r}" for key, value in named.items())
        deprecated("RandomDistribution(boundaries=…)", f"RandomDistribution({new!r}, {shown})")
        return new, None, named
    return name, positional, named


def _clipped(source: np.random.Generator, n: int, mu: float, sigma: float, low: float, high: float) -> Array:
    """Normal, drawn again where it falls outside [low, high]."""
    return np.asarray(redrawn(lambda k: source.normal(mu, sigma, k), low, high, n))


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
