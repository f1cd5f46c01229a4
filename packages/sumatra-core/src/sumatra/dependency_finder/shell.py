"""Shell scripts: files that are sourced, read as text; what is on the path is a program of its own."""

from __future__ import annotations

import re

from sumatra.dependency_finder.core import BaseDependency, Language

_NAMES = re.compile(r"^\s*(?:source|\.)\s+([\w./-]+)", re.MULTILINE)


class Dependency(BaseDependency):
    """Something that a shell script needs."""

    module = "shell"


LANGUAGE = Language(Dependency, _NAMES.findall)
find_dependencies = LANGUAGE.find_dependencies
