"""PyNN on MySim."""

from pynn_mysim.backend import MySimBackend

__all__ = ["MySimBackend"]
