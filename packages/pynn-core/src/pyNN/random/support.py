"""Between which values the draws of a distribution lie, so that millions of them need not be looked at one by one."""

from __future__ import annotations

from collections.abc import Mapping
from math import erf, inf, pi, sqrt

# Values are drawn again where they fall outside; a share as large as this falls inside, so a thousand draws suffice.
_REACHED = 0.1
# Parameters larger than this might give draws that are not finite.
_LARGEST = 1e100
# exp(x) is finite up to here; a normal value more than 40 sigma from mu is never drawn.
_LARGEST_EXPONENT = 700.0


def support(distribution: str, parameters: Mapping[str, float]) -> tuple[float, float] | None:
    """The bounds of all draws, which are finite; None where that is not certain. (-inf, inf): any finite number.

    >>> support("uniform", {"low": 0.5, "high": 1.5})
    (0.5, 1.5)
    >>> support("exponential", {"beta": 2.0})
    (0.0, inf)
    """
    clipped = distribution.startswith("normal_clipped")
    if any(
        not abs(value) < _LARGEST for name, value in parameters.items() if not (clipped and name in ("low", "high"))
    ):
        return None
    match distribution:
        case "uniform" | "uniform_int" | "normal_clipped_to_boundary":
            return parameters["low"], parameters["high"]
        case "normal_clipped":
            return (parameters["low"], parameters["high"]) if _reached(**parameters) else None
        case "gamma" | "exponential" | "poisson":
            return 0.0, inf
        case "lognormal":
            return (0.0, inf) if parameters["mu"] + 40.0 * parameters["sigma"] < _LARGEST_EXPONENT else None
        case "binomial":
            return 0.0, parameters["n"]
        case "vonmises":
            return -pi, pi
        case "normal":
            return -inf, inf
        case _:
            return None


def _reached(mu: float, sigma: float, low: float, high: float) -> bool:
    """Whether draws fall between the bounds often enough that none is ever given up."""
    if sigma == 0.0:
        return low <= mu <= high
    below_high, below_low = (0.5 * (1.0 + erf((bound - mu) / (sigma * sqrt(2.0)))) for bound in (high, low))
    return below_high - below_low >= _REACHED
