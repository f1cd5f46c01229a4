"""What type checkers and editors see of every simulator module; at run time _module.py makes it."""

from collections.abc import Callable, Mapping, Sequence as _Sequence
from typing import Any

from pyNN import connectors as connectors
from pyNN import errors as errors
from pyNN import random as random
from pyNN import space as space
from pyNN.connectors import AllToAllConnector as AllToAllConnector
from pyNN.connectors import DistanceDependentProbabilityConnector as DistanceDependentProbabilityConnector
from pyNN.connectors import FixedNumberPostConnector as FixedNumberPostConnector
from pyNN.connectors import FixedNumberPreConnector as FixedNumberPreConnector
from pyNN.connectors import FixedProbabilityConnector as FixedProbabilityConnector
from pyNN.connectors import FromListConnector as FromListConnector
from pyNN.connectors import OneToOneConnector as OneToOneConnector
from pyNN.equations import CellEquations as CellEquations
from pyNN.native_electrodes import NativeElectrodeType
from pyNN.native_types import NativeCellType, NativeSynapseType
from pyNN.parameters import ParameterSpace as ParameterSpace
from pyNN.parameters import Sequence as Sequence
from pyNN.populations import Assembly as Assembly
from pyNN.populations import Population as Population
from pyNN.populations import PopulationView as PopulationView
from pyNN.projections import Projection as Projection
from pyNN.random import NativeRNG as NativeRNG
from pyNN.random import NumpyRNG as NumpyRNG
from pyNN.random import RandomDistribution as RandomDistribution
from pyNN.simulator import Simulator
from pyNN.space import Cuboid as Cuboid
from pyNN.space import Grid2D as Grid2D
from pyNN.space import Grid3D as Grid3D
from pyNN.space import Line as Line
from pyNN.space import RandomStructure as RandomStructure
from pyNN.space import Space as Space
from pyNN.space import Sphere as Sphere
from pyNN.standardmodels import StandardCellType as StandardCellType
from pyNN.standardmodels import StandardCurrentSource as StandardCurrentSource
from pyNN.standardmodels.cells import IF_cond_exp as IF_cond_exp
from pyNN.standardmodels.cells import IF_curr_alpha as IF_curr_alpha
from pyNN.standardmodels.cells import IF_curr_exp as IF_curr_exp
from pyNN.standardmodels.cells import SpikeSourceArray as SpikeSourceArray
from pyNN.standardmodels.cells import SpikeSourcePoisson as SpikeSourcePoisson
from pyNN.standardmodels.electrodes import ACSource as ACSource
from pyNN.standardmodels.electrodes import DCSource as DCSource
from pyNN.standardmodels.electrodes import NoisyCurrentSource as NoisyCurrentSource
from pyNN.standardmodels.electrodes import StepCurrentSource as StepCurrentSource
from pyNN.standardmodels.synapses import StaticSynapse as StaticSynapse
from pyNN.standardmodels.synapses import TsodyksMarkramSynapse as TsodyksMarkramSynapse

simulator: Simulator
state: Simulator

def setup(
    timestep: float = 0.1,
    min_delay: float | str | None = "auto",
    max_delay: float | str | None = "auto",
    **extra_params: Any,
) -> int: ...
def end(compatible_output: bool = True) -> None: ...
def run(simtime: float, callbacks: Any = None) -> float: ...
def run_for(simtime: float, callbacks: Any = None) -> float: ...
def run_until(time_point: float, callbacks: Any = None) -> float: ...
def reset(annotations: Mapping[str, Any] | None = None) -> None: ...
def get_current_time() -> float: ...
def get_time() -> float: ...
def get_time_step() -> float: ...
def get_min_delay() -> float: ...
def get_max_delay() -> float: ...
def num_processes() -> int: ...
def rank() -> int: ...
def list_standard_models() -> list[str]: ...
def name() -> str: ...
def set_number_of_neurons_per_core(neuron_type: Any, number: Any) -> None: ...
def set_number_of_synapse_cores(neuron_type: Any, number: Any) -> None: ...
def set_allow_delay_extensions(neuron_type: Any, number: Any) -> None: ...
def native_cell_type(spec: Any) -> type[NativeCellType]: ...
def native_electrode_type(spec: Any) -> type[NativeElectrodeType]: ...
def native_synapse_type(spec: Any) -> type[NativeSynapseType]: ...
def create(cellclass: Any, cellparams: Mapping[str, Any] | None = None, n: int = 1) -> Population: ...
def connect(
    pre: Any,
    post: Any,
    weight: Any = 0.0,
    delay: Any = None,
    receptor_type: str | None = None,
    p: float = 1,
    rng: Any = None,
) -> Projection: ...
def record(
    variables: str | _Sequence[str],
    source: Any,
    filename: Any,
    sampling_interval: float | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> None: ...
def initialize(cells: Any, **initial_values: Any) -> None: ...
def set(cells: Any, **parameters: Any) -> None: ...

Callback = Callable[[float], float]
