"""Repositories and working copies of 0.8's shape, over the plug-in of each version-control system."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from cawan.repository import RepositoryError, SupportsAuthor, SupportsBranches, UnbornError
from cawan.repository import WorkingCopy as PlainCopy

from sumatra.core import component_type


class VersionControlError(Exception):
    """The version-control system cannot do what was asked."""


class UncommittedModificationsError(Exception):
    """There are changes that would be lost."""


@component_type
class Repository:
    """A repository: its ``url``, and the ``upstream`` that it was cloned from."""

    required_attributes: ClassVar[tuple[str, ...]] = ("exists", "checkout", "get_working_copy")
    name: Any = ""  # the plug-in's: git, hg, svn, bzr
    bare_marks: ClassVar[tuple[str, ...]] = ()  # what lies in a repository without working copy
    apply_patch_cmd: ClassVar[str] = ""
    use_version_cmd: ClassVar[str] = ""

    def __init__(self, url: str, upstream: str | None = None) -> None:
        here = url and "://" not in url and not os.path.isabs(url) and os.path.exists(url)
        self.url = os.path.abspath(url) if here else url
        self.upstream = upstream

    def __str__(self) -> str:
        text = f"{type(self).__name__} at {self.url}"
        return f"{text} (upstream: {self.upstream})" if self.upstream else text

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.url == getattr(other, "url", None)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.url)

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "upstream": self.upstream}

    @property
    def vcs_type(self) -> str:
        """The name of the version-control system."""
        return str(self.name)

    @property
    def exists(self) -> bool:
        """Is there a repository of this kind in that folder? Of a URL of another machine nothing is asked."""
        local = self.url.removeprefix("file://")
        return "://" in local or self.lies_in(local)

    @classmethod
    def lies_in(cls, folder: str) -> bool:
        """Is there a working copy of this kind in a folder, or is the folder itself a repository?"""
        bare = bool(cls.bare_marks) and all(os.path.exists(os.path.join(folder, name)) for name in cls.bare_marks)
        return os.path.isdir(os.path.join(folder, f".{cls.name}")) or bare

    def checkout(self, path: str = ".") -> None:
        """Get a working copy into a folder."""
        from sumatra.notebook import REPOSITORIES

        kind: Any = REPOSITORIES.load(str(self.name))
        try:
            kind(self.url).checkout(Path(path))
        except RepositoryError as error:
            raise VersionControlError(str(error)) from error

    def get_working_copy(self, path: str | None = None) -> WorkingCopy:
        """The working copy in a folder, the repository's own by default."""
        from sumatra.versioncontrol.choosing import get_working_copy

        return get_working_copy(path or self.url)


@component_type
class WorkingCopy:
    """The files of a repository."""

    required_attributes: ClassVar[tuple[str, ...]] = (
        "contains", "current_version", "use_version", "use_latest_version", "has_changed", "diff", "get_username",
    )  # fmt: skip
    name: Any = ""
    repository_class: ClassVar[type[Repository]] = Repository

    def __init__(self, path: str | None = None) -> None:
        start = Path(path or os.getcwd()).resolve()
        found = next((folder for folder in (start, *start.parents) if (folder / f".{self.name}").exists()), start)
        self.path = str(found)
        self._copy: PlainCopy | None = None
        plain = self.plain.repository if (found / f".{self.name}").exists() else None
        url = str(found) if plain is None or "://" not in plain.url else plain.url
        self.repository = self.repository_class(url, plain.upstream if plain else None)

    @property
    def plain(self) -> PlainCopy:
        """The same as the plug-in sees it."""
        if self._copy is None:
            from sumatra.notebook import REPOSITORIES

            try:
                self._copy = REPOSITORIES.load(str(self.name)).find(Path(self.path))
            except RepositoryError as error:
                raise VersionControlError(str(error)) from error
            if self._copy is None:
                raise VersionControlError(f"There is no {self.name} working copy in {self.path!r}.")
        return self._copy

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.path == getattr(other, "path", None)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def exists(self) -> bool:
        """Is the marker folder there?"""
        return os.path.exists(os.path.join(self.path, f".{self.name}"))

    def _inside(self, path: str) -> PurePosixPath:
        place = Path(path) if os.path.isabs(path) else Path(self.path) / path
        return PurePosixPath(os.path.relpath(place, self.path))

    def contains(self, path: str) -> bool:
        """Is this file under version control?"""
        inside = self._inside(path)
        if ".." in inside.parts:
            return False
        change = self.plain.changes().get(inside)
        return change.kind in ("modified", "added") if change else self.plain.contains(inside)

    def current_version(self) -> str:
        """The version that the files started from."""
        try:
            return self.plain.current_version()
        except UnbornError as error:
            raise VersionControlError(str(error)) from error

    def use_version(self, version: str) -> None:
        """Bring the files to a version; refused where there are changes."""
        if self.has_changed():
            raise UncommittedModificationsError("There are uncommitted changes, which would be lost.")
        self.plain.use_version(version)

    def use_latest_version(self) -> None:
        """Bring the files to the latest version of their branch."""
        plain = self.plain
        if isinstance(plain, SupportsBranches):
            self.use_version(plain.latest_version())

    def status(self) -> dict[str, set[str]]:
        """Paths by what became of them: modified, added, removed, missing, unknown, clean.

        A file that is gone is in "removed", whether that was said to the version-control system or not.
        """
        kinds = ("modified", "added", "removed", "missing", "unknown", "clean")
        found: dict[str, set[str]] = {kind: set() for kind in kinds}
        for path, change in self.plain.changes().items():
            found["unknown" if change.kind == "untracked" else change.kind].add(str(path))
        known = set().union(*found.values())
        for folder, names, files in os.walk(self.path):
            names[:] = [name for name in names if name != f".{self.name}"]
            paths = {os.path.relpath(os.path.join(folder, name), self.path) for name in files} - known
            found["clean"] |= {path for path in paths if self.plain.contains(PurePosixPath(path))}
        return found

    def has_changed(self) -> bool:
        """Does any file under version control differ from the current version?"""
        return any(change.kind != "untracked" for change in self.plain.changes().values())

    def diff(self) -> str:
        """The changes of files under version control, as text for reading."""
        plain = self.plain
        changes = {path: change for path, change in plain.changes().items() if change.kind != "untracked"}
        return "".join(plain._difference(path, change) for path, change in sorted(changes.items()))

    def reset(self) -> None:
        """Refused: it would destroy work. ``smt open LABEL`` lays code out elsewhere."""
        raise VersionControlError("Changes are never thrown away. Lay the code of a record out with: smt open LABEL")

    def patch(self, diff: str) -> None:
        """Refused: the user's files are not changed. ``smt open LABEL`` lays code out elsewhere."""
        raise VersionControlError("Your files are not patched. Lay the code of a record out with: smt open LABEL")

    def content(self, version: str, filename: str) -> str:
        """The text of a file in a version."""
        return self.plain.content(self._inside(filename), version).decode("utf-8", "replace")

    def get_username(self) -> str:
        """Name and address of the author of the next version, "" where none is set."""
        plain = self.plain
        return plain.author() if isinstance(plain, SupportsAuthor) else ""
