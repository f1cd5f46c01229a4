"""What weights and delays may be: the sign of a receptor, and the delays that the clock and the setup allow."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.logs import logger
from cawan.simulator import Array

from pyNN.errors import DelayRangeError, InvalidValueError, InvalidWeightError

if TYPE_CHECKING:
    from pyNN.connectors.base import Rows

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class DelayLimits:
    """The delays of one projection, ms: from ``low`` to ``high`` (None: no limit), in steps of the clock."""

    owner: str
    timestep: float
    low: float
    high: float | None

    def rounded(self, delays: float | Array) -> float | Array:
        """Delays as the nearest multiples of the step that are not outside the limits."""
        nearest = np.rint(np.asarray(delays) / self.timestep)
        steps = np.clip(nearest, *self.steps()) * self.timestep
        return float(steps) if steps.ndim == 0 else steps

    def steps(self) -> tuple[float, float]:
        """The limits as whole numbers of steps, inf where there is none."""
        slack = 1e-6 * self.timestep
        lowest = float(np.ceil((self.low - slack) / self.timestep))
        highest = inf if self.high is None else float(np.floor((self.high + slack) / self.timestep))
        return lowest, max(lowest, highest)

    def hold(self, low: float, high: float) -> bool:
        """Whether all delays from ``low`` to ``high`` ms are possible."""
        slack = 1e-6 * self.timestep
        return low >= self.low - slack and (self.high is None or high <= self.high + slack)

    def on_grid(self, delays: float | Array, rows: Rows | None) -> float | Array:
        """Delays as the nearest multiples of the step.

        Raises
        ------
        DelayRangeError
            The nearest multiple is too short or too long; the first connection is named.
        """
        steps = np.rint(np.asarray(delays) / self.timestep)
        rounded = steps * self.timestep
        slack = 1e-6 * self.timestep
        given = np.asarray(delays)
        wrong = ~((rounded >= self.low - slack) | (given >= self.low - slack))
        if self.high is not None:
            wrong |= (rounded > self.high + slack) & (given > self.high + slack)
        if wrong.any():
            bad = np.flatnonzero(np.atleast_1d(wrong))
            first, place = int(bad[0]), ""
            if rows is not None:
                place = f" from cell {rows.pre[first]} to cell {rows.post[first]}"
            value = float(np.atleast_1d(delays)[first])
            raise DelayRangeError(self.owner, value, self.low, self.high, place, len(bad))
        rounded = np.asarray(self.rounded(delays))
        if np.isscalar(delays) and abs(float(rounded) - float(delays)) > slack:  # type: ignore[arg-type]  # a scalar
            _log.warning(
                "%s: the delay %g ms lies between two steps of the clock; %g ms is used.",
                self.owner, delays, float(rounded),
            )  # fmt: skip
        return float(rounded) if np.ndim(delays) == 0 else rounded


INHIBITORY = frozenset({"inhibitory", "GABA", "GABAA", "GABAB"})
EXCITATORY = frozenset({"excitatory", "AMPA", "NMDA"})


def weight_sign(*, conductance_based: bool, receptor_type: str) -> int:
    """The sign that weights must have: conductances are never negative, inhibitory currents never positive.

    0: currents of a receptor whose name does not say which it is.
    """
    if conductance_based or receptor_type in EXCITATORY:
        return 1
    return -1 if receptor_type in INHIBITORY else 0


def check_sign(owner: str, weights: float | Array, sign: int, rows: Rows | None) -> None:
    """Refuse weights of the other sign, naming the first connection."""
    if not sign:
        return
    wrong = np.flatnonzero(np.atleast_1d(np.asarray(weights) * sign < 0))
    if len(wrong):
        first = int(wrong[0])
        place = None if rows is None else f"connection {first} (cell {rows.pre[first]} to cell {rows.post[first]})"
        value = float(np.atleast_1d(weights)[first])
        allowed = "0 or more: what inhibits is a second projection, with receptor_type='inhibitory'"
        if sign < 0:
            allowed = f"0 or less on an inhibitory receptor of a current-based cell, such as {-value:g}"
        raise InvalidWeightError(owner, "weight", value, allowed, index=place, count=len(wrong))


def check_weights(weights: object, projection: object) -> None:
    """Refuse weights that a projection's receptor cannot have; for connectors that make them themselves."""
    owner = str(getattr(projection, "label", projection))
    try:
        values = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidWeightError(owner, "weight", weights, "a number, or an array of numbers") from error
    conductances = bool(getattr(projection, "post").conductance_based)  # noqa: B009 - of any class
    receptor = str(getattr(projection, "receptor_type"))  # noqa: B009 - of any class
    sign = weight_sign(conductance_based=conductances, receptor_type=receptor)
    check_sign(owner, float(values) if values.ndim == 0 else values, sign, None)


def check_delays(delays: object, projection: object) -> None:
    """Refuse delays that a projection's simulation does not allow, ms."""
    simulator = getattr(projection, "simulator")  # noqa: B009 - of any class
    limits = DelayLimits(str(getattr(projection, "label", projection)), simulator.timestep, *simulator.delay_limits())
    values = np.asarray(delays, dtype=np.float64)
    limits.on_grid(float(values) if values.ndim == 0 else values, None)


def check_bounds(owner: str, common: Mapping[str, float], weights: tuple[float, float]) -> None:
    """Refuse bounds of plastic weights that lie on the other side of 0 than the weights (lowest, highest)."""
    for name in ("w_min", "w_max"):
        bound = common.get(name, 0.0)
        if bound * weights[0] < 0 or bound * weights[1] < 0:
            allowed = "of the sign of the weights, or 0"
            raise InvalidValueError(owner, name, bound, allowed)
