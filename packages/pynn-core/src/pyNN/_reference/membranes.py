"""Membranes of the composed cells, by the classical Runge-Kutta method of order 4.

Conductances and synaptic currents are known exactly at the beginning, the middle and the end of each substep. A cell
takes so many substeps that none is longer than the membrane allows, and that h (1 / tau_m + g / cm) ≤ 1; the method is
unstable from 2.785 on.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values

from pyNN._reference.cells import Cells
from pyNN._reference.receptors import Columns, make_receptors
from pyNN.random.counters import uniform_at
from pyNN.recipes import Recipe

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Membrane(Cells):
    """A leaky membrane with any receptors: ``LIF``.

    Attributes
    ----------
    states
        What the method integrates; the potential is the first.
    longest
        The longest substep, ms.
    """

    states: ClassVar[tuple[str, ...]] = ("v",)
    longest: ClassVar[float] = float("inf")

    def __init__(self, size: int, values: Mapping[str, Values], timestep: float, stream: int, recipe: Recipe) -> None:
        self.receptors = make_receptors(recipe.ports)
        self.ports = len(self.receptors)
        super().__init__(size, values, timestep, stream)

    def prepare(self) -> None:
        """All state has a column."""
        for receptor in self.receptors:
            for name in receptor.states if receptor else ():
                self.values.setdefault(name, np.zeros(self.size))
        for name in self.states:
            self.values.setdefault(name, np.zeros(self.size))

    def tau_syn(self, receptor: int, rows: Index) -> Array:
        """The receptor's own."""
        found = self.receptors[receptor]
        return found.tau(self.values)[rows] if found else np.zeros(len(rows))

    def receive(self, receptor: int, weight: Array) -> None:
        """To the receptor, or to v of the cells that are not refractory."""
        found = self.receptors[receptor]
        if found:
            found.receive(self.values, weight)
        else:
            self.values["v"] += np.where(self.free, weight, 0.0)

    def integrate(self) -> Array:
        """One step, in as many substeps as each cell needs; other state than v is moved on in place."""
        v = self.values["v"].copy()
        steps = np.maximum(np.ceil(self.pull() * self.timestep), ceil(self.timestep / self.longest - 1e-9) or 1)
        for count in np.unique(steps).astype(np.int64):
            rows = np.flatnonzero(steps == count)
            p = {name: column[rows] for name, column in self.values.items()}
            p["current"], p["free"] = self.current[rows], self.free[rows]
            for _ in range(int(count)):
                self._substep(p, self.timestep / int(count))
            v[rows] = p["v"]
            for name in self.moved():
                self.values[name][rows] = p[name]
        return v

    def moved(self) -> list[str]:
        """State beside v that a substep changes."""
        synaptic = [name for receptor in self.receptors if receptor for name in receptor.states]
        return [*self.states[1:], *synaptic]

    def pull(self) -> Array:
        """How fast the membrane is pulled, 1 / ms."""
        p = self.values
        return np.asarray(1 / p["tau_m"] + self.act(p)[0] / p["cm"])

    def act(self, p: Columns) -> tuple[Array, Array]:
        """Conductance (µS) and current at v = 0 (nA) of all receptors."""
        conductance, current = np.zeros(len(p["v"])), np.zeros(len(p["v"]))
        for receptor in self.receptors:
            if receptor:
                g, i = receptor.act(p)
                conductance, current = conductance + g, current + i
        return conductance, current

    def decay(self, p: Columns, h: float) -> None:
        """Move on what is exact."""
        for receptor in self.receptors:
            if receptor:
                receptor.decay(p, h)

    def _substep(self, p: Columns, h: float) -> None:
        y = np.array([p[name] for name in self.states])
        begin = self.act(p)
        self.decay(p, 0.5 * h)
        middle = self.act(p)
        self.decay(p, 0.5 * h)
        end = self.act(p)
        k1 = self._slope(p, y, begin)
        k2 = self._slope(p, y + 0.5 * h * k1, middle)
        k3 = self._slope(p, y + 0.5 * h * k2, middle)
        k4 = self._slope(p, y + h * k3, end)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        p.update(zip(self.states, y, strict=True))

    def _slope(self, p: Columns, y: Array, synaptic: tuple[Array, Array]) -> Array:
        slope = self.slope(p, y, synaptic[1] - synaptic[0] * y[0] + p["i_offset"] + p["current"])
        slope[0] = np.where(p["free"], slope[0], 0.0)
        return slope

    def slope(self, p: Columns, y: Array, current: Array) -> Array:
        """dy/dt, for the current that flows into the cell, nA."""
        return np.array([(p["v_rest"] - y[0]) / p["tau_m"] + current / p["cm"]])


class Facets(Membrane):
    """``IF_facets_hardware1``: a leaky membrane of fixed capacitance."""

    def prepare(self) -> None:
        """What this cell does not let you set."""
        super().prepare()
        fixed = {"cm": 0.2, "tau_refrac": 1.0, "e_rev_E": 0.0, "i_offset": 0.0}
        self.values.update({name: np.full(self.size, value) for name, value in fixed.items()})
        if "g_leak" in self.values:
            self.values["tau_m"] = 200.0 / self.values["g_leak"]


