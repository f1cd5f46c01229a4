"""The table: PyNN's models by their own names and units, so that nothing is scaled; the columns of each membrane."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from cawan.fast_dataclasses import dataclass, replace
from cawan.simulator import Native, NativeModel, Ragged, Values
from pyNN.compartments import compartments_row
from pyNN.recipes import RECIPES, Port, Recipe, cell_row, point_neuron_row, stdp_rows, synapse_row

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
    """A kind of synapse in the catalogue: its number, and its columns in order.

    Attributes
    ----------
    state
        Columns that are no parameters, and what they begin with.
    """

    number: int
    columns: tuple[str, ...]
    state: Mapping[str, float]

    @property
    def draws(self) -> bool:
        """Whether chance has a say."""
        return self.number in (2, 3)

    @property
    def learns(self) -> bool:
        """Whether it hears of postsynaptic spikes."""
        return self.number in (4, 5)


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


def _synapse(row: NativeModel, number: int, columns: tuple[str, ...], state: Mapping[str, float]) -> NativeModel:
    """Delays are Arbor's, which cannot change once it runs."""
    once = ("delay", "dendritic_delay_fraction", "n")
    fixed = {name: replace(native, fixed=name in once) for name, native in row.parameters.items()}
    return replace(row, parameters=fixed, details=SynapseKind(number, columns, MappingProxyType(dict(state))))


_EXPONENTS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "AdditiveWeightDependence": (0.0, 0.0),
        "MultiplicativeWeightDependence": (1.0, 1.0),
        "AdditivePotentiationMultiplicativeDepression": (0.0, 1.0),
        "GutigWeightDependence": (1.0, 1.0),
    }
)
_TRACES: Mapping[str, float] = MappingProxyType(
    {
        "pre_before": 0.0, "pre_count": 0.0, "pre_last": -1.0, "post_before": 0.0, "post_count": 0.0,
        "post_last": -1.0, "heard": -1.0,
    }
)  # fmt: skip


def _learning() -> dict[str, NativeModel]:
    made = {}
    for name, row in stdp_rows().items():
        _, timing, bounds = name.split("+")
        vogels = timing == "Vogels2011Rule"
        own = ("eta", "rho", "tau", "tau") if vogels else ("A_plus", "A_minus", "tau_plus", "tau_minus")
        columns = ("weight", "w_min", "w_max", *own, "mu_plus", "mu_minus", *_TRACES)
        state = dict(zip(("mu_plus", "mu_minus"), _EXPONENTS[bounds], strict=True)) | dict(_TRACES)
        made[name] = _synapse(row, 5 if vogels else 4, columns, state)
    return made


_TSODYKS = ("weight", "U", "tau_rec", "tau_facil", "u", "last", "x", "y")
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
        "MultiCompartmentNeuron": compartments_row((), (), "Arbor"),
        "SpikeSourceArray": cell_row("SpikeSourceArray"),
        "StaticSynapse": _synapse(synapse_row("StaticSynapse"), 0, ("weight",), {}),
        "TsodyksMarkramSynapse": _synapse(
            synapse_row("TsodyksMarkramSynapse", ("u", "x", "y")), 1, _TSODYKS,
            {"u": 0.0, "x": 1.0, "y": 0.0, "last": 0.0},
        ),
        "SimpleStochasticSynapse": _synapse(synapse_row("SimpleStochasticSynapse"), 2, ("weight", "p"), {}),
        "StochasticTsodyksMarkramSynapse": _synapse(
            synapse_row("StochasticTsodyksMarkramSynapse", ("u",)), 3, _QUANTAL, {"u": 0.0, "last": 0.0, "n": 1.0}
        ),
        "MultiQuantalSynapse": _synapse(
            synapse_row("MultiQuantalSynapse", ("u",)), 3, _QUANTAL, {"u": 0.0, "last": 0.0}
        ),
        **_learning(),
        "ElectricalSynapse": synapse_row("ElectricalSynapse", symmetric=True),
        "StepCurrentSource": NativeModel("StepCurrentSource", {n: Native(n) for n in ("times", "amplitudes")}),
        "CurrentInjection": NativeModel("CurrentInjection", {}),
    }
)  # fmt: skip
