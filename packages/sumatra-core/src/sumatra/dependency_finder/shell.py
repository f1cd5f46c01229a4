"""Shell scripts: files that are sourced, read as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sumatra.dependency_finder.core import (
    BaseDependency,
    Reading,
    from_files,
)

_NAMES = re.compile(r"^\s*(?:source|\.)\s+([\w./-]+)", re.MULTILINE)


class Dependency(BaseDependency):
    """Something that a shell script needs."""

    module = "shell"


def named_in(text: str) -> Iterator[str]:
    """Names of the files that a text of this language needs."""
    yield from _NAMES.findall(text)


def search_folders() -> list[str]:
    """None: what is on the path is a program of its own."""
    return []


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """The files that a script needs, directly or by others, with the version of their repository."""
    found = Reading[Dependency](named_in, search_folders()).follow(filename)
    return list(from_files(found, Dependency))
