"""The table: PyNN's models as NEURON mechanisms, which speak PyNN's units, so that nothing is scaled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from cawan.fast_dataclasses import dataclass, replace
from cawan.simulator import Native, NativeModel, Ragged, Values
from pyNN.compartments import compartments_row
from pyNN.recipes import RECIPES, Port, Recipe, cell_row, point_neuron_row, stdp_rows, synapse_row

KINDS: Mapping[str, int] = MappingProxyType({"CurrExp": 0, "CondExp": 1, "CondAlpha": 2, "CondBeta": 3, "Delta": 4})
MEMBRANES: Mapping[str, str] = MappingProxyType(
    {
        "LIF": "CawanLIF", "Facets": "CawanLIF", "GsfaGrr": "CawanLIF", "AdExp": "CawanAdExp",
        "Izhikevich": "CawanIzhikevich", "HH": "CawanTraub", "GIF": "CawanGIF",
    }
)  # fmt: skip
PORTS = 8  # of every mechanism that includes ports.inc
_OF_PORTS: Mapping[str, str] = MappingProxyType(
    {
        "tau_syn": "tau_decay", "tau_rise": "tau_rise", "tau_decay": "tau_decay", "e_syn": "e_rev", "gsyn": "g",
        "isyn": "g",
    }
)  # fmt: skip
_EXPONENTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "AdditiveWeightDependence": (0.0, 0.0),
        "MultiplicativeWeightDependence": (1.0, 1.0),
        "AdditivePotentiationMultiplicativeDepression": (0.0, 1.0),
    }
)


@dataclass(frozen=True, slots=True)
class Mechanism:
    """What a cell's mechanism is told beside the user's parameters: the kind of each port."""

    kinds: tuple[int, ...]
    ports_are_kinds: bool = True  # False: one `shape` for both ports


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rule CawanSTDP follows; mu_plus and mu_minus where they are no parameters."""

    vogels: bool
    exponents: tuple[float, float] | None


def _renamed(row: NativeModel, mechanism: str, names: Mapping[str, str], details: object = None) -> NativeModel:
    def under(table: Mapping[str, Native]) -> dict[str, Native]:
        return {name: replace(native, name=names.get(name, name)) for name, native in table.items()}

    return replace(
        row, name=mechanism, parameters=under(row.parameters), variables=under(row.variables), details=details
    )


def _names_of_ports(ports: Sequence[Port]) -> dict[str, str]:
    """The cell's name → the mechanism's, such as ``tau_syn_E`` → ``tau_decay[0]``."""
    names = {"v": "vm"}
    for number, port in enumerate(ports):
        for part, name in port.names.items():
            if part in _OF_PORTS:
                names[name] = f"{_OF_PORTS[part]}[{number}]"
    return names


def _leaky(name: str, shape: int) -> NativeModel:
    names = {
        "v": "vm", "tau_syn_E": "tau_decay[0]", "tau_syn_I": "tau_decay[1]", "isyn_exc": "g[0]", "isyn_inh": "g[1]",
    }  # fmt: skip
    return _renamed(cell_row(name), "CawanLeaky", names, Mechanism((shape, shape), ports_are_kinds=False))


def _composed(row: NativeModel, recipe: Recipe) -> NativeModel:
    kinds = tuple(KINDS[port.kind] for port in recipe.ports)
    return _renamed(row, MEMBRANES[recipe.membrane], _names_of_ports(recipe.ports), Mechanism(kinds))


def _facets() -> NativeModel:
    """A leaky membrane of fixed capacitance; its time constant follows from g_leak, nS."""
    row = _composed(cell_row("IF_facets_hardware1"), RECIPES["IF_facets_hardware1"])
    own = {**row.parameters, "g_leak": Native("tau_m")}
    for name, default in (("cm", 0.2), ("tau_refrac", 1.0), ("e_rev[0]", 0.0), ("i_offset", 0.0)):
        own[name] = Native(name, default=default)
    return replace(row, parameters=own, computed=_time_constant)


def _time_constant(values: Mapping[str, Values]) -> Mapping[str, Values]:
    leak = values.get("g_leak")
    if leak is None or isinstance(leak, Ragged):
        return {}
    return {"tau_m": 200.0 / leak if isinstance(leak, float) else 200.0 / np.asarray(leak)}


def point_neuron(parts: Sequence[str]) -> NativeModel:
    """The row of a PointNeuron.

    Raises
    ------
    LookupError
        A part is none of PyNN's, or there are more receptors than a mechanism has ports.
    """
    row = point_neuron_row(parts)
    recipe = row.details
    if not isinstance(recipe, Recipe):
        raise LookupError(parts[0])
    if len(recipe.ports) > PORTS:
        raise LookupError(f"A PointNeuron has {len(recipe.ports)} receptors; on NEURON at most {PORTS}.")
    return _composed(row, recipe)


def _stdp() -> dict[str, NativeModel]:
    made = {}
    for name, row in stdp_rows().items():
        _, timing, bounds = name.split("+")
        rule = Rule(timing == "Vogels2011Rule", _EXPONENTS.get(bounds))
        made[name] = replace(row, name="CawanSTDP", details=rule)
    return made


def _chance(name: str, sites: int | None, variables: Sequence[str] = ()) -> NativeModel:
    """``sites``: their number, 0 where a spike passes or not; None where the user gives it."""
    return _renamed(synapse_row(name, variables), "CawanChance", {"n": "sites"}, sites)


_CELLS: Mapping[str, NativeModel] = {
    "IF_curr_exp": _leaky("IF_curr_exp", 0),
    "IF_curr_alpha": _leaky("IF_curr_alpha", 2),
    "IF_curr_delta": _leaky("IF_curr_delta", 4),
    "IF_cond_exp": _composed(cell_row("IF_cond_exp"), Recipe("LIF", RECIPES["IF_facets_hardware1"].ports)),
    **{name: _composed(cell_row(name), recipe) for name, recipe in RECIPES.items()},
    "IF_facets_hardware1": _facets(),
    **{f"PointNeuron+{membrane}": point_neuron([membrane]) for membrane in ("LIF", "AdExp")},
    "MultiCompartmentNeuron": compartments_row((), (), "NEURON"),
    "SpikeSourceArray": NativeModel("CawanSource", {"spike_times": Native("spike_times")}),
    # for setup(native_poisson=True) alone; else PyNN makes the spikes
    "SpikeSourcePoisson": replace(cell_row("SpikeSourcePoisson"), name="CawanPoisson"),
}
_SYNAPSES: Mapping[str, NativeModel] = {
    "StaticSynapse": replace(synapse_row("StaticSynapse"), name="NetCon"),
    "TsodyksMarkramSynapse": replace(synapse_row("TsodyksMarkramSynapse", ("u", "x", "y")), name="CawanTsodyks"),
    "SimpleStochasticSynapse": _chance("SimpleStochasticSynapse", 0),
    "StochasticTsodyksMarkramSynapse": _chance("StochasticTsodyksMarkramSynapse", 1, ("u",)),
    "MultiQuantalSynapse": _chance("MultiQuantalSynapse", None, ("u",)),
    "ElectricalSynapse": replace(synapse_row("ElectricalSynapse", symmetric=True), name="CawanGap"),
    **_stdp(),
}
_CURRENTS: Mapping[str, NativeModel] = {
    "StepCurrentSource": NativeModel("CawanCurrent", {name: Native(name) for name in ("times", "amplitudes")}),
    "CurrentInjection": NativeModel("injection", {}),
}
MODELS: Mapping[str, NativeModel] = MappingProxyType({**_CELLS, **_SYNAPSES, **_CURRENTS})
