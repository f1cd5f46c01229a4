"""The classes that all models inherit, by the names under which backends and scripts have always found them."""

from __future__ import annotations

from pyNN.standardmodels.base import (
    CellType,
    ModelType,
    StandardCellTypeComponent,
    StandardIonChannelModel,
    StandardPostSynapticResponse,
    SynapseType,
)
from pyNN.standardmodels.electrodes import StandardCurrentSource

__all__ = [
    "BaseCellType",
    "BaseCellTypeComponent",
    "BaseCurrentSource",
    "BaseIonChannelModel",
    "BaseModelType",
    "BasePostSynapticResponse",
    "BasePostSynapticResponseModel",
    "BaseSynapseType",
]

BaseModelType = ModelType
BaseCellType = CellType
BaseSynapseType = SynapseType
BaseCurrentSource = StandardCurrentSource
BaseCellTypeComponent = StandardCellTypeComponent
BaseIonChannelModel = StandardIonChannelModel
BasePostSynapticResponse = StandardPostSynapticResponse
BasePostSynapticResponseModel = StandardPostSynapticResponse
