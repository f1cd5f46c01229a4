"""Populations, views, assemblies and cells."""

from __future__ import annotations

from typing import Any

from pyNN.populations import ID, Assembly, BasePopulation, Population, PopulationView

__all__ = ["Assembly", "BasePopulation", "IDMixin", "Population", "PopulationView", "is_conductance"]

IDMixin = ID


def is_conductance(target_cell: Any) -> bool:
    """Whether synapses onto a cell are conductances."""
    return bool(target_cell.celltype.conductance_based)
