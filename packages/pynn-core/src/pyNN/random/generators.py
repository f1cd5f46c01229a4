"""PyNN's generator classes: what a script passes as ``rng``.

The seed of a :class:`NumpyRNG` keys the draws of a network (see :mod:`pyNN.random.streams`). A generator of a script's
own, a subclass of :class:`WrappedRNG` with a method ``_next``, decides every draw itself, in the order in which a
network asks: targets outermost. ``next`` draws in sequence, with the same values as PyNN 0.13.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from pyNN.errors import PyNNError
from pyNN.random.catalogue import UnknownDistributionError, available_distributions

MAX_REDRAWS = 1000
Translations = Mapping[str, tuple[str, Mapping[str, str]]]


def get_mpi_config() -> tuple[int, int]:
    """Number of this process and of processes in all; (0, 1) where MPI is not in use."""
    from pyNN.parallel import rank_and_size

    return rank_and_size()


class InvalidSeedError(PyNNError, ValueError, AssertionError):
    """A seed that is no whole number; PyNN 0.13 asserts that it is."""


class AbstractRNG:
    """A source of random numbers with a seed."""

    def __init__(self, seed: int | None = None) -> None:
        if seed is not None and (isinstance(seed, bool) or int(seed) != seed):
            raise InvalidSeedError(f"The seed is {seed!r}. It must be a whole number.")
        self.seed = None if seed is None else int(seed)

    def next(
        self, n: int | None = None, distribution: str | None = None, parameters: Any = None, mask: Any = None,
        mask_local: Any = None,
    ) -> Any:  # fmt: skip
        """The next value (``n`` None) or ``n`` values of a distribution."""
        raise NotImplementedError(f"{type(self).__name__} draws only inside a simulator.")

    def random(self, *args: Any, **kwargs: Any) -> Any:
        """``next`` by another name."""
        return self.next(*args, **kwargs)

    sample = random

    def __repr__(self) -> str:
        return f"{type(self).__name__}(seed={self.seed!r})"


class WrappedRNG(AbstractRNG):
    """A generator of a library, by PyNN's names of distributions.

    A subclass defines ``_next(distribution, n, parameters)``, which gives n values.

    Parameters
    ----------
    parallel_safe
        All processes draw the same numbers; else the number of the process is added to the seed.
    """

    translations: ClassVar[Translations] = {}

    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        super().__init__(seed)
        self.parallel_safe = parallel_safe
        self.mpi_rank, self.num_processes = _module_config()
        if self.seed is not None and not parallel_safe:
            self.seed += self.mpi_rank

    def next(
        self, n: int | None = None, distribution: str | None = None, parameters: Any = None, mask: Any = None,
        mask_local: Any = None,
    ) -> Any:  # fmt: skip
        """The next value (``n`` None) or ``n`` values of a distribution, "uniform" on [0, 1) by default.

        Parameters
        ----------
        mask
            Which of the n values are wanted: indices, or one truth value for each.
        """
        name = distribution or "uniform"
        if parameters is None and name == "uniform":
            parameters = {"low": 0.0, "high": 1.0}
        given = _by_name(name, parameters)
        if n is not None and n < 0:
            raise PyNNValueError(f"n is {n}. It must be 0 or more.")
        chosen = _mask(mask, n)
        if chosen is not None and not self.parallel_safe:
            n, chosen = int(chosen.sum() if chosen.dtype == bool else chosen.size), None
        if n == 0:
            return np.empty(0)
        values = np.asarray(self._next(name, 1 if n is None else int(n), given))
        if n is None:
            return values[0]
        return values if chosen is None else values[chosen]

    def _next(self, distribution: str, n: int, parameters: Mapping[str, Any]) -> Any:
        """``n`` values, translated to the library's names."""
        if distribution not in self.translations:
            raise UnknownDistributionError(distribution)
        name, names = self.translations[distribution]
        if set(parameters) != set(names):
            raise PyNNError(f"The distribution {distribution!r} takes {', '.join(names)}, not {', '.join(parameters)}.")
        given = {names[key]: value for key, value in parameters.items()}
        method = getattr(type(self), name, None)
        return method(self, size=n, **given) if method is not None else getattr(self._library, name)(size=n, **given)

    @property
    def _library(self) -> Any:
        return self.__dict__["rng"]

    def describe(self) -> str:
        """One line for people."""
        safe = "Is" if self.parallel_safe else "Not"
        return (
            f"{type(self).__name__}() with seed {self.seed} for MPI rank {self.mpi_rank} "
            f"(MPI processes {self.num_processes}). {safe} parallel safe."
        )


def _mask(mask: Any, n: int | None) -> Any:
    """Which of ``n`` values are wanted, as an array; None for all."""
    if mask is None or mask is False:
        return None
    chosen = np.asarray(mask)
    if chosen.dtype == bool and chosen.size != n:
        raise PyNNValueError(f"The mask has {chosen.size} truth values for {n} numbers. It must have one for each.")
    return chosen


class PyNNValueError(PyNNError, ValueError):
    """A number of draws, or a mask, that cannot be."""


