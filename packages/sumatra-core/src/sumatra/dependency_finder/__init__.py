"""What a script depends on, as far as its text says: one module for each language; nothing is run."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from sumatra.dependency_finder.choosing import find_dependencies
from sumatra.dependency_finder.core import BaseDependency, find_file, find_versions

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["BaseDependency", "find_dependencies", "find_file", "find_versions"]

_LANGUAGES = ("genesis", "julia", "matlab", "nest", "neuron", "python", "r", "shell")


def __getattr__(name: str) -> ModuleType:
    """The module of a language, loaded when somebody asks for it."""
    if name not in _LANGUAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(_LANGUAGES)}")
    return import_module(f"{__name__}.{name}")
