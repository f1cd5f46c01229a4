"""The standard models: declarations only. What each is on a simulator is a row in that backend's table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyNN.standardmodels.base import (
    CellType,
    ModelNotAvailable,
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
from pyNN.standardmodels.translations import build_scaling_functions, build_translations

if TYPE_CHECKING:
    from pyNN.projections.limits import check_delays, check_weights

StandardModelType = ModelType  # the name of PyNN 0.13

__all__ = [
    "CellType",
    "ModelNotAvailable",
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
    "build_scaling_functions",
    "build_translations",
    "check_delays",
    "check_weights",
]


def __getattr__(name: str) -> Any:
    if name in ("check_delays", "check_weights"):
        from pyNN.projections import limits

        return getattr(limits, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
