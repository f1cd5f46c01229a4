"""The equations of the standard cells as Brian code, in PyNN's units; every name in it comes from the table.

A step of a cell with conductances is the classical Runge-Kutta method of order 4, with the receptors' own linear
equations solved exactly at the middle and the end of it. Cells with currents alone are linear: their step is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyNN.recipes import Port, Recipe

DELTA_TAU_MS = 1e-9  # input that acts at once: the limit of a short time constant


@dataclass(frozen=True)
class Membrane:
    """A membrane: its state, v first; dy/dt of each; what fires it and what a spike does.

    Attributes
    ----------
    slopes
        Right sides, 1/ms, in which ``{v}``, … stand for the state of a stage and ``{current}`` for the current into the
        membrane, nA.
    longest
        The longest step of the method, ms.
    capped
        What v counts as where it flows into the equations.
    leaks
        Whether 1 / tau_m belongs to the pull on the membrane.
    extra
        More variables of the cell.
    """

    slopes: Mapping[str, str]
    threshold: str = "v >= v_thresh"
    reset: str = "v = v_reset\nleft = hold"
    longest: float = float("inf")
    capped: str = "{v}"
    leaks: bool = True
    extra: tuple[str, ...] = ()


_LEAKY = {"v": "(v_rest - {v}) / tau_m + {current} / c_m"}
# Brette & Gerstner (2005), eq. 1-2; v counts as v_spike above it
_ADEXP = {
    "v": "(v_rest - {v} + delta_T * exp(({v} - v_thresh) / delta_T)) / tau_m + ({current} - {w}) / c_m",
    "w": "(1e-3 * a * ({v} - v_rest) - {w}) / tau_w",
}
# Izhikevich (2003), eq. 1-2
_IZHIKEVICH = {
    "v": "0.04 * {v} ** 2 + 5 * {v} + 140 - {u} + 1000.0 * {current}",
    "u": "a * (b * {v} - {u})",
}
# Traub & Miles (1991), as given in Brette et al. (2007); 1 / phi1(-x) is x / (exp(x) - 1)
_TRAUB = {
    "v": (
        "(g_leak * (e_rev_leak - {v}) + gbar_Na * {m} ** 3 * {h} * (e_rev_Na - {v})"
        " + gbar_K * {n} ** 4 * (e_rev_K - {v}) + {current}) / c_m"
    ),
    "m": (
        "0.32 * 4 / phi1((({v} - v_offset) - 13) / 4) * (1 - {m})"
        " - 0.28 * 5 / phi1((40 - ({v} - v_offset)) / 5) * {m}"
    ),
    "h": (
        "0.128 * exp((17 - ({v} - v_offset)) / 18) * (1 - {h})"
        " - 4 / (1 + exp((40 - ({v} - v_offset)) / 5)) * {h}"
    ),
    "n": (
        "0.032 * 5 / phi1((({v} - v_offset) - 15) / 5) * (1 - {n})"
        " - 0.5 * exp((10 - ({v} - v_offset)) / 40) * {n}"
    ),
}  # fmt: skip

MEMBRANES: Mapping[str, Membrane] = {
    "Exact": Membrane(_LEAKY),
    "LIF": Membrane(_LEAKY),
    "Facets": Membrane(_LEAKY),
    "GsfaGrr": Membrane(_LEAKY, reset="v = v_reset\nleft = hold\ng_s += q_sfa\ng_r += q_rr", extra=("g_s", "g_r")),
    "AdExp": Membrane(
        _ADEXP,
        threshold="v >= v_spike",
        reset="v = v_reset\nleft = hold\nw += b",
        longest=0.05,
        capped="free * clip({v}, -1e300, v_spike) + (1 - free) * v_reset",
    ),
    "Izhikevich": Membrane(_IZHIKEVICH, threshold="v >= 30", reset="v = c\nu += d", longest=0.05, leaks=False),
    # at the first step after a maximum above v_offset + 30 mV; the channels bring v back
    "HH": Membrane(
        _TRAUB,
        threshold="rising > 0.5 and v < before and v >= v_offset + 30",
        reset="",
        longest=0.034,
        leaks=False,
        extra=("before", "rising"),
    ),
}


def states(recipe: Recipe) -> list[str]:
    """All that a step moves on: the membrane's own, and the receptors'."""
    own = [*MEMBRANES[recipe.membrane].slopes]
    own += [name for name in MEMBRANES[recipe.membrane].extra if name in ("g_s", "g_r")]
    return own + [name for port in recipe.ports for name in port_states(port)]


def port_states(port: Port) -> tuple[str, ...]:
    """The variables of one receptor: its conductance or current, and what feeds it."""
    if port.kind == "Delta":
        return ()
    first = port.names["isyn" if port.kind.startswith("Curr") else "gsyn"]
    return (first,) if port.kind.endswith("Exp") else (first, port.names["rise"])


def peak_name(number: int) -> str:
    """The variable with which a weight is multiplied before it feeds a receptor that has to rise first."""
    return f"peak_{number}"


def tau_syn(port: Port) -> str:
    """The time constant with which a receptor's input decays, as code of a synapse, ms."""
    if port.kind == "Delta":
        return repr(DELTA_TAU_MS)
    return f"{port.names['tau_decay' if port.kind == 'CondBeta' else 'tau_syn']}_post"


