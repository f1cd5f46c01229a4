"""dulwich, for machines without the git program; what it cannot do is done here, or said."""

from __future__ import annotations

import os
import re
import stat
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from cawan.repository import BrokenRepositoryError, RepositoryError, UnknownVersionError
from dulwich.errors import ChecksumMismatch, NotGitRepository
from dulwich.ignore import IgnoreFilter, IgnoreFilterManager
from dulwich.index import ConflictedIndexEntry, IndexEntry, UnsupportedIndexFormat, index_entry_from_stat
from dulwich.object_store import iter_tree_contents
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.objectspec import parse_commit
from dulwich.porcelain import clone, update_head
from dulwich.refs import Ref
from dulwich.repo import Repo, UnsupportedExtension, UnsupportedVersion

from sumatra_git._plumbing import GITLINK, LINK, Entry, Plumbing, Read, Status
from sumatra_git._writing import write_files

_ANCESTOR = re.compile(r"(.*?)((?:[~^]\d*)*)", re.DOTALL)  # HEAD~2 and HEAD^, which dulwich does not read
_WITH_GIT = "Install the git program, which can."


class Library(Plumbing):
    """A repository read by dulwich."""

    def __init__(self, top: Path) -> None:
        self.top = top
        try:
            self._repo = Repo(str(top))
        except (NotGitRepository, UnsupportedExtension, UnsupportedVersion) as error:
            raise BrokenRepositoryError(top, f"dulwich cannot read it ({error})", _WITH_GIT) from error
        weakref.finalize(self, self._repo.close)  # else dulwich complains aloud when Python ends
        if self._repo.bare or self._repo.get_config_stack().get_boolean(b"core", b"bare", False):
            raise BrokenRepositoryError(top, "it is bare, so it has no files", "Clone it, and work in the clone.")
        self.common = Path(os.fsdecode(self._repo.commondir())).resolve()

    @classmethod
    def clone(cls, url: str, into: Path) -> Library:
        """A clone, its files not yet written."""
        with open(os.devnull, "wb") as nowhere:
            try:
                clone(url, str(into), checkout=False, errstream=nowhere).close()
            except (NotGitRepository, OSError, ValueError) as error:
                raise RepositoryError(f"dulwich could not clone {url!r}: {error or type(error).__name__}") from error
        return cls(into)

    def config(self) -> Mapping[str, str]:
        """The configuration in force."""
        found: dict[str, str] = {}
        for backend in reversed(self._repo.get_config_stack().backends):
            for section in backend.sections():
                first, *rest = (os.fsdecode(part) for part in section)
                for name, value in backend.items(section):
                    found[".".join((first.lower(), *rest, os.fsdecode(name).lower()))] = os.fsdecode(value)
        return found

    def head(self) -> str:
        """The commit of HEAD, "" where there is none yet."""
        return self.ref("HEAD") or self._detached()

    def resolve(self, version: str) -> str:
        """The commit that this expression names."""
        remedy = "List its versions with: git log --all --oneline"
        name, steps = _ANCESTOR.fullmatch(version).groups()  # type: ignore[union-attr]  # it matches any text
        if not name or "\0" in name:
            raise UnknownVersionError(version, self.top, remedy)
        try:
            commit = parse_commit(self._repo, name)
            for kind, count in re.findall(r"([~^])(\d*)", steps):
                number = int(count or 1)
                parents = [0] * number if kind == "~" else [number - 1] if number else []
                for parent in parents:
                    commit = parse_commit(self._repo, commit.parents[parent])
        except (KeyError, ValueError, IndexError) as error:
            raise UnknownVersionError(version, self.top, remedy) from error
        return commit.id.decode()

    def ref(self, name: str) -> str:
        """The commit of a full reference name."""
        chain, commit = self._repo.refs.follow(Ref(os.fsencode(name)))
        return commit.decode() if commit and not (name == "HEAD" and len(chain) == 1) else ""

    def status(self, base: str) -> Status:
        """What may differ: every file of the index is compared by its times and size."""
        if list(Path(os.fsdecode(self._repo.controldir())).glob("sharedindex.*")):
            raise BrokenRepositoryError(self.top, "its index is split, which dulwich cannot read", _WITH_GIT)
        old, index, written = self.tree(base) if base else {}, self._index(), self._index_time()
        suspects: dict[str, Entry | None] = {}
        gitlinks = {}
        for path, entry in index.items():
            before = old.get(path)
            if isinstance(entry, ConflictedIndexEntry):
                suspects[path] = before
            elif before is None or before != (now := Entry(entry.mode, entry.sha.decode())):
                suspects[path] = before
            elif entry.mode == GITLINK:
                gitlinks[path] = now.oid
            elif not self._is_untouched(path, entry, written):
                suspects[path] = before
            if isinstance(entry, IndexEntry) and before is None and entry.mode == GITLINK:
                gitlinks[path] = entry.sha.decode()
        suspects |= {path: entry for path, entry in old.items() if path not in index}
        known = index.keys() | suspects.keys()
        untracked = list(self._untracked("", index, self._ignored()))
        return Status(suspects, untracked, gitlinks, any(path.endswith(".gitattributes") for path in known))

    def tree(self, commit: str) -> Mapping[str, Entry]:
        """Every file and submodule of a commit."""
        found = self._repo[ObjectID(commit.encode())]
        if not isinstance(found, Commit):
            raise UnknownVersionError(commit, self.top)
        entries = iter_tree_contents(self._repo.object_store, found.tree)
        return {os.fsdecode(e.path): Entry(e.mode, e.sha.decode()) for e in entries if e.path and e.mode and e.sha}

    @contextmanager
    def reading(self) -> Iterator[Read]:
        """A function that gives the bytes of blobs."""

        def read(oids: Sequence[str]) -> Iterator[bytes]:
            """The bytes of these blobs, in this order."""
            for oid in oids:
                try:
                    blob = self._repo[ObjectID(oid.encode())]
                except KeyError as error:
                    reason = f"object {oid} is not here"
                    raise BrokenRepositoryError(self.top, reason, "Get it with: git fetch --refetch") from error
                if not isinstance(blob, Blob):
                    raise BrokenRepositoryError(self.top, f"object {oid} is not a file", "Look with: git fsck")
                yield blob.data

        yield read

    def switch(self, commit: str) -> None:
        """Bring work tree, index and HEAD to a commit: files that differ are written again."""
        head = self.head()
        index = self._repo.open_index()
        old, new = (self.tree(head) if head and len(index) else {}), self.tree(commit)
        changed = {path: entry for path, entry in new.items() if old.get(path) != entry and entry.mode != GITLINK}
        for path in sorted(old.keys() - {p for p in new if new[p] == old.get(p)}, reverse=True):
            if old[path].mode != GITLINK and os.path.lexists(self.top / path):
                (self.top / path).unlink()
                self._prune((self.top / path).parent)
            del index[os.fsencode(path)]
        write_files(self, commit, changed, self.top)
        for path, entry in new.items():
            if path in changed or entry.mode == GITLINK:
                (self.top / path).mkdir(parents=True, exist_ok=True) if entry.mode == GITLINK else None
                state = os.lstat(self.top / path)
                index[os.fsencode(path)] = index_entry_from_stat(state, entry.oid.encode(), entry.mode)
        index.write()
        update_head(self._repo, commit, detached=True)

    def _prune(self, folder: Path) -> None:
        while folder != self.top and not any(folder.iterdir()):
            folder.rmdir()
            folder = folder.parent

    def _detached(self) -> str:
        commit = self._repo.refs.follow(Ref(b"HEAD"))[1]
        return commit.decode() if commit else ""

    def _index(self) -> dict[str, IndexEntry | ConflictedIndexEntry]:
        try:
            index = self._repo.open_index()
        except (ChecksumMismatch, UnsupportedIndexFormat, AssertionError, ValueError) as error:
            raise BrokenRepositoryError(self.top, f"dulwich cannot read its index ({error})", _WITH_GIT) from error
        if index.is_sparse():
            raise BrokenRepositoryError(self.top, "its index is sparse, which dulwich cannot read", _WITH_GIT)
        return {os.fsdecode(path): entry for path, entry in index.items()}

    def _index_time(self) -> int:
        path = Path(os.fsdecode(self._repo.index_path()))
        return path.stat().st_mtime_ns if path.exists() else 0

    def _is_untouched(self, path: str, entry: IndexEntry, written: int) -> bool:
        """Whether the file is for certain the one that the index describes, without reading it."""
        try:
            state = os.lstat(self.top / path)
        except (FileNotFoundError, NotADirectoryError):
            return bool(entry.extended_flags & 0x4000)  # "skip worktree": left out by a sparse checkout
        mode = LINK if stat.S_ISLNK(state.st_mode) else 0o100755 if state.st_mode & 0o100 else 0o100644
        # A file written in the clock tick of the index may have changed after it ("racy git").
        now = (state.st_size & 0xFFFFFFFF, state.st_mtime_ns, state.st_ctime_ns, mode)
        same = now == (entry.size, _nanoseconds(entry.mtime), _nanoseconds(entry.ctime), entry.mode)
        return same and stat.S_IFMT(state.st_mode) in (stat.S_IFREG, stat.S_IFLNK) and state.st_mtime_ns < written

    def _ignored(self) -> Callable[[str], bool]:
        manager = IgnoreFilterManager.from_repo(self._repo)
        exclude = self.common / "info" / "exclude"  # dulwich looks in the work tree's own git folder
        shared = IgnoreFilter.from_path(str(exclude)) if exclude.exists() else None

        def ignored(path: str) -> bool:
            found = manager.is_ignored(path)
            return bool(shared and shared.is_ignored(path)) if found is None else found

        return ignored

    def _untracked(
        self, folder: str, index: Mapping[str, IndexEntry | ConflictedIndexEntry], ignored: Callable[[str], bool]
    ) -> Iterator[str]:
        """Files that are neither tracked nor ignored; links are files here, pipes and devices are nothing."""
        with os.scandir(self.top / folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = f"{folder}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if entry.name == ".git" or _is_gitlink(index.get(path)) or ignored(f"{path}/"):
                        continue
                    if (self.top / path / ".git").is_file() or (self.top / path / ".git" / "HEAD").exists():
                        yield f"{path}/"
                    else:
                        yield from self._untracked(f"{path}/", index, ignored)
                elif path not in index and entry.name != ".git":
                    if (entry.is_symlink() or entry.is_file(follow_symlinks=False)) and not ignored(path):
                        yield path


def _nanoseconds(time: float | tuple[int, int]) -> int:
    return time[0] * 10**9 + time[1] if isinstance(time, tuple) else int(time * 10**9)


def _is_gitlink(entry: IndexEntry | ConflictedIndexEntry | None) -> bool:
    return isinstance(entry, IndexEntry) and entry.mode == GITLINK
