"""What follows from a cell's parameters, by the name of the variable that holds it."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, factorial

import numpy as np
from cawan.simulator import Array
from pyNN.recipes import Port, Recipe

from pynn_brian2.equations import MEMBRANES, REACHES, Decay, apart_name, conductances, decays, peak_name, port_states

Columns = Mapping[str, Array]
FACETS = {"c_m": 0.2, "tau_refrac": 1.0, "e_rev_E": 0.0, "i_offset": 0.0}  # what IF_facets_hardware1 lets nobody set


def derived_names(recipe: Recipe) -> list[str]:
    """Every variable that ``derive`` gives."""
    names = ["hold", *(name for decay in _kept(recipe) for name in decay.names())]
    if MEMBRANES[recipe.membrane].linear:
        names += ["base", "leak", *REACHES]
        names += [apart_name(k) for k in range(len(conductances(recipe)) - 1)]
    if recipe.membrane == "Facets":
        names += [*FACETS, "tau_m"]
    if recipe.membrane == "Exact":
        names += ["decay_v", "from_current"]
    for number, port in enumerate(recipe.ports):
        own = port_states(port)
        if recipe.membrane == "Exact" and own:
            names += [f"gain_{number}", f"decay_{number}"]
            names += [f"slope_gain_{number}", f"into_{number}"] if len(own) > 1 else []
        if len(own) > 1:
            names.append(peak_name(number))
    return names


def _kept(recipe: Recipe) -> list[Decay]:
    """Receptors whose decay over half a step is kept with the cell."""
    return [] if recipe.membrane == "Exact" else decays(recipe)


def derive(recipe: Recipe, p: Columns, timestep: float) -> dict[str, Array]:
    """Values of these variables, each of the shape of the parameters."""
    found: dict[str, Array] = {}
    size = len(p["v"])
    if recipe.membrane == "Facets":
        found |= {name: np.full(size, value) for name, value in FACETS.items()}
        found["tau_m"] = 200.0 / p["g_leak"]
    if MEMBRANES[recipe.membrane].linear:
        found |= _leaky(recipe, {**p, **found}, timestep / fewest_steps(recipe, timestep))
    refractory = found.get("tau_refrac", p.get("tau_refrac", np.zeros(size)))
    found["hold"] = np.rint(refractory / timestep)
    if recipe.membrane == "Exact":
        found["decay_v"] = np.exp(-timestep / p["tau_m"])
        found["from_current"] = p["tau_m"] / p["c_m"] * -np.expm1(-timestep / p["tau_m"])
    half = 0.5 * timestep / fewest_steps(recipe, timestep)
    for decay in _kept(recipe):
        found[decay.half] = np.exp(-half / p[decay.falling])
        if decay.passing:
            found[decay.half_rise] = np.exp(-half / p[decay.rising])
            found[decay.passing] = phi1(half * (1 / p[decay.rising] - 1 / p[decay.falling]))
    for number, port in enumerate(recipe.ports):
        if recipe.membrane == "Exact" and port.kind != "Delta":
            found |= _propagators(number, port, p, found["decay_v"], timestep)
        if len(port_states(port)) > 1:
            found[peak_name(number)] = _peak(port, p)
    return found


def _leaky(recipe: Recipe, p: Columns, part: float) -> dict[str, Array]:
    """What c_m du/dt = a - b u needs, where u = v - base, in steps of ``part`` ms."""
    *others, base = [p[potential] for _, potential in conductances(recipe)] or [np.zeros_like(p["v"])]
    found = {"base": base, "leak": p["c_m"] / p["tau_m"]}
    found |= {apart_name(k): potential - base for k, potential in enumerate(others)}
    return found | {name: share * part / p["c_m"] for name, share in REACHES.items()}


def drive(recipe: Recipe, p: Columns, injected: Array) -> Array:
    """The current that does not change within a step, nA, from what is injected; of a leaky membrane, its a at rest."""
    flowing = p["i_offset"] + injected
    return flowing + p["leak"] * (p["v_rest"] - p["base"]) if MEMBRANES[recipe.membrane].linear else flowing


def fewest_steps(recipe: Recipe, timestep: float) -> int:
    """Into how many steps of the method each step of the clock is cut, where no cell is stiff."""
    return max(1, ceil(timestep / MEMBRANES[recipe.membrane].longest - 1e-9))


class Pull:
    """How fast each membrane is pulled, 1 / ms: a cell's step is cut so that h (1 / tau_m + g / cm) ≤ 1.

    Parameters
    ----------
    columns
        Parameters and state of all cells, arrays that stay where they are.
    fastest
        What a step in as few parts as there are can follow, 1 / ms.
    """

    def __init__(self, recipe: Recipe, columns: Columns, fastest: float) -> None:
        self._columns, self._fastest, self._leaks = columns, fastest, MEMBRANES[recipe.membrane].leaks
        found = [(1.0, columns[port.names["gsyn"]]) for port in recipe.ports if port.kind.startswith("Cond")]
        if recipe.membrane == "GsfaGrr":
            found += [(1e-3, columns[name]) for name in ("g_s", "g_r")]
        self._conductances = found
        self._room = float("inf")

    def parameters_changed(self) -> None:
        """Find the conductance that no cell is stiff under; Izhikevich's has neither capacitance nor conductances."""
        if "c_m" in self._columns:
            leak = 1 / self._columns["tau_m"] if self._leaks else 0.0
            self._room = float(((self._fastest - leak) * self._columns["c_m"]).min())

    def is_weak(self) -> bool:
        """Whether it is certain, at the cost of a glance, that no cell is stiff."""
        return sum(max(0.0, scale * float(np.maximum.reduce(g))) for scale, g in self._conductances) <= self._room

    def of_each(self) -> Array:
        """The pull on each cell, 1 / ms, shape (size,)."""
        leak = 1 / self._columns["tau_m"] if self._leaks else 0.0
        g = sum((scale * g for scale, g in self._conductances), np.zeros(1))
        return np.asarray(leak + g / self._columns["c_m"])


