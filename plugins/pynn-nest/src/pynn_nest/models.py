"""The table: what each standard model is on NEST. NEST counts in pF, pA and nS; PyNN in nF, nA and µS."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cawan.fast_dataclasses import replace
from cawan.simulator import Native, NativeModel, Receptor

from pynn_nest.composed import COMPOSED
from pynn_nest.drawn import DRAWN
from pynn_nest.membranes import ADAPTIVE, KILO, LEAKY, leak
from pynn_nest.plastic import PLASTIC

_SHARED = {**LEAKY, "tau_syn_E": Native("tau_syn_ex"), "tau_syn_I": Native("tau_syn_in")}
_CURRENT = {**_SHARED, "tau_m": Native("tau_m")}
# NEST's current-based cells tell the receptor by the sign of the weight, and PyNN's weights carry that sign.
_CURRENT_RECEPTORS = {
    "excitatory": Receptor("tau_syn_ex", KILO),
    "inhibitory": Receptor("tau_syn_in", KILO),
}


# What happens to be called Receptor.port is the parameter that holds the receptor's time constant: a
# Tsodyks-Markram synapse needs it.
_CONDUCTANCE_RECEPTORS = {
    "excitatory": Receptor("tau_syn_ex", KILO),
    "inhibitory": Receptor("tau_syn_in", -KILO),  # a negative weight makes a conductance inhibitory
}
_JUMPS = {"excitatory": Receptor(None), "inhibitory": Receptor(None)}  # weights in mV
_REVERSAL = {"e_rev_E": Native("E_ex"), "e_rev_I": Native("E_in")}
_CONDUCTANCES = {"v": Native("V_m"), "gsyn_exc": Native("g_ex", KILO), "gsyn_inh": Native("g_in", KILO)}
_ADAPTIVE = {**_SHARED, **ADAPTIVE, **_REVERSAL}
_SIZES = {"gbar_Na": "g_Na", "gbar_K": "g_K", "g_leak": "g_L", "cm": "C_m", "i_offset": "I_e"}
_HODGKIN_HUXLEY = {
    **{name: Native(native, KILO) for name, native in _SIZES.items()},
    **_REVERSAL,
    "v_offset": Native("V_T"),
    "e_rev_Na": Native("E_Na"),
    "e_rev_K": Native("E_K"),
    "e_rev_leak": Native("E_L"),
    "tau_syn_E": Native("tau_syn_ex"),
    "tau_syn_I": Native("tau_syn_in"),
}
_GENERALISED = {
    **{name: native for name, native in _SHARED.items() if name != "v_thresh"},
    **_REVERSAL,
    "delta_v": Native("Delta_V"),
    "v_t_star": Native("V_T_star"),
    "lambda0": Native("lambda_0"),
    "tau_eta": Native("tau_stc"),
    "tau_gamma": Native("tau_sfa"),
    "a_eta": Native("q_stc", KILO),
    "a_gamma": Native("q_sfa"),
}
_FACETS = {
    **{name: _SHARED[name] for name in ("v_rest", "tau_syn_E", "tau_syn_I", "v_thresh", "v_reset")},
    "g_leak": Native("g_L"),
    "e_rev_I": Native("E_in"),
    "C_m": Native("C_m", default=200.0),
    "t_ref": Native("t_ref", default=1.0),
    "E_ex": Native("E_ex", default=0.0),
}
_SAGGING = {
    **_SHARED,
    **_REVERSAL,
    "tau_sfa": Native("tau_sfa"),
    "e_rev_sfa": Native("E_sfa"),
    "q_sfa": Native("q_sfa"),
    "tau_rr": Native("tau_rr"),
    "e_rev_rr": Native("E_rr"),
    "q_rr": Native("q_rr"),
}


def _conductance(name: str, parameters: Mapping[str, Native], **more: Native) -> NativeModel:
    return NativeModel(name, parameters, {**_CONDUCTANCES, **more}, _CONDUCTANCE_RECEPTORS, computed=leak)


_CELLS: Mapping[str, NativeModel] = {
    "IF_curr_exp": NativeModel("iaf_psc_exp", _CURRENT, {"v": Native("V_m")}, _CURRENT_RECEPTORS),
    "IF_curr_alpha": NativeModel("iaf_psc_alpha", _CURRENT, {"v": Native("V_m")}, _CURRENT_RECEPTORS),
    "IF_curr_delta": NativeModel(
        "iaf_psc_delta",
        {name: native for name, native in _CURRENT.items() if not name.startswith("tau_syn")},
        {"v": Native("V_m")},
        _JUMPS,
    ),
    "IF_cond_exp": _conductance("iaf_cond_exp", {**_SHARED, **_REVERSAL}),
    "IF_cond_alpha": _conductance("iaf_cond_alpha", {**_SHARED, **_REVERSAL}),
    "IF_cond_exp_gsfa_grr": _conductance("iaf_cond_exp_sfa_rr", _SAGGING, g_s=Native("g_sfa"), g_r=Native("g_rr")),
    "IF_facets_hardware1": NativeModel("iaf_cond_exp", _FACETS, _CONDUCTANCES, _CONDUCTANCE_RECEPTORS),
    "EIF_cond_exp_isfa_ista": _conductance("aeif_cond_exp", _ADAPTIVE, w=Native("w", KILO)),
    "EIF_cond_alpha_isfa_ista": _conductance("aeif_cond_alpha", _ADAPTIVE, w=Native("w", KILO)),
    "HH_cond_exp": NativeModel(
        "hh_cond_exp_traub",
        _HODGKIN_HUXLEY,
        {**_CONDUCTANCES, "m": Native("Act_m"), "h": Native("Inact_h"), "n": Native("Act_n")},
        _CONDUCTANCE_RECEPTORS,
    ),
    "GIF_cond_exp": NativeModel(
        "gif_cond_exp",
        _GENERALISED,
        {**_CONDUCTANCES, "i_eta": Native("I_stc", KILO), "v_t": Native("E_sfa")},
        _CONDUCTANCE_RECEPTORS,
        computed=leak,
        keyed=False,
    ),
    "Izhikevich": NativeModel(
        "izhikevich",
        {**{name: Native(name) for name in "abcd"}, "i_offset": Native("I_e", KILO)},
        {"v": Native("V_m"), "u": Native("U_m")},
        _JUMPS,
    ),
    "SpikeSourceArray": NativeModel("spike_generator", {"spike_times": Native("spike_times")}),
}
_OTHERS: Mapping[str, NativeModel] = {
    "StepCurrentSource": NativeModel(
        "step_current_generator", {"times": Native("times"), "amplitudes": Native("amplitudes", KILO)}
    ),
    "CurrentInjection": NativeModel("injection", {}),
}
# NEST's models whose spikes lie between the steps of the clock (Hanuschkin et al. 2010, doi:10.3389/fninf.2010.00113).
PRECISE: Mapping[str, NativeModel] = MappingProxyType(
    {name: replace(_CELLS[name], name=f"{_CELLS[name].name}_ps") for name in _CELLS if name.startswith("IF_curr_")}
)
MODELS: Mapping[str, NativeModel] = MappingProxyType({**_CELLS, **COMPOSED, **DRAWN, **PLASTIC, **_OTHERS})
