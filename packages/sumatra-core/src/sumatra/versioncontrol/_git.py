"""Git, by the names of Sumatra 0.8."""

from __future__ import annotations

from sumatra.core import component
from sumatra.versioncontrol.base import Repository, WorkingCopy


@component
class GitRepository(Repository):
    """A Git repository."""

    name = "git"
    bare_marks = ("HEAD", "objects", "refs")
    use_version_cmd = "git checkout"
    apply_patch_cmd = "git apply"


@component
class GitWorkingCopy(WorkingCopy):
    """A Git working copy."""

    name = "git"
    repository_class = GitRepository
