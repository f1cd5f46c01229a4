"""The registry of components that scripts extend Sumatra with, and the spelling of labels and status tags.

Plug-ins of distributions come by entry points; this registry is for classes that a module of the user's own registers,
as in Sumatra 0.8 (``smt configure --add-plugin MODULE``).
"""

from __future__ import annotations

import locale
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sumatra.labels import TIMESTAMP_FORMAT

__all__ = [
    "STATUS_FORMAT", "STATUS_PATTERN", "TIMESTAMP_FORMAT", "SingletonType", "component", "component_type",
    "conditional_component", "get_encoding", "get_registered_components", "run",
]  # fmt: skip

STATUS_FORMAT = "_%s_"
STATUS_PATTERN = re.compile(r"_(([^.]*)(\.\.\.)?)_")
C = TypeVar("C", bound=type)


class SingletonType(type):
    """The class of classes that have one instance: calling them gives it again."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """The instance, made by the first call."""
        if "_only" not in vars(cls):
            cls._only = super().__call__(*args, **kwargs)
        return cls._only


class _Registry(metaclass=SingletonType):
    """Which classes are known of each kind, by their name."""

    def __init__(self) -> None:
        self._components: dict[type, dict[str, type]] = {}

    @property
    def components(self) -> dict[type, dict[str, type]]:
        """Kinds, and of each the classes by name."""
        return self._components

    def add_component_type(self, base_class: type) -> None:
        """Make a class a kind of component; it must say which attributes its components need."""
        if not hasattr(base_class, "required_attributes"):
            raise TypeError(f"{base_class.__name__} has no 'required_attributes', which a kind of component lists.")
        self._components.setdefault(base_class, {})

    def register(self, component: type) -> None:
        """Remember a class under its ``name``, ``names`` or class name."""
        kind = next((base for base in component.__mro__ if base in self._components), None)
        if kind is None:
            raise TypeError(f"{component.__name__} is derived from no kind of component.")
        missing = [name for name in getattr(kind, "required_attributes", ()) if not hasattr(component, name)]
        if missing:
            raise TypeError(f"{component.__name__} lacks {', '.join(missing)}, which every {kind.__name__} has.")
        name = vars(component).get("name") or component.__name__
        for known in getattr(component, "names", None) or (name,):
            self._components[kind][str(known)] = component


registry = _Registry()


def component_type(cls: C) -> C:
    """Class decorator: this is a kind of component."""
    registry.add_component_type(cls)
    return cls


def component(cls: C) -> C:
    """Class decorator: register this class with the kind that it is derived from."""
    registry.register(cls)
    return cls


def conditional_component(condition: object) -> Callable[[C], C]:
    """The same as :func:`component`, only where the condition holds."""

    def register(cls: C) -> C:
        return component(cls) if condition else cls

    return register


def get_registered_components(base_type: type) -> dict[str, type]:
    """The registered classes of one kind, by name."""
    return registry.components[base_type]


def get_encoding() -> str:
    """The encoding of the user's locale."""
    return locale.getpreferredencoding() or "utf-8"


def run(
    args: Sequence[str], cwd: Path | str | None = None, shell: bool = False, kill_tree: bool = True,
    timeout: float = -1, env: dict[str, str] | None = None,
) -> tuple[int, bytes, bytes]:
    """Run a command given as a list; gives its return code, standard output and standard error.

    ``shell`` and ``kill_tree`` are taken for the sake of scripts for 0.8; no shell is ever used. -9 and no output where
    the ``timeout`` (s) ran out.
    """
    words: list[Any] = list(args)
    try:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, check=False,
                              timeout=timeout if timeout > 0 else None)  # fmt: skip
    except subprocess.TimeoutExpired:
        return -9, b"", b""
    return done.returncode, done.stdout, done.stderr
