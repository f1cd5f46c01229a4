"""The table: what each standard model is on NEST. NEST counts in pF, pA and nS; PyNN in nF, nA and µS."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cawan.simulator import Native, NativeModel, Ragged, Receptor, Values

KILO = 1000.0

_SHARED = {
    "v_rest": Native("E_L"),
    "cm": Native("C_m", KILO),
    "tau_refrac": Native("t_ref"),
    "tau_syn_E": Native("tau_syn_ex"),
    "tau_syn_I": Native("tau_syn_in"),
    "v_thresh": Native("V_th"),
    "v_reset": Native("V_reset"),
    "i_offset": Native("I_e", KILO),
}
_CURRENT = {**_SHARED, "tau_m": Native("tau_m")}
# NEST's current-based cells tell the receptor by the sign of the weight, and PyNN's weights carry that sign.
_CURRENT_RECEPTORS = {
    "excitatory": Receptor("tau_syn_ex", KILO),
    "inhibitory": Receptor("tau_syn_in", KILO),
}


def _leak(values: Mapping[str, Values]) -> Mapping[str, Values]:
    """g_L = cm / tau_m."""
    cm, tau_m = values["cm"], values["tau_m"]
    if isinstance(cm, Ragged) or isinstance(tau_m, Ragged):
        raise TypeError("cm and tau_m are numbers")
    return {"g_L": KILO * cm / tau_m}


# What happens to be called Receptor.port is the parameter that holds the receptor's time constant: a
# Tsodyks-Markram synapse needs it.
MODELS: Mapping[str, NativeModel] = MappingProxyType(
    {
        "IF_curr_exp": NativeModel("iaf_psc_exp", _CURRENT, {"v": Native("V_m")}, _CURRENT_RECEPTORS),
        "IF_curr_alpha": NativeModel("iaf_psc_alpha", _CURRENT, {"v": Native("V_m")}, _CURRENT_RECEPTORS),
        "IF_cond_exp": NativeModel(
            "iaf_cond_exp",
            {**_SHARED, "e_rev_E": Native("E_ex"), "e_rev_I": Native("E_in")},
            {"v": Native("V_m"), "gsyn_exc": Native("g_ex", KILO), "gsyn_inh": Native("g_in", KILO)},
            # A negative weight makes a conductance inhibitory.
            {"excitatory": Receptor("tau_syn_ex", KILO), "inhibitory": Receptor("tau_syn_in", -KILO)},
            computed=_leak,
        ),
        "SpikeSourceArray": NativeModel("spike_generator", {"spike_times": Native("spike_times")}),
        "StaticSynapse": NativeModel(
            "static_synapse", {"weight": Native("weight", is_weight=True), "delay": Native("delay")}
        ),
        "TsodyksMarkramSynapse": NativeModel(
            "tsodyks_synapse",
            {
                "weight": Native("weight", is_weight=True),
                "delay": Native("delay"),
                "U": Native("U"),
                "tau_rec": Native("tau_rec"),
                "tau_facil": Native("tau_fac"),
            },
            {"u": Native("u"), "x": Native("x"), "y": Native("y")},
        ),
        "StepCurrentSource": NativeModel(
            "step_current_generator", {"times": Native("times"), "amplitudes": Native("amplitudes", KILO)}
        ),
        "CurrentInjection": NativeModel("injection", {}),
    }
)
