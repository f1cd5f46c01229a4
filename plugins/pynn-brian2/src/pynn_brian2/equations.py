"""The equations of the standard cells as Brian code, in PyNN's units; every name in it comes from the table."""

from __future__ import annotations

from collections.abc import Mapping

from cawan.fast_dataclasses import dataclass
from pyNN.recipes import Port, Recipe

REACHES = {"reach_half": 0.5, "reach_whole": 1.0, "reach_sixth": 1 / 6}  # of a step over c_m: from nA to mV
DELTA_TAU_MS = 1e-9  # input that acts at once: the limit of a short time constant


@dataclass(frozen=True)
class Membrane:
    """A membrane: its state, v first; dy/dt of each; what fires it and what a spike does.

    Attributes
    ----------
    slopes
        Right sides, 1/ms, in which ``{v}``, … stand for the state of a stage and ``{current}`` for the current into the
        membrane, nA.
    holds
        Whether a spike holds v for tau_refrac.
    longest
        The longest step of the method, ms.
    capped
        What v counts as where it flows into the equations.
    leaks
        Whether 1 / tau_m belongs to the pull on the membrane.
    linear
        A leak and no more: c_m du/dt = a - b u with u = v - ``base``, the reversal potential of the last conductance.
        The cell keeps ``base``, ``leak`` (µS), the ``REACHES``, and of each other conductance how far it is ``apart``.
    extra
        More variables of the cell.
    """

    slopes: Mapping[str, str]
    threshold: str = "v >= v_thresh"
    reset: str = "v = v_reset"
    holds: bool = True
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
        _LEAKY, reset="v = v_reset\ng_s += q_sfa\ng_r += q_rr", extra=("g_s", "g_r"), linear=True
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
        reset="v = v_reset\nw += b",
        longest=0.05,
        capped="free * clip({v}, -1e300, v_spike) + (1 - free) * v_reset",
    ),
    "Izhikevich": Membrane(
        _IZHIKEVICH, threshold="v >= 30", reset="v = c\nu += d", holds=False, longest=0.05, leaks=False
    ),
    # at the first step after a maximum above v_offset + 30 mV; the channels bring v back
    "HH": Membrane(
        _TRAUB,
        threshold="rising > 0.5 and v < before and v >= v_offset + 30",
        reset="",
        holds=False,
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


def apart_name(number: int) -> str:
    """The variable that holds how far a conductance's reversal potential is from the last one's, mV."""
    return f"apart_{number}"


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


def conductances(recipe: Recipe, when: str = "begin") -> list[tuple[str, str]]:
    """Each conductance onto the membrane, µS, and its reversal potential; ``when``: begin, middle or end of a step."""
    late = "" if when == "begin" else f"_{when}"
    found = [
        (f"{port.names['gsyn']}{late}", port.names["e_syn"]) for port in recipe.ports if port.kind.startswith("Cond")
    ]
    if recipe.membrane == "GsfaGrr":
        found += [(f"1e-3 * g_s{late}", "e_rev_sfa"), (f"1e-3 * g_r{late}", "e_rev_rr")]
    return found


def currents(recipe: Recipe, when: str) -> list[str]:
    """Each current into the membrane that does not depend on v, nA, beside what is injected."""
    late = "" if when == "begin" else f"_{when}"
    found = [f"{port.names['isyn']}{late}" for port in recipe.ports if port.kind.startswith("Curr")]
    return [*found, f"-i_eta{late}"] if recipe.membrane == "GIF" else found


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

    def prepared(self, sub: str) -> list[str]:
        """The same over half of ``sub``, by names that end in ``_own``."""
        made = [f"{self.half}_own = exp(-0.5 * {sub} / {self.falling})"]
        if self.passing:
            made.append(f"{self.half_rise}_own = exp(-0.5 * {sub} / {self.rising})")
            made.append(f"{self.passing}_own = phi1(0.5 * {sub} * (1 / {self.rising} - 1 / {self.falling}))")
        return made

    def code(self, when: str, before: str, sub: str, *, own: bool) -> list[str]:
        """State half of ``sub`` ms on from ``before``; ``own``: by what was prepared."""
        early, end = f"_{before}" if before else "", "_own" if own else ""
        if not self.rise:
            return [f"{self.state}_{when} = {self.state}{early} * {self.half}{end}"]
        passing = f" * {self.passing}{end}" if self.passing else ""
        risen = f"{self.rise}{early} * 0.5 * {sub}{passing}"
        return [
            f"{self.state}_{when} = ({self.state}{early} + {risen}) * {self.half}{end}",
            f"{self.rise}_{when} = {self.rise}{early} * {self.half_rise}{end}",
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
