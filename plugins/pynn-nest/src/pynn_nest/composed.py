"""PointNeurons on NEST: its multisynapse models, whose receptors have numbers, and lists of parameters by number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Native, NativeModel, Ragged, Receptor, Values
from pyNN.recipes import Recipe, point_neuron_row

from pynn_nest.membranes import ADAPTIVE, KILO, LEAKY, leak


@dataclass(frozen=True, slots=True)
class Ports:
    """The receptors of a row.

    Attributes
    ----------
    count
        How many; number k has the parameters ``name.k``.
    decay
        The list that holds the time constants with which input decays.
    state
        The list that holds the conductances; number k is recorded as ``state_k``. "" where NEST shows none.
    """

    count: int
    decay: str
    state: str = "g"


def numbered(name: str, port: int) -> str:
    """The name of one receptor's element of a list."""
    return f"{name}.{port}"


def point_neuron(parts: Sequence[str]) -> NativeModel:
    """The row of a PointNeuron of a membrane and ``name=receptor`` for each.

    Raises
    ------
    LookupError
        NEST has no model of these parts.
    """
    row = point_neuron_row(parts)
    if not isinstance(row.details, Recipe):
        raise TypeError("the row of a PointNeuron has its recipe")
    kinds = {port.kind for port in row.details.ports}
    if kinds <= {"CondAlpha"}:
        return _conductances("aeif_cond_alpha_multisynapse", row, {"tau_syn": "tau_syn", "e_syn": "E_rev"})
    if kinds <= {"CondAlpha", "CondBeta"}:
        lists = {"tau_rise": "tau_rise", "tau_decay": "tau_decay", "tau_syn": "tau_decay", "e_syn": "E_rev"}
        return _conductances("aeif_cond_beta_multisynapse", row, lists)
    if kinds == {"CurrExp"} and parts[0] == "LIF":
        own = {**LEAKY, "tau_m": Native("tau_m")}
        parameters = own | _of_ports(row, {"tau_syn": "tau_syn"})
        currents = {f"{receptor}.isyn": Native(f"I_syn_{k}", KILO) for k, receptor in enumerate(row.receptors, 1)}
        return NativeModel("iaf_psc_exp_multisynapse", parameters, {"v": Native("V_m"), **currents}, _receptors(row),
                           details=Ports(len(row.receptors), "tau_syn", ""))  # fmt: skip
    raise LookupError(
        f"NEST has no neuron of {parts[0]} and {', '.join(sorted(kinds))}. It has AdExp and LIF with alpha and beta "
        "conductances, and LIF with exponential currents."
    )


def _conductances(name: str, row: NativeModel, lists: Mapping[str, str]) -> NativeModel:
    adapts = "w" in row.variables
    parameters = {**(ADAPTIVE if adapts else LEAKY), **_of_ports(row, lists)}
    variables = {"v": Native("V_m"), **({"w": Native("w", KILO)} if adapts else {})}
    variables |= {f"{receptor}.gsyn": Native(f"g_{k}", KILO) for k, receptor in enumerate(row.receptors, 1)}
    beta = "tau_rise" in lists
    # An alpha function is the beta function of two equal time constants.
    alphas = {numbered("tau_rise", k): f"{receptor}.tau_syn" for k, receptor in enumerate(row.receptors, 1)
              if beta and f"{receptor}.tau_syn" in row.parameters}  # fmt: skip

    def computed(values: Mapping[str, Values]) -> Mapping[str, Values]:
        rising = {native: values[standard] for native, standard in alphas.items()}
        return {**(leak(values) if adapts else _leaky_alone(values)), **rising}

    return NativeModel(name, parameters, variables, _receptors(row), computed,
                       details=Ports(len(row.receptors), "tau_decay" if beta else "tau_syn"))  # fmt: skip


def _of_ports(row: NativeModel, lists: Mapping[str, str]) -> dict[str, Native]:
    """By ``receptor.parameter``, the element of NEST's list."""
    numbers = {receptor: k for k, receptor in enumerate(row.receptors, 1)}
    found = {}
    for name in row.parameters:
        receptor, dot, key = name.partition(".")
        if dot:
            found[name] = Native(numbered(lists[key], numbers[receptor]))
    return found


def _receptors(row: NativeModel) -> dict[str, Receptor]:
    return {receptor: Receptor(k, KILO) for k, receptor in enumerate(row.receptors, 1)}


def _leaky_alone(values: Mapping[str, Values]) -> Mapping[str, Values]:
    """A leaky membrane is NEST's adaptive exponential one without either: it fires at V_th then."""
    threshold = values["v_thresh"]
    if isinstance(threshold, Ragged):
        raise TypeError("v_thresh is a number")
    return {**leak(values), "Delta_T": 0.0, "a": 0.0, "b": 0.0, "V_peak": np.maximum(threshold, 0.0) + 1.0}


COMPOSED: Mapping[str, NativeModel] = MappingProxyType(
    {f"PointNeuron+{membrane}": point_neuron([membrane]) for membrane in ("LIF", "AdExp")}
)
