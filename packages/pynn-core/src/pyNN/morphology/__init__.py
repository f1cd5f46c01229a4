"""Shapes of neurons, parts of them, places on them, and how channels and synapses are spread over them."""

from importlib.util import find_spec

from pyNN.morphology.distributions import (
    IonChannelDistribution,
    NeuriteDistribution,
    SynapseDistribution,
    any,
    by_diameter,
    by_distance,
    uniform,
)
from pyNN.morphology.locations import (
    LabelledLocations,
    LocationGenerator,
    at_distances,
    center,
    centre,
    random_placement,
)
from pyNN.morphology.selectors import (
    MorphologyFilter,
    apical_dendrites,
    axon,
    basal_dendrites,
    dendrites,
    random_section,
    sample,
    soma,
    with_label,
)
from pyNN.morphology.trees import BrianMorphology, MorphIOMorphology, Morphology, NeuroMLMorphology, load_morphology

have_neuroml = find_spec("neuroml") is not None

__all__ = [
    "BrianMorphology",
    "IonChannelDistribution",
    "LabelledLocations",
    "LocationGenerator",
    "MorphIOMorphology",
    "Morphology",
    "MorphologyFilter",
    "NeuriteDistribution",
    "NeuroMLMorphology",
    "SynapseDistribution",
    "any",
    "apical_dendrites",
    "at_distances",
    "axon",
    "basal_dendrites",
    "by_diameter",
    "by_distance",
    "center",
    "centre",
    "dendrites",
    "have_neuroml",
    "load_morphology",
    "random_placement",
    "random_section",
    "sample",
    "soma",
    "uniform",
    "with_label",
]
