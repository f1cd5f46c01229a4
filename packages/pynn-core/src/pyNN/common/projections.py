"""Projections and their connections."""

from pyNN.projections import Connection, Projection

__all__ = ["Connection", "Projection"]
