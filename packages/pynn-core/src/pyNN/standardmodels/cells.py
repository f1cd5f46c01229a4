"""The standard cell types, each defined in the module of its family."""

from pyNN.standardmodels.base import StandardCellType, StandardCellTypeComponent
from pyNN.standardmodels.composed import LIF, AdExp, PointNeuron
from pyNN.standardmodels.integrate_and_fire import (
    GIF_cond_exp,
    IF_cond_alpha,
    IF_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    IF_facets_hardware1,
)
from pyNN.standardmodels.multicompartment import MultiCompartmentNeuron
from pyNN.standardmodels.sources import (
    RandomSource,
    SpikeSourceArray,
    SpikeSourceGamma,
    SpikeSourceInhGamma,
    SpikeSourcePoisson,
    SpikeSourcePoissonRefractory,
)
from pyNN.standardmodels.spiking import EIF_cond_alpha_isfa_ista, EIF_cond_exp_isfa_ista, HH_cond_exp, Izhikevich

__all__ = [
    "LIF",
    "AdExp",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "GIF_cond_exp",
    "HH_cond_exp",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "IF_facets_hardware1",
    "Izhikevich",
    "MultiCompartmentNeuron",
    "PointNeuron",
    "RandomSource",
    "SpikeSourceArray",
    "SpikeSourceGamma",
    "SpikeSourceInhGamma",
    "SpikeSourcePoisson",
    "SpikeSourcePoissonRefractory",
    "StandardCellType",
    "StandardCellTypeComponent",
]
