"""NEURON's hoc: files that are opened and loaded, read as text."""

from __future__ import annotations

import re

from sumatra.dependency_finder.core import BaseDependency, Language

_NAMES = re.compile(r'(?:xopen|load_file|ropen)\s*\(\s*(?:\d+\s*,\s*)?"([^"]+)"')


class Dependency(BaseDependency):
    """Something that a NEURON script needs."""

    module = "neuron"


LANGUAGE = Language(Dependency, _NAMES.findall, variable="HOC_LIBRARY_PATH")
find_dependencies = LANGUAGE.find_dependencies
