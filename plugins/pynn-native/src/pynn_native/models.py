"""The table: the engine speaks PyNN's own names and units, so nothing is scaled."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cawan.simulator import Native, NativeModel
from pyNN.recipes import RECIPES, Recipe, cell_row, point_neuron_row, stdp_rows, synapse_row

_EXACT = ("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "SpikeSourceArray")

MODELS: Mapping[str, NativeModel] = MappingProxyType(
    {
        **{name: cell_row(name) for name in (*_EXACT, *RECIPES)},
        **{f"PointNeuron+{membrane}": point_neuron_row([membrane]) for membrane in ("LIF", "AdExp")},
        "StaticSynapse": synapse_row("StaticSynapse"),
        "TsodyksMarkramSynapse": synapse_row("TsodyksMarkramSynapse", ("u", "x", "y")),
        "SimpleStochasticSynapse": synapse_row("SimpleStochasticSynapse"),
        "StochasticTsodyksMarkramSynapse": synapse_row("StochasticTsodyksMarkramSynapse", ("u",)),
        "MultiQuantalSynapse": synapse_row("MultiQuantalSynapse", ("u",)),
        "ElectricalSynapse": synapse_row("ElectricalSynapse", symmetric=True),
        **stdp_rows(),
        "StepCurrentSource": NativeModel("StepCurrentSource", {n: Native(n) for n in ("times", "amplitudes")}),
        "CurrentInjection": NativeModel("CurrentInjection", {}),
    }
)


def kind_of(model: NativeModel) -> str:
    """What the engine calls a cell: its name, or its membrane and ports, each on a line of its own."""
    if not isinstance(model.details, Recipe):
        return model.name
    lines = ["composed", model.details.membrane]
    for port in model.details.ports:
        own = port.names
        g = own.get("gsyn", own.get("isyn", ""))
        rise = own.get("tau_rise", "")
        decay = own.get("tau_decay", own.get("tau_syn", ""))
        fed = own.get("rise", "") if port.kind in ("CondAlpha", "CondBeta") else ""
        reversal = "" if port.kind == "CurrExp" else own.get("e_syn", "")
        lines.append("\t".join((port.kind, g, fed, reversal, rise, decay)))
    return "\n".join(lines)
