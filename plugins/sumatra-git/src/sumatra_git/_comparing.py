"""Which files of a work tree differ from a commit, byte for byte, its submodules included."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from cawan.repository import Change, UnknownVersionError

from sumatra_git._attributes import Attributes
from sumatra_git._conversion import Conversion
from sumatra_git._plumbing import GITLINK, LINK, Entry, Plumbing, Read, Status
from sumatra_git._writing import attributes_of

_BLOCK = 1 << 20
Open = Callable[[Path], Plumbing]


def differences(plumbing: Plumbing, base: str, open_inside: Open) -> dict[str, Change]:
    """Path and change of every file that an export of ``base`` ("": nothing) would show differently."""
    config = plumbing.config()
    with ExitStack() as stack:
        return dict(_Comparison(plumbing, base, config, open_inside, stack).run())


def is_repository(top: Path, path: str) -> bool:
    """Whether a folder of the work tree, itself no link and not behind one, is another repository."""
    return not _is_link_on_the_way(top, f"{path}/") and os.path.lexists(top / path / ".git")


class _Comparison:
    def __init__(
        self, plumbing: Plumbing, base: str, config: Mapping[str, str], open_inside: Open, stack: ExitStack
    ) -> None:
        self._plumbing, self._base, self._open_inside, self._stack = plumbing, base, open_inside, stack
        self._top = plumbing.top
        self._keeps_modes = config.get("core.filemode", "true").lower() not in ("false", "no", "off", "0")
        self._conversion = Conversion.configured(config, plumbing.common)
        self._converts_all = self._conversion.touches({})
        self._status = plumbing.status(base)
        self._attributes, self._tree = self._rules(config, self._status)
        self._read: Read | None = None

    def run(self) -> Iterator[tuple[str, Change]]:
        """Path and change of every file that differs."""
        for path, entry in self._status.suspects.items():
            if entry and entry.mode == GITLINK:
                yield from self._submodule(path, entry.oid)
            elif path not in self._status.gitlinks:
                yield from self._file(path, entry, "added")
        for path, oid in self._status.gitlinks.items():
            is_old = path not in self._status.suspects
            yield from self._submodule(path, oid if is_old else "")
        for path, entry in self._tree.items():
            if path not in self._status.suspects and entry.mode not in (GITLINK, LINK):
                yield from self._converted(path, entry)
        for path in self._status.untracked:
            if path.endswith("/"):
                yield from self._untracked_repository(path[:-1])
            elif path not in self._status.suspects:
                yield from self._file(path, None, "untracked")

    def _rules(self, config: Mapping[str, str], status: Status) -> tuple[Attributes, Mapping[str, Entry]]:
        """The attributes of the base, and its files where some of them may be converted."""
        alone = attributes_of(self._plumbing, {}, config)
        if not self._base or not (status.attributed or alone or self._converts_all):
            return alone, {}
        tree = self._plumbing.tree(self._base)
        attributes = attributes_of(self._plumbing, tree, config)
        return attributes, tree if attributes or self._converts_all else {}

    def _submodule(self, path: str, base: str) -> Iterator[tuple[str, Change]]:
        """Changes inside a submodule; one that is not initialised has none, but for files put into its folder."""
        if is_repository(self._top, path):
            yield from self._inside(path, base)
            return
        place = self._top / path
        if _is_link_on_the_way(self._top, f"{path}/") or not place.is_dir():
            yield from self._file(path, Entry(GITLINK, base) if base else None, "added")
            return
        for folder, folders, files in os.walk(place):
            for name in sorted(files + [name for name in folders if Path(folder, name).is_symlink()]):
                inner = os.path.relpath(os.path.join(folder, name), self._top)
                yield from self._file(inner, None, "untracked")

    def _inside(self, path: str, base: str) -> Iterator[tuple[str, Change]]:
        plumbing = self._open_inside(self._top / path)
        if base:
            try:
                plumbing.resolve(base)
            except UnknownVersionError as error:
                raise UnknownVersionError(
                    base, plumbing.top, f"Get it with: git submodule update --init {path!r}"
                ) from error
        for inner, change in differences(plumbing, base, self._open_inside).items():
            yield f"{path}/{inner}", change

    def _untracked_repository(self, path: str) -> Iterator[tuple[str, Change]]:
        for inner, change in self._inside(path, ""):
            yield inner, replace(change, kind="untracked")

    def _file(self, path: str, entry: Entry | None, kind: str) -> Iterator[tuple[str, Change]]:
        """The change of one file that may differ; nothing where it turns out to be the same."""
        state = None if _is_link_on_the_way(self._top, path) else _state(self._top / path)
        if state is None:
            if entry:
                yield path, Change("removed", 0, base=self._base)
            return
        link = os.readlink(self._top / path) if stat.S_ISLNK(state.st_mode) else None
        mode = 0o755 if state.st_mode & 0o100 and link is None else 0o644
        if entry is None:
            yield path, Change("added" if kind == "added" else "untracked", mode, link)
            return
        if not self._keeps_modes and entry.mode not in (GITLINK, LINK):
            mode = entry.mode & 0o777
        old = LINK if link is not None else 0o100000 | mode
        if entry.mode != old or not self._is_same(path, entry, link, state.st_size):
            yield path, Change("modified", mode, link, self._base)

    def _is_same(self, path: str, entry: Entry, link: str | None, size: int) -> bool:
        if link is not None:
            return _identifier(os.fsencode(link), len(entry.oid)) == entry.oid
        attributes = self._attributes.of(path)
        if attributes.get("filter") == "lfs":
            stored = self._conversion.object(self._blob(entry.oid))
            if stored:
                return stored[0].stat().st_size == size and self._digest(path, hashlib.sha256()) == stored[1]
        elif self._conversion.touches(attributes):
            with (self._top / path).open("rb") as file:
                return file.read() == self._conversion.apply(self._blob(entry.oid), attributes, entry.oid, path)
        head = b"blob %d\0" % size
        digest = hashlib.sha256(head) if len(entry.oid) == 64 else hashlib.sha1(head, usedforsecurity=False)
        return self._digest(path, digest) == entry.oid

    def _converted(self, path: str, entry: Entry) -> Iterator[tuple[str, Change]]:
        """A file whose times say "unchanged" may still differ from an export, if it was not checked out by one."""
        attributes = self._attributes.of(path)
        if not (self._conversion.touches(attributes) if attributes else self._converts_all):
            return
        state = _state(self._top / path)
        if state is None:
            return
        if attributes.get("filter") == "lfs":  # its size is enough: the objects are large
            pointer = self._blob(entry.oid)
            stored = self._conversion.object(pointer)
            if state.st_size == (stored[0].stat().st_size if stored else len(pointer)):
                return
        yield from self._file(path, entry, "modified")

    def _blob(self, oid: str) -> bytes:
        if self._read is None:
            self._read = self._stack.enter_context(self._plumbing.reading())
        [data] = self._read([oid])
        return data

    def _digest(self, path: str, digest: hashlib._Hash) -> str:
        with (self._top / path).open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
        return digest.hexdigest()


def _identifier(data: bytes, digits: int) -> str:
    whole = b"blob %d\0%s" % (len(data), data)
    return hashlib.sha256(whole).hexdigest() if digits == 64 else hashlib.sha1(whole, usedforsecurity=False).hexdigest()


def _state(path: Path) -> os.stat_result | None:
    """The file or link itself, None where there is neither."""
    try:
        state = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return state if stat.S_ISREG(state.st_mode) or stat.S_ISLNK(state.st_mode) else None


def _is_link_on_the_way(top: Path, path: str) -> bool:
    parts = path.split("/")
    return any(os.path.islink(top / "/".join(parts[:k])) for k in range(1, len(parts)))
