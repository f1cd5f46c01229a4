"""The errors that both cores share: each keeps its values as fields and carries the exit code of the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar


def suggestion(value: str, choices: Iterable[str]) -> str:
    """The text " Did you mean 'x'?" with its leading blank, or "" where no choice is like the misspelt value."""
    from difflib import get_close_matches  # 5 ms, and needed only once something is wrong

    match = next(iter(get_close_matches(value, list(choices), n=1, cutoff=0.6)), "")
    return f" Did you mean {match!r}?" if match else ""


def listing(names: Iterable[object], most: int = 20) -> str:
    """Names sorted and joined by commas; a long list is cut and its rest counted; "none" where it is empty."""
    ordered = sorted(str(name) for name in names)
    if not ordered:
        return "none"
    rest = f", … ({len(ordered) - most} more)" if len(ordered) > most else ""
    return ", ".join(ordered[:most]) + rest


class CawanError(Exception):
    """A mistake that the user can mend; its text is one that a user can read."""

    exit_code: ClassVar[int] = 1


class PluginError(CawanError):
    """A plug-in that was asked for cannot be used."""

    exit_code: ClassVar[int] = 69


class UnknownPluginError(PluginError, LookupError):
    """No plug-in of this kind has this name, installed or known."""

    def __init__(self, kind: str, name: str, installed: Iterable[str]) -> None:
        self.kind, self.name, self.installed = kind, name, sorted(installed)
        super().__init__(
            f"No {kind} is called {name!r}. Installed: {listing(self.installed)}." + suggestion(name, self.installed)
        )


class NotInstalledError(PluginError, LookupError):
    """The plug-in exists, but not in this environment."""

    def __init__(self, kind: str, name: str, distribution: str) -> None:
        self.kind, self.name, self.distribution = kind, name, distribution
        super().__init__(f"The {kind} {name!r} is not installed. Install it with: pip install {distribution}")


class DoesNotImportError(PluginError, ImportError):
    """The plug-in is installed, but importing it fails; the cause is chained."""

    def __init__(self, kind: str, name: str, distribution: str, version: str, reason: str) -> None:
        self.kind, self.distribution, self.version, self.reason = kind, distribution, version, reason
        source = f"{distribution} {version}".strip()
        super().__init__(
            f"The {kind} {name!r} ({source}) is installed but does not import: {reason} "
            f"Repair it with: pip install --force-reinstall {distribution}"
        )
        self.name = name


class OutdatedPluginError(PluginError, TypeError):
    """The plug-in and the interface are of different versions, or the plug-in lacks a required member."""

    def __init__(  # each value is a field that a caller may read
        self, plugin: str, distribution: str, version: str, interface: str, has: int, wants: int, missing: Iterable[str]
    ) -> None:
        self.plugin, self.distribution, self.version, self.interface = plugin, distribution, version, interface
        self.has, self.wants, self.missing = has, wants, sorted(missing)
        source, upgrade = f"{plugin} ({distribution} {version})", f"Upgrade it with: pip install -U {distribution}"
        lacks = f": it lacks {', '.join(self.missing)}" if self.missing else ""
        text = f"{source} is not a complete {interface}{lacks}. {upgrade}"
        if has != wants:
            text = f"{source} is written for version {has} of {interface}, this is version {wants}{lacks}. {upgrade}"
        if has > wants:
            text = text.replace(f"{lacks}. {upgrade}", ". Upgrade cawan with: pip install -U cawan")
        super().__init__(text)


class DuplicatePluginError(PluginError):
    """Two distributions claim one name; neither is preferred."""

    def __init__(self, kind: str, name: str, sources: Iterable[str]) -> None:
        self.kind, self.name, self.sources = kind, name, sorted(sources)
        count = {2: "Two", 3: "Three"}.get(len(self.sources), str(len(self.sources)))
        super().__init__(
            f"{count} distributions provide a {kind} called {name!r}: {' and '.join(self.sources)}. "
            "Uninstall one of them."
        )


class Stopped(CawanError):
    """A run was stopped on request before its end; ``time`` (ms) is where it stands."""

    exit_code: ClassVar[int] = 130

    def __init__(self, time: float) -> None:
        self.time = time
        super().__init__(f"The run was stopped at {float(time):g} ms. What was recorded until then can be read.")
