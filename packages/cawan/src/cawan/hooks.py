"""What many plug-ins may answer: hook specifications, and the one manager that asks.

A distribution joins by an entry point of the group ``cawan.hooks`` that names a module whose functions carry
:data:`hookimpl`. A hook module that does not import is left out with one warning.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pluggy

_log = logging.getLogger(__name__)
hookspec = pluggy.HookspecMarker("cawan")
hookimpl = pluggy.HookimplMarker("cawan")


@hookspec(firstresult=True)
def doctor(group: str, name: str) -> str | None:
    """Let one plug-in do its one-second job.

    Returns a short sentence that says what it did, None for a group that is not yours; raises where it fails.
    """


@hookspec(firstresult=True)
def program(path: str, script: str) -> Mapping[str, Any] | None:
    """The program behind ``path``: its name, version, and how a run of ``script`` is prepared."""


@hookspec
def dependencies(program: str, script: Path, cwd: Path) -> Sequence[Mapping[str, Any]]:
    """What ``script`` depends on, one mapping of name, path, version and source each."""


@hookspec
def facts(record: str, run: Path) -> Mapping[str, Any]:
    """What else is known about a run (GPU, batch job, container, lock file), by topic."""


@hookspec(firstresult=True)
def compare(a: Path, b: Path, tolerance: float) -> Mapping[str, Any] | None:
    """How two files differ, judged by their content; None for a kind of file that is not yours.

    The answer has ``lines``, for people, and one of ``agree``, whether they say the same, and ``largest``, the
    largest relative difference between numbers at the same places (infinite where they cannot be set side by side).
    """


@hookspec(firstresult=True)
def label_file(path: Path, label: str) -> bool | None:
    """Write the record's label into a file of your kind; True once done."""


@hookspec(firstresult=True)
def formatter(name: str) -> Any:
    """The formatter of records called ``name``; None where it is not yours."""


@cache
def manager() -> pluggy.PluginManager:
    """The manager with every installed hook module, made at the first call."""
    from cawan._entry_points import installed

    made = pluggy.PluginManager("cawan")
    made.add_hookspecs(import_module(__name__))
    for plugin in installed():
        if plugin.group != "cawan.hooks":
            continue
        try:
            made.register(import_module(plugin.value), name=f"{plugin.distribution}:{plugin.name}")
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a stranger's module must not stop the others
            _log.warning("The hooks of %s %s are left out: %s", plugin.distribution, plugin.version, error)
    return made
