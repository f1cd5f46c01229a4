"""A working copy from what any version-control system can say: the files of a version, and which names it ignores.

Comparing, exporting and going to another version are then the same for all of them; a plug-in of Mercurial, Subversion
or Bazaar writes four small methods, and so do the notebook's own snapshots of folders.
"""

from __future__ import annotations

import os
import stat
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from cawan.repository import (
    Change,
    FileNotInVersionError,
    RepositoryError,
    UnbornError,
    UncommittedChangesError,
    WorkingCopy,
)

MARKERS = frozenset((".git", ".hg", ".svn", ".bzr", ".smt"))
Manifest = Mapping[PurePosixPath, "Listed"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of a version: its mode (0o755 or 0o644), where it points if it is a link, and how its bytes are read."""

    mode: int
    link: str | None
    read: Callable[[], bytes]


def walk(top: Path, skipped: Collection[str] = MARKERS) -> dict[PurePosixPath, os.stat_result]:
    """Every regular file and link below a folder, not followed; folders of version control are left out."""
    found: dict[PurePosixPath, os.stat_result] = {}
    folders = [(os.fspath(top), PurePosixPath())]
    while folders:
        folder, path = folders.pop()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in skipped:
                        folders.append((entry.path, path / entry.name))
                    continue
                state = entry.stat(follow_symlinks=False)
                if (stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode)) and entry.name not in skipped:
                    found[path / entry.name] = state
    return found


def refuse_used(into: Path) -> None:
    """Raise where an export would mix with files that lie there already."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise RepositoryError(f"The folder {str(into)!r} is not empty. Name another one, or one that does not exist.")


def write_manifest(manifest: Manifest, into: Path) -> None:
    """Write the files of a version into an empty folder; links last, so that nothing is written through one."""
    into.mkdir(parents=True, exist_ok=True)
    for path, listed in sorted(manifest.items(), key=lambda item: (item[1].link is not None, item[0])):
        if path.is_absolute() or ".." in path.parts:
            raise RepositoryError(f"The version names {str(path)!r}, which lies outside the working copy.")
        write_listed(listed, into / path)


def write_listed(listed: Listed, place: Path) -> None:
    """Write one file or link."""
    place.parent.mkdir(parents=True, exist_ok=True)
    if listed.link is not None:
        place.symlink_to(listed.link)
        return
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(listed.read())
        mode = os.fstat(file.fileno()).st_mode & 0o777
        os.fchmod(file.fileno(), mode | 0o111 if listed.mode == 0o755 else mode & ~0o111)


class ManifestWorkingCopy(WorkingCopy):
    """A working copy whose system says which files a version has, and which of those here it ignores or will add."""

    remedy = "Commit them first."

    @abstractmethod
    def manifest(self, version: str) -> Manifest:
        """The files of a version; :class:`UnknownVersionError` where there is no such version."""

    @abstractmethod
    def names(self) -> tuple[Collection[PurePosixPath], Collection[PurePosixPath]]:
        """Names that the next version will have and the current one has not, and names that are ignored."""

    @abstractmethod
    def move_to(self, version: str) -> None:
        """Bring the files to a version; nothing here stands in the way."""

    def unchanged(self, manifest: Manifest, found: Mapping[PurePosixPath, os.stat_result]) -> Collection[PurePosixPath]:
        """Files that surely are as their version has them, so that nobody has to read them."""
        return ()

    def changes(self) -> Mapping[PurePosixPath, Change]:
        """What differs from the current version, by content, mode and link."""
        try:
            version = self.current_version()
            manifest = self.manifest(version)
        except UnbornError:
            version, manifest = "", {}
        found = walk(self.path)
        sure = set(self.unchanged(manifest, found))
        changed: dict[PurePosixPath, Change] = {}
        for path, listed in manifest.items():
            state = found.get(path)
            if state is None:
                changed[path] = Change("removed", 0, None, version)
            elif path not in sure and self._differs(path, state, listed):
                changed[path] = _change("modified", self.path / path, state, version)
        added, ignored = self.names()
        left_out = set(ignored) - set(added)
        for path in found.keys() - manifest.keys():
            if path not in left_out and not any(parent in left_out for parent in path.parents):
                kind = "added" if path in added else "untracked"
                changed[path] = _change(kind, self.path / path, found[path], "")
        return changed

    def _differs(self, path: PurePosixPath, state: os.stat_result, listed: Listed) -> bool:
        if stat.S_ISLNK(state.st_mode) or listed.link is not None:
            return not stat.S_ISLNK(state.st_mode) or os.readlink(self.path / path) != listed.link
        if _mode(state) != listed.mode:
            return True
        with self.open(path) as file:
            return file.read() != listed.read()

    def content(self, path: PurePosixPath, version: str) -> bytes:
        """The bytes of a file of a version, or where its link points."""
        listed = self.manifest(version).get(path)
        if listed is None:
            raise FileNotInVersionError(path, version)
        return listed.read() if listed.link is None else os.fsencode(listed.link)

    def export(self, version: str, into: Path) -> None:
        """Write the files of a version into a folder that is empty or not there."""
        manifest = self.manifest(version)
        refuse_used(into)
        write_manifest(manifest, into)

    def use_version(self, version: str) -> None:
        """Bring the files to a version, unless work would be lost."""
        manifest = self.manifest(version)
        changes = self.changes()
        lost = [path for path, change in changes.items() if change.kind != "untracked" or path in manifest]
        if lost:
            raise UncommittedChangesError(lost, self.remedy)
        self.move_to(version)


def _mode(state: os.stat_result) -> int:
    return 0o755 if state.st_mode & 0o100 else 0o644


def _change(kind: str, place: Path, state: os.stat_result, base: str) -> Change:
    link = os.readlink(place) if stat.S_ISLNK(state.st_mode) else None
    return Change(kind, 0o644 if link is not None else _mode(state), link, base)  # type: ignore[arg-type]  # of its kinds
