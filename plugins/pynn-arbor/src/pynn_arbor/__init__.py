"""PyNN on Arbor."""

from pynn_arbor.backend import ArborBackend

__all__ = ["ArborBackend"]
