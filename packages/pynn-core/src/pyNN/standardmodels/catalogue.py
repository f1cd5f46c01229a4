"""The standard models by name: what a simulator may have, and the parts that composed models are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyNN.standardmodels import cells, electrodes, ion_channels, receptors, synapses
from pyNN.standardmodels.base import StandardCellType, StandardSynapseType

CELL_TYPES: Mapping[str, Any] = {
    name: getattr(cells, name)
    for name in cells.__all__
    if issubclass(getattr(cells, name), StandardCellType) and name not in ("RandomSource", "StandardCellType")
}
RANDOM_SOURCES = tuple(name for name, celltype in CELL_TYPES.items() if issubclass(celltype, cells.RandomSource))
SYNAPSE_TYPES: Mapping[str, Any] = {
    name: getattr(synapses, name)
    for name in synapses.__all__
    if issubclass(getattr(synapses, name), StandardSynapseType) and name != "StandardSynapseType"
}
# Parts of composed models: they are names of every simulator, and the whole is refused where it is not available.
PARTS: Mapping[str, Any] = {
    **{
        name: getattr(synapses, name)
        for name in synapses.__all__
        if name.endswith(("Rule", "Dependence", "Depression"))
    },
    **{name: getattr(receptors, name) for name in receptors.__all__},
    **{name: getattr(ion_channels, name) for name in ion_channels.__all__},
    "LIF": cells.LIF,
    "AdExp": cells.AdExp,
}
CURRENT_SOURCES: Mapping[str, Any] = {
    name: getattr(electrodes, name) for name in ("ACSource", "DCSource", "NoisyCurrentSource", "StepCurrentSource")
}