def arrival(recipe: Recipe, number: int) -> tuple[str, str]:
    """Where a weight of this receptor goes: the cell's variable, and the factor on it ("1", or the cell's variable)."""
    port = recipe.ports[number]
    if port.kind == "Delta":
        return "v", "free"
    own = port_states(port)
    return (own[0], "1") if len(own) == 1 else (own[1], peak_name(number))


def exact_step(recipe: Recipe) -> str:
    """One step of a leaky membrane under currents, by its propagators (Rotter & Diesmann 1999)."""
    lines = ["moved = v_rest + (v - v_rest) * decay_v + from_current * (i_offset + injected)"]
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


def runge_kutta_step(recipe: Recipe) -> str:
    """One step of ``sub`` ms; a cell whose ``sub`` is 0 stays as it is."""
    membrane = MEMBRANES[recipe.membrane]
    lines = [*_receptors(recipe, "middle", ""), *_receptors(recipe, "end", "middle")]
    for when in ("", "middle", "end"):
        conductance, current = _act(recipe, when)
        lines += [f"g{when or 'begin'} = {conductance}", f"i{when or 'begin'} = {current}"]
    for stage, (when, reach) in enumerate((("begin", ""), ("middle", "0.5 * "), ("middle", "0.5 * "), ("end", ""))):
        lines += _stage(membrane, stage, when, reach)
    for name in membrane.slopes:
        lines.append(f"{name} = {name} + sub / 6 * (k0_{name} + 2 * k1_{name} + 2 * k2_{name} + k3_{name})")
    moved = [name for name in states(recipe) if name not in membrane.slopes]
    return "\n".join([*lines, *(f"{name} = {name}_end" for name in moved)])


def _stage(membrane: Membrane, stage: int, when: str, reach: str) -> list[str]:
    """The slopes of one stage, from the state that the last one leads to."""
    lines, state = [], {}
    for name in membrane.slopes:
        state[name] = f"{name}{stage}"
        start = name if not stage else f"{name} + {reach}sub * k{stage - 1}_{name}"
        lines.append(f"{name}{stage} = {membrane.capped.format(v=f'({start})') if name == 'v' else start}")
    state["current"] = f"current{stage}"
    lines.append(f"current{stage} = i{when} - g{when} * v{stage} + i_offset + injected")
    for name, slope in membrane.slopes.items():
        held = "free * " if name == "v" else ""
        lines.append(f"k{stage}_{name} = {held}({slope.format(**state)})")
    return lines


def _act(recipe: Recipe, when: str) -> tuple[str, str]:
    """Conductance (µS) and current at v = 0 (nA) of all receptors, from state at ``when``."""
    late = f"_{when}" if when else ""
    conductances, currents = [], []
    for port in recipe.ports:
        if port.kind.startswith("Cond"):
            g = f"{port.names['gsyn']}{late}"
            conductances.append(g)
            currents.append(f"{g} * {port.names['e_syn']}")
        elif port.kind.startswith("Curr"):
            currents.append(f"{port.names['isyn']}{late}")
    if recipe.membrane == "GsfaGrr":
        conductances += [f"1e-3 * g_s{late}", f"1e-3 * g_r{late}"]
        currents += [f"1e-3 * g_s{late} * e_rev_sfa", f"1e-3 * g_r{late} * e_rev_rr"]
    return " + ".join(conductances) or "0 * v", " + ".join(currents) or "0 * v"


def _receptors(recipe: Recipe, when: str, before: str) -> list[str]:
    """State of the receptors half a step on."""
    early = f"_{before}" if before else ""
    lines = []
    for port in recipe.ports:
        if port.kind == "Delta":
            continue
        first, *rise = port_states(port)
        if not rise:
            lines.append(f"{first}_{when} = {first}{early} * exp(-0.5 * sub / {port.names['tau_syn']})")
            continue
        beta = port.kind == "CondBeta"
        rising, falling = (port.names[name] if beta else port.names["tau_syn"] for name in ("tau_rise", "tau_decay"))
        kept = f"exp(-0.5 * sub / {falling})"
        passing = f" * phi1(0.5 * sub * (1 / {rising} - 1 / {falling}))" if beta else ""
        lines.append(f"{first}_{when} = ({first}{early} + {rise[0]}{early} * 0.5 * sub{passing}) * {kept}")
        lines.append(f"{rise[0]}_{when} = {rise[0]}{early} * exp(-0.5 * sub / {rising})")
    if recipe.membrane == "GsfaGrr":
        lines += [f"g_{k}_{when} = g_{k}{early} * exp(-0.5 * sub / tau_{s})" for k, s in (("s", "sfa"), ("r", "rr"))]
    return lines
