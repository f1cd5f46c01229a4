"""The table: cells are Brian equations of ours, whose variables have PyNN's names and units, so nothing is scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from cawan.fast_dataclasses import dataclass, replace
from cawan.simulator import Native, NativeModel, Receptor
from pyNN.recipes import RECIPES, Port, Recipe, cell_row, point_neuron_row, stdp_rows, synapse_row


def _two(kind: str, **names: str) -> tuple[Port, Port]:
    """The excitatory and the inhibitory receptor; ``names`` have ``{side}`` or ``{letter}`` in them."""
    excitatory, inhibitory = (
        Port(kind, MappingProxyType({key: name.format(side=side, letter=letter) for key, name in names.items()}))
        for side, letter in (("exc", "E"), ("inh", "I"))
    )
    return excitatory, inhibitory


_CURRENT = {"tau_syn": "tau_syn_{letter}", "isyn": "isyn_{side}", "rise": "rise_{side}"}
_CONDUCTANCE = {"tau_syn": "tau_syn_{letter}", "e_syn": "e_rev_{letter}", "gsyn": "gsyn_{side}"}
# "Exact" is a leaky membrane with currents alone, whose equations are linear.
OWN_RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "IF_curr_exp": Recipe("Exact", _two("CurrExp", **_CURRENT)),
        "IF_curr_alpha": Recipe("Exact", _two("CurrAlpha", **_CURRENT)),
        "IF_curr_delta": Recipe("Exact", _two("Delta")),
        "IF_cond_exp": Recipe("LIF", _two("CondExp", **_CONDUCTANCE)),
        **RECIPES,
    }
)


DRAWN = ("SpikeSourcePoisson", "SpikeSourcePoissonRefractory")
_CENTIMETRE = {"cm": "c_m"}  # Brian reads cm as a length


def _renamed(natives: Mapping[str, Native]) -> dict[str, Native]:
    return {name: replace(native, name=_CENTIMETRE.get(native.name, native.name)) for name, native in natives.items()}


def _cell(name: str) -> NativeModel:
    row = cell_row(name)
    return replace(row, parameters=_renamed(row.parameters), details=OWN_RECIPES[name])


def point_neuron(parts: Sequence[str]) -> NativeModel:
    """The row of a PointNeuron: a receptor's names end in its number, as what a user calls it is no Brian name.

    Raises
    ------
    LookupError
        A part is none of PyNN's.
    """
    row = point_neuron_row(parts)
    if not isinstance(row.details, Recipe):
        raise TypeError("the row of a PointNeuron has its recipe")
    numbers = {name: port for port, name in enumerate(row.receptors)}

    def own(name: str) -> str:
        receptor, dot, key = name.partition(".")
        return f"{key}_{numbers[receptor]}" if dot else _CENTIMETRE.get(name, name)

    ports = tuple(
        Port(port.kind, MappingProxyType({key: own(name) for key, name in port.names.items()}))
        for port in row.details.ports
    )
    return replace(
        row,
        parameters={name: replace(native, name=own(native.name)) for name, native in row.parameters.items()},
        variables={name: replace(native, name=own(native.name)) for name, native in row.variables.items()},
        details=Recipe(row.details.membrane, ports),
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """Which synapse a row is: ``static``, ``tsodyks``, ``chance``, ``quantal``, ``stdp``, ``vogels`` or ``gap``."""

    name: str
    bounds: str = ""


def _plastic() -> dict[str, NativeModel]:
    rows = {}
    for name, row in stdp_rows().items():
        _, timing, bounds = name.split("+")
        rows[name] = replace(row, details=Kind("vogels" if timing == "Vogels2011Rule" else "stdp", bounds))
    return rows


def _synapse(name: str, kind: str, *variables: str, symmetric: bool = False) -> NativeModel:
    return replace(synapse_row(name, variables, symmetric=symmetric), details=Kind(kind))


MODELS: Mapping[str, NativeModel] = MappingProxyType(
    {
        **{name: _cell(name) for name in OWN_RECIPES},
        **{f"PointNeuron+{membrane}": point_neuron([membrane]) for membrane in ("LIF", "AdExp")},
        "SpikeSourceArray": NativeModel("SpikeSourceArray", {"spike_times": Native("spike_times")}),
        # for setup(native_poisson=True) alone; else PyNN makes the spikes
        **{name: cell_row(name) for name in DRAWN},
        "StaticSynapse": _synapse("StaticSynapse", "static"),
        "TsodyksMarkramSynapse": _synapse("TsodyksMarkramSynapse", "tsodyks", "u", "x", "y"),
        "SimpleStochasticSynapse": _synapse("SimpleStochasticSynapse", "chance"),
        "StochasticTsodyksMarkramSynapse": _synapse("StochasticTsodyksMarkramSynapse", "quantal", "u"),
        "MultiQuantalSynapse": _synapse("MultiQuantalSynapse", "quantal", "u"),
        "ElectricalSynapse": _synapse("ElectricalSynapse", "gap", symmetric=True),
        **_plastic(),
        "StepCurrentSource": NativeModel("StepCurrentSource", {n: Native(n) for n in ("times", "amplitudes")}),
        "CurrentInjection": NativeModel("CurrentInjection", {}, receptors={"": Receptor()}),
    }
)
