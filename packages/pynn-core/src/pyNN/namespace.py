"""The names of a simulator module: classes bound to one Simulator, its functions, and the standard models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyNN import connectors, errors, random, space
from pyNN.legacy.connectors import FAST, fast
from pyNN.legacy.projections import DynamicSynapse, SynapseDynamics, tsodyks_markram_mechanism
from pyNN.legacy.spinnaker import portable_names
from pyNN.native_electrodes import native_electrode_type
from pyNN.native_types import native_cell_type, native_synapse_type
from pyNN.parameters import ArrayParameter, Sequence
from pyNN.populations import Assembly, Population, PopulationView
from pyNN.procedures import connect, create, initialize, record, record_gsyn, record_v, set_parameters
from pyNN.projections import Projection
from pyNN.standardmodels import (
    StandardCellType,
    StandardCurrentSource,
    StandardSynapseType,
)
from pyNN.standardmodels.catalogue import CELL_TYPES, CURRENT_SOURCES, PARTS, SYNAPSE_TYPES

if TYPE_CHECKING:
    from pyNN.simulator import Simulator

_RECORDING = (
    "MPI_ROOT", "DataCache", "Recorder", "Variable", "filter_by_variables", "gather_array", "gather_blocks",
    "gather_dict", "get_io", "get_mpi_comm", "mpi_sum", "remove_duplicate_spiketrains", "rename_existing",
    "safe_makedirs",
)  # fmt: skip
# Names whose modules are imported when they are first asked for: "module:attribute".
LATER: Mapping[str, str] = {
    "CellEquations": "pyNN.equations:CellEquations",
    "LazyArray": "pyNN.parameters.lazy:LazyArray",
    "Network": "pyNN.network:Network",
    "ParameterSpace": "pyNN.parameters.lazy:ParameterSpace",
    "simplify": "pyNN.parameters.lazy:simplify",
    **{name: f"pyNN.recording:{name}" for name in _RECORDING},
    **{name: f"pyNN.standardmodels.{name}" for name in ("cells", "electrodes", "receptors", "synapses")},
    **{name: f"pyNN.{name}" for name in ("descriptions", "morphology", "recording", "standardmodels")},
    "control": "pyNN.common.control",
    "procedural_api": "pyNN.common.procedural_api",
    "files": "pyNN.recording.files",
    "build_translations": "pyNN.standardmodels:build_translations",
    "e": "math:e",
    "pi": "math:pi",
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
        "StandardSynapseType": StandardSynapseType,
        "StandardCurrentSource": StandardCurrentSource,
        "connect": connect,
        "create": lambda *args, **kwargs: create(simulator, *args, **kwargs),
        "record": record,
        "record_v": record_v,
        "record_gsyn": record_gsyn,
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
    names |= {name: getattr(simulator, name) for name in _METHODS} | portable_names(simulator)
    names |= {name: getattr(connectors, name) for name in connectors.__all__}
    names |= {f"Fast{name}": fast(getattr(connectors, name)) for name in FAST}
    names |= {name: getattr(random, name) for name in _GENERATORS}
    names |= {name: getattr(space, name) for name in _STRUCTURES}
    names |= dict(CELL_TYPES) | dict(SYNAPSE_TYPES) | dict(PARTS)
    names["native_cell_type"] = lambda spec: native_cell_type(simulator, spec)
    names["native_synapse_type"] = lambda spec: native_synapse_type(simulator, spec)
    names["native_electrode_type"] = lambda spec: native_electrode_type(simulator, spec)
    return names


_GENERATORS = ("AbstractRNG", "GSLRNG", "NativeRNG", "NumpyRNG", "RandomDistribution", "WrappedRNG")
_STRUCTURES = ("Cuboid", "Grid2D", "Grid3D", "Line", "RandomStructure", "Space", "Sphere")
