"""What projections were given and asked for in PyNN 0.6 to 0.8."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np

from pyNN.errors import PyNNError
from pyNN.legacy.warning import deprecated

# Old argument of Projection → today's.
_RENAMED = {
    "presynaptic_population": "presynaptic_neurons",
    "postsynaptic_population": "postsynaptic_neurons",
    "method": "connector",
    "target": "receptor_type",
}


class SynapseDynamics:
    """Short-term (``fast``) and long-term (``slow``) plasticity of PyNN 0.6 and 0.7, one of the two.

    Today each is a synapse type of its own.
    """

    def __init__(self, fast: Any = None, slow: Any = None) -> None:
        deprecated(f"{type(self).__name__}(…)", "a synapse type, such as TsodyksMarkramSynapse(…) or STDPMechanism(…)")
        if fast is not None and slow is not None:
            raise PyNNError(
                f"{type(self).__name__}(fast=…, slow=…) asks for both kinds of plasticity in one synapse, which no "
                "standard synapse type has. Make two projections, or give one of them."
            )
        self.fast, self.slow = fast, slow

    def synapse_type(self, values: Mapping[str, Any]) -> Any:
        """The synapse type of today, with this weight and delay; None where the synapses do not change."""
        made = self.fast if self.fast is not None else self.slow
        return None if made is None else with_values(made, values)


class DynamicSynapse(SynapseDynamics):
    """:class:`SynapseDynamics` by another name."""


def tsodyks_markram_mechanism(
    U: Any = 0.5, tau_rec: Any = 100.0, tau_facil: Any = 0.0, u0: float = 0.0, x0: float = 1.0, y0: float = 0.0
) -> Any:
    """``TsodyksMarkramMechanism`` of PyNN 0.6 and 0.7, as today's synapse type; it begins in the state u0, x0, y0."""
    from pyNN.standardmodels.synapses import TsodyksMarkramSynapse

    deprecated("TsodyksMarkramMechanism(…)", f"TsodyksMarkramSynapse(U={U!r}, tau_rec={tau_rec!r}, …)")
    synapse = TsodyksMarkramSynapse(U=U, tau_rec=tau_rec, tau_facil=tau_facil)
    wanted = {"u": u0, "x": x0, "y": y0}
    synapse.initial_state = {name: value for name, value in wanted.items() if name in synapse.default_initial_values}
    return synapse


def with_values(synapse: Any, values: Mapping[str, Any]) -> Any:
    """The same synapse type with this weight and delay."""
    made = copy.copy(synapse)
    made.given = {**synapse.given, **values}
    return made


def of_old(arguments: Mapping[str, Any], old: Mapping[str, Any], modern: tuple[str, ...]) -> dict[str, Any]:
    """Today's arguments of Projection for those of old, and for weights and delays that a connector carries."""
    made = dict(arguments)
    rest = dict(old)
    for name, new in _RENAMED.items():
        if name in rest:
            value = rest.pop(name)
            deprecated(f"Projection({name}={value!r})", f"Projection({new}={value!r})")
            made[new] = value
    dynamics = rest.pop("synapse_dynamics", None)
    rest.pop("rng", None)
    rest.pop("verbose", None)
    if isinstance(made.get("synapse_type"), str):
        source = made["synapse_type"]
        raise PyNNError(f"Projection(…, {source!r}): a source compartment is given as source={source!r}.")
    if rest:
        name = next(iter(rest))
        raise TypeError(f"Projection has no argument {name!r}. It has: {', '.join(modern)}.")
    carried = getattr(made.get("connector"), "old", None)
    values = dict(carried.values) if carried is not None else {}
    if carried is not None and carried.space is not None and made.get("space") is None:
        made["space"] = carried.space
    if dynamics is not None:
        made["synapse_type"] = dynamics.synapse_type(values) if isinstance(dynamics, SynapseDynamics) else dynamics
    if values and made.get("synapse_type") is None:
        from pyNN.standardmodels.synapses import StaticSynapse

        made["synapse_type"] = StaticSynapse(**values)
    return made


class OldProjection:
    """Methods of old, each with one warning that shows today's line."""

    def setWeights(self: Any, w: Any) -> None:
        """Set all weights: one value, an array or a list."""
        deprecated("setWeights(…)", "set(weight=…)")
        self.set(weight=w)

    def randomizeWeights(self: Any, rand_distr: Any) -> None:
        """Draw all weights."""
        deprecated("randomizeWeights(…)", "set(weight=…)")
        self.set(weight=rand_distr)

    def setDelays(self: Any, d: Any) -> None:
        """Set all delays, ms."""
        deprecated("setDelays(…)", "set(delay=…)")
        self.set(delay=d)

    def randomizeDelays(self: Any, rand_distr: Any) -> None:
        """Draw all delays, ms."""
        deprecated("randomizeDelays(…)", "set(delay=…)")
        self.set(delay=rand_distr)

    def setSynapseDynamics(self: Any, parameter_name: str, value: Any) -> None:
        """Set a parameter of all synapses."""
        deprecated("setSynapseDynamics(…)", f"set({parameter_name}=…)")
        self.set(**{parameter_name: value})

    def randomizeSynapseDynamics(self: Any, parameter_name: str, rand_distr: Any) -> None:
        """Draw a parameter of all synapses."""
        deprecated("randomizeSynapseDynamics(…)", f"set({parameter_name}=…)")
        self.set(**{parameter_name: rand_distr})

    def getWeights(self: Any, format: str = "list", gather: bool = True) -> Any:
        """All weights."""
        deprecated("getWeights(…)", f"get('weight', {format!r}, with_address=False)")
        return self.get("weight", format, gather, with_address=False)

    def getDelays(self: Any, format: str = "list", gather: bool = True) -> Any:
        """All delays, ms."""
        deprecated("getDelays(…)", f"get('delay', {format!r}, with_address=False)")
        return self.get("delay", format, gather, with_address=False)

    def getSynapseDynamics(self: Any, parameter_name: str, format: str = "list", gather: bool = True) -> Any:
        """One parameter of all synapses."""
        deprecated("getSynapseDynamics(…)", f"get({parameter_name!r}, {format!r}, with_address=False)")
        return self.get(parameter_name, format, gather, with_address=False)

    def saveConnections(self: Any, file: Any, gather: bool = True, compatible_output: bool = True) -> None:
        """Write all connections as text."""
        deprecated("saveConnections(…)", "save('all', …)")
        self.save("all", file, format="list", gather=gather)

    def printWeights(self: Any, file: Any, format: str = "list", gather: bool = True) -> None:
        """Write all weights as text."""
        deprecated("printWeights(…)", f"save('weight', …, {format!r})")
        self.save("weight", file, format, gather)

    def printDelays(self: Any, file: Any, format: str = "list", gather: bool = True) -> None:
        """Write all delays as text."""
        deprecated("printDelays(…)", f"save('delay', …, {format!r})")
        self.save("delay", file, format, gather)

    def weightHistogram(self: Any, min: float | None = None, max: float | None = None, nbins: int = 10) -> Any:
        """How many weights lie in each of ``nbins`` equal intervals: numbers, bounds."""
        deprecated("weightHistogram()", "numpy.histogram(get('weight', 'list', with_address=False))")
        weights = np.array(self.get("weight", "list", with_address=False))
        low = weights.min() if min is None else min
        high = weights.max() if max is None else max
        return np.histogram(weights, np.linspace(low, high, nbins + 1))
