"""Spike sources. All but the array are random: the core draws their spikes from keyed streams, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from cawan.simulator import Array, Ragged, Values

from pyNN.errors import InvalidValueError
from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardCellType

_WINDOW: Mapping[str, Parameter] = {
    "start": Parameter(0.0, "ms", "nonnegative"),
    "duration": Parameter(1e10, "ms", "nonnegative"),
}


class SpikeSourceArray(StandardCellType):
    """Spikes at given times (ms, ≥ 0); times between two steps of the clock move up to the next."""

    parameters: ClassVar[Mapping[str, Parameter]] = {"spike_times": Parameter((), "ms")}
    conductance_based = True
    always_local = True


class RandomSource(StandardCellType):
    """A source whose spikes are random, from ``start`` for ``duration``."""

    conductance_based = True
    always_local = True


class SpikeSourcePoisson(RandomSource):
    """Independent Poisson spike trains of ``rate`` from ``start`` for ``duration``."""

    parameters: ClassVar[Mapping[str, Parameter]] = {"rate": Parameter(1.0, "Hz", "nonnegative"), **_WINDOW}


class SpikeSourcePoissonRefractory(RandomSource):
    """Poisson spike trains with dead time: intervals are ``tau_refrac`` plus an exponentially distributed time.

    The mean interval is 1 / ``rate``, dead time included, so rate × tau_refrac must be below 1. The first interval
    begins at ``start``, and a new one where parameters change.

    References
    ----------
    Deger, Helias, Boucsein & Rotter (2012), Journal of Computational Neuroscience 32, 443, eq. 1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "rate": Parameter(1.0, "Hz", "nonnegative"),
        "tau_refrac": Parameter(0.0, "ms", "nonnegative"),
        **_WINDOW,
    }

    @classmethod
    def check(cls, owner: str, values: Mapping[str, Values]) -> None:
        """No train can be faster than its dead time."""
        rate, dead = np.broadcast_arrays(_array(values["rate"]), _array(values["tau_refrac"]))
        wrong = np.flatnonzero(rate * dead >= 1000.0)
        if len(wrong):
            first = int(wrong[0])
            allowed = f"below 1000 / tau_refrac = {1000.0 / dead[first]:g} Hz"
            raise InvalidValueError(owner, "rate", float(rate[first]), allowed, index=first, count=len(wrong))


class SpikeSourceGamma(RandomSource):
    """Spike trains with gamma-distributed intervals of shape ``alpha`` and rate parameter ``beta``.

    Intervals have mean alpha / beta and coefficient of variation 1 / √alpha. The first interval begins at ``start``,
    and a new one where parameters change.

    References
    ----------
    Kuffler, FitzHugh & Barlow (1957), Journal of General Physiology 40, 683; Cox (1962), "Renewal theory".
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "alpha": Parameter(2.0, "", "positive"),
        "beta": Parameter(1.0, "Hz", "positive"),
        **_WINDOW,
    }


class SpikeSourceInhGamma(RandomSource):
    """Spike trains of an inhomogeneous gamma process, piecewise constant in time.

    From ``tbins[k]`` (ms) on, the shape is ``a[k]`` and the scale ``b[k]`` (s): with operational time
    τ(t) = ∫ dt / b, intervals in τ are gamma-distributed with shape a (that of the bin in which the interval begins)
    and scale 1, so the rate is 1 / (a b). Before the first bin there are no spikes.

    References
    ----------
    Muller, Buesing, Schemmel & Meier (2007), Neural Computation 19, 2958, section 4;
    Cox & Lewis (1966), "The statistical analysis of series of events", chapter 2 (operational time).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "a": Parameter((1.0,), "", "positive"),
        "b": Parameter((1.0,), "s", "positive"),
        "tbins": Parameter((0.0,), "ms", "nonnegative"),
        **_WINDOW,
    }

    @classmethod
    def check(cls, owner: str, values: Mapping[str, Values]) -> None:
        """One shape and one scale for each bin, and bins in order."""
        a, b, bins = (values[name] for name in ("a", "b", "tbins"))
        if not (isinstance(a, Ragged) and isinstance(b, Ragged) and isinstance(bins, Ragged)):
            raise TypeError("a, b and tbins are series")
        for k in range(len(bins)):
            times = bins.row(k)
            if not len(a.row(k)) == len(b.row(k)) == len(times):
                allowed = f"as many as tbins, {len(times)}"
                raise InvalidValueError(owner, "a and b", (len(a.row(k)), len(b.row(k))), allowed, index=k)
            falling = np.flatnonzero(np.diff(times) <= 0)
            if len(falling):
                raise InvalidValueError(owner, "tbins", float(times[falling[0] + 1]), "increasing times", index=k)


def _array(values: Values) -> Array:
    return np.atleast_1d(np.asarray(values, dtype=np.float64))
