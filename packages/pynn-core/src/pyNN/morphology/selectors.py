"""Parts of a neuron: all segments of a kind, with a name, or at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from cawan.errors import listing, suggestion
from cawan.simulator import Index

from pyNN.errors import PyNNError
from pyNN.morphology.trees import APICAL, AXON, BASAL, SOMA, Morphology


class MorphologyFilter:
    """Some segments of a neuron."""

    def __call__(self, morphology: Morphology) -> Index:
        """Indices of the segments, increasing."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(morphology).")


class _OfKind(MorphologyFilter):
    kinds: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    def __init__(self, fraction_along: float | None = None) -> None:
        self.fraction_along = fraction_along

    def __call__(self, morphology: Morphology) -> Index:
        keys = (*self.kinds, *self.names)
        found = [morphology.section_groups[key] for key in keys if key in morphology.section_groups]
        return np.unique(np.concatenate([np.empty(0, np.int64), *found]))


class dendrites(_OfKind):
    """All dendrites."""

    kinds = (BASAL, APICAL)
    names = ("dendrites", "dendrite_group", "basal_dendrites", "apical_dendrites")


class apical_dendrites(_OfKind):
    """The apical dendrites."""

    kinds = (APICAL,)
    names = ("apical_dendrites",)


class basal_dendrites(_OfKind):
    """The basal dendrites."""

    kinds = (BASAL,)
    names = ("basal_dendrites",)


class axon(_OfKind):
    """The axon."""

    kinds = (AXON,)
    names = ("axon", "axon_group")


class soma(_OfKind):
    """The soma: what is of that kind or has that name, else the section that the morphology takes for it."""

    kinds = (SOMA,)
    names = ("soma", "soma_group")

    def __call__(self, morphology: Morphology) -> Index:
        """Indices of the segments, increasing."""
        found = super().__call__(morphology)
        return found if len(found) else np.array([morphology.soma_index], dtype=np.int64)


class random_section(MorphologyFilter):
    """One segment of another selection, at random."""

    def __init__(self, f: Callable[[Morphology], Any]) -> None:
        self.f = f

    def __call__(self, morphology: Morphology, rng: Any = None) -> Index:
        """Index of the segment, shape (1,); ``rng`` is one of PyNN's generators."""
        from pyNN.random import NumpyRNG

        chosen = np.asarray(self.f(morphology))
        source = rng if rng is not None else NumpyRNG()
        return np.atleast_1d(source.permutation(chosen)[0]).astype(np.int64)


sample = random_section


class UnknownSectionError(PyNNError, ValueError):
    """A morphology has no section or group of this name."""


class with_label(MorphologyFilter):
    """The segments of groups with these names, or with these names of their own; "all" and "soma" are always there."""

    def __init__(self, *labels: str) -> None:
        self.labels = labels

    def __call__(self, morphology: Morphology) -> Index:
        """Indices of the segments, increasing."""
        found = [np.empty(0, np.int64)]
        for label in self.labels:
            if label in morphology.section_groups:
                found.append(morphology.section_groups[label])
            elif label in (names := morphology.labels()):
                found.append(np.array([names[label]], dtype=np.int64))
            elif label == "all":
                found.append(np.arange(len(morphology.shape.sections), dtype=np.int64))
            elif label in _KINDS:
                found.append(_KINDS[label](morphology))
            else:
                known = [*map(str, morphology.section_groups), *morphology.labels(), "all", *_KINDS]
                raise UnknownSectionError(
                    f"The morphology has no section or group of sections called {label!r}. "
                    f"It has: {listing(known)}.{suggestion(label, known)}"
                )
        return np.unique(np.concatenate(found))


_KINDS: Mapping[str, MorphologyFilter] = {
    "soma": soma(), "axon": axon(), "dendrites": dendrites(), "dendrite": dendrites(),
    "apical_dendrite": apical_dendrites(), "basal_dendrite": basal_dendrites(),
}  # fmt: skip


def as_filter(selector: MorphologyFilter | str) -> MorphologyFilter:
    """A selection, also by a name alone."""
    if isinstance(selector, str):
        return with_label(selector)
    if not isinstance(selector, MorphologyFilter):
        raise PyNNError(f"selector is {selector!r}. It must be a selection such as dendrites(), or a name.")
    return selector
