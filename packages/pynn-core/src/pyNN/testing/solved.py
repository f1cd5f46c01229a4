"""Standard cells written as equations, for tests: what solves equations must make of them what the standard cell is."""

from __future__ import annotations

from typing import Any

from pyNN.equations import CellEquations

_MEMBRANE: dict[str, Any] = {
    "v_rest": [-65.0, "mV"],
    "cm": [1.0, "nF", "positive"],
    "tau_m": [20.0, "ms", "positive"],
    "tau_refrac": [0.1, "ms", "nonnegative"],
    "v_reset": [-65.0, "mV"],
    "v_thresh": [-50.0, "mV"],
    "i_offset": [0.0, "nA"],
    "tau_syn_E": [5.0, "ms", "positive"],
    "tau_syn_I": [5.0, "ms", "positive"],
}
_FIRES: dict[str, Any] = {
    "threshold": "v >= v_thresh",
    "reset": "v = v_reset",
    "refractory": "tau_refrac",
    "initial_values": {"v": "v_rest"},
}

CURRENT_BASED = CellEquations(
    "CurrentBased",
    """
    dv/dt = (v_rest - v)/tau_m + (isyn_exc + isyn_inh + i_offset + i_inj)/cm : mV
    disyn_exc/dt = -isyn_exc/tau_syn_E : nA
    disyn_inh/dt = -isyn_inh/tau_syn_I : nA
    """,
    parameters=_MEMBRANE,
    receptors={"excitatory": "isyn_exc", "inhibitory": "isyn_inh"},
    **_FIRES,
)
"""``IF_curr_exp``; its membrane is exact there, and of order 4 here."""

CONDUCTANCE = CellEquations(
    "Conductance",
    """
    dv/dt = (v_rest - v)/tau_m + (i_syn + i_offset + i_inj)/cm : mV
    i_syn = gsyn_exc*(e_rev_E - v) + gsyn_inh*(e_rev_I - v) : nA
    dgsyn_exc/dt = -gsyn_exc/tau_syn_E : uS
    dgsyn_inh/dt = -gsyn_inh/tau_syn_I : uS
    """,
    parameters={**_MEMBRANE, "e_rev_E": [0.0, "mV"], "e_rev_I": [-70.0, "mV"]},
    receptors={"excitatory": "gsyn_exc", "inhibitory": "gsyn_inh"},
    **_FIRES,
)
"""``IF_cond_exp``, by the same scheme where its conductances are weak."""

DELTA = CellEquations(
    "Delta",
    "dv/dt = (v_rest - v)/tau_m + (i_offset + i_inj)/cm : mV",
    parameters={name: value for name, value in _MEMBRANE.items() if not name.startswith("tau_syn")},
    receptors={"excitatory": "v", "inhibitory": "v"},
    **_FIRES,
)
"""``IF_curr_delta``, exact here as there."""

SIMPLE = CellEquations(
    "Simple",
    """
    dv/dt = 0.04*v**2 + 5*v + 140 - u + 1000*(i_offset + i_inj) : mV
    du/dt = a*(b*v - u) : mV/ms
    """,
    parameters={
        "a": [0.02, "1/ms"], "b": [0.2, "1/ms"], "c": [-65.0, "mV"], "d": [2.0, "mV/ms"], "i_offset": [0.0, "nA"],
    },
    threshold="v >= 30",
    reset="v = c; u += d",
    receptors={"excitatory": "v", "inhibitory": "v"},
    initial_values={"v": -70.0, "u": -14.0},
    longest_step=0.05,
)  # fmt: skip
"""``Izhikevich``."""

