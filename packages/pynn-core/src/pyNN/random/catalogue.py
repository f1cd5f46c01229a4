"""Which distributions there are, what their parameters are called, and which values they may have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from cawan.errors import listing, suggestion

from pyNN.errors import PyNNError, UnknownParameterError

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


class DistributionError(PyNNError, ValueError):
    """Parameters that a distribution cannot have."""


class UnknownDistributionError(PyNNError, KeyError):
    """No distribution has this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text = f"There is no distribution {name!r}. There are: {listing(available_distributions)}."
        self.text += suggestion(name, available_distributions)
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


def named_parameters(
    distribution: str, positional: Sequence[float] | Mapping[str, float] | None, named: Mapping[str, float]
) -> dict[str, float]:
    """The parameters of a distribution by name, in its order, checked.

    Raises
    ------
    UnknownDistributionError, UnknownParameterError, PyNNError
        Naming what is wrong and what there is.
    """
    if distribution not in available_distributions:
        raise UnknownDistributionError(distribution)
    names = available_distributions[distribution]
    given = dict(named)
    if isinstance(positional, Mapping):
        given = {**positional, **given}
    elif positional is not None:
        if len(positional) > len(names):
            raise DistributionError(
                f"The distribution {distribution!r} has {len(names)} parameters ({', '.join(names)}), "
                f"not {len(positional)}."
            )
        twice = [name for name in names[: len(positional)] if name in given]
        if twice:
            raise DistributionError(f"{distribution}: {listing(twice)} is given twice, by place and by name.")
        given = {**dict(zip(names, positional, strict=False)), **given}
    for name in given:
        if name not in names:
            raise UnknownParameterError(name, f"The distribution {distribution!r}", names)
    parameters = {name: float(value) for name, value in given.items()}
    if distribution.startswith("normal_clipped"):
        parameters = {"low": -np.inf, "high": np.inf} | parameters
    missing = [name for name in names if name not in parameters]
    if missing:
        raise DistributionError(f"The distribution {distribution!r} needs a value for {listing(missing)}.")
    _check(distribution, parameters)
    return {name: parameters[name] for name in names}


def _check(distribution: str, values: Mapping[str, float]) -> None:
    """Refuse parameters that no distribution of that name has."""
    for name, value in values.items():
        if np.isnan(value):
            raise DistributionError(f"{distribution}: {name} is not a number. Give a number.")
    for name in ("sigma", "k", "theta", "beta", "kappa", "lambda_"):
        if values.get(name, 0.0) < 0:
            raise DistributionError(f"{distribution}: {name} is {values[name]}. It must be 0 or more.")
    if values.get("low", 0.0) > values.get("high", np.inf):
        raise DistributionError(f"{distribution}: low is above high. Exchange them.")
    if not 0 <= values.get("p", 0.0) <= 1:
        raise DistributionError(f"{distribution}: p is {values['p']}. It must lie between 0 and 1.")
