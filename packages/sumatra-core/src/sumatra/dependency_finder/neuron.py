"""NEURON's hoc: files that are opened and loaded, read as text."""

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

_NAMES = re.compile(r'(?:xopen|load_file|ropen)\s*\(\s*(?:\d+\s*,\s*)?"([^"]+)"')


class Dependency(BaseDependency):
    """Something that a NEURON script needs."""

    module = "neuron"


def named_in(text: str) -> Iterator[str]:
    """Names of the files that a text of this language needs."""
    yield from _NAMES.findall(text)


def search_folders() -> list[str]:
    """The folders of ``HOC_LIBRARY_PATH``, where they are files of scripts."""
    return [entry for entry in os.environ.get("HOC_LIBRARY_PATH", "").split(os.pathsep) if entry]


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """The files that a script needs, directly or by others, with the version of their repository."""
    found = Reading[Dependency](named_in, search_folders()).follow(filename)
    return list(from_files(found, Dependency))