def _propagators(number: int, port: Port, p: Columns, decay_v: Array, h: float) -> dict[str, Array]:
    """From a current, and from what makes it rise, to the membrane one step on."""
    tau = p[port.names["tau_syn"]]
    apart = h * (1 / tau - 1 / p["tau_m"])
    found = {f"gain_{number}": h / p["c_m"] * decay_v * phi1(apart), f"decay_{number}": np.exp(-h / tau)}
    if len(port_states(port)) > 1:
        found[f"slope_gain_{number}"] = h**2 / p["c_m"] * decay_v * _phi2(apart)
        found[f"into_{number}"] = h * np.exp(-h / tau)
    return found


def phi1(x: Array) -> Array:
    """(1 - exp(-x)) / x, 1 at 0."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.asarray(np.where(x == 0.0, 1.0, -np.expm1(-safe) / safe))


def _phi2(x: Array) -> Array:
    """(1 - (1 + x) exp(-x)) / x**2, 1/2 at 0; by its series where the closed form cancels."""
    small = np.abs(x) < 0.25
    series = sum((-x) ** k / (factorial(k) * (k + 2)) for k in range(12))
    safe = np.where(small, 1.0, x)
    return np.asarray(np.where(small, series, (-np.expm1(-safe) - safe * np.exp(-safe)) / safe**2))


def _peak(port: Port, p: Columns) -> Array:
    """What feeds a receptor must be, per weight, for the receptor to peak at the weight.

    With r = 1 / tau_rise, d = 1 / tau_decay the peak lies at ln(r / d) / (r - d), where it is exp(-r t) / d; for r = d
    it is the limit e / tau.
    """
    if port.kind != "CondBeta":
        return np.asarray(np.e / p[port.names["tau_syn"]])
    r, d = 1 / p[port.names["tau_rise"]], 1 / p[port.names["tau_decay"]]
    near = np.abs(r - d) < 1e-7 * d
    apart = np.where(near, 1.0, r - d)
    peak = np.where(near, 1 / d, np.log(np.where(near, 1.0, r / d)) / apart)
    return np.asarray(d * np.exp(r * peak))
