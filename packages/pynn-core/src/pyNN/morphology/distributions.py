"""How densities and strengths are spread over a neuron."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyNN.morphology.selectors import MorphologyFilter, as_filter
from pyNN.morphology.trees import Morphology


class NeuriteDistribution:
    """A value for the selected segments of a neuron, and another for the rest.

    Parameters
    ----------
    selector
        The segments, or their name.
    value_provider
        The value, or what it follows from.
    absence
        The value elsewhere.
    """

    def __init__(self, selector: MorphologyFilter | str, value_provider: Any, absence: float = 0.0) -> None:
        self.selector = as_filter(selector)
        self.value_provider, self.absence = value_provider, absence

    def value_in(self, morphology: Morphology, index: int) -> Any:
        """The value in one segment."""
        return self._value(morphology, index) if index in self.selector(morphology) else self.absence

    def _value(self, morphology: Morphology, index: int) -> Any:
        return self.value_provider


class IonChannelDistribution(NeuriteDistribution):
    """The density of a channel, S/cm²."""


class SynapseDistribution(NeuriteDistribution):
    """The density of synapses."""


class uniform(IonChannelDistribution, SynapseDistribution):
    """The same value in all selected segments."""


class by_distance(IonChannelDistribution, SynapseDistribution):
    """A function of the path length from the soma, µm."""

    value_provider: Callable[[float], float]

    def _value(self, morphology: Morphology, index: int) -> Any:
        return self.value_provider(morphology.get_distance(index))


class by_diameter(IonChannelDistribution, SynapseDistribution):
    """A function of the diameter, µm."""

    value_provider: Callable[[float], float]

    def _value(self, morphology: Morphology, index: int) -> Any:
        return self.value_provider(morphology.get_diameter(index))


class any(IonChannelDistribution, SynapseDistribution):
    """The value of the first of several distributions that has one for a segment."""

    def __init__(self, *distributions: NeuriteDistribution, **kwargs: Any) -> None:
        self.distributions = distributions
        self.absence = kwargs.get("absence", 0.0)

    def value_in(self, morphology: Morphology, index: int) -> Any:
        """The value in one segment."""
        for distribution in self.distributions:
            value = distribution.value_in(morphology, index)
            if value != distribution.absence:
                return value
        return self.absence
