"""PyNN's embedded engine: no simulator to install."""

from pynn_native.backend import NativeBackend

__all__ = ["NativeBackend"]
