"""Julia: files that are included, and packages that are used, read as text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sumatra.dependency_finder.core import BaseDependency, Language, from_files, read_script

_NAMES = re.compile(r'include\(\s*"([^"]+)"\s*\)')
_USING = re.compile(r"^\s*(?:using|import)\s+([^\n#]+)", re.MULTILINE)


class Dependency(BaseDependency):
    """Something that a Julia script needs."""

    module = "julia"


LANGUAGE = Language(Dependency, _NAMES.findall, variable="JULIA_LOAD_PATH")


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """Packages with the versions of the nearest Manifest.toml, and included files with that of their repository."""
    found = LANGUAGE.follow(filename)
    own = from_files(found, Dependency)
    texts = [read_script(place) for place in (filename, *found)]
    locked = _locked(Path(filename).absolute().parent)
    packages = sorted({name for text in texts for name in _packages(text)})
    return [*(Dependency(n, None, locked.get(n, "unknown"), "", "Manifest.toml" if n in locked else None)
              for n in packages), *own]  # fmt: skip


def _packages(text: str) -> Iterator[str]:
    for line in _USING.findall(text):
        yield from (part.partition(":")[0].partition(".")[0].strip() for part in line.split(",") if part.strip())


def _locked(folder: Path) -> dict[str, str]:
    """Versions that the nearest Manifest.toml holds."""
    for place in (folder, *folder.parents):
        if (place / "Manifest.toml").is_file():
            known = tomllib.loads((place / "Manifest.toml").read_text(encoding="utf-8"))
            entries = known.get("deps", known)
            return {name: str(found[0].get("version", "unknown")) for name, found in entries.items()
                    if isinstance(found, list) and found}  # fmt: skip
    return {}
