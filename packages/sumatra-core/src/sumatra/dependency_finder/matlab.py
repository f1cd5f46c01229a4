"""MATLAB and Octave: functions that are called and lie in a file of the same folder or path, read as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sumatra.dependency_finder.core import BaseDependency, Language

_NAMES = re.compile(r"\b([A-Za-z]\w*)\b")
_COMMENT = re.compile(r"[%#].*")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


class Dependency(BaseDependency):
    """Something that a MATLAB script needs."""

    module = "matlab"


def named_in(text: str) -> Iterator[str]:
    """Names of the files that could hold the functions that a text calls; comments and text in quotes left out."""
    bare = _QUOTED.sub("", _COMMENT.sub("", text))
    yield from (f"{name}.m" for name in _NAMES.findall(bare))


LANGUAGE = Language(Dependency, named_in, variable="MATLABPATH", guessed=True)
find_dependencies = LANGUAGE.find_dependencies
