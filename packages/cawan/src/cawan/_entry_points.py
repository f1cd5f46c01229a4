"""The installed entry points of our groups, remembered between processes.

Reading them opens a file of each distribution, which takes long where hundreds are installed on a network disk, so the
list is kept in the user's cache folder. It is valid while every folder on ``sys.path``, and every entry-point file that
it came from, keeps its time stamp.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING
from zlib import crc32

from cawan._distributions import scan
from cawan.groups import Plugin
from cawan.logs import logger

if TYPE_CHECKING:
    from pathlib import Path

_log = logger(__name__)
_CLOCK_TICK_S = 2.0  # a folder that changed within it may change again under the same time stamp (coarse file systems)
_FORMAT = "cawan plug-ins 4"
_read: dict[str, tuple[dict[str, int], list[Plugin]]] = {}  # by file, what this process has read already


def installed() -> list[Plugin]:
    """Every entry point of the groups in :data:`cawan.plugins.GROUPS`, and of ``cawan.hooks``."""
    stamps = _stamps()
    key = "\0".join((sys.prefix, sys.version, *stamps)).encode(errors="surrogateescape")
    file = os.path.join(_cache_folder(), f"plugins-{crc32(key):08x}.txt")
    before, plugins = _read.get(file, ({}, []))
    if before == stamps:
        return plugins
    plugins = _from_file(file, stamps)
    _read[file] = stamps, plugins
    return plugins


def _from_file(file: str, stamps: dict[str, int]) -> list[Plugin]:
    """What is remembered of other processes, if it is valid, else what is there, and then it is remembered."""
    remembered = _load(file, stamps)
    if remembered is not None:
        return remembered
    plugins, sources = scan()
    newest = max((*stamps.values(), *sources.values()), default=0)
    if time.time_ns() - newest > _CLOCK_TICK_S * 1e9:
        _save(file, stamps, sources, plugins)
    return plugins


def cache_folder() -> Path:
    """The user's cache folder for cawan; ``CAWAN_CACHE`` names another."""
    from pathlib import Path  # 6 ms, not needed to import a simulator

    return Path(_cache_folder())


def _cache_folder() -> str:
    given = os.environ.get("CAWAN_CACHE")
    if given:
        return given
    home = os.path.expanduser("~")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "cawan")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "cawan", "Cache")
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache"), "cawan")


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


def _heading() -> list[str]:
    """What must be the same for a list to be of this Python."""
    return [_FORMAT, sys.prefix, " ".join(sys.version.split())]


def _load(file: str, stamps: dict[str, int]) -> list[Plugin] | None:
    try:
        with open(file, encoding="utf-8", errors="surrogateescape", newline="\n") as kept:
            heading, *rows = [line.split("\t") for line in kept.read().split("\n")]
        folders, sources = ({row[1]: int(row[2]) for row in rows if row[0] == kind} for kind in ("folder", "source"))
        if heading != _heading() or folders != stamps or rows[-1] != ["end"]:
            return None
        if any(os.stat(path).st_mtime_ns != stamp for path, stamp in sources.items()):
            return None
        return [Plugin(*row[1:]) for row in rows if row[0] == "plugin"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, IndexError, TypeError) as error:
        _log.debug("The list of plug-ins in %s cannot be used and is made anew: %s", file, error)
        return None


def _save(file: str, stamps: dict[str, int], sources: dict[str, int], plugins: list[Plugin]) -> None:
    rows = [_heading(), *(["folder", path, str(stamp)] for path, stamp in stamps.items())]
    rows += [["source", path, str(stamp)] for path, stamp in sources.items()]
    rows += [["plugin", *plugin] for plugin in plugins]
    if any("\t" in cell or "\n" in cell for row in rows for cell in row):
        _log.debug("The list of plug-ins is not kept: there is a tab or the end of a line in the name of a folder.")
        return
    text = "\n".join("\t".join(row) for row in [*rows, ["end"]])
    new = f"{file}.{os.getpid()}.tmp"  # whoever reads the file finds it whole
    try:
        os.makedirs(os.path.dirname(file), exist_ok=True)
        with open(new, "x", encoding="utf-8", errors="surrogateescape", newline="\n") as opened:
            opened.write(text)
        os.replace(new, file)
    except OSError as error:  # a read-only home costs time, never a command
        _log.debug("The list of plug-ins cannot be kept in %s: %s", file, error)