ADAPTIVE = CellEquations(
    "Adaptive",
    """
    dv/dt = (v_rest - vc + upstroke)/tau_m + (i_syn - w + i_offset + i_inj)/cm : mV
    dw/dt = (0.001*a*(vc - v_rest) - w)/tau_w : nA
    dgsyn_exc/dt = -gsyn_exc/tau_syn_E : uS
    dgsyn_inh/dt = -gsyn_inh/tau_syn_I : uS
    vc = minimum(v, v_spike) : mV   # so that the upstroke stays finite
    upstroke = delta_T*exp((vc - v_thresh)/delta_T) : mV
    i_syn = gsyn_exc*(e_rev_E - vc) + gsyn_inh*(e_rev_I - vc) : nA
    """,
    parameters={
        "cm": [0.281, "nF", "positive"], "tau_refrac": [0.1, "ms", "nonnegative"], "v_spike": [-40.0, "mV"],
        "v_reset": [-70.6, "mV"], "v_rest": [-70.6, "mV"], "tau_m": [9.3667, "ms", "positive"],
        "i_offset": [0.0, "nA"], "a": [4.0, "nS"], "b": [0.0805, "nA"], "delta_T": [2.0, "mV", "positive"],
        "tau_w": [144.0, "ms", "positive"], "v_thresh": [-50.4, "mV"], "e_rev_E": [0.0, "mV"],
        "e_rev_I": [-80.0, "mV"], "tau_syn_E": [5.0, "ms", "positive"], "tau_syn_I": [5.0, "ms", "positive"],
    },
    threshold="v >= v_spike",
    reset="v = v_reset; w += b",
    refractory="tau_refrac",
    receptors={"excitatory": "gsyn_exc", "inhibitory": "gsyn_inh"},
    initial_values={"v": "v_rest"},
    longest_step=0.05,
)  # fmt: skip
"""``EIF_cond_exp_isfa_ista``."""


CHANNELS = CellEquations(
    "Channels",
    """
    dv/dt = (i_leak + i_Na + i_K + i_syn + i_offset + i_inj)/cm : mV
    i_leak = g_leak*(e_rev_leak - v) : nA
    i_Na = gbar_Na*m**3*h*(e_rev_Na - v) : nA
    i_K = gbar_K*n**4*(e_rev_K - v) : nA
    i_syn = gsyn_exc*(e_rev_E - v) + gsyn_inh*(e_rev_I - v) : nA
    dm/dt = 0.32*4/exprel((13 - x)/4)*(1 - m) - 0.28*5/exprel((x - 40)/5)*m
    dh/dt = 0.128*exp((17 - x)/18)*(1 - h) - 4/(1 + exp((40 - x)/5))*h
    dn/dt = 0.032*5/exprel((15 - x)/5)*(1 - n) - 0.5*exp((10 - x)/40)*n
    x = v - v_offset : mV
    dgsyn_exc/dt = -gsyn_exc/tau_syn_E : uS
    dgsyn_inh/dt = -gsyn_inh/tau_syn_I : uS
    """,
    parameters={
        "gbar_Na": [20.0, "uS", "nonnegative"], "gbar_K": [6.0, "uS", "nonnegative"],
        "g_leak": [0.01, "uS", "nonnegative"], "cm": [0.2, "nF", "positive"], "v_offset": [-63.0, "mV"],
        "e_rev_Na": [50.0, "mV"], "e_rev_K": [-90.0, "mV"], "e_rev_leak": [-65.0, "mV"], "e_rev_E": [0.0, "mV"],
        "e_rev_I": [-80.0, "mV"], "tau_syn_E": [0.2, "ms", "positive"], "tau_syn_I": [2.0, "ms", "positive"],
        "i_offset": [0.0, "nA"],
    },
    receptors={"excitatory": "gsyn_exc", "inhibitory": "gsyn_inh"},
    initial_values={"v": -65.0, "h": 1.0},
    longest_step=0.034,
)  # fmt: skip
"""``HH_cond_exp``, without a threshold: it never fires, but its potential is that of the standard cell."""


def oscillator(longest_step: float = float("inf")) -> CellEquations:
    """d²v/dt² = -omega² v, which begins at v = 1 mV and is cos(omega t)."""
    return CellEquations(
        "Oscillator",
        "dv/dt = -omega*x : mV\ndx/dt = omega*v : mV",
        parameters={"omega": [1.0, "1/ms"]},
        initial_values={"v": 1.0},
        longest_step=longest_step,
    )
