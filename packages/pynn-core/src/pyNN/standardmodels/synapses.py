"""The standard synapse types. The random ones draw from keyed streams: each spike of each synapse has its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardSynapseType
from pyNN.standardmodels.stdp import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    SpikePairRule,
    STDPMechanism,
    STDPTimingDependence,
    STDPWeightDependence,
    Vogels2011Rule,
)

__all__ = [
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "ElectricalSynapse",
    "GutigWeightDependence",
    "MultiQuantalSynapse",
    "MultiplicativeWeightDependence",
    "STDPMechanism",
    "STDPTimingDependence",
    "STDPWeightDependence",
    "SimpleStochasticSynapse",
    "SpikePairRule",
    "StandardSynapseType",
    "StaticSynapse",
    "StochasticTsodyksMarkramSynapse",
    "TsodyksMarkramSynapse",
    "Vogels2011Rule",
]

_CONNECTION = {"weight": Parameter(0.0), "delay": Parameter(None, "ms", "positive")}
_FACILITATION = {"tau_facil": Parameter(0.0, "ms", "nonnegative")}
_USE = {"U": Parameter(0.5, "", "probability")}


class StaticSynapse(StandardSynapseType):
    """A synapse of fixed weight and delay."""

    parameters: ClassVar[Mapping[str, Parameter]] = {**_CONNECTION}


class ElectricalSynapse(StandardSynapseType):
    """A gap junction: a conductance ``weight`` (µS) between two membranes, in both directions and without delay.

    The current weight × (v_other - v) flows into each of the two cells; it is computed at the beginning of each step
    of the clock and held over the step.

    References
    ----------
    Galarreta & Hestrin (2001), Nature Reviews Neuroscience 2, 425; Hahne et al. (2015), Frontiers in
    Neuroinformatics 9, 22, eq. 1.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {"weight": Parameter(0.0, "uS", "nonnegative")}


class SimpleStochasticSynapse(StandardSynapseType):
    """A synapse of fixed weight that passes each spike with probability ``p``.

    References
    ----------
    Destexhe & Contreras (2006), Science 314, 85 (release as independent trials).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {**_CONNECTION, "p": Parameter(0.5, "", "probability")}


class TsodyksMarkramSynapse(StandardSynapseType):
    """A depressing and facilitating synapse.

    Transmitter is recovered (x), active (y) or inactive (z = 1 - x - y); u is the fraction that a spike releases:
    du/dt = -u / tau_facil (u = 0 at once where tau_facil is 0), dx/dt = z / tau_rec, dy/dt = -y / tau_syn, with
    tau_syn that of the postsynaptic cell for this receptor. A presynaptic spike does, in this order,
    u += U (1 - u), then moves u x from x to y, and acts with weight × u x (as just moved).
    At time 0, x = 1, y = 0, and u is ``u`` of ``initialize`` (0, so the first spike acts with U).

    References
    ----------
    Tsodyks, Uziel & Markram (2000), Journal of Neuroscience 20, RC50, eq. 3-4.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_CONNECTION,
        **_USE,
        "tau_rec": Parameter(100.0, "ms", "positive"),
        **_FACILITATION,
    }
    default_initial_values: ClassVar[Mapping[str, float]] = {"u": 0.0}
    plastic = True


class StochasticTsodyksMarkramSynapse(StandardSynapseType):
    """A synapse of one release site, which is full or empty, with facilitation.

    At a spike u ← U + u (1 - U) exp(-dt / tau_facil), with dt since the spike before, or since time 0, where u is
    ``u`` of ``initialize`` (0, so u = U at the first spike, and where tau_facil is 0). An empty site has filled with
    probability 1 - exp(-dt / tau_rec); a full one releases with probability u, is empty then, and the spike acts with
    the weight.

    References
    ----------
    Fuhrmann, Segev, Markram & Tsodyks (2002), Journal of Neurophysiology 87, 140, eq. 6-8.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_CONNECTION,
        **_USE,
        "tau_rec": Parameter(100.0, "ms", "positive"),
        **_FACILITATION,
    }
    default_initial_values: ClassVar[Mapping[str, float]] = {"u": 0.0}
    plastic = True


class MultiQuantalSynapse(StandardSynapseType):
    """``n`` release sites as in :class:`StochasticTsodyksMarkramSynapse`; each that releases acts with the weight.

    All n sites are full at time 0: ``initialize(a=n)`` says what is so anyway.

    References
    ----------
    Loebel, Silberberg, Helbig, Markram, Tsodyks & Richardson (2009), Frontiers in Computational Neuroscience 3, 27.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_CONNECTION,
        **_USE,
        "n": Parameter(1.0, "", "positive"),
        "tau_rec": Parameter(800.0, "ms", "positive"),
        **_FACILITATION,
    }
    default_initial_values: ClassVar[Mapping[str, float]] = {"u": 0.0}
    always_from: ClassVar[Mapping[str, str]] = {"a": "n"}
    plastic = True
