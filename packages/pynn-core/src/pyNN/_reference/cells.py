"""The dynamics of the cells, one step of the clock at a time.

In the step from t to t + h a cell integrates with the current that flows from t on, then takes the synaptic input
that arrives at t + h, then fires at t + h where v ≥ v_thresh. A cell that fires is held at v_reset for the number of
steps nearest to tau_refrac.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from math import factorial
from typing import TYPE_CHECKING

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray


def phi1(x: Array) -> Array:
    """(1 - exp(-x)) / x, 1 at 0."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.asarray(np.where(x == 0.0, 1.0, -np.expm1(-safe) / safe))


def phi2(x: Array) -> Array:
    """(1 - (1 + x) exp(-x)) / x**2, 1/2 at 0; by its series where the closed form cancels."""
    small = np.abs(x) < 0.25
    series = sum((-x) ** k / (factorial(k) * (k + 2)) for k in range(12))
    safe = np.where(small, 1.0, x)
    return np.asarray(np.where(small, series, (-np.expm1(-safe) - safe * np.exp(-safe)) / safe**2))


class Cells(ABC):
    """A block of cells: ``values`` holds parameters and state by name, each of shape (size,)."""

    ports = 2

    def __init__(self, size: int, values: Mapping[str, Values], timestep: float, stream: int = 0) -> None:
        self.size, self.timestep, self.stream = size, timestep, stream
        self.values: dict[str, Array] = {}
        self.current = np.zeros(size)
        self.input: dict[int, Array] = {}
        self.refractory = np.zeros(size, dtype=np.int64)
        self.free = np.ones(size, dtype=bool)
        self.assign(values, None)

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        for name, value in values.items():
            column = self.values.setdefault(name, np.zeros(self.size))
            if isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            column[slice(None) if index is None else index] = np.asarray(value)
        self.prepare()

    def arrive(self, step: int, receptor: int, index: Index, weight: Array) -> None:
        """Input of these weights reaches these rows at the end of ``step``."""
        if step not in self.input:
            self.input[step] = np.zeros((self.ports, self.size))
        np.add.at(self.input[step][receptor], index, weight)

    @abstractmethod
    def prepare(self) -> None:
        """Compute what follows from the parameters."""

    @abstractmethod
    def integrate(self) -> Array:
        """The membrane potential one step on, and the synapses' own decay."""

    @abstractmethod
    def receive(self, receptor: int, weight: Array) -> None:
        """Add the input of one receptor to its state."""

    def tau_syn(self, receptor: int, rows: Index) -> Array:
        """The time constant with which the input of a receptor decays, ms; 0 where it acts at once."""
        return self.values["tau_syn_I" if receptor else "tau_syn_E"][rows]

    def fires(self, step: int) -> NDArray[np.bool_]:
        """Which of the free cells fire."""
        return np.asarray(self.values["v"] >= self.values["v_thresh"])

    def reset(self, fired: Index) -> None:
        """What a spike does to the cells that fired."""
        self.values["v"][fired] = self.values["v_reset"][fired]
        self.refractory[fired] = np.rint(self.values["tau_refrac"][fired] / self.timestep).astype(np.int64)

    def advance(self, step: int) -> Index:
        """One step of the clock; gives the rows that fire at its end."""
        v = self.values["v"]
        self.free = self.refractory == 0
        v[:] = np.where(self.free, self.integrate(), v)
        self.refractory[~self.free] -= 1
        arrived = self.input.pop(step, None)
        if arrived is not None:
            for receptor in range(self.ports):
                self.receive(receptor, arrived[receptor])
        fired = np.flatnonzero(self.free & self.fires(step)).astype(np.int64)
        self.reset(fired)
        return fired


class CurrExp(Cells):
    """``IF_curr_exp``, by its exact propagator."""

    def prepare(self) -> None:
        """Propagators of Rotter & Diesmann (1999)."""
        p, h = self.values, self.timestep
        for name in ("isyn_exc", "isyn_inh", "v"):
            p.setdefault(name, np.zeros(self.size))
        if "cm" not in p:
            return
        self._decay_v = np.exp(-h / p["tau_m"])
        self._from_current = p["tau_m"] / p["cm"] * -np.expm1(-h / p["tau_m"])
        self._synapses = []
        for state, tau in (("isyn_exc", p["tau_syn_E"]), ("isyn_inh", p["tau_syn_I"])):
            gain = h / p["cm"] * self._decay_v * phi1(h * (1 / tau - 1 / p["tau_m"]))
            self._synapses.append((state, gain, np.exp(-h / tau)))

    def integrate(self) -> Array:
        """Exact for the current that is constant over the step."""
        p = self.values
        v: Array = p["v_rest"] + (p["v"] - p["v_rest"]) * self._decay_v
        v = v + self._from_current * (p["i_offset"] + self.current)
        for state, gain, decay in self._synapses:
            v = v + gain * p[state]
            p[state] *= decay
        return v

    def receive(self, receptor: int, weight: Array) -> None:
        """The weight adds to the synaptic current."""
        self.values["isyn_inh" if receptor else "isyn_exc"] += weight