class GsfaGrr(Membrane):
    """``IF_cond_exp_gsfa_grr``: two more conductances, nS, that the cell's own spikes feed."""

    OWN: ClassVar[tuple[tuple[str, str, str, str], ...]] = (
        ("g_s", "tau_sfa", "e_rev_sfa", "q_sfa"),
        ("g_r", "tau_rr", "e_rev_rr", "q_rr"),
    )

    def prepare(self) -> None:
        """The two conductances have columns."""
        super().prepare()
        for name, *_ in self.OWN:
            self.values.setdefault(name, np.zeros(self.size))

    def moved(self) -> list[str]:
        """Both conductances decay."""
        return [*super().moved(), "g_s", "g_r"]

    def act(self, p: Columns) -> tuple[Array, Array]:
        """Receptors, adaptation and relative refractoriness."""
        conductance, current = super().act(p)
        for name, _, reversal, _ in self.OWN:
            g = 1e-3 * p[name]
            conductance, current = conductance + g, current + g * p[reversal]
        return conductance, current

    def decay(self, p: Columns, h: float) -> None:
        """Exponentially."""
        super().decay(p, h)
        for name, tau, _, _ in self.OWN:
            p[name] = p[name] * np.exp(-h / p[tau])

    def reset(self, fired: Index) -> None:
        """A spike adds to both."""
        super().reset(fired)
        for name, _, _, quantum in self.OWN:
            self.values[name][fired] += self.values[quantum][fired]


class AdExp(Membrane):
    """The adaptive exponential membrane."""

    states = ("v", "w")
    longest = 0.05

    def slope(self, p: Columns, y: Array, current: Array) -> Array:
        """Brette & Gerstner (2005), eq. 1-2; v counts as v_spike above it."""
        v, w = np.minimum(y[0], p["v_spike"]), y[1]
        upstroke = p["delta_T"] * np.exp((v - p["v_thresh"]) / p["delta_T"])
        return np.array(
            [
                (p["v_rest"] - v + upstroke) / p["tau_m"] + (current - w) / p["cm"],
                (1e-3 * p["a"] * (v - p["v_rest"]) - w) / p["tau_w"],
            ]
        )

    def _slope(self, p: Columns, y: Array, synaptic: tuple[Array, Array]) -> Array:
        held = np.array([np.where(p["free"], np.minimum(y[0], p["v_spike"]), p["v_reset"]), y[1]])
        return super()._slope(p, held, synaptic)

    def fires(self, step: int) -> NDArray[np.bool_]:
        """At v_spike."""
        return np.asarray(self.values["v"] >= self.values["v_spike"])

    def reset(self, fired: Index) -> None:
        """Adaptation grows."""
        super().reset(fired)
        self.values["w"][fired] += self.values["b"][fired]


class Izhikevich(Membrane):
    """The simple model."""

    states = ("v", "u")
    longest = 0.05

    def pull(self) -> Array:
        """The longest substep is short enough."""
        return np.zeros(self.size)

    def slope(self, p: Columns, y: Array, current: Array) -> Array:
        """Izhikevich (2003), eq. 1-2."""
        v, u = y
        return np.array([0.04 * v**2 + 5 * v + 140 - u + 1000.0 * current, p["a"] * (p["b"] * v - u)])

    def fires(self, step: int) -> NDArray[np.bool_]:
        """At 30 mV."""
        return np.asarray(self.values["v"] >= 30.0)

    def reset(self, fired: Index) -> None:
        """v to c, u grows by d; there is no refractory time."""
        self.values["v"][fired] = self.values["c"][fired]
        self.values["u"][fired] += self.values["d"][fired]


class HodgkinHuxley(Membrane):
    """The cell of Traub and Miles."""

    states = ("v", "m", "h", "n")
    longest = 0.034

    def __init__(self, size: int, values: Mapping[str, Values], timestep: float, stream: int, recipe: Recipe) -> None:
        self._rising = np.zeros(size, dtype=bool)
        super().__init__(size, values, timestep, stream, recipe)

    def pull(self) -> Array:
        """Receptors alone; for the channels the longest substep is short enough."""
        return np.asarray(self.act(self.values)[0] / self.values["cm"])

    def integrate(self) -> Array:
        """Remember where v was."""
        self._before = self.values["v"].copy()
        return super().integrate()

    def slope(self, p: Columns, y: Array, current: Array) -> Array:
        """Traub & Miles (1991), as given in Brette et al. (2007)."""
        v, m, h, n = y
        x = v - p["v_offset"]
        ionic = p["g_leak"] * (p["e_rev_leak"] - v)
        ionic = ionic + p["gbar_Na"] * m**3 * h * (p["e_rev_Na"] - v) + p["gbar_K"] * n**4 * (p["e_rev_K"] - v)
        a_m, b_m = 0.32 * 4 * exprel_inverse((13 - x) / 4), 0.28 * 5 * exprel_inverse((x - 40) / 5)
        a_h, b_h = 0.128 * np.exp((17 - x) / 18), 4 / (1 + np.exp((40 - x) / 5))
        a_n, b_n = 0.032 * 5 * exprel_inverse((15 - x) / 5), 0.5 * np.exp((10 - x) / 40)
        return np.array(
            [
                (ionic + current) / p["cm"],
                a_m * (1 - m) - b_m * m,
                a_h * (1 - h) - b_h * h,
                a_n * (1 - n) - b_n * n,
            ]
        )

    def fires(self, step: int) -> NDArray[np.bool_]:
        """At the first step after a maximum above v_offset + 30 mV."""
        v = self.values["v"]
        peak = self._rising & (v < self._before) & (v >= self.values["v_offset"] + 30.0)
        self._rising = v > self._before
        return np.asarray(peak)

    def reset(self, fired: Index) -> None:
        """The channels bring v back."""


