"""Synapses on NEST: their rows, and what NEST's own models must be told for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from cawan.simulator import Array, Native, NativeModel
from pyNN.errors import PyNNError

from pynn_nest.native import NATIVE

_CONNECTION = {"weight": Native("weight", is_weight=True), "delay": Native("delay")}
_WEIGHT = {"weight": Native("weight", is_weight=True)}
_QUANTAL = {**_CONNECTION, "U": Native("U"), "tau_rec": Native("tau_rec"), "tau_facil": Native("tau_fac")}
# A_plus, A_minus, rho and w_min are no parameters of NEST's models: `columns` turns them into those.
_PAIRS = {
    **_CONNECTION,
    "tau_plus": Native("tau_plus"),
    "tau_minus": Native("tau_minus", scope="post"),
    "A_plus": Native("A_plus"),
    "A_minus": Native("A_minus"),
    "w_max": Native("Wmax", is_weight=True),
}
_EXPONENTS = {
    "AdditiveWeightDependence": (0.0, 0.0),
    "MultiplicativeWeightDependence": (1.0, 1.0),
    "AdditivePotentiationMultiplicativeDepression": (0.0, 1.0),
}
QUANTAL = "quantal_stp_synapse"
USE = ("u", "U", "tau_fac")
_SMALL = 1e-100  # stands for an A_plus of 0, of which A_minus could be no multiple


def _pair_rows() -> dict[str, NativeModel]:
    rows = {
        f"STDPMechanism+SpikePairRule+{rule}": NativeModel("stdp_synapse", _PAIRS, _WEIGHT, details=exponents)
        for rule, exponents in _EXPONENTS.items()
    }
    own = {**_PAIRS, "mu_plus": Native("mu_plus"), "mu_minus": Native("mu_minus")}
    return rows | {"STDPMechanism+SpikePairRule+GutigWeightDependence": NativeModel("stdp_synapse", own, _WEIGHT)}


PLASTIC: Mapping[str, NativeModel] = MappingProxyType(
    {
        "StaticSynapse": NativeModel("static_synapse", _CONNECTION),
        "TsodyksMarkramSynapse": NativeModel(
            "tsodyks_synapse", _QUANTAL, {"u": Native("u"), "x": Native("x"), "y": Native("y")}
        ),
        "SimpleStochasticSynapse": NativeModel(
            "bernoulli_synapse", {**_CONNECTION, "p": Native("p_transmit")}, keyed=False
        ),
        "StochasticTsodyksMarkramSynapse": NativeModel(
            QUANTAL, _QUANTAL, {"u": Native("u")}, keyed=False
        ),
        "MultiQuantalSynapse": NativeModel(
            QUANTAL, {**_QUANTAL, "n": Native("n")}, {"u": Native("u")}, keyed=False
        ),
        **_pair_rows(),
        "STDPMechanism+Vogels2011Rule+AdditiveWeightDependence": NativeModel(
            "vogels_sprekeler_synapse",
            {
                **_CONNECTION,
                "tau": Native("tau"),
                "eta": Native("eta", is_weight=True),
                "rho": Native("rho"),
                "w_max": Native("Wmax", is_weight=True),
            },
            _WEIGHT,
        ),
    }
)


def columns(model: NativeModel, values: Mapping[str, Array]) -> dict[str, Any]:
    """What NEST is told for some new synapses, by its own names; arrays of one length."""
    told: dict[str, Any] = dict(values)
    if model.details == NATIVE:
        return told
    if model.name == "stdp_synapse":
        if isinstance(model.details, tuple):
            told["mu_plus"], told["mu_minus"] = (np.full(len(values["weight"]), x) for x in model.details)
        _amplitudes(told)
        told.pop("tau_minus")
    elif model.name == "vogels_sprekeler_synapse":
        told["eta"] = np.abs(told["eta"])  # grows the size of a weight, whichever its sign
        told["alpha"] = 2.0 * told.pop("rho") * told["tau"] / 1000.0
    elif model.name == QUANTAL:
        sites = np.rint(told.get("n", np.ones(len(values["weight"])))).astype(np.int64)
        told |= {"n": sites, "a": sites, "u": values["U"]}  # NEST takes the first spike's u as it is
    if "Wmax" in told:
        _check_signs(told["weight"], told["Wmax"])
    return told


def _amplitudes(told: dict[str, Any]) -> None:
    """A_plus and A_minus as NEST's lambda and alpha."""
    plus, minus = np.maximum(told.pop("A_plus"), _SMALL), told.pop("A_minus")
    told["lambda"], told["alpha"] = plus, minus / plus


def changed(values: dict[str, Any], now: Mapping[str, Array]) -> dict[str, Any]:
    """What NEST is told where these values of synapses change; ``now``: its own values of the same rows."""
    told = dict(values)
    if "A_plus" in told or "A_minus" in told:
        told.setdefault("A_plus", now["lambda"])
        told.setdefault("A_minus", now["alpha"] * now["lambda"])
        _amplitudes(told)
    if "rho" in told or ("tau" in told and "eta" in now):
        tau = told.get("tau", now["tau"])
        rho = told.pop("rho", now["alpha"] * 1000.0 / (2.0 * now["tau"]))
        told["alpha"] = 2.0 * rho * tau / 1000.0
    if "eta" in told:
        told["eta"] = np.abs(told["eta"])
    return told


def other_sites(n: Array, now: Mapping[str, Array]) -> dict[str, Any]:
    """The sites of quantal synapses, and the full ones among them, of the n that is set; new sites are full."""
    sites = np.rint(n).astype(np.int64)
    full = now["a"] + sites - now["n"]
    return {"n": sites, "a": np.clip(full.astype(np.int64), 0, sites)}


def first_use(values: Mapping[str, Array], now: Mapping[str, Array]) -> dict[str, Array]:
    """The u of quantal synapses that no spike has passed, of what is set and NEST's own values ``now``.

    NEST releases at the first spike with its u as it is; PyNN's u is what was before that spike, whose U comes on top.
    """
    before = np.clip((now["u"] - now["U"]) / np.maximum(1.0 - now["U"], _SMALL), 0.0, 1.0)
    use, kept = values.get("U", now["U"]), values.get("tau_fac", now["tau_fac"]) > 0.0
    return {"u": use + values.get("u", before) * (1.0 - use) * kept}


def needs_now(names: Mapping[str, Any]) -> list[str]:
    """What of NEST's own values ``changed`` has to know."""
    if "A_plus" in names or "A_minus" in names:
        return ["lambda", "alpha"]
    if "rho" in names or "tau" in names:
        return ["alpha", "tau", "eta"]
    return []


def post_trace(model: NativeModel, values: Mapping[str, Array]) -> Array | None:
    """The time constant of the postsynaptic trace of each row, which is the cell's on NEST."""
    if model.details == NATIVE:
        return None
    name = {"stdp_synapse": "tau_minus", "vogels_sprekeler_synapse": "tau"}.get(model.name)
    return None if name is None else values[name]


def _check_signs(weight: Array, bound: Array) -> None:
    if np.any(weight * bound < 0):
        raise PyNNError(
            "A plastic weight and its w_max have different signs, which NEST cannot have. Give a negative w_max with "
            "negative weights."
        )
