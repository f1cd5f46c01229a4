"""PyNN's functions beside the classes: ``create``, ``connect``, ``record``, ``initialize``, ``set``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyNN.connectors import AllToAllConnector, FixedProbabilityConnector
from pyNN.legacy.populations import as_keywords
from pyNN.legacy.warning import deprecated
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
    pre: Any = None, post: Any = None, weight: Any = 0.0, delay: Any = None, receptor_type: str | None = None,
    p: float = 1, rng: AbstractRNG | None = None, **old: Any,
) -> Projection:  # fmt: skip
    """Connect cells with probability ``p``; gives the projection."""
    renamed = {"source": "pre", "target": "post", "synapse_type": "receptor_type"}
    given = {"pre": pre, "post": post, "receptor_type": receptor_type}
    for name, value in old.items():
        if name not in renamed:
            allowed = "pre, post, weight, delay, receptor_type, p, rng"
            raise TypeError(f"connect() has no argument {name!r}. It has: {allowed}.")
        deprecated(f"connect({name}=…)", f"connect({renamed[name]}=…)")
        given[renamed[name]] = value
    connector = AllToAllConnector() if p == 1 else FixedProbabilityConnector(p, rng=rng)
    synapse = StaticSynapse(weight=0.0 if weight is None else weight, delay=delay)
    source, target = as_group(given["pre"]), as_group(given["post"])
    return Projection(source, target, connector, synapse, receptor_type=given["receptor_type"])


def record(
    variables: Any, source: Any, filename: Any = None, sampling_interval: float | None = None,
    annotations: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Record these cells and write the data to a file at ``end``."""
    if not _are_names(variables):
        deprecated("record(cells, filename)", "record('spikes', cells, filename)")
        variables, source, filename = "spikes", variables, source
    group = as_group(source)
    group.record(variables, to_file=filename, sampling_interval=sampling_interval)
    group.annotate(**dict(annotations or {}))


def record_v(source: Any, filename: Any) -> None:
    """Record the membrane potential of these cells, and write it to a file at ``end``."""
    deprecated("record_v(cells, filename)", "record('v', cells, filename)")
    as_group(source).record("v", to_file=filename)


def record_gsyn(source: Any, filename: Any) -> None:
    """Record both synaptic conductances of these cells, and write them to a file at ``end``."""
    deprecated("record_gsyn(cells, filename)", "record(['gsyn_exc', 'gsyn_inh'], cells, filename)")
    as_group(source).record(["gsyn_exc", "gsyn_inh"], to_file=filename)


def initialize(cells: Any, *old: Any, **initial_values: Any) -> None:
    """Set state variables of these cells."""
    as_group(cells).initialize(**as_keywords(old, initial_values, "initialize"))


def set_parameters(cells: Any, *old: Any, **parameters: Any) -> None:
    """Change parameters of these cells from now on."""
    as_group(cells).set(**as_keywords(old, parameters, "set"))


def _are_names(variables: str | Sequence[Any]) -> bool:
    if isinstance(variables, str):
        return True
    return isinstance(variables, list | tuple | set) and all(isinstance(name, str) for name in variables)
