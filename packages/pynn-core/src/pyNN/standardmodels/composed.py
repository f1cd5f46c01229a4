"""A neuron put together: one membrane, and any number of receptors, each with a name of the script's choice."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from pyNN.errors import PyNNError, UnknownParameterError
from pyNN.parameters import Parameter
from pyNN.standardmodels.base import (
    StandardCellType,
    StandardCellTypeComponent,
    StandardPostSynapticResponse,
    Variable,
    initial_values,
)
from pyNN.standardmodels.integrate_and_fire import MEMBRANE
from pyNN.standardmodels.spiking import ADAPTIVE


class LIF(StandardCellTypeComponent):
    """The membrane of a leaky integrate-and-fire neuron: cm dv/dt = cm (v_rest - v) / tau_m + i_offset + i_synapses.

    At v ≥ v_thresh the cell fires, v = v_reset for tau_refrac.

    References
    ----------
    Gerstner & Kistler (2002), "Spiking neuron models", Cambridge University Press, eq. 4.3.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = MEMBRANE
    variables: ClassVar[Mapping[str, Variable]] = {"v": Variable("mV", "v_rest")}


class AdExp(StandardCellTypeComponent):
    """The membrane of the adaptive exponential integrate-and-fire neuron, as in ``EIF_cond_exp_isfa_ista``.

    References
    ----------
    Brette & Gerstner (2005), Journal of Neurophysiology 94, 3637, eq. 1-2.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = ADAPTIVE
    variables: ClassVar[Mapping[str, Variable]] = {"v": Variable("mV", "v_rest"), "w": Variable("nA")}


class PointNeuron(StandardCellType):
    """A neuron of one membrane (``LIF``, ``AdExp``) and any number of receptors, each under its own name.

    ``PointNeuron(AdExp(tau_m=10.0), AMPA=AlphaPSR(tau_syn=1.0), GABA=ExpPSR(tau_syn=5.0, e_syn=-70.0))`` has the
    parameters ``tau_m``, ``AMPA.tau_syn`` and so on, the receptor types ``AMPA`` and ``GABA``, and can record
    ``AMPA.gsyn``. Receptors are all conductances or all currents, since a weight has one unit.

    By the classical Runge-Kutta method of order 4; conductances and synaptic currents are exact.

    Parameters
    ----------
    neuron
        The membrane.
    post_synaptic_receptors
        Name → receptor.
    """

    injectable = True

    def __init__(self, neuron: StandardCellTypeComponent, **post_synaptic_receptors: StandardPostSynapticResponse):
        if not isinstance(neuron, StandardCellTypeComponent):
            raise PyNNError(f"The neuron of a PointNeuron is {neuron!r}. It must be a membrane, such as LIF().")
        for name, receptor in post_synaptic_receptors.items():
            if not isinstance(receptor, StandardPostSynapticResponse):
                raise PyNNError(f"The receptor {name!r} is {receptor!r}. It must be one such as ExpPSR().")
        kinds = {receptor.conductance_based for receptor in post_synaptic_receptors.values()}
        if len(kinds) > 1:
            raise PyNNError(
                "A PointNeuron cannot mix receptors of conductances and of currents: a weight has one unit. "
                f"It was given {', '.join(f'{n}={r!r}' for n, r in post_synaptic_receptors.items())}."
            )
        self.neuron, self.post_synaptic_receptors = neuron, dict(post_synaptic_receptors)
        self._join(neuron, self.post_synaptic_receptors)

    def _join(self, neuron: StandardCellTypeComponent, parts: Mapping[str, StandardPostSynapticResponse]) -> None:
        """One table of parameters and variables from those of the parts; these are this neuron's own."""
        schema, values = dict(neuron.parameters), dict(neuron.given)
        variables = dict(neuron.variables)
        for name, receptor in parts.items():
            own = {key: p for key, p in receptor.parameters.items() if key != "locations"}  # of morphologies alone
            schema |= {f"{name}.{key}": p for key, p in own.items()}
            values |= {f"{name}.{key}": receptor.given[key] for key in own}
            variables |= {f"{name}.{key}": v for key, v in receptor.variables.items()}
        units = {key: p.units for key, p in schema.items() if p.units} | {key: v.units for key, v in variables.items()}
        self.__dict__.update(
            parameters=MappingProxyType(schema),
            variables=MappingProxyType(variables),
            default_parameters=MappingProxyType({key: p.default for key, p in schema.items()}),
            units=MappingProxyType(units),
            receptor_types=tuple(parts),
            conductance_based=all(receptor.conductance_based for receptor in parts.values()),
            recordable=("spikes", *(key for key, v in variables.items() if v.recordable)),
            default_initial_values=MappingProxyType(initial_values(variables, schema)),
            given=values,
        )

    def get_parameter_names(self) -> list[str]:  # type: ignore[override]  # as upstream: of this neuron, not of a class
        """Names of the parameters, those of receptors with a dot."""
        return list(self.parameters)

    def has_parameter(self, name: str) -> bool:  # type: ignore[override]  # as upstream
        """Whether the neuron or one of its receptors has such a parameter."""
        return name in self.parameters

    @property
    def composition(self) -> tuple[str, tuple[str, ...]]:
        """PointNeuron of a membrane and ``name=receptor`` for each receptor."""
        receptors = (f"{name}={type(part).__name__}" for name, part in self.post_synaptic_receptors.items())
        return "PointNeuron", (type(self.neuron).__name__, *receptors)

    def with_parameters(self, changed: Mapping[str, Any]) -> PointNeuron:
        """The same neuron with some other parameters."""
        fresh = PointNeuron(self.neuron, **self.post_synaptic_receptors)
        for name in changed:
            if name not in self.parameters:
                raise UnknownParameterError(name, "PointNeuron", self.parameters)
        fresh.given = {**self.given, **changed}
        return fresh
