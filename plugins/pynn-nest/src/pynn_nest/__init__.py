"""PyNN on NEST."""

from pynn_nest.backend import NestBackend

__all__ = ["NestBackend"]
