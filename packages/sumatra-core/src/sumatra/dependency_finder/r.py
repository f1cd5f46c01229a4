"""R: packages that are attached by ``library`` or ``require`` or named by "::", and files that are sourced."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sumatra.dependency_finder.core import BaseDependency, Language, from_files, read_script

_PACKAGE = re.compile(
    r"""\b(?:library|require|requireNamespace|loadNamespace)\(\s*["']?([\w.]+)["']?|\b([\w.]+):::?\w"""
)
_SOURCE = re.compile(r"""\bsource\(\s*["']([^"']+)["']""")
_COMMENT = re.compile(r"#.*")


class Dependency(BaseDependency):
    """A package or a file that an R script needs."""

    module = "r"


def named_in(text: str) -> Iterator[str]:
    """Names of the files that a text sources."""
    yield from _SOURCE.findall(_COMMENT.sub("", text))


LANGUAGE = Language(Dependency, named_in)


def packages_in(text: str) -> set[str]:
    """Names of the packages that a text uses."""
    return {name for pair in _PACKAGE.findall(_COMMENT.sub("", text)) for name in pair if name}


def _version(name: str, libraries: list[Path]) -> tuple[str | None, str]:
    """Folder and version of an installed package, from its DESCRIPTION."""
    for library in libraries:
        about = library / name / "DESCRIPTION"
        if about.is_file():
            found = re.search(r"^Version: (\S+)", about.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
            return str(about.parent), found[1] if found else "unknown"
    return None, "unknown"


def _libraries(executable: Any) -> list[Path]:
    path = str(getattr(executable, "path", "") or "/usr/bin/Rscript")
    root = Path(os.path.realpath(path)).parent.parent
    variables = (os.environ.get(name, "") for name in ("R_LIBS", "R_LIBS_USER"))
    named = [Path(entry) for value in variables for entry in value.split(":") if entry]
    places = ("lib/R/library", "lib/R/site-library", "local/lib/R/site-library", "lib64/R/library")
    return [*named, *(root / place for place in places), Path("/usr/local/lib/R/site-library")]


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """Packages with their installed versions, and sourced files with that of their repository."""
    files = LANGUAGE.follow(filename)
    texts = [read_script(place) for place in (filename, *files)]
    libraries = _libraries(executable)
    packages: list[Dependency] = []
    for name in sorted(set().union(*map(packages_in, texts))):
        place, version = _version(name, libraries)
        packages.append(Dependency(name, place, version, "", "DESCRIPTION" if place else None))
    own = from_files(files, Dependency)
    return [*packages, *own]
