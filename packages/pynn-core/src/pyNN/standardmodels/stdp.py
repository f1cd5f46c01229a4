"""Spike-timing-dependent plasticity, put together from a timing rule and a weight rule.

Every presynaptic spike is paired with every postsynaptic one. At the synapse a presynaptic spike arrives after
(1 - dendritic_delay_fraction) × delay, a postsynaptic one after dendritic_delay_fraction × delay (both in whole steps
of the clock); a pair that arrives in one instant does nothing. At an instant, what the postsynaptic cell sent counts
first; without a dendritic delay, what the presynaptic one sent, since it may be the cause of the other. A spike acts
with the weight that it finds at the synapse, once its own change is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from pyNN.errors import PyNNError
from pyNN.parameters import Parameter
from pyNN.standardmodels.base import ModelType, StandardSynapseType

_BOUNDS = {"w_min": Parameter(0.0), "w_max": Parameter(1.0)}


class STDPTimingDependence(ModelType):
    """How a pair of spikes changes a weight, by the time between them."""

    explicit: frozenset[str] = frozenset()  # which amplitudes a script gave here


class STDPWeightDependence(ModelType):
    """How a change depends on the weight itself, and between which bounds the weight stays.

    Changes are written for f = (w - w_min) / (w_max - w_min), from 0 to 1; K is what the timing rule gives.
    ``A_plus`` and ``A_minus``, which PyNN up to 0.7 gave here, are taken over by the timing rule.
    """

    def __init__(
        self, w_min: Any = 0.0, w_max: Any = 1.0, A_plus: Any = None, A_minus: Any = None, **more: Any
    ) -> None:
        super().__init__(w_min=w_min, w_max=w_max, **more)
        self.amplitudes = {k: v for k, v in (("A_plus", A_plus), ("A_minus", A_minus)) if v is not None}


class SpikePairRule(STDPTimingDependence):
    """Pairs of spikes, each weighed by an exponential of the time between them.

    A postsynaptic spike dt after a presynaptic one potentiates by A_plus exp(-dt / tau_plus), a presynaptic one dt
    after a postsynaptic one depresses by A_minus exp(-dt / tau_minus); all pairs count, one after the other.

    References
    ----------
    Song, Miller & Abbott (2000), Nature Neuroscience 3, 919, eq. 1;
    Morrison, Diesmann & Gerstner (2008), Biological Cybernetics 98, 459, section 4.1 (all-to-all pairing).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "tau_plus": Parameter(20.0, "ms", "positive"),
        "tau_minus": Parameter(20.0, "ms", "positive"),
        "A_plus": Parameter(0.01, "", "nonnegative"),
        "A_minus": Parameter(0.01, "", "nonnegative"),
    }

    def __init__(self, tau_plus: Any = 20.0, tau_minus: Any = 20.0, A_plus: Any = None, A_minus: Any = None) -> None:
        given = {"tau_plus": tau_plus, "tau_minus": tau_minus, "A_plus": A_plus, "A_minus": A_minus}
        self.explicit = frozenset(name for name, value in given.items() if value is not None)
        super().__init__(**{name: value for name, value in given.items() if value is not None})


class Vogels2011Rule(STDPTimingDependence):
    """Symmetric plasticity of inhibitory synapses, which brings the postsynaptic rate to ``rho``.

    With traces x of each side (dx/dt = -x / tau, a spike adds 1): a presynaptic spike changes the weight by
    eta (x_post - 2 rho tau / 1000), a postsynaptic one by eta x_pre. eta is in the unit of the weight.

    References
    ----------
    Vogels, Sprekeler, Zenke, Clopath & Gerstner (2011), Science 334, 1569, supplement eq. 4-6.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "tau": Parameter(20.0, "ms", "positive"),
        "eta": Parameter(1e-10, "", "nonnegative"),
        "rho": Parameter(3.0, "Hz", "nonnegative"),
    }


class AdditiveWeightDependence(STDPWeightDependence):
    """Changes do not depend on the weight: f += A_plus K, f -= A_minus K, kept between 0 and 1.

    References
    ----------
    Song, Miller & Abbott (2000), Nature Neuroscience 3, 919.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = _BOUNDS


class MultiplicativeWeightDependence(STDPWeightDependence):
    """Changes shrink towards the bounds: f += A_plus (1 - f) K, f -= A_minus f K.

    References
    ----------
    Rubin, Lee & Sompolinsky (2001), Physical Review Letters 86, 364, eq. 3.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = _BOUNDS


class AdditivePotentiationMultiplicativeDepression(STDPWeightDependence):
    """Potentiation as if additive, depression as if multiplicative: f += A_plus K, f -= A_minus f K.

    References
    ----------
    van Rossum, Bi & Turrigiano (2000), Journal of Neuroscience 20, 8812, eq. 5.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = _BOUNDS


