"""The names of a simulator module: classes bound to one Simulator, its functions, and the standard models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyNN import connectors, errors, random, space
from pyNN.legacy.projections import DynamicSynapse, SynapseDynamics, tsodyks_markram_mechanism
from pyNN.native_types import native_cell_type, native_synapse_type
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.populations import Assembly, Population, PopulationView
from pyNN.procedures import connect, create, initialize, record, set_parameters
from pyNN.projections import Projection
from pyNN.standardmodels import (
    StandardCellType,
    StandardCurrentSource,
    StandardSynapseType,
    cells,
    electrodes,
    ion_channels,
    receptors,
    synapses,
)

if TYPE_CHECKING:
    from pyNN.simulator import Simulator

CELL_TYPES: Mapping[str, Any] = {
    name: getattr(cells, name)
    for name in cells.__all__
    if issubclass(getattr(cells, name), StandardCellType) and name not in ("RandomSource", "StandardCellType")
}
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
# Names of PyNN 0.13 that are to come: saying so is better than the nearest name, which is another model.
NOT_YET = frozenset(
    "ArrayConnector CloneConnector CSAConnector DisplacementDependentProbabilityConnector FixedTotalNumberConnector "
    "FromFileConnector IndexBasedProbabilityConnector SmallWorldConnector record_v record_gsyn".split()
)
# Names whose modules are imported when they are first asked for: "module:attribute".
LATER: Mapping[str, str] = {
    "LazyArray": "pyNN.parameters.lazy:LazyArray",
    "Network": "pyNN.network:Network",
    "ParameterSpace": "pyNN.parameters.lazy:ParameterSpace",
    "simplify": "pyNN.parameters.lazy:simplify",
}
_METHODS = (
    "setup", "end", "run", "run_for", "run_until", "reset", "get_current_time", "get_time", "get_time_step",
    "get_min_delay", "get_max_delay", "num_processes", "rank", "list_standard_models",
)  # fmt: skip


def bound_names(simulator: Simulator) -> dict[str, Any]:
    """Every public name of ``pyNN.<simulator>``."""
    names: dict[str, Any] = {
        "Population": type("Population", (Population,), {"bound_to": simulator, "__doc__": Population.__doc__}),
        "PopulationView": PopulationView,
        "Assembly": Assembly,
        "Projection": Projection,
        "ArrayParameter": ArrayParameter,
        "Sequence": Sequence,
        "StandardCellType": StandardCellType,
        "StandardCurrentSource": StandardCurrentSource,
        "connect": connect,
        "create": lambda *args, **kwargs: create(simulator, *args, **kwargs),
        "record": record,
        "initialize": initialize,
        "set": set_parameters,
        "simulator": simulator,
        "SynapseDynamics": SynapseDynamics,
        "DynamicSynapse": DynamicSynapse,
        "TsodyksMarkramMechanism": tsodyks_markram_mechanism,
        "errors": errors,
        "random": random,
        "space": space,
        "connectors": connectors,
    }
    for source in CURRENT_SOURCES.values():
        names[source.__name__] = type(source.__name__, (source,), {"simulator": simulator, "__doc__": source.__doc__})
    names |= {name: getattr(simulator, name) for name in _METHODS}
    names |= {name: getattr(connectors, name) for name in connectors.__all__ if name.endswith("Connector")}
    names |= {name: getattr(random, name) for name in ("NativeRNG", "NumpyRNG", "RandomDistribution")}
    names |= {name: getattr(space, name) for name in _STRUCTURES}
    names |= dict(CELL_TYPES) | dict(SYNAPSE_TYPES) | dict(PARTS)
    names["native_cell_type"] = lambda spec: native_cell_type(simulator, spec)
    names["native_synapse_type"] = lambda spec: native_synapse_type(simulator, spec)
    return names


_STRUCTURES = ("Cuboid", "Grid2D", "Grid3D", "Line", "RandomStructure", "Space", "Sphere")
