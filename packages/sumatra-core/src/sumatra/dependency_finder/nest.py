"""NEST's SLI: files that are run, read as text."""

from __future__ import annotations

import re

from sumatra.dependency_finder.core import BaseDependency, Language

_NAMES = re.compile(r'\(([^()]+\.sli)\)\s+run\b')


class Dependency(BaseDependency):
    """Something that a NEST script needs."""

    module = "nest"


LANGUAGE = Language(Dependency, _NAMES.findall, variable="NEST_DATA_DIR")
find_dependencies = LANGUAGE.find_dependencies
