"""The repository kit over snapshots of folders that are under no version control."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sumatra.local.snapshots import DirectoryRepository, DirectoryWorkingCopy
from sumatra.testing.repositories import RepositoryKit, RepositoryMaker


class SnapshotMaker(RepositoryMaker):
    """What the kit needs, in the notebook's own words."""

    marker = ".smt"

    def environment(self, home: Path) -> Mapping[str, str]:
        """A home of its own."""
        return {"HOME": str(home)}

    def init(self, path: Path) -> None:
        """A folder with a notebook."""
        (path / ".smt").mkdir(parents=True)

    def commit(self, path: Path, message: str = "A version.") -> str:
        """A snapshot."""
        return DirectoryWorkingCopy(path).take()

    def ignore(self, path: Path, pattern: str) -> None:
        """By ``.smtignore``, which is no part of the code."""
        (path / ".smtignore").write_text(f"{pattern}\n.smtignore\n")


class TestSnapshots(RepositoryKit):
    """Folders."""

    repository = DirectoryRepository
    maker = SnapshotMaker()
    known_failures = {
        "test_empty_marker_is_one_sentence": "an empty .smt is a notebook that has not been used yet",
    }
