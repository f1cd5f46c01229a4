"""Repositories with one planted bug each: the kit must fail, by exactly these tests."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, ClassVar

from cawan.repository import Change
from sumatra.testing.repositories import RepositoryKit
from sumatra_git import GitRepository, GitWorkingCopy

sys.path.insert(0, str(Path(__file__).parents[3] / "plugins" / "sumatra-git" / "tests"))
from git_maker import GitMaker, git

Changes = Mapping[PurePosixPath, Change]


class Planted(GitRepository):
    """Gives working copies of a class with a bug."""

    working_copy: ClassVar[type[GitWorkingCopy]] = GitWorkingCopy

    @classmethod
    def find(cls, path: Path, options: Mapping[str, object] = MappingProxyType({})) -> GitWorkingCopy | None:
        """The working copy, with the bug."""
        found = GitRepository.find(path, options)
        if found is not None:
            found.__class__ = cls.working_copy
        return found


class ModeBitsNotSeen(GitWorkingCopy):
    """Compares bytes alone."""

    def changes(self) -> Changes:
        """Changes of bytes."""
        found = super().changes()
        return {path: change for path, change in found.items() if not self._has_same_bytes(path, change)}

    def _has_same_bytes(self, path: PurePosixPath, change: Change) -> bool:
        if change.kind != "modified" or change.link is not None:
            return False
        return self.open(path).read() == self.content(path, change.base)


class SubmodulesNotSeen(GitWorkingCopy):
    """Takes a submodule for one commit."""

    def changes(self) -> Changes:
        """Changes outside of submodules."""
        links = git(self.path, "submodule", "foreach", "--quiet", "echo $sm_path").splitlines()
        found = super().changes()
        return {path: change for path, change in found.items() if path.parts[0] not in links}


class UntrackedNotSeen(GitWorkingCopy):
    """Asks for tracked files alone."""

    def changes(self) -> Changes:
        """Changes of tracked files."""
        return {path: change for path, change in super().changes().items() if change.kind != "untracked"}


class LinksFollowed(GitWorkingCopy):
    """Looks behind links for untracked files."""

    def changes(self) -> Changes:
        """Changes, with what lies behind links."""
        found = dict(super().changes())
        for path in [path for path, change in found.items() if change.link and (self.path / path).is_dir()]:
            del found[path]
            found |= {path / name: Change("untracked") for name in os.listdir(self.path / path)}
        return found


class WorktreeLeft(GitWorkingCopy):
    """Exports by a registered worktree."""

    def export(self, version: str, into: Path) -> None:
        """The files, and an entry in the user's repository."""
        git(self.path, "worktree", "add", "--quiet", "--detach", str(into), version)


class SmudgeRun(GitWorkingCopy):
    """Exports with the filters that the repository names."""

    def export(self, version: str, into: Path) -> None:
        """The files as an archive gives them."""
        into.mkdir(parents=True)
        command = ["git", "-c", "core.fsmonitor=", "archive", version]
        archive = subprocess.run(command, cwd=self.path, capture_output=True, check=False)
        subprocess.run(["tar", "-x"], cwd=into, input=archive.stdout, check=False)


class IndexTidied(GitWorkingCopy):
    """Asks ``git status``, which writes the index."""

    def changes(self) -> Changes:
        """Changes, and an index with new time stamps."""
        git(self.path, "status")
        return super().changes()


class ChangesOverwritten(GitWorkingCopy):
    """Goes to a version whatever lies there."""

    def use_version(self, version: str) -> None:
        """The version, without asking."""
        git(self.path, "checkout", "--quiet", "--force", version)


class LargeFilesCut(GitWorkingCopy):
    """Reads no more than a megabyte of a changed file."""

    def open(self, path: PurePosixPath) -> BinaryIO:
        """The beginning of the file."""
        with super().open(path) as file:
            return io.BytesIO(file.read(1_000_000))


class TestLargeFilesCut(RepositoryKit):
    """A change of which only the beginning is kept is caught."""

    repository = type("Bug", (Planted,), {"working_copy": LargeFilesCut})
    maker = GitMaker()
    known_failures: ClassVar = {"test_large_binary_file_comes_back": "planted"}


class TestModeBitsNotSeen(RepositoryKit):
    """A status without mode bits is caught."""

    repository = type("Bug", (Planted,), {"working_copy": ModeBitsNotSeen})
    maker = GitMaker()
    known_failures: ClassVar = {
        "test_mode_bit_is_seen": "planted",
        "test_export_and_changes_are_the_work_tree": "planted",
    }


class TestSubmodulesNotSeen(RepositoryKit):
    """A status without submodules is caught."""

    repository = type("Bug", (Planted,), {"working_copy": SubmodulesNotSeen})
    maker = GitMaker()
    known_failures: ClassVar = {
        "test_dirty_submodule_is_seen_file_by_file": "planted",
        "test_dirty_submodule_comes_back": "planted",
        "test_submodule_at_another_version_is_seen": "planted",
    }


class TestUntrackedNotSeen(RepositoryKit):
    """A status without untracked files is caught."""

    repository = type("Bug", (Planted,), {"working_copy": UntrackedNotSeen})
    maker = GitMaker()
    known_failures: ClassVar = {
        "test_untracked_file_is_seen": "planted",
        "test_renamed_file_is_two_changes": "planted",
        "test_export_and_changes_are_the_work_tree": "planted",
    }


class TestLinksFollowed(RepositoryKit):
    """A status that looks behind links is caught."""

    repository = type("Bug", (Planted,), {"working_copy": LinksFollowed})
    maker = GitMaker()
    known_failures: ClassVar = {"test_no_link_is_followed": "planted"}


class TestWorktreeLeft(RepositoryKit):
    """An export that leaves a registered worktree behind is caught."""

    repository = type("Bug", (Planted,), {"working_copy": WorktreeLeft})
    maker = GitMaker()
    known_failures: ClassVar = {"test_export_of_a_dirty_tree_changes_nothing": "planted"}


class TestSmudgeRun(RepositoryKit):
    """An export that runs a filter is caught."""

    repository = type("Bug", (Planted,), {"working_copy": SmudgeRun})
    maker = GitMaker()
    known_failures: ClassVar = {"test_export_runs_nothing": "planted"}


class TestIndexTidied(RepositoryKit):
    """A status that writes the user's index is caught."""

    repository = type("Bug", (Planted,), {"working_copy": IndexTidied})
    maker = GitMaker()
    known_failures: ClassVar = {"test_reading_changes_nothing": "planted"}


class TestChangesOverwritten(RepositoryKit):
    """A change of version over uncommitted work is caught."""

    repository = type("Bug", (Planted,), {"working_copy": ChangesOverwritten})
    maker = GitMaker()
    known_failures: ClassVar = {
        "test_use_version_is_refused_where_work_would_be_lost": "planted",
        "test_use_version_keeps_untracked_files": "planted",
    }
