"""PyNN's functions beside the classes: ``create``, ``connect``, ``record``, ``initialize``, ``set``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyNN.connectors import AllToAllConnector, FixedProbabilityConnector
from pyNN.populations import ID, Assembly, Group, Population
from pyNN.projections import Projection
from pyNN.random import AbstractRNG
from pyNN.standardmodels import CellType
from pyNN.standardmodels.synapses import StaticSynapse

if TYPE_CHECKING:
    from pyNN.simulator import Simulator


def create(
    simulator: Simulator, cellclass: type[CellType] | CellType, cellparams: Mapping[str, Any] | None = None, n: int = 1
) -> Population:
    """A population of n cells."""
    made: Population = simulator.names["Population"](n, cellclass, cellparams)
    return made


def as_group(cells: Any) -> Group:
    """A population, view or assembly of these cells: a group stays as it is, a cell or a list of cells is gathered."""
    if isinstance(cells, Group):
        return cells
    if isinstance(cells, ID):
        return cells.as_view()
    return Assembly(*(as_group(cell) for cell in cells))


def connect(
    pre: Any, post: Any, weight: Any = 0.0, delay: Any = None, receptor_type: str | None = None, p: float = 1,
    rng: AbstractRNG | None = None,
) -> Projection:  # fmt: skip
    """Connect cells with probability ``p``; gives the projection."""
    connector = AllToAllConnector() if p == 1 else FixedProbabilityConnector(p, rng=rng)
    synapse = StaticSynapse(weight=weight, delay=delay)
    return Projection(as_group(pre), as_group(post), connector, synapse, receptor_type=receptor_type)


def record(
    variables: str | Sequence[str], source: Any, filename: Any, sampling_interval: float | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Record these cells and write the data to a file at ``end``."""
    group = as_group(source)
    group.record(variables, to_file=filename, sampling_interval=sampling_interval)
    group.annotate(**dict(annotations or {}))


def initialize(cells: Any, **initial_values: Any) -> None:
    """Set state variables of these cells."""
    as_group(cells).initialize(**initial_values)


def set_parameters(cells: Any, **parameters: Any) -> None:
    """Change parameters of these cells from now on."""
    as_group(cells).set(**parameters)
