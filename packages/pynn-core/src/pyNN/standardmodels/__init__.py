"""The standard models: declarations only. What each is on a simulator is a row in that backend's table."""

from pyNN.standardmodels.base import CellType, ModelType, StandardCellType, SynapseType
from pyNN.standardmodels.electrodes import StandardCurrentSource

__all__ = ["CellType", "ModelType", "StandardCellType", "StandardCurrentSource", "SynapseType"]
