"""GENESIS: files that are included, read as text."""

from __future__ import annotations

import re

from sumatra.dependency_finder.core import BaseDependency, Language

_NAMES = re.compile(r'^\s*include\s+([\w./-]+)', re.MULTILINE)


class Dependency(BaseDependency):
    """Something that a GENESIS script needs."""

    module = "genesis"


LANGUAGE = Language(Dependency, _NAMES.findall, variable="SIMPATH")
find_dependencies = LANGUAGE.find_dependencies
