"""The interface of a version-control system, and the plain values that cross it.

The code that ran is a version, and the files that differ from it: ``export(version, into)``, then every entry of
``changes()`` laid over it, removals first. Files are kept whole, so no patch dialect is
needed; the diff is for reading.

Paths are relative to :attr:`WorkingCopy.path`; bytes that are not UTF-8 are in them as :func:`os.fsdecode` gives them.
"""

from __future__ import annotations

import os
import re
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import BinaryIO, ClassVar, Literal, Protocol, runtime_checkable

from cawan.errors import CawanError, listing
from cawan.options import Option


class RepositoryError(CawanError):
    """The repository cannot do what was asked; the text says why and what to do."""

    exit_code: ClassVar[int] = 65


class BrokenRepositoryError(RepositoryError):
    """The marker of this system is there, but it refuses or cannot read what is behind it."""

    def __init__(self, path: Path, reason: str, remedy: str) -> None:
        self.path, self.reason, self.remedy = path, reason.rstrip("."), remedy
        super().__init__(f"The repository in {str(path)!r} cannot be used: {self.reason}. {remedy}")


class UnbornError(RepositoryError):
    """There is no version yet."""

    def __init__(self, path: Path, remedy: str = "Commit something first.") -> None:
        self.path = path
        super().__init__(f"The repository in {str(path)!r} has no version yet. {remedy}")


class UnknownVersionError(RepositoryError, LookupError):
    """The repository does not have this version."""

    exit_code: ClassVar[int] = 66

    def __init__(self, version: str, path: Path, remedy: str = "") -> None:
        self.version, self.path = version, path
        super().__init__(f"The repository in {str(path)!r} has no version {version!r}. {remedy}".rstrip())


class FileNotInVersionError(RepositoryError, LookupError):
    """This version has no such file."""

    exit_code: ClassVar[int] = 66

    def __init__(self, path: PurePosixPath, version: str) -> None:
        self.path, self.version = path, version
        super().__init__(f"Version {version!r} has no file {str(path)!r}.")


class UncommittedChangesError(RepositoryError):
    """What was asked would overwrite work that is in no version."""

    def __init__(self, paths: Iterable[PurePosixPath], remedy: str) -> None:
        self.paths, self.remedy = sorted(paths), remedy
        super().__init__(f"These files have uncommitted changes: {listing(map(str, self.paths), 5)}. {remedy}")


@dataclass(frozen=True, slots=True)
class Change:
    """How one file of the work tree differs from the current version.

    A rename is two: the old path is removed, the new one untracked or added.

    Attributes
    ----------
    kind
        ``added`` will be in the next version, ``untracked`` will not; ignored files are no changes.
    mode
        Permissions of the file as it is now, reduced to what versions keep: 0o755 if it may be executed, else 0o644;
        0 where it is removed.
    link
        Where it points, if it is a symbolic link now; it has no other content then.
    base
        The version to ask :meth:`WorkingCopy.content` for what it was; inside a submodule that is a version of the
        submodule. "" where there was nothing.
    """

    kind: Literal["modified", "added", "removed", "untracked"]
    mode: int = 0o644
    link: str | None = None
    base: str = ""


class Repository(ABC):
    """One repository. The entry point's name is the name of the marker folder without its dot: git, hg, svn, bzr.

    Attributes
    ----------
    url
        Where it is, good for another checkout; without user names and passwords.
    upstream
        The URL that others know it by, if it has one; without user names and passwords.
    settings
        The chosen options, as plain JSON.
    """

    interface: ClassVar[int] = 1
    name: ClassVar[str]
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({})
    url: str
    upstream: str | None = None
    settings: Mapping[str, object] = MappingProxyType({})

    @classmethod
    @abstractmethod
    def find(cls, path: Path, options: Mapping[str, object] = MappingProxyType({})) -> WorkingCopy | None:
        """The working copy whose top folder is ``path``, or None where its marker is another program's.

        Raises
        ------
        BrokenRepositoryError
            It is one of this system, but cannot be used.
        """

    @abstractmethod
    def checkout(self, into: Path) -> WorkingCopy:
        """A new working copy in ``into``, a folder that does not exist yet or is empty."""