class GutigWeightDependence(STDPWeightDependence):
    """Between additive (exponents 0) and multiplicative (1): f += A_plus (1 - f)^mu_plus K, f -= A_minus f^mu_minus K.

    References
    ----------
    Guetig, Aharonov, Rotter & Sompolinsky (2003), Journal of Neuroscience 23, 3697, eq. 4.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_BOUNDS,
        "mu_plus": Parameter(0.5, "", "nonnegative"),
        "mu_minus": Parameter(0.5, "", "nonnegative"),
    }

    def __init__(
        self, w_min: Any = 0.0, w_max: Any = 1.0, mu_plus: Any = 0.5, mu_minus: Any = 0.5, A_plus: Any = None,
        A_minus: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(w_min, w_max, A_plus, A_minus, mu_plus=mu_plus, mu_minus=mu_minus)


class STDPMechanism(StandardSynapseType):
    """A synapse whose weight changes with the times of spikes; see this module for how pairs are counted.

    Parameters
    ----------
    timing_dependence, weight_dependence
        The two rules, such as ``SpikePairRule()`` and ``AdditiveWeightDependence()``.
    voltage_dependence
        Not available; must be None.
    dendritic_delay_fraction
        Share of the delay that lies behind the synapse, from 0 to 1.
    weight, delay
        As those of a static synapse; the weight is where learning begins.

    References
    ----------
    Morrison, Diesmann & Gerstner (2008), Biological Cybernetics 98, 459, sections 3 and 4.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "weight": Parameter(0.0),
        "delay": Parameter(None, "ms", "positive"),
        "dendritic_delay_fraction": Parameter(1.0, "", "probability"),
    }
    plastic = True

    def __init__(
        self, timing_dependence: STDPTimingDependence | None = None,
        weight_dependence: STDPWeightDependence | None = None, voltage_dependence: None = None,
        dendritic_delay_fraction: Any = 1.0, weight: Any = 0.0, delay: Any = None,
    ) -> None:  # fmt: skip
        if not isinstance(timing_dependence, STDPTimingDependence):
            raise PyNNError(f"timing_dependence is {timing_dependence!r}. Give a rule such as SpikePairRule().")
        if not isinstance(weight_dependence, STDPWeightDependence):
            raise PyNNError(
                f"weight_dependence is {weight_dependence!r}. Give a rule such as AdditiveWeightDependence()."
            )
        if voltage_dependence is not None:
            raise PyNNError("voltage_dependence is given. No standard model has one; it must be None.")
        if isinstance(timing_dependence, Vogels2011Rule) and type(weight_dependence) is not AdditiveWeightDependence:
            raise PyNNError(
                "Vogels2011Rule changes weights by fixed amounts. Use it with AdditiveWeightDependence(...), not "
                f"{weight_dependence!r}."
            )
        self.timing_dependence, self.weight_dependence = timing_dependence, weight_dependence
        self.voltage_dependence, self.dendritic_delay_fraction = voltage_dependence, dendritic_delay_fraction
        own = {"weight": weight, "delay": delay, "dendritic_delay_fraction": dendritic_delay_fraction}
        self._join(timing_dependence, weight_dependence, own)

    def _join(self, timing: STDPTimingDependence, bounds: STDPWeightDependence, own: Mapping[str, Any]) -> None:
        """One table of parameters from those of the rules; it is this mechanism's own."""
        schema = {**type(self).parameters, **timing.parameters, **bounds.parameters}
        values = {**own, **timing.given, **bounds.given}
        for name, value in bounds.amplitudes.items():
            if name not in timing.parameters:
                raise PyNNError(f"{bounds!r} was given {name}, which {type(timing).__name__} has no use for.")
            if name in timing.explicit:
                raise PyNNError(f"{name} is given twice, by {timing!r} and by {bounds!r}. Give it to SpikePairRule.")
            values[name] = value
        self.__dict__.update(
            parameters=MappingProxyType(schema),
            default_parameters=MappingProxyType({name: p.default for name, p in schema.items()}),
            units=MappingProxyType({name: p.units for name, p in schema.items() if p.units}),
            given=values,
            initial_state={},
        )

    def get_parameter_names(self) -> list[str]:  # type: ignore[override]  # as upstream: of this mechanism
        """Names of the parameters, the rules' among them."""
        return list(self.parameters)

    def has_parameter(self, name: str) -> bool:  # type: ignore[override]  # as upstream
        """Whether the mechanism or one of its rules has such a parameter."""
        return name in self.parameters

    @property
    def composition(self) -> tuple[str, tuple[str, ...]]:
        """STDPMechanism of its two rules."""
        return "STDPMechanism", (type(self.timing_dependence).__name__, type(self.weight_dependence).__name__)
