"""The standard models: declarations only. What each is on a simulator is a row in that backend's table."""

from pyNN.standardmodels.base import (
    CellType,
    ModelType,
    StandardCellType,
    StandardCellTypeComponent,
    StandardIonChannelModel,
    StandardPostSynapticResponse,
    StandardSynapseType,
    SynapseType,
)
from pyNN.standardmodels.electrodes import StandardCurrentSource
from pyNN.standardmodels.stdp import STDPTimingDependence, STDPWeightDependence

StandardModelType = ModelType  # the name of PyNN 0.13

__all__ = [
    "CellType",
    "ModelType",
    "STDPTimingDependence",
    "STDPWeightDependence",
    "StandardCellType",
    "StandardCellTypeComponent",
    "StandardCurrentSource",
    "StandardIonChannelModel",
    "StandardModelType",
    "StandardPostSynapticResponse",
    "StandardSynapseType",
    "SynapseType",
]
