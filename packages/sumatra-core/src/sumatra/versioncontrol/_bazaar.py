"""Bazaar, by the names of Sumatra 0.8."""

from __future__ import annotations

from sumatra.core import component
from sumatra.versioncontrol.base import Repository, WorkingCopy


@component
class BazaarRepository(Repository):
    """A Bazaar repository."""

    name = "bzr"
    use_version_cmd = "bzr revert -r"
    apply_patch_cmd = "bzr patch"


@component
class BazaarWorkingCopy(WorkingCopy):
    """A Bazaar working copy."""

    name = "bzr"
    repository_class = BazaarRepository