class WorkingCopy(ABC):
    """The files of a repository as a user sees and edits them.

    Only ``use_version`` changes anything in the folder, and nothing that the repository's own configuration names is
    ever executed: no hook, no filter, no file-system monitor.
    """

    path: Path
    repository: Repository

    @abstractmethod
    def current_version(self) -> str:
        """The version that the files started from, in full; :class:`UnbornError` where there is none yet."""

    @abstractmethod
    def changes(self) -> Mapping[PurePosixPath, Change]:
        """What differs from the current version (everything, where there is none), files of submodules included."""

    @abstractmethod
    def content(self, path: PurePosixPath, version: str) -> bytes:
        """The file as it was in ``version``, the target of a link; as a checkout would give it.

        Raises
        ------
        FileNotInVersionError, UnknownVersionError
        """

    @abstractmethod
    def export(self, version: str, into: Path) -> None:
        """Write all files of ``version`` and its submodules into ``into``, which is made where it does not exist."""

    @abstractmethod
    def use_version(self, version: str) -> None:
        """Bring the files to ``version`` and stay there; :class:`UncommittedChangesError` where work would be lost."""

    def open(self, path: PurePosixPath) -> BinaryIO:
        """A regular file of the work tree for reading; no link is followed, neither here nor on the way to it."""
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ValueError(f"{str(path)!r} is not a path inside the working copy.")
        file = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        for part in path.parts:
            folder = file
            try:
                file = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            finally:
                os.close(folder)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(f"{str(path)!r} is not a regular file.")
        return os.fdopen(file, "rb")

    def has_changed(self) -> bool:
        """Whether there are any changes."""
        return bool(self.changes())

    def contains(self, path: PurePosixPath) -> bool:
        """Whether the current version has this file."""
        try:
            return self.content(path, self.current_version()) is not None
        except (FileNotInVersionError, UnbornError):
            return False

    def diff(self) -> str:
        """The changes as text for reading; files that are binary or very large are only named."""
        return "".join(self._difference(path, change) for path, change in sorted(self.changes().items()))

    def _difference(self, path: PurePosixPath, change: Change) -> str:
        from difflib import unified_diff  # only a reader of the diff needs it

        old = self.content(path, change.base) if change.base else b""
        new = os.fsencode(change.link or "")
        if change.link is None and change.kind != "removed":
            with self.open(path) as file:
                new = file.read()
        name = str(path) if str(path).isprintable() else ascii(str(path))
        head = f"{name}: {change.kind}, {'link' if change.link is not None else f'mode {change.mode:o}'}\n"
        # Comparing line by line takes a time that grows faster than the files, so beyond 1 MB we do not.
        if b"\0" in old + new or max(len(old), len(new)) > 1_000_000:
            return f"{head}Binary or large file, {len(old)} bytes before, {len(new)} now\n"
        texts = (side.decode(errors="backslashreplace").replace("\r", "\\r") for side in (old, new))
        before, after = (re.findall(r".*\n|.+", text) for text in texts)
        lines = unified_diff(before, after, f"a/{name}", f"b/{name}")
        return head + "".join(x if x[-1] == "\n" else f"{x}\n\\ No newline at end of file\n" for x in lines)


@runtime_checkable
class SupportsAuthor(Protocol):
    """Knows who would be the author of the next version."""

    def author(self) -> str:
        """Name and address, "" where the user has set neither."""


@runtime_checkable
class SupportsBranches(Protocol):
    """Its versions lie on branches, so that a working copy may stand behind the latest one."""

    def latest_version(self) -> str:
        """The last version of the branch that the working copy is on, as far as is known without the network."""
