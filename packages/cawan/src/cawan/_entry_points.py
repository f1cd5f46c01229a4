"""The installed entry points of our groups, remembered between processes.

Reading them all costs 60 to 70 ms in a large environment, so the list is kept in the user's cache folder. It is
valid while every folder on ``sys.path``, and every entry-point file that it came from, keeps its time stamp.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from cawan.groups import GROUPS, Plugin

_log = logging.getLogger(__name__)
_CLOCK_TICK_S = 2.0  # a folder that changed within it may change again under the same time stamp (coarse file systems)
_FORMAT = 3
_read: dict[str, tuple[dict[str, int], list[Plugin]]] = {}  # by digest, what this process has read already


def installed() -> list[Plugin]:
    """Every entry point of the groups in :data:`cawan.plugins.GROUPS`, and of ``cawan.hooks``."""
    stamps = _stamps()
    name = _digest(sys.prefix, sys.version, *stamps)
    before, plugins = _read.get(name, ({}, []))
    if before == stamps:
        return plugins
    plugins = _from_file(cache_folder() / f"plugins-{name}.json", stamps)
    _read[name] = stamps, plugins
    return plugins


def _from_file(file: Path, stamps: dict[str, int]) -> list[Plugin]:
    """What is remembered of other processes, if it is valid, else what is there, and then it is remembered."""
    remembered = _load(file, stamps)
    if remembered is not None:
        return remembered
    plugins, sources = _scan()
    newest = max((*stamps.values(), *sources.values()), default=0)
    if time.time_ns() - newest > _CLOCK_TICK_S * 1e9:
        _save(file, {"format": _FORMAT, "folders": stamps, "sources": sources, "plugins": plugins})
    return plugins


def cache_folder() -> Path:
    """The user's cache folder for cawan; ``CAWAN_CACHE`` names another."""
    given = os.environ.get("CAWAN_CACHE")
    if given:
        return Path(given)
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "cawan"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "cawan" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "cawan"


def _stamps() -> dict[str, int]:
    """For every folder on ``sys.path``, in its order, a number that changes with its distributions."""
    return {entry: _stamp(entry or ".") for entry in sys.path}


def _stamp(folder: str) -> int:
    """The time stamp (ns) of a folder of packages; of any other, a user's own, that of its newest distribution.

    A user's folder changes with every run of a program, and is no reason to look for plug-ins again.
    """
    try:
        if folder.endswith("-packages"):
            return os.stat(folder).st_mtime_ns
        with os.scandir(folder) as entries:
            found = [e.stat().st_mtime_ns for e in entries if e.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return 0
    return max(found, default=0) + len(found)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]


def _load(file: Path, stamps: dict[str, int]) -> list[Plugin] | None:
    try:
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if kept["format"] != _FORMAT or kept["folders"] != stamps:
            return None
        if any(os.stat(path).st_mtime_ns != stamp for path, stamp in kept["sources"].items()):
            return None
        return [Plugin(*row) for row in kept["plugins"]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.debug("The list of plug-ins in %s cannot be used and is made anew: %s", file, error)
        return None


def _scan() -> tuple[list[Plugin], dict[str, int]]:
    from importlib import metadata  # 40 ms, not needed when the list is remembered

    plugins: list[Plugin] = []
    sources: dict[str, int] = {}
    seen: set[str] = set()
    for distribution in metadata.distributions():
        name = (distribution.metadata["Name"] or "").lower().replace("_", "-").replace(".", "-")
        if not name or name in seen:  # the first on sys.path is the one that Python would import
            continue
        seen.add(name)
        found = [p for p in distribution.entry_points if p.group in GROUPS or p.group == "cawan.hooks"]
        if not found:
            continue
        summary = distribution.metadata["Summary"] or ""
        plugins += [Plugin(p.group, p.name, p.value, name, distribution.version, summary) for p in found]
        file = distribution.locate_file(Path(str(getattr(distribution, "_path", ""))) / "entry_points.txt")
        if Path(str(file)).is_file():
            sources[str(file)] = os.stat(str(file)).st_mtime_ns
    return plugins, sources


def _save(file: Path, content: dict[str, Any]) -> None:
    import tempfile  # 10 ms, not needed when the list is remembered

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=file.parent, suffix=".tmp", delete=False, encoding="utf-8") as new:
            json.dump(content, new)
        os.replace(new.name, file)
    except OSError as error:  # a read-only home costs time, never a command
        _log.debug("The list of plug-ins cannot be kept in %s: %s", file, error)
