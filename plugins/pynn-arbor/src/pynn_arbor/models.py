"""The table: PyNN's models by their own names and units, so that nothing is scaled; and the columns of each membrane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from cawan.simulator import Native, NativeModel, Ragged, Values
from pyNN.recipes import RECIPES, Port, Recipe, cell_row, point_neuron_row, synapse_row

MEMBRANES: Mapping[str, int] = MappingProxyType(
    {"Exact": 0, "LIF": 1, "Facets": 1, "GsfaGrr": 1, "AdExp": 2, "Izhikevich": 3, "HH": 4, "GIF": 5, "Source": 6}
)
KINDS: Mapping[str, int] = MappingProxyType(
    {"CurrExp": 0, "CondExp": 1, "CondAlpha": 2, "CondBeta": 3, "Delta": 4, "CurrAlpha": 5}
)
_ALL = ("v", "v_rest", "cm", "tau_m", "tau_refrac", "v_thresh", "v_reset", "i_offset")
_OWN: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        0: (),
        1: ("g_s", "tau_sfa", "e_rev_sfa", "q_sfa", "g_r", "tau_rr", "e_rev_rr", "q_rr"),
        2: ("w", "v_spike", "a", "b", "delta_T", "tau_w"),
        3: ("u", "a", "b", "c", "d"),
        4: ("m", "h", "n", "gbar_Na", "gbar_K", "g_leak", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak"),
        5: ("i_eta", "v_t", "v_t_star", "delta_v", "lambda0"),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SynapseKind:
    """A kind of synapse in the catalogue: its number, and its columns in order; ``state`` changes at spikes."""

    number: int
    columns: tuple[str, ...]
    state: Mapping[str, float]


def columns_of(recipe: Recipe) -> tuple[str, ...]:
    """The columns of a membrane, in the catalogue's order."""
    return (*_ALL, *_OWN[MEMBRANES[recipe.membrane]])


def _exact(kind: str) -> Recipe:
    ports = []
    for side, letter in (("exc", "E"), ("inh", "I")):
        names = {"tau_syn": f"tau_syn_{letter}", "isyn": f"isyn_{side}", "rise": f"rise_{side}"}
        ports.append(Port(kind, MappingProxyType({} if kind == "Delta" else names)))
    return Recipe("Exact", tuple(ports))


def _facets() -> NativeModel:
    """A leaky membrane of fixed capacitance; its time constant follows from g_leak, nS."""
    row = cell_row("IF_facets_hardware1")
    own = {**row.parameters, "g_leak": Native("tau_m")}
    for name, default in (("cm", 0.2), ("tau_refrac", 1.0), ("e_rev_E", 0.0), ("i_offset", 0.0)):
        own[name] = Native(name, default=default)
    return replace(row, parameters=own, computed=_time_constant)


def _time_constant(values: Mapping[str, Values]) -> Mapping[str, Values]:
    leak = values.get("g_leak")
    if leak is None or isinstance(leak, Ragged):
        return {}
    return {"tau_m": 200.0 / leak if isinstance(leak, float) else 200.0 / np.asarray(leak)}


def _synapse(name: str, number: int, columns: tuple[str, ...], state: Mapping[str, float], *seen: str) -> NativeModel:
    row = synapse_row(name, seen)
    fixed = {**row.parameters, "delay": replace(row.parameters["delay"], fixed=True)}
    return replace(row, parameters=fixed, details=SynapseKind(number, columns, MappingProxyType(dict(state))))


_QUANTAL = ("weight", "U", "tau_rec", "tau_facil", "u", "last", "n")
MODELS: Mapping[str, NativeModel] = MappingProxyType(
    {
        "IF_curr_exp": replace(cell_row("IF_curr_exp"), details=_exact("CurrExp")),
        "IF_curr_alpha": replace(cell_row("IF_curr_alpha"), details=_exact("CurrAlpha")),
        "IF_curr_delta": replace(cell_row("IF_curr_delta"), details=_exact("Delta")),
        "IF_cond_exp": replace(
            cell_row("IF_cond_exp"), details=Recipe("LIF", RECIPES["IF_facets_hardware1"].ports)
        ),
        **{name: cell_row(name) for name in RECIPES},
        "IF_facets_hardware1": _facets(),
        **{f"PointNeuron+{membrane}": point_neuron_row([membrane]) for membrane in ("LIF", "AdExp")},
        "SpikeSourceArray": cell_row("SpikeSourceArray"),
        "StaticSynapse": _synapse("StaticSynapse", 0, ("weight",), {}),
        "TsodyksMarkramSynapse": _synapse(
            "TsodyksMarkramSynapse", 1, ("weight", "U", "tau_rec", "tau_facil", "u", "last", "x", "y"),
            {"u": 0.0, "x": 1.0, "y": 0.0, "last": 0.0}, "u", "x", "y",
        ),
        "SimpleStochasticSynapse": _synapse("SimpleStochasticSynapse", 2, ("weight", "p"), {}),
        "StochasticTsodyksMarkramSynapse": _synapse(
            "StochasticTsodyksMarkramSynapse", 3, _QUANTAL, {"u": 0.0, "last": 0.0, "n": 1.0}, "u"
        ),
        "MultiQuantalSynapse": _synapse("MultiQuantalSynapse", 3, _QUANTAL, {"u": 0.0, "last": 0.0}, "u"),
        "StepCurrentSource": NativeModel("StepCurrentSource", {n: Native(n) for n in ("times", "amplitudes")}),
        "CurrentInjection": NativeModel("CurrentInjection", {}),
    }
)  # fmt: skip
