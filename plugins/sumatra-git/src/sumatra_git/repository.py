"""A git repository and its work tree, as Sumatra sees them, whichever program reads them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import ClassVar

from cawan.options import Option
from cawan.repository import (
    Change,
    FileNotInVersionError,
    Repository,
    RepositoryError,
    UnbornError,
    UncommittedChangesError,
    UnknownVersionError,
    WorkingCopy,
)

from sumatra_git import _program
from sumatra_git._attributes import Attributes
from sumatra_git._comparing import differences, is_repository
from sumatra_git._conversion import Conversion
from sumatra_git._plumbing import GITLINK, LINK, Entry, Plumbing
from sumatra_git._writing import attributes_of, write_files


class GitRepository(Repository):
    """A git repository.

    Parameters
    ----------
    url
        A path or a URL that git can clone.
    upstream
        The URL of the remote called origin.
    program
        What reads it: "git", the program; "dulwich", the library; None: the program where there is one.
    """

    name: ClassVar[str] = "git"
    options: ClassVar[Mapping[str, Option]] = MappingProxyType(
        {"program": Option(None, "what reads it; None: the git program where there is one", ("git", "dulwich"))}
    )

    def __init__(self, url: str, *, upstream: str | None = None, program: str | None = None) -> None:
        if program not in (None, "git", "dulwich"):
            raise RepositoryError(f"The option 'program' of git is {program!r}. It may be 'git' or 'dulwich'.")
        if re.match(r"\w+::|-", url):
            raise RepositoryError(f"The URL {url!r} would run a program, so it is refused. Use a path, https or ssh.")
        self.url, self.upstream, self._choice = url, upstream, program
        self.settings = {} if program is None else {"program": program}

    @classmethod
    def find(cls, path: Path, options: Mapping[str, object] = MappingProxyType({})) -> GitWorkingCopy | None:
        """The working copy whose top folder is ``path``: a clone, a git worktree or a submodule."""
        if not os.path.lexists(path / ".git"):
            return None
        program = options.get("program")
        repository = cls(str(path), program=None if program is None else str(program))
        plumbing = repository.open(path)
        origin = plumbing.config().get("remote.origin.url")
        repository.upstream = _without_password(origin) if origin else None
        return GitWorkingCopy(path, repository, plumbing)

    def checkout(self, into: Path) -> GitWorkingCopy:
        """A clone in ``into``, without its submodules and LFS objects, which may be elsewhere on the network."""
        _refuse_used(into)
        program = self._git()
        plumbing: Plumbing
        if program:
            plumbing = _program.Program.clone(program, self.url, into)
        else:
            from sumatra_git._library import Library  # dulwich is imported only where it is used

            plumbing = Library.clone(self.url, into)
        head = plumbing.head()
        if head:
            plumbing.switch(head)
        return GitWorkingCopy(into, self, plumbing)

    def _git(self) -> str | None:
        """The git program, None for dulwich."""
        program = None if self._choice == "dulwich" else _program.find_program()
        if self._choice == "git" and program is None:
            raise RepositoryError("There is no git on PATH. Install it, or set the option program to 'dulwich'.")
        return program

    def within(self, path: Path) -> GitRepository:
        """A repository inside of this one, read in the same way."""
        return GitRepository(str(path), program=self._choice)

    def open(self, path: Path) -> Plumbing:
        """What reads a work tree."""
        program = self._git()
        if program:
            return _program.Program(program, path)
        from sumatra_git._library import Library  # dulwich is imported only where it is used

        return Library(path)


class GitWorkingCopy(WorkingCopy):
    """A work tree of git, with the files of its submodules."""

    repository: GitRepository

    def __init__(self, path: Path, repository: GitRepository, plumbing: Plumbing) -> None:
        self.path, self.repository, self._plumbing = path, repository, plumbing
        # A commit never changes, so what was read of it once can be kept.
        self._tree = lru_cache(maxsize=4)(plumbing.tree)
        self._rules = lru_cache(maxsize=4)(self._read_rules)
        self._known: set[str] = set()

    def current_version(self) -> str:
        """The commit of HEAD."""
        head = self._plumbing.head()
        if not head:
            raise UnbornError(self.path, "Make one with: git add --all, then: git commit")
        return head

    def latest_version(self) -> str:
        """The tip of the branch that HEAD is on; of main or master, where it is on none."""
        names = ("HEAD", "refs/heads/main", "refs/heads/master", "refs/remotes/origin/HEAD")
        return next((commit for commit in map(self._plumbing.ref, names) if commit), "") or self.current_version()

    def author(self) -> str:
        """Name and address as in ``user.name`` and ``user.email``."""
        config = self._plumbing.config()
        name = os.environ.get("GIT_AUTHOR_NAME") or config.get("user.name", "")
        email = os.environ.get("GIT_AUTHOR_EMAIL") or config.get("user.email", "")
        return f"{name} <{email}>".strip() if email else name

    def changes(self) -> Mapping[PurePosixPath, Change]:
        """What differs from HEAD, byte for byte, as an export of HEAD would show it."""
        found = differences(self._plumbing, self._plumbing.head(), self.repository.open)
        return {PurePosixPath(path): found[path] for path in sorted(found)}

    def content(self, path: PurePosixPath, version: str) -> bytes:
        """The file in a commit; inside a submodule, in a commit of either repository."""
        tree, name = self._files(version, path), str(path)
        entry = tree.get(name)
        if entry is None:
            return self._in_submodule(path, version, tree)
        if entry.mode == GITLINK:
            return f"Subproject commit {entry.oid}\n".encode()
        with self._plumbing.reading() as read:
            [data] = read([entry.oid])
        if entry.mode == LINK:
            return data
        attributes, conversion = self._rules(self._commit(version))
        return conversion.apply(data, attributes.of(name), entry.oid, name)

    def contains(self, path: PurePosixPath) -> bool:
        """Whether HEAD has this file, without reading it."""
        head = self._plumbing.head()
        return bool(head) and (str(path) in self._tree(head) or super().contains(path))

    def export(self, version: str, into: Path) -> None:
        """Write a commit's files and those of its submodules; one that is not initialised stays an empty folder."""
        commit = self._commit(version)
        _refuse_used(into)
        into.mkdir(parents=True, exist_ok=True)
        tree = self._tree(commit)
        write_files(self._plumbing, commit, tree, into)
        for path, entry in tree.items():
            inside = self._submodule(path) if entry.mode == GITLINK else None
            if inside:
                inside.export(inside._has(entry.oid, path), into / path)

    def use_version(self, version: str) -> None:
        """Check a commit out, and its commits of the submodules that are initialised; HEAD is then detached."""
        commit = self._commit(version)
        changes = self.changes()
        tree = self._tree(commit)
        lost = [path for path, change in changes.items() if change.kind != "untracked"]
        lost += [path for path, change in changes.items() if change.kind == "untracked" and _is_in_the_way(path, tree)]
        if lost:
            raise UncommittedChangesError(lost, "Commit them, or put them aside with: git stash --include-untracked")
        self._plumbing.switch(commit)
        for path, entry in tree.items():
            inside = self._submodule(path) if entry.mode == GITLINK else None
            if inside:
                inside.use_version(inside._has(entry.oid, path))

    def _submodule(self, path: str) -> GitWorkingCopy | None:
        """The repository in a folder of the work tree, None where there is none."""
        if not is_repository(self.path, path):
            return None
        repository = self.repository.within(self.path / path)
        return GitWorkingCopy(self.path / path, repository, repository.open(self.path / path))

    def _commit(self, version: str) -> str:
        """The full identifier; asked for once where the version is one already."""
        if version in self._known:
            return version
        commit = self._plumbing.resolve(version)
        self._known.add(commit)
        return commit

    def _read_rules(self, commit: str) -> tuple[Attributes, Conversion]:
        config = self._plumbing.config()
        attributes = attributes_of(self._plumbing, self._tree(commit), config)
        return attributes, Conversion.configured(config, self._plumbing.common)

    def _files(self, version: str, path: PurePosixPath) -> Mapping[str, Entry]:
        """The files of a commit; none where the commit may be that of a submodule around ``path``."""
        try:
            return self._tree(self._commit(version))
        except UnknownVersionError:
            if any(is_repository(self.path, str(parent)) for parent in path.parents[:-1]):
                return {}
            raise

    def _in_submodule(self, path: PurePosixPath, version: str, tree: Mapping[str, Entry]) -> bytes:
        """Content of a file below a submodule; ``version`` is the submodule's own where ``tree`` is empty."""
        for parent in path.parents[:-1]:
            entry = tree.get(str(parent))
            inside = self._submodule(str(parent)) if entry is None or entry.mode == GITLINK else None
            if inside is None:
                continue
            try:
                return inside.content(path.relative_to(parent), entry.oid if entry else version)
            except UnknownVersionError as error:
                if entry or not tree:
                    raise
                raise FileNotInVersionError(path, version) from error
        raise FileNotInVersionError(path, version)

    def _has(self, commit: str, path: str) -> str:
        try:
            return self._plumbing.resolve(commit)
        except UnknownVersionError as error:
            remedy = f"Get it with: git submodule update --init {path}"
            raise UnknownVersionError(commit, self.path, remedy) from error


def _refuse_used(into: Path) -> None:
    if into.exists() and any(into.iterdir()):
        raise RepositoryError(f"The folder {str(into)!r} is not empty. Choose one that does not exist yet.")


def _is_in_the_way(path: PurePosixPath, tree: Mapping[str, Entry]) -> bool:
    name = str(path)
    above = (tree.get(str(parent)) for parent in path.parents)
    if name in tree or any(entry and entry.mode != GITLINK for entry in above):
        return True
    return any(other.startswith(f"{name}/") for other in tree)


def _without_password(url: str) -> str:
    return re.sub(r"^(\w+://)[^/@]*@", r"\1", url)
