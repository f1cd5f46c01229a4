"""Which installed distribution has a module: looked up in the folders that a *program* searches, not in ours.

Names and versions come from the names of the metadata folders, so that nothing is read of what nobody asks for: reading
the metadata of everything that is installed costs more than the whole rest of recording a run.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from importlib.metadata import Distribution

_METADATA = (".dist-info", ".egg-info")


def installed(folders: Iterable[str]) -> Iterator[tuple[str, str, Path]]:
    """Normalized name, version ("" where the folder's name lacks it) and metadata folder of every distribution."""
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if entry.name.endswith(_METADATA))
        except OSError:
            continue  # an archive, or a folder that is not there
        for name in names:
            distribution, _, version = name.rpartition(".")[0].partition("-")
            yield normalized(distribution), version.partition("-")[0], Path(folder, name)


def normalized(name: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def providers(modules: Mapping[str, Path], folders: Iterable[str]) -> dict[str, Distribution]:
    """The distribution of each top-level module, where there is one.

    Parameters
    ----------
    modules
        Top-level name and place (of the package's folder or the module's file).
    folders
        What the program searches, the first before the others.
    """
    if not modules:
        return {}
    from importlib.metadata import PathDistribution  # 20 ms that a plain script need not wait for

    searched = list(folders)
    wanted = {normalized(top): top for top in modules}
    found: dict[str, Distribution] = {}
    others: list[Path] = []
    for name, _, place in installed(searched):
        top = wanted.get(name)
        if top is None:
            others.append(place)
        elif top not in found:
            found[top] = PathDistribution(place)
    missing = {top: place for top, place in modules.items() if top not in found}
    for distribution in _one_by_one(others, searched) if missing else ():
        tops, source = _tops(distribution), _editable_source(distribution)
        for top in [top for top, place in missing.items()
                    if top in tops or (source is not None and place.is_relative_to(source))]:  # fmt: skip
            found[top] = distribution
            del missing[top]
        if not missing:
            break
    return found


def _one_by_one(places: Iterable[Path], folders: Iterable[str]) -> Iterator[Distribution]:
    """The distributions of these metadata folders, then those in archives that are searched."""
    from importlib.metadata import DistributionFinder, MetadataPathFinder, PathDistribution

    for place in places:
        yield PathDistribution(place)
    archives = [folder for folder in folders if os.path.isfile(folder)]
    if archives:
        yield from MetadataPathFinder.find_distributions(DistributionFinder.Context(path=archives))


def _editable_source(distribution: Distribution) -> Path | None:
    """The folder that an editable install points to; its file list does not name the modules."""
    try:
        about = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        return None
    url = str(about.get("url", ""))
    if not about.get("dir_info", {}).get("editable") or not url.startswith("file://"):
        return None
    return Path(os.path.realpath(unquote(url.removeprefix("file://"))))


def _tops(distribution: Distribution) -> set[str]:
    listed = distribution.read_text("top_level.txt")
    if listed:
        return set(listed.split())
    record = distribution.read_text("RECORD") or ""
    return {re.split(r"[/.]", line, maxsplit=1)[0] for line in record.splitlines()}
