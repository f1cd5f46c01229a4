"""Plug-ins of one kind, by name: what is installed, and the class behind a name once it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

from cawan import errors
from cawan._entry_points import cache_folder as cache_folder  # also for what plug-ins keep there
from cawan._entry_points import installed
from cawan.groups import GROUPS, Group, Plugin

__all__ = ["GROUPS", "Group", "Plugin", "Plugins", "check"]

T = TypeVar("T")

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_OTHERS = frozenset("0123456789_+-")


class Plugins(Generic[T]):
    """The plug-ins of one kind, by name. Reading the names imports none of them.

    Parameters
    ----------
    group
        An entry-point group: one of :data:`GROUPS`, or any other with ``definition``.

    >>> from cawan.simulator import SimulatorBackend
    >>> backends: Plugins[SimulatorBackend] = Plugins("pynn.backends")
    """

    def __init__(self, group: str, definition: Group | None = None) -> None:
        self.group = group
        self.definition = definition or GROUPS[group]
        self._loaded: dict[str, tuple[str, type[T]]] = {}
        self._given: dict[str, type[T]] = {}

    def names(self) -> list[str]:
        """Every name that is installed or given, sorted; a name that two distributions claim is there once."""
        return sorted({plugin.name for plugin in self.describe()} | set(self._given))

    def describe(self) -> list[Plugin]:
        """Every plug-in of this kind that is installed, by name and then by distribution."""
        return sorted(p for p in installed() if p.group == self.group and _is_name(p.name))

    def load(self, name: str) -> type[T]:
        """Import one plug-in, check it against the interface, and remember it.

        Raises
        ------
        UnknownPluginError, NotInstalledError, DuplicatePluginError, DoesNotImportError, OutdatedPluginError
            Each says in one sentence what to do.
        """
        if name in self._given:
            return self._given[name]
        plugin = self._find(name)
        remembered, cls = self._loaded.get(name, ("", None))
        if cls is None or remembered != plugin.value:
            cls = self._import(plugin)
            check(cls, self._interface(), plugin)
            self._loaded[name] = plugin.value, cls
        return cls

    @contextmanager
    def using(self, name: str, cls: type[T]) -> Iterator[None]:
        """Within the block, ``name`` is ``cls``: for tests and notebooks, without packaging."""
        before = self._given.get(name)
        self._given[name] = cls
        try:
            yield
        finally:
            if before is None:
                del self._given[name]
            else:
                self._given[name] = before

    def _find(self, name: str) -> Plugin:
        kind, known = self.definition.kind, self.definition.known
        candidates = [plugin for plugin in self.describe() if plugin.name == name]
        if len(candidates) > 1:
            raise errors.DuplicatePluginError(kind, name, [f"{p.distribution} {p.version}" for p in candidates])
        if candidates:
            return candidates[0]
        if name in known:
            raise errors.NotInstalledError(kind, name, known[name])
        raise errors.UnknownPluginError(kind, name, self.names())

    def _import(self, plugin: Plugin) -> type[T]:
        module, _, path = plugin.value.partition(":")
        try:
            found: Any = import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
            if not isinstance(found, type):
                raise TypeError(f"{plugin.value} is no class")
        except (Exception, SystemExit) as error:
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise errors.DoesNotImportError(
                self.definition.kind, plugin.name, plugin.distribution, plugin.version, reason.rstrip(".") + "."
            ) from error
        return cast(type[T], found)

    def _interface(self) -> type:
        module, _, name = self.definition.interface.partition(":")
        return cast(type, getattr(import_module(module), name))


def _is_name(name: str) -> bool:
    """Whether it is a plug-in's: small letters, digits, ``_+-``, a letter first, also behind a dot."""
    return all(part[:1] in _LETTERS and _LETTERS | _OTHERS >= set(part) for part in name.split("."))


def check(cls: object, interface: type, plugin: Plugin) -> None:
    """Refuse a class that lacks a required member or was written for another version of the interface.

    A plug-in states its version by ``interface = 1`` in its own class body; one that does not is taken to be of
    today's version, and is still refused where a member is missing.
    """
    wants: int = getattr(interface, "interface", 1)
    own = [vars(base).get("interface") for base in getattr(cls, "__mro__", ()) if base is not interface]
    has = next((number for number in own if isinstance(number, int)), wants)
    missing = sorted(f"{name}()" for name in getattr(interface, "__abstractmethods__", ()) if _lacks(cls, name))
    missing += sorted(
        name
        for name in interface.__annotations__
        if not name.startswith("_")
        and not hasattr(cls, name)
        and not any(name in getattr(base, "__slots__", ()) for base in getattr(cls, "__mro__", ()))
        and "ClassVar" in str(interface.__annotations__[name])
    )
    if missing or has != wants:
        label = getattr(cls, "__name__", repr(cls))
        raise errors.OutdatedPluginError(
            label, plugin.distribution, plugin.version, interface.__name__, has, wants, missing
        )


def _lacks(cls: object, name: str) -> bool:
    return not hasattr(cls, name) or name in getattr(cls, "__abstractmethods__", ())
