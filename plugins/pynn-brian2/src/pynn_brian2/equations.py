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
    linear
        A leak and no more: dv/dt = a - b v, with ``leak_rate``, ``rest_rate`` and ``per_c_m`` kept with the cell.
    extra
        More variables of the cell.
    """

    slopes: Mapping[str, str]
    threshold: str = "v >= v_thresh"
    reset: str = "v = v_reset\nleft = hold"
    longest: float = float("inf")
    capped: str = "{v}"
    leaks: bool = True
    linear: bool = False
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
    "LIF": Membrane(_LEAKY, linear=True),
    "Facets": Membrane(_LEAKY, linear=True),
    "GsfaGrr": Membrane(
        _LEAKY, reset="v = v_reset\nleft = hold\ng_s += q_sfa\ng_r += q_rr", extra=("g_s", "g_r"), linear=True
    ),
    "GIF": Membrane(
        _LEAKY,
        threshold="fires > 0.5",
        extra=("i_eta", "i_eta_middle", "i_eta_end", "v_t", "fires"),
        linear=True,
    ),
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


def runge_kutta_step(recipe: Recipe, sub: str = "sub") -> str:
    """One step of ``sub`` ms; a cell whose ``sub`` is 0 stays as it is.

    Parameters
    ----------
    sub
        A number, where all cells take the same step: then the decay over half of it is a variable of the cell.
    """
    membrane = MEMBRANES[recipe.membrane]
    lines = ["drive = i_offset + injected"]
    if membrane.linear:
        lines.append("driven = rest_rate + drive * per_c_m")
    for when, before in (("middle", ""), ("end", "middle")):
        for decay in decays(recipe):
            lines += decay.code(when, before, None if sub == "sub" else sub)
    for when in ("begin", "middle", "end"):
        conductance, current = _act(recipe, "" if when == "begin" else when)
        if membrane.linear:
            lines += [f"b{when} = leak_rate + ({conductance}) * per_c_m"]
            lines += [f"a{when} = driven + ({current}) * per_c_m"]
        else:
            lines += [f"g{when} = {conductance}", f"i{when} = {current} + drive"]
    half = "0.5 * sub" if sub == "sub" else repr(0.5 * float(sub))
    for stage, (when, reach) in enumerate((("begin", ""), ("middle", half), ("middle", half), ("end", sub))):
        lines += _stage(membrane, stage, when, reach)
    sixth = "sub / 6" if sub == "sub" else repr(float(sub) / 6)
    for name in membrane.slopes:
        held = "free * " if name == "v" else ""
        slopes = f"k0_{name} + 2 * k1_{name} + 2 * k2_{name} + k3_{name}"
        lines.append(f"{name} = {name} + {held}{sixth} * ({slopes})")
    moved = [name for name in states(recipe) if name not in membrane.slopes]
    return "\n".join([*lines, *(f"{name} = {name}_end" for name in moved)])


def _stage(membrane: Membrane, stage: int, when: str, reach: str) -> list[str]:
    """The slopes of one stage, from the state that the last one leads to."""
    lines, state = [], {}
    for name in membrane.slopes:
        state[name] = f"{name}{stage}"
        start = name if not stage else f"{name} + {reach} * k{stage - 1}_{name}"
        lines.append(f"{name}{stage} = {membrane.capped.format(v=f'({start})') if name == 'v' else start}")
    if membrane.linear:
        return [*lines, f"k{stage}_v = a{when} - b{when} * v{stage}"]
    state["current"] = f"current{stage}"
    lines.append(f"current{stage} = i{when} - g{when} * v{stage}")
    return [*lines, *(f"k{stage}_{name} = {slope.format(**state)}" for name, slope in membrane.slopes.items())]


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
    if recipe.membrane == "GIF":
        currents.append(f"-i_eta{late}")
    return " + ".join(conductances) or "0 * v", " + ".join(currents) or "0 * v"


@dataclass(frozen=True)
class Decay:
    """How one receptor moves on by itself: ``state`` falls with ``falling`` and is fed by ``rise``, if there is one.

    ``half``, ``half_rise`` and ``passing`` name the variables that hold what follows over half a step.
    """

    number: str
    state: str
    falling: str
    rise: str = ""
    rising: str = ""

    @property
    def half(self) -> str:
        """exp(-h / falling)."""
        return f"half_{self.number}"

    @property
    def half_rise(self) -> str:
        """exp(-h / rising); that of ``falling`` where they are one."""
        return f"half_rise_{self.number}" if self.rising != self.falling else self.half

    @property
    def passing(self) -> str:
        """phi1(h (1 / rising - 1 / falling)); empty where it is 1."""
        return f"passing_{self.number}" if self.rising and self.rising != self.falling else ""

    def names(self) -> list[str]:
        """Variables of the cell that hold this."""
        two = self.rising not in ("", self.falling)
        return [self.half, *([self.half_rise, self.passing] if two else [])]

    def code(self, when: str, before: str, sub: str | None) -> list[str]:
        """State half a step on from ``before``; ``sub`` None: of each cell's own step."""
        early = f"_{before}" if before else ""
        half = "0.5 * sub" if sub is None else repr(0.5 * float(sub))
        made = []
        if sub is None:
            made = [f"{self.half} = exp(-{half} / {self.falling})"]
            if self.passing:
                made.append(f"{self.half_rise} = exp(-{half} / {self.rising})")
                made.append(f"{self.passing} = phi1({half} * (1 / {self.rising} - 1 / {self.falling}))")
        if not self.rise:
            return [*made, f"{self.state}_{when} = {self.state}{early} * {self.half}"]
        passing = f" * {self.passing}" if self.passing else ""
        return [
            *made,
            f"{self.state}_{when} = ({self.state}{early} + {self.rise}{early} * {half}{passing}) * {self.half}",
            f"{self.rise}_{when} = {self.rise}{early} * {self.half_rise}",
        ]


def decays(recipe: Recipe) -> list[Decay]:
    """Of each receptor, and of the conductances that a cell's own spikes feed."""
    found = []
    for number, port in enumerate(recipe.ports):
        if port.kind == "Delta":
            continue
        state, *rise = port_states(port)
        if port.kind == "CondBeta":
            found.append(Decay(str(number), state, port.names["tau_decay"], rise[0], port.names["tau_rise"]))
        else:
            tau = port.names["tau_syn"]
            found.append(Decay(str(number), state, tau, *([rise[0], tau] if rise else [])))
    if recipe.membrane == "GsfaGrr":
        found += [Decay(f"g_{k}", f"g_{k}", f"tau_{name}") for k, name in (("s", "sfa"), ("r", "rr"))]
    return found
