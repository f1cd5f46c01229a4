"""MATLAB and Octave: functions of the same folder that are called, read as text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sumatra.dependency_finder.core import (
    BaseDependency,
    Reading,
    from_files,
)

_NAMES = re.compile(r"\b([A-Za-z]\w*)\b")
_COMMENT = re.compile(r"[%#].*")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


class Dependency(BaseDependency):
    """Something that a MATLAB script needs."""

    module = "matlab"


def named_in(text: str) -> Iterator[str]:
    """Names of the files that could hold the functions that a text calls; comments and text in quotes left out."""
    bare = _QUOTED.sub("", _COMMENT.sub("", text))
    yield from (f"{name}.m" for name in dict.fromkeys(_NAMES.findall(bare)))


def search_folders() -> list[str]:
    """The folders of ``MATLABPATH``, where they are files of scripts."""
    return [entry for entry in os.environ.get("MATLABPATH", "").split(os.pathsep) if entry]


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """The files that a script needs, directly or by others, with the version of their repository."""
    folders = [str(Path(filename).absolute().parent), *search_folders()]

    def there(text: str) -> Iterator[str]:
        """Only what is in a file here; the rest is of MATLAB itself."""
        return (name for name in named_in(text) if any(Path(folder, name).is_file() for folder in folders))

    found = Reading[Dependency](there, folders).follow(filename)
    return list(from_files(found, Dependency))
