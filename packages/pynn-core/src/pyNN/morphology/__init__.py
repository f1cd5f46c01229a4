"""Shapes of neurons, parts of them, and how channels and synapses are spread over them: declarations for simulators.

No simulator that is installed takes multi-compartment cells yet; a script can declare them, and is told so where it
makes a population of them.
"""

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
from pyNN.morphology.locations import LabelledLocations, LocationGenerator, at_distances, centre, random_placement
from pyNN.morphology.selectors import (
    MorphologyFilter,
    apical_dendrites,
    axon,
    basal_dendrites,
    dendrites,
    random_section,
    sample,
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
    "centre",
    "dendrites",
    "have_neuroml",
    "load_morphology",
    "random_placement",
    "random_section",
    "sample",
    "uniform",
    "with_label",
]
