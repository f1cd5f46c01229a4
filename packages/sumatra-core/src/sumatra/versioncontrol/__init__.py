"""Version control as Sumatra 0.8 names it: ``get_working_copy``, ``GitRepository``, ``VersionControlError``, …"""

from sumatra.versioncontrol.base import Repository, UncommittedModificationsError, VersionControlError, WorkingCopy
from sumatra.versioncontrol.choosing import get_repository, get_working_copy, vcs_err_msg

__all__ = [
    "Repository", "UncommittedModificationsError", "VersionControlError", "WorkingCopy", "get_repository",
    "get_working_copy", "vcs_err_msg",
]  # fmt: skip