class CurrDelta(Cells):
    """``IF_curr_delta``, by its exact propagator."""

    def prepare(self) -> None:
        """Propagators of the membrane."""
        p, h = self.values, self.timestep
        p.setdefault("v", np.zeros(self.size))
        if "cm" in p:
            self._decay_v = np.exp(-h / p["tau_m"])
            self._from_current = p["tau_m"] / p["cm"] * -np.expm1(-h / p["tau_m"])

    def integrate(self) -> Array:
        """Exact for the current that is constant over the step."""
        p = self.values
        driven = self._from_current * (p["i_offset"] + self.current)
        return np.asarray(p["v_rest"] + (p["v"] - p["v_rest"]) * self._decay_v + driven)

    def receive(self, receptor: int, weight: Array) -> None:
        """The weight adds to v of the cells that are not refractory."""
        self.values["v"] += np.where(self.free, weight, 0.0)

    def tau_syn(self, receptor: int, rows: Index) -> Array:
        """Input acts at once."""
        return np.zeros(len(rows))


class CurrAlpha(CurrExp):
    """``IF_curr_alpha``, by its exact propagator; the state ``rise`` is the slope that feeds each current."""

    def prepare(self) -> None:
        """Propagators from the current and from its slope."""
        super().prepare()
        p, h = self.values, self.timestep
        for name in ("rise_exc", "rise_inh"):
            p.setdefault(name, np.zeros(self.size))
        if "cm" not in p:
            return
        self._alpha = []
        for side, tau in (("exc", p["tau_syn_E"]), ("inh", p["tau_syn_I"])):
            gain = h**2 / p["cm"] * self._decay_v * phi2(h * (1 / tau - 1 / p["tau_m"]))
            self._alpha.append((f"isyn_{side}", f"rise_{side}", gain, h * np.exp(-h / tau), np.exp(-h / tau)))

    def integrate(self) -> Array:
        """Exact for the current that is constant over the step."""
        v = super().integrate()
        p = self.values
        for state, rise, gain, into_current, decay in self._alpha:
            v = v + gain * p[rise]
            p[state] += into_current * p[rise]
            p[rise] *= decay
        return v

    def receive(self, receptor: int, weight: Array) -> None:
        """The slope jumps so that the current peaks at the weight."""
        side, tau = ("inh", "tau_syn_I") if receptor else ("exc", "tau_syn_E")
        self.values[f"rise_{side}"] += weight * np.e / self.values[tau]


class CondExp(Cells):
    """``IF_cond_exp``, by the classical Runge-Kutta method of order 4 with the exact decay of the conductances.

    A cell whose membrane is pulled so fast that h (1 / tau_m + g / cm) > 1 takes as many smaller steps as bring that to
    1; the method is unstable from 2.785 on.
    """

    def prepare(self) -> None:
        """Nothing follows from the parameters alone."""
        for name in ("gsyn_exc", "gsyn_inh", "v"):
            self.values.setdefault(name, np.zeros(self.size))

    def integrate(self) -> Array:
        """One step, or several smaller ones for a stiff cell."""
        p, h = self.values, self.timestep
        pull = h * (1 / p["tau_m"] + (p["gsyn_exc"] + p["gsyn_inh"]) / p["cm"])
        steps = np.maximum(1, np.ceil(pull)).astype(np.int64)
        v, g = p["v"].copy(), np.array([p["gsyn_exc"], p["gsyn_inh"]])
        for count in np.unique(steps):
            rows = np.flatnonzero(steps == count)
            own = {name: values[rows] for name, values in p.items()}
            own["current"] = self.current[rows]
            for _ in range(int(count)):
                v[rows], g[:, rows] = self._step(v[rows], g[:, rows], own, h / int(count))
        p["gsyn_exc"], p["gsyn_inh"] = g[0], g[1]
        return v

    def _step(self, v: Array, g: Array, p: Mapping[str, Array], h: float) -> tuple[Array, Array]:
        """One Runge-Kutta step of cells with these columns; g has shape (2, n)."""
        half = np.exp(-0.5 * h / np.array([p["tau_syn_E"], p["tau_syn_I"]]))
        middle = g * half
        end = middle * half
        k1 = self._slope(v, g, p)
        k2 = self._slope(v + 0.5 * h * k1, middle, p)
        k3 = self._slope(v + 0.5 * h * k2, middle, p)
        k4 = self._slope(v + h * k3, end, p)
        return np.asarray(v + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)), end

    def _slope(self, v: Array, g: Array, p: Mapping[str, Array]) -> Array:
        synaptic = g[0] * (p["e_rev_E"] - v) + g[1] * (p["e_rev_I"] - v)
        current = synaptic + p["i_offset"] + p["current"]
        return np.asarray((p["v_rest"] - v) / p["tau_m"] + current / p["cm"])

    def receive(self, receptor: int, weight: Array) -> None:
        """The weight adds to the conductance."""
        self.values["gsyn_inh" if receptor else "gsyn_exc"] += weight
