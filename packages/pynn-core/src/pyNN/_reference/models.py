"""The table: the reference speaks PyNN's own names and units, so nothing is scaled."""

from __future__ import annotations

from collections.abc import Mapping

from cawan.simulator import Native, NativeModel

from pyNN.recipes import RECIPES, cell_row, point_neuron_row, stdp_rows, synapse_row

_EXACT = ("IF_curr_exp", "IF_curr_alpha", "IF_curr_delta", "IF_cond_exp", "SpikeSourceArray")

MODELS: Mapping[str, NativeModel] = {
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
