"""``pyNN.neuron.random``: NEURON's own generator, for scripts that draw from it."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from pyNN import random
from pyNN.errors import PyNNError
from pyNN.random import WrappedRNG

from pynn_neuron.kernel import hoc


class NativeRNG(random.NativeRNG, WrappedRNG):
    """NEURON's ``Random``, drawn in sequence, one value at a time.

    >>> NativeRNG(seed=1).next(2, "uniform", {"low": 0.0, "high": 1.0}).shape
    (2,)
    """

    translations: ClassVar[Any] = {
        "binomial": ("binomial", {"n": "n", "p": "p"}),
        "gamma": ("gamma", {"k": "k", "theta": "theta"}),
        "exponential": ("negexp", {"beta": "beta"}),
        "lognormal": ("lognormal", {"mu": "mu", "sigma": "sigma"}),
        "normal": ("normal", {"mu": "mu", "sigma": "sigma"}),
        "normal_clipped": ("normal_clipped", {"mu": "mu", "sigma": "sigma", "low": "low", "high": "high"}),
        "poisson": ("poisson", {"lambda_": "lambda_"}),
        "uniform": ("uniform", {"low": "low", "high": "high"}),
        "uniform_int": ("discunif", {"low": "low", "high": "high"}),
    }

    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        WrappedRNG.__init__(self, seed, parallel_safe)
        self.rng = hoc().Random() if self.seed is None else hoc().Random(self.seed)

    def _drawn(self, distribution: str, size: int, *parameters: float) -> Any:
        draw = getattr(self.rng, distribution)
        return np.array([draw(*parameters) if k == 0 else self.rng.repick() for k in range(size)], dtype=np.float64)

    def binomial(self, n: int, p: float, size: int) -> Any:
        """How many of n trials succeed."""
        return self._drawn("binomial", size, n, p)

    def gamma(self, k: float, theta: float, size: int) -> Any:
        """Gamma values; NEURON has those of a whole shape k alone (Erlang)."""
        if k != int(k):
            raise PyNNError(f"NEURON draws gamma values of a whole shape k alone, not {k:g}. Use NumpyRNG.")
        return self._drawn("erlang", size, k * theta, k * theta**2)

    def negexp(self, beta: float, size: int) -> Any:
        """Exponential values of mean beta."""
        return self._drawn("negexp", size, beta)

    def lognormal(self, mu: float, sigma: float, size: int) -> Any:
        """Values whose logarithm is normal with mean mu and standard deviation sigma."""
        return np.exp(self.normal(mu, sigma, size))

    def normal(self, mu: float, sigma: float, size: int) -> Any:
        """Normal values."""
        return self._drawn("normal", size, mu, sigma**2)

    def normal_clipped(self, mu: float, sigma: float, low: float, high: float, size: int) -> Any:
        """Normal values, drawn again where they fall outside [low, high]."""
        return random.generators.redrawn(lambda n: self.normal(mu, sigma, n), low, high, size)

    def poisson(self, lambda_: float, size: int) -> Any:
        """Poisson numbers of mean lambda_."""
        return self._drawn("poisson", size, lambda_)

    def uniform(self, low: float, high: float, size: int) -> Any:
        """Values from low to high."""
        return self._drawn("uniform", size, low, high)

    def discunif(self, low: int, high: int, size: int) -> Any:
        """Whole numbers from low to high - 1."""
        return self._drawn("discunif", size, low, high - 1)
