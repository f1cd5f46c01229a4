"""The table: the engine speaks PyNN's own names and units, so nothing is scaled."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cawan.simulator import Native, NativeModel, Receptor

_MEMBRANE = ("v_rest", "cm", "tau_m", "tau_refrac", "v_thresh", "v_reset", "i_offset", "tau_syn_E", "tau_syn_I")
_CURRENTS = ("v", "isyn_exc", "isyn_inh")
_CONDUCTANCES = ("v", "gsyn_exc", "gsyn_inh")
_RECEPTORS = {"excitatory": Receptor(0), "inhibitory": Receptor(1)}


def _same(*names: str) -> dict[str, Native]:
    return {name: Native(name, is_weight=name == "weight") for name in names}


def _cell(name: str, parameters: tuple[str, ...], variables: tuple[str, ...]) -> NativeModel:
    return NativeModel(name, _same(*parameters), _same(*variables), _RECEPTORS)


_CELLS = (
    _cell("IF_curr_exp", _MEMBRANE, _CURRENTS),
    _cell("IF_curr_alpha", _MEMBRANE, _CURRENTS),
    _cell("IF_cond_exp", (*_MEMBRANE, "e_rev_E", "e_rev_I"), _CONDUCTANCES),
)
_OTHERS = (
    NativeModel("SpikeSourceArray", _same("spike_times")),
    NativeModel("StaticSynapse", _same("weight", "delay")),
    NativeModel(
        "TsodyksMarkramSynapse", _same("weight", "delay", "U", "tau_rec", "tau_facil"), _same("u", "x", "y")
    ),
    NativeModel("StepCurrentSource", _same("times", "amplitudes")),
    NativeModel("CurrentInjection", {}),
)

MODELS: Mapping[str, NativeModel] = MappingProxyType({model.name: model for model in (*_CELLS, *_OTHERS)})
