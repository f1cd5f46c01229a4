"""Places on a neuron where synapses sit, currents flow in or values are recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyNN.errors import PyNNError
from pyNN.morphology.selectors import MorphologyFilter, as_filter


class LocationGenerator:
    """Some places on a neuron."""

    def lazily_evaluate(self, mask: Any = None, shape: Any = None) -> LocationGenerator:
        """Itself: the places of each cell are found when a simulator makes it."""
        return self


class LabelledLocations(LocationGenerator):
    """The middles of the sections with these names."""

    def __init__(self, *labels: str) -> None:
        for label in labels:
            if not isinstance(label, str):
                raise PyNNError(f"A place is called {label!r}. Give names of sections.")
        self.labels = labels


class at_distances(LocationGenerator):
    """Places of a selection at these path lengths from the soma, µm."""

    def __init__(self, selector: MorphologyFilter | str, distances: Sequence[float]) -> None:
        self.selector, self.distances = as_filter(selector), distances


class random_placement(LocationGenerator):
    """Places at random, with a density."""

    def __init__(self, density_function: Callable[..., float]) -> None:
        self.density_function = density_function


class centre(LocationGenerator):
    """The middles of the selected sections."""

    def __init__(self, selector: MorphologyFilter | str) -> None:
        self.selector = as_filter(selector)
