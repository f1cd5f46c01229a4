"""GENESIS: files that are included, read as text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from sumatra.dependency_finder.core import (
    BaseDependency,
    Reading,
    from_files,
)

_NAMES = re.compile(r'^\s*include\s+([\w./-]+)', re.MULTILINE)


class Dependency(BaseDependency):
    """Something that a GENESIS script needs."""

    module = "genesis"


def named_in(text: str) -> Iterator[str]:
    """Names of the files that a text of this language needs."""
    yield from _NAMES.findall(text)


def search_folders() -> list[str]:
    """The folders of ``SIMPATH``, where they are files of scripts."""
    return [entry for entry in os.environ.get("SIMPATH", "").split(os.pathsep) if entry]


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """The files that a script needs, directly or by others, with the version of their repository."""
    found = Reading[Dependency](named_in, search_folders()).follow(filename)
    return list(from_files(found, Dependency))
