"""Subversion working copies for Sumatra, read without a network and without the program ``svn``."""

from sumatra_subversion.repository import SubversionRepository, SubversionWorkingCopy

__all__ = ["SubversionRepository", "SubversionWorkingCopy"]
