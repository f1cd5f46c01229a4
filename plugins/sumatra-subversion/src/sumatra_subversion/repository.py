"""A Subversion repository and its working copy, as Sumatra sees them."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from cawan.repository import BrokenRepositoryError, Repository, UnbornError, UnknownVersionError
from sumatra.manifests import Listed, Manifest, ManifestWorkingCopy, refuse_used, walk

from sumatra_subversion import _database, _server
from sumatra_subversion._database import Checkout, DatabaseError, Node

# What a checkout changes in a file that has one of these properties; "native" line ends are LF here.
_CONVERTED = ("svn:keywords", "svn:eol-style")


class SubversionRepository(Repository):
    """A folder of a Subversion repository, by its URL."""

    interface = 1
    name = "svn"

    def __init__(self, url: str, upstream: str | None = None) -> None:
        self.url, self.upstream = url, upstream

    @classmethod
    def find(
        cls, path: Path, options: Mapping[str, object] = MappingProxyType({})
    ) -> SubversionWorkingCopy | None:
        """The working copy whose top is this folder, by its ``.svn``."""
        if not (path / ".svn").exists():
            return None
        try:
            url = _server.bare(_database.read(path).url())
        except DatabaseError as error:
            raise BrokenRepositoryError(path, str(error), "Bring it up to date with: svn upgrade") from error
        return SubversionWorkingCopy(path, cls(url, url))

    def checkout(self, into: Path) -> SubversionWorkingCopy:
        """The newest revision."""
        url = self.url if "://" in self.url else Path(self.url).absolute().as_uri()
        _server.check_url(url)
        refuse_used(into)
        into.parent.mkdir(parents=True, exist_ok=True)
        _server.checkout(url, into)
        return SubversionWorkingCopy(into, SubversionRepository(self.url, self.upstream))


class SubversionWorkingCopy(ManifestWorkingCopy):
    """The files of a Subversion working copy.

    Its version is the highest revision of anything in it. After ``svn commit`` other files are still of older ones;
    they count as that version's where the repository says that nothing changed them meanwhile.
    """

    remedy = "Commit them, or put them aside with: svn shelve"

    def __init__(self, path: Path, repository: SubversionRepository) -> None:
        self.path, self.repository = path, repository
        self._exported: dict[int, Manifest] = {}
        self._current = lru_cache(maxsize=1)(self._read_current)

    def _checkout(self) -> Checkout:
        try:
            return _database.read(self.path)
        except DatabaseError as error:
            raise BrokenRepositoryError(self.path, str(error), "Look with: svn status") from error

    def current_version(self) -> str:
        """The number of a revision."""
        revision = self._checkout().revision
        if not revision:
            raise UnbornError(self.path, "Commit something: svn add --force . && svn commit -m 'First version'")
        return str(revision)

    def manifest(self, version: str) -> Manifest:
        """The files of a revision; those of the current one are read from this folder, without the network."""
        checkout = self._checkout()
        if not (version.isdecimal() and version.isascii() and 0 < int(version) < 1 << 31):
            raise UnknownVersionError(version, self.path, "List its versions with: svn log")
        revision = int(version)
        if revision == checkout.revision:
            state = (self.path / ".svn" / "wc.db").stat()
            return self._current(revision, state.st_mtime_ns, state.st_size)
        return self._other(checkout, revision)

    def _read_current(self, revision: int, *_state: int) -> Manifest:
        checkout = self._checkout()
        oldest = min(node.revision for node in checkout.nodes.values())
        if oldest < revision and not self._still_true(checkout, oldest, revision):
            return self._other(checkout, revision)
        return {PurePosixPath(path): self._listed(checkout, path, node)
                for path, node in checkout.nodes.items() if node.is_file}  # fmt: skip

    def _still_true(self, checkout: Checkout, oldest: int, revision: int) -> bool:
        """Whether everything here of an older revision is as the current one has it."""
        folder = f"{checkout.folder}/" if checkout.folder else ""
        for place, changed in _server.changed_since(checkout.url(), oldest, revision).items():
            path = place.removeprefix(folder) if place.startswith(folder) else "" if folder else place
            node = checkout.nodes.get(path)
            if node is None and checkout.absent.get(path, -1) < changed:
                return False
            if node is not None and node.is_file and node.revision < changed:
                return False
        return True

    def _listed(self, checkout: Checkout, path: str, node: Node) -> Listed:
        if "svn:special" in node.properties:
            link = self._pristine(node.sha1).removeprefix(b"link ")
            return Listed(0o644, os.fsdecode(link), lambda: link)
        mode = 0o755 if "svn:executable" in node.properties else 0o644
        if any(name in node.properties for name in _CONVERTED):
            return Listed(mode, None, lambda: _server.content(checkout.url(path), node.revision))
        return Listed(mode, None, lambda: self._pristine(node.sha1))

    def _pristine(self, sha1: str) -> bytes:
        try:
            return _database.pristine(self.path, sha1)
        except DatabaseError as error:
            raise BrokenRepositoryError(self.path, str(error), "Check it out anew: svn checkout") from error

    def _other(self, checkout: Checkout, revision: int) -> Manifest:
        """A revision from the repository, kept beside until this object goes."""
        if revision not in self._exported:
            if revision > checkout.revision and revision > _server.newest(checkout.url()):
                raise UnknownVersionError(str(revision), self.path, "List its versions with: svn log")
            folder = tempfile.mkdtemp(prefix="smt-svn-")
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            top = Path(folder) / "files"
            _server.export(checkout.url(), revision, max(revision, checkout.revision), top)
            self._exported[revision] = {path: _on_disk(top / path) for path in walk(top, ())}
        return self._exported[revision]

    def names(self) -> tuple[Collection[PurePosixPath], Collection[PurePosixPath]]:
        """What is scheduled for adding, and what is ignored."""
        checkout = self._checkout()
        top = str(self.path)
        folders = {path for path, node in checkout.nodes.items() if not node.is_file}
        shown = {PurePosixPath(name[len(top) :].lstrip("/")) for name in _server.shown(self.path, sorted(folders))}
        versioned = {PurePosixPath(path) for path in (*checkout.nodes, *checkout.scheduled)}
        ignored = set()
        for path in walk(self.path):
            outer = next((part for part in (*reversed(path.parents[:-1]), path) if part not in versioned), None)
            if outer is not None and outer not in shown and _name(outer.parent) in folders:
                ignored.add(path)
        return {PurePosixPath(path) for path in checkout.scheduled}, ignored

    def move_to(self, version: str) -> None:
        """``svn update``."""
        _server.update(self.path, int(version), self._checkout().url())


def _name(folder: PurePosixPath) -> str:
    return "" if folder == PurePosixPath() else str(folder)


def _on_disk(place: Path) -> Listed:
    link = os.readlink(place) if place.is_symlink() else None
    mode = 0o755 if link is None and place.stat().st_mode & 0o100 else 0o644
    return Listed(mode, link, place.read_bytes)
