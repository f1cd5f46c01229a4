"""What the membranes of several models share: PyNN's parameters as NEST's, in pF, pA and nS."""

from __future__ import annotations

from collections.abc import Mapping

from cawan.simulator import Native, Ragged, Values

KILO = 1000.0
LEAKY: Mapping[str, Native] = {
    "v_rest": Native("E_L"),
    "cm": Native("C_m", KILO),
    "tau_refrac": Native("t_ref"),
    "v_thresh": Native("V_th"),
    "v_reset": Native("V_reset"),
    "i_offset": Native("I_e", KILO),
}
ADAPTIVE: Mapping[str, Native] = {
    **LEAKY,
    "v_spike": Native("V_peak"),
    "a": Native("a"),
    "b": Native("b", KILO),
    "delta_T": Native("Delta_T"),
    "tau_w": Native("tau_w"),
}


def leak(values: Mapping[str, Values]) -> Mapping[str, Values]:
    """g_L = cm / tau_m."""
    cm, tau_m = values["cm"], values["tau_m"]
    if isinstance(cm, Ragged) or isinstance(tau_m, Ragged):
        raise TypeError("cm and tau_m are numbers")
    return {"g_L": KILO * cm / tau_m}
