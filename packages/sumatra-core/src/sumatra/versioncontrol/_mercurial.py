"""Mercurial, by the names of Sumatra 0.8."""

from __future__ import annotations

from sumatra.core import component
from sumatra.versioncontrol.base import Repository, WorkingCopy


@component
class MercurialRepository(Repository):
    """A Mercurial repository."""

    name = "hg"
    use_version_cmd = "hg update -r"
    apply_patch_cmd = "hg import --no-commit"


@component
class MercurialWorkingCopy(WorkingCopy):
    """A Mercurial working copy."""

    name = "hg"
    repository_class = MercurialRepository
