"""Random numbers: keyed streams that do not depend on order, distributions by name, and PyNN's generator classes."""

from pyNN.random.distributions import RandomDistribution, available_distributions
from pyNN.random.generators import AbstractRNG, NativeRNG, NumpyRNG, WrappedRNG

__all__ = [
    "AbstractRNG",
    "NativeRNG",
    "NumpyRNG",
    "RandomDistribution",
    "WrappedRNG",
    "available_distributions",
]
