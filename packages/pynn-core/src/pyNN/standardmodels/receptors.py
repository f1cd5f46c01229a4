"""Receptors of a :class:`~pyNN.standardmodels.cells.PointNeuron`: what a spike makes of its weight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardPostSynapticResponse, Variable

__all__ = [
    "AlphaPSR",
    "BetaPSR",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "CurrExpPSR",
    "CurrExpPostSynapticResponse",
    "ExpPSR",
    "StandardPostSynapticResponse",
]

_TAU = {"tau_syn": Parameter(5.0, "ms", "positive")}
_REVERSAL = {"e_syn": Parameter(0.0, "mV")}
_PLACE = {"locations": Parameter(0.5)}
_CONDUCTANCE = {"gsyn": Variable("uS")}


class CurrExpPostSynapticResponse(StandardPostSynapticResponse):
    """An exponentially decaying current: a spike adds the weight (nA) to isyn, tau_syn d isyn/dt = -isyn.

    References
    ----------
    Rotter & Diesmann (1999), Biological Cybernetics 81, 381, eq. 2-11.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_PLACE, **_TAU}
    variables: ClassVar[Mapping[str, Variable]] = {"isyn": Variable("nA")}
    conductance_based = False


class CondExpPostSynapticResponse(StandardPostSynapticResponse):
    """An exponentially decaying conductance: a spike adds the weight (µS) to gsyn, the current is gsyn (e_syn - v).

    References
    ----------
    Brette et al. (2007), Journal of Computational Neuroscience 23, 349, section 2.1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_PLACE, **_REVERSAL, **_TAU}
    variables: ClassVar[Mapping[str, Variable]] = _CONDUCTANCE


class CondAlphaPostSynapticResponse(StandardPostSynapticResponse):
    """A conductance w (t / tau_syn) exp(1 - t / tau_syn) after a spike of weight w (µS), which is its peak.

    References
    ----------
    Rall (1967), Journal of Neurophysiology 30, 1138.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_PLACE, **_REVERSAL, **_TAU}
    variables: ClassVar[Mapping[str, Variable]] = _CONDUCTANCE


class CondBetaPostSynapticResponse(StandardPostSynapticResponse):
    """A difference of exponentials with tau_rise and tau_decay, whose peak is the weight (µS).

    Equal time constants give the alpha function.

    References
    ----------
    Roth & van Rossum (2009), "Modeling synapses", in "Computational modeling methods for neuroscientists", eq. 6.4-6.6.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_PLACE,
        **_REVERSAL,
        "tau_rise": Parameter(0.2, "ms", "positive"),
        "tau_decay": Parameter(1.7, "ms", "positive"),
    }
    variables: ClassVar[Mapping[str, Variable]] = _CONDUCTANCE


CurrExpPSR = CurrExpPostSynapticResponse
ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse
