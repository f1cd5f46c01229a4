"""Places on a neuron where synapses sit, currents flow in or values are recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.errors import listing
from cawan.fast_dataclasses import dataclass

from pyNN.errors import PyNNError
from pyNN.morphology.distributions import NeuriteDistribution, uniform
from pyNN.morphology.selectors import MorphologyFilter, as_filter, random_section, with_label
from pyNN.morphology.trees import Morphology

if TYPE_CHECKING:
    from numpy.random import Generator


@dataclass(frozen=True, slots=True)
class Spot:
    """One place: what it is called in recorded data, the section, and 0 (its beginning) … 1 (its end)."""

    label: str
    section: int
    along: float


class LocationGenerator:
    """Some places on a neuron."""

    chance = False  # whether each cell has places of its own

    def lazily_evaluate(self, mask: Any = None, shape: Any = None) -> LocationGenerator:
        """Itself: the places of each cell are found when a simulator makes it."""
        return self

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """The places on one neuron; ``rng``: of this neuron."""
        raise NotImplementedError(f"{type(self).__name__} must define spots(morphology, rng).")


class LabelledLocations(LocationGenerator):
    """The middles of the sections with these names, or of all sections of these groups."""

    def __init__(self, *labels: str) -> None:
        for label in labels:
            if not isinstance(label, str):
                raise PyNNError(f"A place is called {label!r}. Give names of sections.")
        self.labels = labels

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """The soma once, even where it has several sections."""
        for label in self.labels:
            sections = with_label(label)(morphology)
            if label == "soma":
                sections = np.array([morphology.soma_index])
            yield from _named(label, [(int(section), 0.5) for section in sections], morphology)


class at_distances(LocationGenerator):
    """Places of a selection at several distances.

    Parameters
    ----------
    distances
        Path lengths from the soma, µm: a place on each branch that is long enough. Where none is above 1: fractions of
        each selected section's length, which is what PyNN 0.13 takes.
    """

    def __init__(self, selector: MorphologyFilter | str, distances: Sequence[float]) -> None:
        self.selector, self.distances = as_filter(selector), distances
        wrong = [d for d in distances if not (np.isfinite(d) and d >= 0)]
        if wrong:
            raise PyNNError(f"A distance is {wrong[0]!r}. It must be 0 or more: µm from the soma, or fractions.")

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """For each distance, those of all sections."""
        sections = self.selector(morphology)
        shape = morphology.shape
        begins, fractions = shape.distances, max(self.distances, default=0.0) <= 1.0
        for d in self.distances:
            found = []
            for section in map(int, sections):
                if not len(shape.sections[section]):
                    continue
                begin = begins[shape.sections[section][0]]
                along = float(d) if fractions else (d - begin) / shape.length(section)
                if (fractions or 0.0 < along) and along <= 1.0:
                    found.append((section, along))
            yield from _named(f"d-{d}", found, morphology)


class random_placement(LocationGenerator):
    """Places at random, with a density.

    Each section has its length (µm) times the density, and one more with the probability of what is left; each lies
    anywhere along it.

    Parameters
    ----------
    density_function
        Places per µm: a distribution, or a number for all sections.
    """

    chance = True

    def __init__(self, density_function: NeuriteDistribution | float) -> None:
        density = density_function
        if isinstance(density, int | float):
            density = uniform("all", float(density))
        if not hasattr(density, "value_in"):
            raise PyNNError(f"The density is {density!r}. It must be a number per µm, or such as uniform('all', 0.05).")
        self.density_function = density
        self._last: tuple[Morphology, list[float]] | None = None

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """Section by section."""
        if self._last is None or self._last[0] is not morphology:
            self._last = morphology, [self._mean(morphology, k) for k in range(len(morphology.shape.sections))]
        for section, mean in enumerate(self._last[1]):
            for place in np.sort(rng.random(int(mean) + int(rng.random() < mean % 1.0))) if mean else ():
                yield Spot(f"random-{section}", section, float(place))

    def _mean(self, morphology: Morphology, section: int) -> float:
        """How many places a section has in the mean."""
        density = self.density_function.value_in(morphology, section) or 0.0
        if not (np.isfinite(density) and density >= 0):
            raise PyNNError(f"The density of places in section {section} is {density!r} per µm. It must be 0 or more.")
        return float(density) * morphology.shape.length(section) if density else 0.0


class centre(LocationGenerator):
    """The middle of that one of the selected sections that is in the middle of their list."""

    def __init__(self, selector: MorphologyFilter | str) -> None:
        self.selector = as_filter(selector)

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """One place."""
        sections = [int(k) for k in self.selector(morphology) if len(morphology.shape.sections[int(k)])]
        if sections:
            yield Spot("centre", sections[len(sections) // 2], 0.5)


center = centre


class _Selected(LocationGenerator):
    """A place in each section of a selection, as scripts of PyNN before 0.13 say it."""

    def __init__(self, label: str, selector: MorphologyFilter) -> None:
        self.label, self.selector = label, selector
        self.chance = isinstance(selector, random_section)

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """In their middles, or at ``fraction_along``."""
        if isinstance(self.selector, random_section):
            among = np.asarray(self.selector.f(morphology))
            chosen = among[rng.integers(len(among), size=min(1, len(among)))]
            yield from _named(self.label, [(int(section), 0.5) for section in chosen], morphology)
            return
        along = getattr(self.selector, "fraction_along", None)
        at = 0.5 if along is None else float(along)
        if not 0.0 <= at <= 1.0:
            raise PyNNError(f"fraction_along is {along!r}. It must be from 0 (a section's beginning) to 1 (its end).")
        yield from _named(self.label, [(int(section), at) for section in self.selector(morphology)], morphology)


class _Renamed(LocationGenerator):
    """The places of another generator under a name of the script's choice."""

    def __init__(self, label: str, places: LocationGenerator) -> None:
        self.label, self.places, self.chance = label, places, places.chance

    def spots(self, morphology: Morphology, rng: Generator) -> Iterator[Spot]:
        """The same places."""
        found = [(spot.section, spot.along) for spot in self.places.spots(morphology, rng)]
        yield from _named(self.label, found, morphology)


def _named(label: str, found: Sequence[tuple[int, float]], morphology: Morphology) -> Iterator[Spot]:
    """Places of one name, but in sections that have no length."""
    for section, along in found:
        if len(morphology.shape.sections[section]):
            yield Spot(label, section, along)


def as_places(locations: Any) -> list[LocationGenerator]:
    """Places however a script says them: a name, a generator, a selection, a list of these, or a dictionary by name.

    Raises
    ------
    PyNNError
        It is none of these.
    """
    if isinstance(locations, str):
        return [LabelledLocations(locations)]
    if isinstance(locations, LocationGenerator):
        return [locations]
    if isinstance(locations, MorphologyFilter):
        return [_Selected(type(locations).__name__, locations)]
    if isinstance(locations, Mapping):
        return [_Renamed(str(label), place) for label, item in locations.items() for place in as_places(item)]
    if isinstance(locations, list | tuple):
        return [place for item in locations for place in as_places(item)]
    kinds = ("a section's name", "a generator such as centre(dendrites())", "a list of these", "a dictionary of them")
    raise PyNNError(f"A location is {locations!r}. It must be one of: {listing(kinds)}.")


def receptor_places(locations: Any) -> list[LocationGenerator]:
    """Places of receptors: as :func:`as_places` takes them, or a density per µm, a number or a distribution."""
    if isinstance(locations, NeuriteDistribution | int | float):
        return [random_placement(locations)]
    return as_places(locations)
