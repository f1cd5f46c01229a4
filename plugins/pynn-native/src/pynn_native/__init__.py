"""PyNN's embedded engine: no simulator to install."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynn_native.backend import NativeBackend

__all__ = ["NativeBackend"]


def __getattr__(name: str) -> object:
    """The backend is imported when it is asked for: who only expands rules does without it."""
    if name != "NativeBackend":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pynn_native.backend import NativeBackend

    globals()[name] = NativeBackend
    return NativeBackend
