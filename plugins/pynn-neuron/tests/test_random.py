"""``pyNN.neuron.random``: NEURON's own generator under PyNN's names of distributions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pynn_neuron.random import NativeRNG

N = 4000
# Mean and standard deviation of each distribution.
DISTRIBUTIONS: dict[str, tuple[dict[str, float], float, float]] = {
    "binomial": ({"n": 10, "p": 0.3}, 3.0, 2.1**0.5),
    "gamma": ({"k": 3, "theta": 2.0}, 6.0, 12.0**0.5),
    "exponential": ({"beta": 4.0}, 4.0, 4.0),
    "lognormal": ({"mu": 0.5, "sigma": 0.4}, np.exp(0.58), np.exp(0.58) * np.expm1(0.16) ** 0.5),
    "normal": ({"mu": -1.0, "sigma": 2.0}, -1.0, 2.0),
    "poisson": ({"lambda_": 7.0}, 7.0, 7.0**0.5),
    "uniform": ({"low": 2.0, "high": 4.0}, 3.0, 2.0 / 12**0.5),
    "uniform_int": ({"low": 0, "high": 4}, 1.5, 1.25**0.5),
}


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_values_have_the_moments_of_their_distribution(name: str) -> None:
    """The mean lies within four standard errors of the distribution's, the spread within a tenth."""
    parameters, mean, spread = DISTRIBUTIONS[name]

    values = NativeRNG(seed=3).next(N, name, parameters)

    assert values.mean() == pytest.approx(mean, abs=4 * spread / N**0.5)
    assert values.std() == pytest.approx(spread, rel=0.1)


def test_clipped_values_stay_inside_and_seeds_count() -> None:
    """No value lies outside the bounds; one seed gives one sequence, another gives another."""
    given: dict[str, Any] = {"mu": 0.0, "sigma": 1.0, "low": -0.5, "high": 1.0}
    one, same, other = (NativeRNG(seed=seed).next(50, "normal_clipped", given) for seed in (5, 5, 6))

    assert one.min() >= -0.5 and one.max() <= 1.0
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_what_neuron_cannot_draw_is_said() -> None:
    """Gamma values of a broken shape are none of NEURON's; the sentence names another generator."""
    with pytest.raises(PyNNError, match=r"whole shape k alone, not 1\.5\. Use NumpyRNG"):
        NativeRNG(seed=1).next(2, "gamma", {"k": 1.5, "theta": 1.0})


def test_scripts_import_it_where_pynn_had_it() -> None:
    """``from pyNN.neuron.random import NativeRNG``, and ``sim.random``, give this module."""
    module = import_module("pyNN.neuron.random")

    assert module.NativeRNG is NativeRNG
    assert import_module("pyNN.neuron").random is module
