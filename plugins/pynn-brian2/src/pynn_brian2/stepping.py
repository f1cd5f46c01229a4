"""The code of one step of a cell, made from its recipe.

A step of a cell with conductances is the classical Runge-Kutta method of order 4, with the receptors' own linear
equations solved exactly at the middle and the end of it. Cells with currents alone are linear: their step is exact.
"""

from __future__ import annotations

from pyNN.recipes import Recipe

from pynn_brian2.equations import MEMBRANES, REACHES, apart_name, conductances, currents, decays, port_states, states

NEXT = "_next"  # states are written by this name, as Brian copies what is read and written by one
_STAGES = ("begin", "middle", "end")


def exact_step(recipe: Recipe) -> str:
    """One step of a leaky membrane under currents, by its propagators (Rotter & Diesmann 1999)."""
    lines = ["moved = v_rest + (v - v_rest) * decay_v + from_current * drive"]
    rises, after = [], []
    for number, port in enumerate(recipe.ports):
        if port.kind == "Delta":
            continue
        current, *rise = port_states(port)
        lines.append(f"moved = moved + gain_{number} * {current}")
        after.append(f"{current} = {current} * decay_{number}")
        if rise:
            rises.append(f"moved = moved + slope_gain_{number} * {rise[0]}")
            after.append(f"{current} = {current} + into_{number} * {rise[0]}")
            after.append(f"{rise[0]} = {rise[0]} * decay_{number}")
    return "\n".join([*lines, *rises, *after, "v = free * moved + (1 - free) * v"])


def runge_kutta_step(recipe: Recipe, part: float | None = None) -> str:
    """One step of ``part`` ms, what follows from its length kept with the cell; or of each cell's own ``sub`` ms.

    A cell whose ``sub`` is 0 stays as it is.
    """
    linear, own = MEMBRANES[recipe.membrane].linear, part is None
    sub, lines = "sub" if part is None else repr(part), []
    if own:
        lines += [line for decay in decays(recipe) for line in decay.prepared(sub)]
        lines += [f"{reach}_own = {share} * sub / c_m" for reach, share in REACHES.items()] if linear else []
    for when, before in (("middle", ""), ("end", "middle")):
        for decay in decays(recipe):
            lines += decay.code(when, before, sub, own=own)
    lines += _leaky(recipe, "_own" if own else "") if linear else _curved(recipe, sub)
    moved = [name for name in states(recipe) if name not in MEMBRANES[recipe.membrane].slopes]
    return "\n".join([*lines, *(f"{name}{NEXT} = {name}_end" for name in moved)])


def _curved(recipe: Recipe, sub: str) -> list[str]:
    """The membrane's variables one step on, from four slopes, each from the state that the one before leads to."""
    membrane, lines = MEMBRANES[recipe.membrane], []
    for when in _STAGES:
        pairs = conductances(recipe, when)
        reverse = [f"{conductance} * {potential}" for conductance, potential in pairs]
        lines.append(f"g{when} = {_sum([conductance for conductance, _ in pairs])}")
        lines.append(f"i{when} = {_sum([*reverse, *currents(recipe, when)])} + drive")
    half = f"0.5 * {sub}"
    for stage, (when, reach) in enumerate((("begin", ""), ("middle", half), ("middle", half), ("end", sub))):
        state = {}
        for name in membrane.slopes:
            state[name] = f"{name}{stage}"
            start = name if not stage else f"{name} + {reach} * k{stage - 1}_{name}"
            lines.append(f"{name}{stage} = {membrane.capped.format(v=f'({start})') if name == 'v' else start}")
        state["current"] = f"current{stage}"
        lines.append(f"current{stage} = i{when} - g{when} * v{stage}")
        lines += [f"k{stage}_{name} = {slope.format(**state)}" for name, slope in membrane.slopes.items()]
    for name in membrane.slopes:
        held = "free * " if name == "v" else ""
        slopes = f"k0_{name} + 2 * k1_{name} + 2 * k2_{name} + k3_{name}"
        lines.append(f"{name}{NEXT} = {name} + {held}{sub} / 6 * ({slopes})")
    return lines


def _leaky(recipe: Recipe, own: str) -> list[str]:
    """v one step on, of c_m du/dt = a - b u with u = v - ``base``; slopes are nA.

    In NumPy each operation is a pass over all cells, and one that fills a new array costs twice as much as one that
    changes an array in the cache. So there are as few as can be, and slopes with a minus where that saves one.
    """
    lines = ["u = v - base"]
    for when in _STAGES:
        conducting = [conductance for conductance, _ in conductances(recipe, when)]
        apart = [f"{conductance} * {apart_name(k)}" for k, conductance in enumerate(conducting[:-1])]
        lines += _added(f"b{when}", ["leak", *conducting])
        lines += _added(f"a{when}", [*apart, *currents(recipe, when), "drive"])
    return [
        *lines,
        *("minus_k0 = bbegin * u", "minus_k0 -= abegin"),
        *("minus_still = bmiddle * u", "minus_still -= amiddle"),
        f"pulled = bmiddle * reach_half{own}",
        *("k1 = pulled * minus_k0", "k1 -= minus_still"),
        *("pulled *= k1", "pulled += minus_still"),  # this is -k2
        *("k1 -= pulled", "k1 *= 2", "k1 -= minus_k0"),  # k0 + 2 k1 + 2 k2
        *(f"pulled *= reach_whole{own}", "u -= pulled", "u *= bend", "u -= aend"),  # -k3
        *("k1 -= u", f"k1 *= reach_sixth{own}", "k1 *= free"),
        f"v{NEXT} = v + k1",
    ]


def _added(name: str, terms: list[str]) -> list[str]:
    """A sum, in place from the second sign on: ``name`` may be an array of the cell's only where nothing is added."""
    first = " + ".join(terms[:2])
    return [f"{name} = {first}", *(f"{name} += {term}" for term in terms[2:])]


def _sum(terms: list[str]) -> str:
    return " + ".join(terms) or "0 * v"
