"""The equations of the standard cells as their papers write them, solved with a fine step in plain Python.

Written apart from every backend: scalars, one cell, the classical Runge-Kutta method of order 4 with h = 0.005 ms, and
synaptic conductances and currents as sums over the inputs so far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

import numpy as np
from cawan.simulator import Array

FINE = 0.005  # ms
Numbers = Mapping[str, float]
Slope = Callable[[list[float], float, Numbers], list[float]]


@dataclass(frozen=True)
class Input:
    """Spikes that arrive at one receptor: times (ms), weight, and what each makes of it at ``t`` ms later."""

    times: Sequence[float]
    weight: float
    shape: Callable[[float], float]
    reversal: float | None

    def at(self, t: float) -> float:
        """Conductance (µS) or current (nA) at ``t``."""
        return self.weight * sum(self.shape(t - arrival) for arrival in self.times if t >= arrival)


@dataclass(frozen=True)
class Equations:
    """One model: its state at rest, dy/dt for a current into the membrane (nA), its threshold and reset."""

    state: Callable[[Numbers], list[float]]
    slope: Slope
    fires: Callable[[list[float], list[float], Numbers], bool]
    reset: Callable[[list[float], Numbers], None]
    names: Sequence[str] = ("v",)
    refractory: bool = True


@dataclass
class Solution:
    """What happened: samples at every step of the clock, by variable, and spike times (ms)."""

    samples: dict[str, Array]
    spikes: list[float] = field(default_factory=list)


def exponential(tau: float) -> Callable[[float], float]:
    """exp(-t / tau)."""
    return lambda t: exp(-t / tau)


def alpha(tau: float) -> Callable[[float], float]:
    """(t / tau) exp(1 - t / tau), which is 1 at its peak."""
    return lambda t: t / tau * exp(1 - t / tau)


def beta(rise: float, decay: float) -> Callable[[float], float]:
    """A difference of exponentials, 1 at its peak (Roth & van Rossum 2009, eq. 6.4-6.6)."""
    peak = rise * decay / (decay - rise) * log(decay / rise)
    height = exp(-peak / decay) - exp(-peak / rise)
    return lambda t: (exp(-t / decay) - exp(-t / rise)) / height


def solve(equations: Equations, p: Numbers, inputs: Sequence[Input], duration: float, timestep: float) -> Solution:
    """The solution on the clock of ``timestep``; thresholds are looked at with the fine step."""
    y = equations.state(p)
    per_sample, steps = round(timestep / FINE), round(duration / FINE)
    rows, spikes, free_at = [list(y)], [], 0.0
    above = False
    for n in range(steps):
        t = n * FINE
        held = t < free_at - 1e-9
        after = _step(equations, y, t, p, inputs, held)
        above, was = not held and equations.fires(y, after, p), above
        if above and not was:  # a falling potential is above its threshold for many fine steps
            spikes.append(t + FINE)
            equations.reset(after, p)
            if equations.refractory:
                free_at = t + FINE + p.get("tau_refrac", 0.0)
        y = after
        if (n + 1) % per_sample == 0:
            rows.append(list(y))
    table = np.array(rows)
    return Solution({name: table[:, k] for k, name in enumerate(equations.names)}, spikes)


def _step(
    equations: Equations, y: list[float], t: float, p: Numbers, inputs: Sequence[Input], held: bool
) -> list[float]:
    def slope(state: list[float], now: float) -> list[float]:
        current = p.get("i_offset", 0.0)
        for one in inputs:
            strength = one.at(now)
            current += strength if one.reversal is None else strength * (one.reversal - state[0])
        found = equations.slope(state, current, p)
        return [0.0, *found[1:]] if held else found

    def moved(k: list[float], h: float) -> list[float]:
        return [a + h * b for a, b in zip(y, k, strict=True)]

    k1 = slope(y, t)
    k2 = slope(moved(k1, FINE / 2), t + FINE / 2)
    k3 = slope(moved(k2, FINE / 2), t + FINE / 2)
    k4 = slope(moved(k3, FINE), t + FINE)
    return [y[n] + FINE / 6 * (k1[n] + 2 * k2[n] + 2 * k3[n] + k4[n]) for n in range(len(y))]


def _leaky(y: list[float], current: float, p: Numbers) -> list[float]:
    return [(p["v_rest"] - y[0]) / p["tau_m"] + current / p["cm"]]


def _over(name: str) -> Callable[[list[float], list[float], Numbers], bool]:
    return lambda before, after, p: after[0] >= p[name]


def _to_reset(y: list[float], p: Numbers) -> None:
    y[0] = p["v_reset"]


def _adapting(y: list[float], current: float, p: Numbers) -> list[float]:
    v, w = min(y[0], p["v_spike"]), y[1]
    leak = p["cm"] / p["tau_m"]  # µS
    upstroke = leak * p["delta_T"] * exp((v - p["v_thresh"]) / p["delta_T"])
    return [
        (-leak * (v - p["v_rest"]) + upstroke - w + current) / p["cm"],
        (p["a"] / 1000.0 * (v - p["v_rest"]) - w) / p["tau_w"],
    ]


def _adapting_reset(y: list[float], p: Numbers) -> None:
    y[0] = p["v_reset"]
    y[1] += p["b"]


def _quadratic(y: list[float], current: float, p: Numbers) -> list[float]:
    v, u = y
    return [0.04 * v * v + 5.0 * v + 140.0 - u + 1000.0 * current, p["a"] * (p["b"] * v - u)]


def _quadratic_reset(y: list[float], p: Numbers) -> None:
    y[0] = p["c"]
    y[1] += p["d"]


def _rate(x: float, scale: float) -> float:
    """x / (exp(x / scale) - 1)."""
    return scale if abs(x) < 1e-9 else x / (exp(x / scale) - 1.0)


def _channels(y: list[float], current: float, p: Numbers) -> list[float]:
    v, m, h, n = y
    u = v - p["v_offset"]
    current += p["g_leak"] * (p["e_rev_leak"] - v) + p["gbar_Na"] * m * m * m * h * (p["e_rev_Na"] - v)
    current += p["gbar_K"] * n * n * n * n * (p["e_rev_K"] - v)
    return [
        current / p["cm"],
        0.32 * _rate(13.0 - u, 4.0) * (1 - m) - 0.28 * _rate(u - 40.0, 5.0) * m,
        0.128 * exp((17.0 - u) / 18.0) * (1 - h) - 4.0 / (1.0 + exp((40.0 - u) / 5.0)) * h,
        0.032 * _rate(15.0 - u, 5.0) * (1 - n) - 0.5 * exp((10.0 - u) / 40.0) * n,
    ]


def _sagging(y: list[float], current: float, p: Numbers) -> list[float]:
    v, g_s, g_r = y
    current += 1e-3 * (g_s * (p["e_rev_sfa"] - v) + g_r * (p["e_rev_rr"] - v))
    return [*_leaky(y, current, p), -g_s / p["tau_sfa"], -g_r / p["tau_rr"]]


def _sagging_reset(y: list[float], p: Numbers) -> None:
    y[0] = p["v_reset"]
    y[1] += p["q_sfa"]
    y[2] += p["q_rr"]


def _nothing(y: list[float], p: Numbers) -> None:
    """The channels bring v back."""


LEAKY = Equations(lambda p: [p["v_rest"]], _leaky, _over("v_thresh"), _to_reset)
ADAPTING = Equations(lambda p: [p["v_rest"], 0.0], _adapting, _over("v_spike"), _adapting_reset, ("v", "w"))
QUADRATIC = Equations(
    lambda p: [-70.0, -14.0], _quadratic, lambda before, after, p: after[0] >= 30.0, _quadratic_reset, ("v", "u"),
    refractory=False,
)  # fmt: skip
SAGGING = Equations(lambda p: [p["v_rest"], 0.0, 0.0], _sagging, _over("v_thresh"), _sagging_reset, ("v", "g_s", "g_r"))
CHANNELS = Equations(
    lambda p: [-65.0, 0.0, 1.0, 0.0], _channels,
    lambda before, after, p: before[0] > after[0] >= p["v_offset"] + 30.0, _nothing, ("v", "m", "h", "n"),
    refractory=False,
)  # fmt: skip
