"""Synapses between two groups of cells."""

from pyNN.projections.connection import Connection
from pyNN.projections.projection import Projection

__all__ = ["Connection", "Projection"]
