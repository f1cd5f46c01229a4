"""NEST's own models as rows: their names, units and defaults are NEST's, but weights are PyNN's (nA or µS)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.simulator import Native, NativeModel, Ragged, Receptor

from pynn_nest.kernel import nest

_KILO = 1000.0
NATIVE = "native"  # marks a row that NEST itself described
_NOT_PARAMETERS = frozenset(
    "archiver_length available beta_Ca buffer_size Ca capacity element_type element_type_id frozen global_id "
    "instantiations local local_id min_delay model model_id max_delay needs_prelim_update node_uses_wfr post_trace "
    "recordables receptor_types sizeof supports_precise_spikes synaptic_elements t_spike tau_Ca thread thread_local_id "
    "type_id vp".split()
)
_NOT_OF_SYNAPSES = _NOT_PARAMETERS | frozenset(
    "delay weight has_delay num_connections receptor_type requires_symmetric synapse_id synapse_model "
    "synapse_modelid weight_recorder source target Kplus".split()
)


def describe(name: str) -> NativeModel:
    """The row of one of NEST's models.

    Raises
    ------
    LookupError
        NEST has no model of this name.
    """
    kernel = nest()
    if name in kernel.synapse_models:
        return synapse_row(name, kernel.GetDefaults(name))
    if name not in kernel.node_models:
        raise LookupError("See nest.node_models and nest.synapse_models for what there is.")
    return cell_row(name, kernel.GetDefaults(name))


def cell_row(name: str, defaults: Mapping[str, Any]) -> NativeModel:
    """The row of a neuron model, from what NEST says of it."""
    recordables = [str(variable) for variable in defaults.get("recordables", ())]
    parameters = _numbers(defaults, _NOT_PARAMETERS | frozenset(recordables))
    if defaults.get("element_type") == "stimulator" and "I" in recordables:
        return NativeModel(name, {**parameters, **_series(defaults)}, keyed=False, details=NATIVE, injects=True)
    ports = defaults.get("receptor_types")
    if isinstance(ports, Mapping) and ports:
        receptors = {str(port): Receptor(int(number), _KILO) for port, number in ports.items()}
    elif "tau_syn" in defaults and np.ndim(defaults["tau_syn"]):
        receptors = {f"SYN_{k}": Receptor(k, _KILO) for k in range(1, 65)}
    else:
        conductances = any(variable.startswith("g_") for variable in recordables)
        inhibiting = -_KILO if conductances else _KILO
        receptors = {"excitatory": Receptor(None, _KILO), "inhibitory": Receptor(None, inhibiting)}
    return NativeModel(name, parameters, {v: Native(v) for v in recordables}, receptors, keyed=False, details=NATIVE)


def synapse_row(name: str, defaults: Mapping[str, Any], weight: str = "weight") -> NativeModel:
    """The row of a synapse model, from what NEST says of it; ``weight`` is another of its names for the weight."""
    own = _numbers(defaults, _NOT_OF_SYNAPSES | {weight})
    parameters = {"weight": Native("weight", is_weight=True), "delay": Native("delay"), **own}
    return NativeModel(name, parameters, {"weight": Native("weight", is_weight=True)}, keyed=False, details=NATIVE)


def _numbers(defaults: Mapping[str, Any], leave: frozenset[str]) -> dict[str, Native]:
    """What is a number or a list of numbers, with its default."""
    found: dict[str, Native] = {}
    for name, value in defaults.items():
        if name in leave or name.startswith("__") or isinstance(value, bool | str):
            continue
        if isinstance(value, int | float | np.number) and np.isfinite(value):
            found[name] = Native(name, default=float(value))
    return found


def _series(defaults: Mapping[str, Any]) -> dict[str, Native]:
    """What is a list of numbers of any length, with its default."""
    found = {}
    for name, value in defaults.items():
        if isinstance(value, np.ndarray) and value.dtype == np.float64 and value.ndim == 1:
            found[name] = Native(name, default=Ragged(value, np.array([0, len(value)], dtype=np.int64)))
    return found


def compartment_of(name: str, status: Mapping[str, Any]) -> tuple[str, str] | None:
    """Where NEST keeps a variable such as V_m.s: in the mapping ``soma``, as V_m. None where it keeps it nowhere."""
    own, _, letter = name.rpartition(".")
    parts = {key: value for key, value in status.items() if isinstance(value, Mapping)}
    found = [key for key, part in parts.items() if letter and key.startswith(letter) and own in part]
    return (found[0], own) if len(found) == 1 else None


def changed_alone(model: NativeModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Of a native model only what differs from NEST's default: not all that NEST shows can be set."""
    if model.details != NATIVE:
        return dict(values)
    return {
        name: value
        for name, value in values.items()
        if name not in model.parameters
        or isinstance(value, Ragged)
        or np.any(np.asarray(value) != model.parameters[name].default)
    }
