"""Random numbers: keyed streams that do not depend on order, distributions by name, and PyNN's generator classes."""

from importlib.util import find_spec

from pyNN.random.distributions import RandomDistribution, available_distributions
from pyNN.random.generators import (
    GSLRNG,
    MAX_REDRAWS,
    AbstractRNG,
    NativeRNG,
    NumpyRNG,
    WrappedRNG,
    get_mpi_config,
)

have_gsl = find_spec("pygsl") is not None

__all__ = [
    "GSLRNG",
    "MAX_REDRAWS",
    "AbstractRNG",
    "NativeRNG",
    "NumpyRNG",
    "RandomDistribution",
    "WrappedRNG",
    "available_distributions",
    "get_mpi_config",
    "have_gsl",
]
