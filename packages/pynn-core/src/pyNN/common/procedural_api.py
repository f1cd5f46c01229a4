"""How the functions beside the classes are made from the classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyNN.populations import ID

__all__ = ["build_connect", "build_create", "build_record", "initialize", "set"]


def _group(cells: Any) -> Any:
    return cells.as_view() if isinstance(cells, ID) else cells


def build_create(population_class: Any) -> Callable[..., Any]:
    """``create``, which makes a population of this class."""

    def create(cellclass: Any, cellparams: Any = None, n: int = 1) -> Any:
        return population_class(n, cellclass, cellparams=cellparams)

    return create


def build_connect(projection_class: Any, connector_class: Any, static_synapse_class: Any) -> Callable[..., Any]:
    """``connect``, which makes a projection of these classes."""

    def connect(
        pre: Any, post: Any, weight: Any = 0.0, delay: Any = None, receptor_type: str | None = None, p: Any = 1,
        rng: Any = None,
    ) -> Any:  # fmt: skip
        connector = connector_class(p_connect=p, rng=rng)
        synapse = static_synapse_class(weight=weight, delay=delay)
        return projection_class(_group(pre), _group(post), connector, receptor_type=receptor_type, synapse_type=synapse)

    return connect


def build_record(simulator: Any) -> Callable[..., Any]:
    """``record``, which records to a file."""

    def record(
        variables: Any, source: Any, filename: Any, sampling_interval: float | None = None, annotations: Any = None
    ) -> None:
        group = _group(source)
        group.record(variables, to_file=filename, sampling_interval=sampling_interval)
        if annotations:
            group.annotate(**annotations)

    return record


def set(cells: Any, **parameters: Any) -> None:
    """Change parameters of these cells from now on."""
    _group(cells).set(**parameters)


def initialize(cells: Any, **initial_values: Any) -> None:
    """Set state variables of these cells."""
    _group(cells).initialize(**initial_values)
