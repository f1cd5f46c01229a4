"""The classes that all simulators share, by the names under which backends and scripts have always found them."""

from pyNN.common.control import build_reset, build_run, build_state_queries, end, setup
from pyNN.common.populations import Assembly, BasePopulation, IDMixin, Population, PopulationView, is_conductance
from pyNN.common.procedural_api import build_connect, build_create, build_record, initialize, set
from pyNN.common.projections import Connection, Projection

__all__ = [
    "Assembly",
    "BasePopulation",
    "Connection",
    "IDMixin",
    "Population",
    "PopulationView",
    "Projection",
    "build_connect",
    "build_create",
    "build_record",
    "build_reset",
    "build_run",
    "build_state_queries",
    "end",
    "initialize",
    "is_conductance",
    "set",
    "setup",
]
