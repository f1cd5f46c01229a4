"""Distributions by PyNN's names, drawn from keyed streams when a network is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from cawan.errors import listing, suggestion
from cawan.simulator import Array

from pyNN.errors import PyNNError, UnknownParameterError
from pyNN.random.generators import AbstractRNG, NumpyRNG

available_distributions: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "binomial": ("n", "p"),
        "gamma": ("k", "theta"),
        "exponential": ("beta",),
        "lognormal": ("mu", "sigma"),
        "normal": ("mu", "sigma"),
        "normal_clipped": ("mu", "sigma", "low", "high"),
        "normal_clipped_to_boundary": ("mu", "sigma", "low", "high"),
        "poisson": ("lambda_",),
        "uniform": ("low", "high"),
        "uniform_int": ("low", "high"),
        "vonmises": ("mu", "kappa"),
    }
)

_MAX_REDRAWS = 1000


class UnknownDistributionError(PyNNError, KeyError):
    """No distribution has this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = f"There is no distribution {name!r}. There are: {listing(available_distributions)}."
        self.text += suggestion(name, available_distributions)
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


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
        if distribution not in available_distributions:
            raise UnknownDistributionError(distribution)
        names = available_distributions[distribution]
        if isinstance(parameters_pos, Mapping):
            parameters_named = {**parameters_pos, **parameters_named}
        elif parameters_pos is not None:
            if len(parameters_pos) > len(names):
                raise PyNNError(
                    f"The distribution {distribution!r} has {len(names)} parameters ({', '.join(names)}), "
                    f"not {len(parameters_pos)}."
                )
            parameters_named = {**dict(zip(names, parameters_pos, strict=False)), **parameters_named}
        for name in parameters_named:
            if name not in names:
                raise UnknownParameterError(name, f"The distribution {distribution!r}", names)
        parameters = {name: float(value) for name, value in parameters_named.items()}
        if distribution.startswith("normal_clipped"):
            parameters = {"low": -np.inf, "high": np.inf} | parameters
        missing = [name for name in names if name not in parameters]
        if missing:
            raise PyNNError(f"The distribution {distribution!r} needs a value for {listing(missing)}.")
        self.name = distribution
        self.parameters = {name: parameters[name] for name in names}
        self.rng = rng
        _check(self)

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


def _check(drawn: RandomDistribution) -> None:
    """Refuse parameters that no distribution of that name has."""
    values = drawn.parameters
    for name, value in values.items():
        if np.isnan(value):
            raise PyNNError(f"{drawn!r}: {name} is not a number. Give a number.")
    for name in ("sigma", "k", "theta", "beta", "kappa", "lambda_"):
        if values.get(name, 0.0) < 0:
            raise PyNNError(f"{drawn!r}: {name} is {values[name]}. It must be 0 or more.")
    if values.get("low", 0.0) > values.get("high", np.inf):
        raise PyNNError(f"{drawn!r}: low is above high. Exchange them.")
    if not 0 <= values.get("p", 0.0) <= 1:
        raise PyNNError(f"{drawn!r}: p is {values['p']}. It must lie between 0 and 1.")


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
