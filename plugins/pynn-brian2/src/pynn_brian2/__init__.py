"""PyNN on Brian 2."""

from pynn_brian2.backend import Brian2Backend

__all__ = ["Brian2Backend"]