def exprel_inverse(x: Array) -> Array:
    """x / (exp(x) - 1), 1 at 0."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.asarray(np.where(x == 0.0, 1.0, safe / np.expm1(safe)))


class Gif(Membrane):
    """``GIF_cond_exp``: the kernels are columns of shape (size, n), of as many exponentials as the longest row."""

    SERIES: ClassVar[tuple[str, ...]] = ("tau_eta", "a_eta", "tau_gamma", "a_gamma")

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Kernels are kept as tables; i_eta and v_t are sums, which the first exponential makes up for."""
        plain = {name: value for name, value in values.items() if name not in (*self.SERIES, "i_eta", "v_t")}
        for name in self.SERIES:
            if name in values:
                self._set_kernel(name, values[name], index)
        super().assign(plain, index)
        self._sum_up()
        for name, table in (("i_eta", "eta"), ("v_t", "gamma")):
            if name in values and self.values[table].shape[1]:
                wanted = self.values[name].copy()
                wanted[slice(None) if index is None else index] = np.asarray(values[name])
                self.values[table][:, 0] += wanted - self.values[name]
        self._sum_up()

    def _set_kernel(self, name: str, value: Values, index: Index | None) -> None:
        rows = np.arange(self.size) if index is None else index
        series = [value.row(k if len(value) > 1 else 0) for k in range(len(rows))] if isinstance(value, Ragged) else []
        width = max([self.values[name].shape[1] if name in self.values else 0, *map(len, series)])
        for other in (*self.SERIES, "eta", "gamma"):
            self._widen(other, width)
        for row, numbers in zip(rows, series, strict=True):
            self.values[name][row] = 1.0 if name.startswith("tau") else 0.0
            self.values[name][row, : len(numbers)] = numbers

    def _widen(self, name: str, width: int) -> None:
        old = self.values.get(name, np.empty((self.size, 0)))
        filled = np.full((self.size, max(width, old.shape[1])), 1.0 if name.startswith("tau") else 0.0)
        filled[:, : old.shape[1]] = old
        self.values[name] = filled

    def _sum_up(self) -> None:
        self.values["i_eta"] = self.values["eta"].sum(axis=1)
        self.values["v_t"] = self.values["v_t_star"] + self.values["gamma"].sum(axis=1)

    def moved(self) -> list[str]:
        """The kernels decay."""
        return [*super().moved(), "eta", "gamma"]

    def act(self, p: Columns) -> tuple[Array, Array]:
        """Receptors, less the spike-triggered current."""
        conductance, current = super().act(p)
        return conductance, current - p["eta"].sum(axis=1)

    def decay(self, p: Columns, h: float) -> None:
        """Exponentially."""
        super().decay(p, h)
        p["eta"] = p["eta"] * np.exp(-h / p["tau_eta"])
        p["gamma"] = p["gamma"] * np.exp(-h / p["tau_gamma"])

    def fires(self, step: int) -> NDArray[np.bool_]:
        """By chance: one number for each cell and step."""
        self._sum_up()
        p = self.values
        per_ms = 1e-3 * p["lambda0"] * np.exp(np.minimum((p["v"] - p["v_t"]) / p["delta_v"], 700.0))
        drawn = uniform_at(self.stream, 0, step, np.arange(self.size))
        return np.asarray(drawn < -np.expm1(-per_ms * self.timestep))

    def reset(self, fired: Index) -> None:
        """A spike adds to the kernels."""
        super().reset(fired)
        self.values["eta"][fired] += self.values["a_eta"][fired]
        self.values["gamma"][fired] += self.values["a_gamma"][fired]
        self._sum_up()


MEMBRANES: Mapping[str, type[Membrane]] = {
    "LIF": Membrane, "Facets": Facets, "GsfaGrr": GsfaGrr, "AdExp": AdExp, "Izhikevich": Izhikevich,
    "HH": HodgkinHuxley, "GIF": Gif,
}  # fmt: skip
