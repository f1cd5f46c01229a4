"""What the standard cells are made of: a membrane, and receptors by port; and their rows in PyNN's own names.

For a backend that computes the equations itself, such as the reference and the native engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cawan.fast_dataclasses import dataclass
from cawan.simulator import Native, NativeModel, Receptor

from pyNN.standardmodels import cells, receptors, synapses
from pyNN.standardmodels.base import ModelType

WEIGHTS = frozenset({"weight", "w_min", "w_max", "eta"})


@dataclass(frozen=True, slots=True)
class Port:
    """One receptor of a cell.

    Attributes
    ----------
    kind
        ``CurrExp``, ``CondExp``, ``CondAlpha``, ``CondBeta`` or ``Delta`` (the weight adds to v).
    names
        The receptor's ``tau_syn`` or ``tau_rise`` and ``tau_decay``, ``e_syn``, ``gsyn`` or ``isyn`` → the cell's name.
    """

    kind: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A cell: its membrane's name, and its receptors in the order of their ports."""

    membrane: str
    ports: tuple[Port, ...]


def _two(kind: str) -> tuple[Port, Port]:
    """The excitatory and the inhibitory receptor of a standard cell."""
    made = []
    for side, letter in (("exc", "E"), ("inh", "I")):
        names = {
            "tau_syn": f"tau_syn_{letter}",
            "e_syn": f"e_rev_{letter}",
            "gsyn": f"gsyn_{side}",
            "rise": f"rise_{side}",
        }
        made.append(Port(kind, MappingProxyType({} if kind == "Delta" else names)))
    return made[0], made[1]


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "IF_cond_alpha": Recipe("LIF", _two("CondAlpha")),
        "IF_cond_exp_gsfa_grr": Recipe("GsfaGrr", _two("CondExp")),
        "IF_facets_hardware1": Recipe("Facets", _two("CondExp")),
        "EIF_cond_exp_isfa_ista": Recipe("AdExp", _two("CondExp")),
        "EIF_cond_alpha_isfa_ista": Recipe("AdExp", _two("CondAlpha")),
        "HH_cond_exp": Recipe("HH", _two("CondExp")),
        "GIF_cond_exp": Recipe("GIF", _two("CondExp")),
        "Izhikevich": Recipe("Izhikevich", _two("Delta")),
    }
)
_KINDS = {
    "CurrExpPostSynapticResponse": "CurrExp",
    "CondExpPostSynapticResponse": "CondExp",
    "CondAlphaPostSynapticResponse": "CondAlpha",
    "CondBetaPostSynapticResponse": "CondBeta",
}


def cell_row(name: str) -> NativeModel:
    """The row of a standard cell or source in PyNN's own names and units."""
    model: Any = getattr(cells, name)
    return NativeModel(
        name,
        same_names(model),
        {variable: Native(variable) for variable in model.variables},
        {receptor: Receptor(port) for port, receptor in enumerate(model.receptor_types)},
        details=RECIPES.get(name),
    )


def point_neuron_row(parts: Sequence[str]) -> NativeModel:
    """The row of a PointNeuron in PyNN's own names: a membrane, then ``name=receptor`` for each.

    Raises
    ------
    LookupError
        A part is none of PyNN's.
    """
    membrane = {"LIF": cells.LIF, "AdExp": cells.AdExp}[parts[0]]
    parameters = same_names(membrane)
    variables = {name: Native(name) for name in membrane.variables}
    ports = {}
    for part in parts[1:]:
        name, _, kind = part.partition("=")
        found = _KINDS[kind]  # LookupError where there is no such kind
        receptor: Any = getattr(receptors, kind)
        own = [key for key in receptor.parameters if key != "locations"]
        parameters |= {f"{name}.{key}": Native(f"{name}.{key}") for key in own}
        variables |= {f"{name}.{key}": Native(f"{name}.{key}") for key in receptor.variables}
        names = {key: f"{name}.{key}" for key in (*own, *receptor.variables, "rise")}
        ports[name] = Port(found, MappingProxyType(names))
    return NativeModel(
        "+".join(("PointNeuron", *parts)),
        parameters,
        variables,
        {name: Receptor(port) for port, name in enumerate(ports)},
        details=Recipe(parts[0], tuple(ports.values())),
    )


def synapse_row(name: str, variables: Sequence[str] = (), *, symmetric: bool = False) -> NativeModel:
    """The row of a standard synapse in PyNN's own names; ``variables``: what the simulation changes."""
    row = same_names(getattr(synapses, name))
    return NativeModel(name, row, {v: Native(v, is_weight=v in WEIGHTS) for v in variables}, symmetric=symmetric)


def stdp_rows() -> dict[str, NativeModel]:
    """The rows of every combination of rules, under ``STDPMechanism+timing+weight``, in PyNN's own names."""
    made = {}
    pair = synapses.SpikePairRule
    for weight_rule in (
        synapses.AdditiveWeightDependence,
        synapses.MultiplicativeWeightDependence,
        synapses.AdditivePotentiationMultiplicativeDepression,
        synapses.GutigWeightDependence,
    ):
        made[f"STDPMechanism+{pair.__name__}+{weight_rule.__name__}"] = _stdp_row(pair, weight_rule)
    vogels, additive = synapses.Vogels2011Rule, synapses.AdditiveWeightDependence
    made[f"STDPMechanism+{vogels.__name__}+{additive.__name__}"] = _stdp_row(vogels, additive)
    return made


def _stdp_row(timing: type[ModelType], bounds: type[ModelType]) -> NativeModel:
    parameters = {**same_names(synapses.STDPMechanism), **same_names(timing), **same_names(bounds)}
    name = f"STDPMechanism+{timing.__name__}+{bounds.__name__}"
    return NativeModel(name, parameters, {"weight": Native("weight", is_weight=True)})


def same_names(model: type[ModelType]) -> dict[str, Native]:
    """Parameters under their own names; weights take the receptor's scale."""
    return {name: Native(name, is_weight=name in WEIGHTS) for name in model.parameters}
