"""Subversion, by the names of Sumatra 0.8."""

from __future__ import annotations

from sumatra.core import component
from sumatra.versioncontrol.base import Repository, WorkingCopy


@component
class SubversionRepository(Repository):
    """A Subversion repository."""

    name = "svn"
    bare_marks = ("format", "db", "hooks")
    use_version_cmd = "svn update -r"
    apply_patch_cmd = "svn patch"


@component
class SubversionWorkingCopy(WorkingCopy):
    """A Subversion working copy."""

    name = "svn"
    repository_class = SubversionRepository
