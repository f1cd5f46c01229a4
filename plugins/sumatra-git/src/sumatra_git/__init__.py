"""git for Sumatra: which commit ran, with which uncommitted changes, and those files once more."""

from sumatra_git.repository import GitRepository, GitWorkingCopy

__all__ = ["GitRepository", "GitWorkingCopy"]
