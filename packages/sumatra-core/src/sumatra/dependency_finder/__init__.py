"""What a script depends on, as far as its text says: one module for each language; nothing is run."""

from sumatra.dependency_finder.choosing import find_dependencies
from sumatra.dependency_finder.core import BaseDependency, find_file, find_versions

__all__ = ["BaseDependency", "find_dependencies", "find_file", "find_versions"]
