"""The table: the reference speaks PyNN's own names and units, so nothing is scaled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cawan.simulator import Native, NativeModel, Receptor

from pyNN.standardmodels import cells, synapses

_WEIGHTS = frozenset({"weight"})


def _parameters(model: Any) -> dict[str, Native]:
    return {name: Native(name, is_weight=name in _WEIGHTS) for name in model.parameters}


def _cell(model: Any) -> NativeModel:
    return NativeModel(
        model.__name__,
        _parameters(model),
        {name: Native(name) for name in model.variables},
        {name: Receptor(port) for port, name in enumerate(model.receptor_types)},
    )


MODELS: Mapping[str, NativeModel] = {
    **{
        model.__name__: _cell(model)
        for model in (cells.IF_curr_exp, cells.IF_curr_alpha, cells.IF_cond_exp, cells.SpikeSourceArray)
    },
    "StaticSynapse": NativeModel("StaticSynapse", _parameters(synapses.StaticSynapse)),
    "TsodyksMarkramSynapse": NativeModel(
        "TsodyksMarkramSynapse",
        _parameters(synapses.TsodyksMarkramSynapse),
        {name: Native(name) for name in ("u", "x", "y")},
    ),
    "StepCurrentSource": NativeModel("StepCurrentSource", {n: Native(n) for n in ("times", "amplitudes")}),
    "CurrentInjection": NativeModel("CurrentInjection", {}),
}
