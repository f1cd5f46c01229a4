"""A folder under no version control, by a name in the manner of Sumatra 0.8."""

from __future__ import annotations

from sumatra.core import component
from sumatra.versioncontrol.base import Repository


@component
class DirectoryRepository(Repository):
    """A folder of which the notebook takes snapshots."""

    name = "directory"