class NumpyRNG(WrappedRNG):
    """NumPy's Mersenne Twister, drawn in sequence.

    >>> NumpyRNG(seed=1).next(2, "uniform", {"low": 0.0, "high": 1.0})
    array([0.417022  , 0.72032449])
    """

    translations: ClassVar[Translations] = {
        "binomial": ("binomial", {"n": "n", "p": "p"}),
        "gamma": ("gamma", {"k": "shape", "theta": "scale"}),
        "exponential": ("exponential", {"beta": "scale"}),
        "lognormal": ("lognormal", {"mu": "mean", "sigma": "sigma"}),
        "normal": ("normal", {"mu": "loc", "sigma": "scale"}),
        "normal_clipped": ("normal_clipped", {"mu": "mu", "sigma": "sigma", "low": "low", "high": "high"}),
        "normal_clipped_to_boundary": (
            "normal_clipped_to_boundary", {"mu": "mu", "sigma": "sigma", "low": "low", "high": "high"},
        ),
        "poisson": ("poisson", {"lambda_": "lam"}),
        "uniform": ("uniform", {"low": "low", "high": "high"}),
        "uniform_int": ("randint", {"low": "low", "high": "high"}),
        "vonmises": ("vonmises", {"mu": "mu", "kappa": "kappa"}),
    }  # fmt: skip

    def __init__(self, seed: int | None = None, parallel_safe: bool = True) -> None:
        super().__init__(seed, parallel_safe)
        self.rng = np.random.RandomState(self.seed)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "rng":
            raise AttributeError(name)
        return getattr(self.rng, name)

    def normal_clipped(
        self, mu: float = 0.0, sigma: float = 1.0, low: float = -np.inf, high: float = np.inf, size: int | None = None
    ) -> Any:
        """Normal values, drawn again where they fall outside [low, high]."""
        return redrawn(lambda n: self.rng.normal(mu, sigma, n), low, high, size)

    def normal_clipped_to_boundary(
        self, mu: float = 0.0, sigma: float = 1.0, low: float = -np.inf, high: float = np.inf, size: int | None = None
    ) -> Any:
        """Normal values, moved to the bound where they fall outside [low, high]."""
        return np.clip(self.rng.normal(mu, sigma, size), low, high)


class GSLRNG(WrappedRNG):
    """A generator of the GNU Scientific Library, by its name there; needs the package ``pygsl``."""

    translations: ClassVar[Translations] = {
        "binomial": ("binomial", {"n": "n", "p": "p"}),
        "gamma": ("gamma", {"k": "k", "theta": "theta"}),
        "exponential": ("exponential", {"beta": "mu"}),
        "lognormal": ("lognormal", {"mu": "zeta", "sigma": "sigma"}),
        "normal": ("normal", {"mu": "mu", "sigma": "sigma"}),
        "normal_clipped": ("normal_clipped", {"mu": "mu", "sigma": "sigma", "low": "low", "high": "high"}),
        "poisson": ("poisson", {"lambda_": "mu"}),
        "uniform": ("flat", {"low": "a", "high": "b"}),
        "uniform_int": ("uniform_int", {"low": "low", "high": "high"}),
    }

    def __init__(self, seed: int | None = None, type: str = "mt19937", parallel_safe: bool = True) -> None:
        try:
            from pygsl import rng as library
        except ImportError as error:
            raise ImportError("GSLRNG needs the package pygsl. Install it with: pip install pygsl") from error
        super().__init__(seed, parallel_safe)
        self.rng = getattr(library, type)()
        if self.seed is None:
            self.seed = int(time.time())
        self.rng.set(self.seed)

    def _next(self, distribution: str, n: int, parameters: Mapping[str, Any]) -> Any:
        return np.atleast_1d(super()._next(distribution, n, parameters))

    def uniform_int(self, low: int, high: int, size: int | None = None) -> Any:
        """Whole numbers from low to high - 1."""
        return low + np.asarray(self.rng.uniform_int(high - low, size))

    def gamma(self, k: float, theta: float, size: int | None = None) -> Any:
        """Gamma values of shape k and scale theta, as PyNN 0.13 asks the library for them."""
        return self.rng.gamma(k, 1 / theta, size)

    def normal(self, mu: float = 0.0, sigma: float = 1.0, size: int | None = None) -> Any:
        """Normal values."""
        return mu + np.asarray(self.rng.gaussian(sigma, size))

    def normal_clipped(
        self, mu: float = 0.0, sigma: float = 1.0, low: float = -np.inf, high: float = np.inf, size: int | None = None
    ) -> Any:
        """Normal values, drawn again where they fall outside [low, high]."""
        return redrawn(lambda n: np.atleast_1d(self.normal(mu, sigma, n)), low, high, size)


class NativeRNG(AbstractRNG):
    """The simulator's own generator, where it draws by itself; elsewhere only its seed counts."""


def draws_itself(rng: object) -> bool:
    """Whether a generator decides its draws in sequence, so that only its seed could not."""
    return isinstance(rng, WrappedRNG) and (type(rng)._next is not WrappedRNG._next)


def redrawn(draw: Callable[[int], Any], low: float, high: float, size: int | None) -> Any:
    """Values of ``draw``, drawn again where they fall outside [low, high]; one number where ``size`` is None.

    Raises
    ------
    PyNNError
        Some still fall outside after :data:`MAX_REDRAWS` draws.
    """
    values = np.atleast_1d(draw(1 if size is None else size))
    for _ in range(MAX_REDRAWS):
        outside = np.flatnonzero((values < low) | (values > high))
        if not len(outside):
            return values[0] if size is None else values
        values[outside] = draw(len(outside))
    raise PyNNError(
        f"Values between {low:g} and {high:g} were not reached in {MAX_REDRAWS} draws. Widen the bounds, or change the "
        "parameters of the distribution."
    )


def _by_name(distribution: str, parameters: Any) -> dict[str, Any]:
    if isinstance(parameters, Mapping):
        return dict(parameters)
    if parameters is None:
        return {}
    return dict(zip(available_distributions.get(distribution, ()), parameters, strict=False))


def _module_config() -> tuple[int, int]:
    """What ``pyNN.random.get_mpi_config`` says: tests replace that name to try other numbers of processes."""
    import pyNN.random

    found: tuple[int, int] = pyNN.random.get_mpi_config()
    return found
