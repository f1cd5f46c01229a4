"""A Bazaar branch and its working tree, as Sumatra sees them; read by Breezy, none of whose plug-ins is loaded."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from cawan.repository import BrokenRepositoryError, Repository, RepositoryError, UnbornError, UnknownVersionError
from sumatra.manifests import Listed, Manifest, ManifestWorkingCopy, refuse_used, walk


def _breezy() -> Any:
    """The library, with the formats of Bazaar alone; it takes half a second, so it is loaded when it is needed."""
    import breezy.branch
    import breezy.bzr
    import breezy.errors
    import breezy.workingtree

    return breezy


class BazaarRepository(Repository):
    """One Bazaar branch."""

    interface = 1
    name = "bzr"

    def __init__(self, url: str, upstream: str | None = None) -> None:
        self.url, self.upstream = url, upstream

    @classmethod
    def find(
        cls, path: Path, options: Mapping[str, object] = MappingProxyType({})
    ) -> BazaarWorkingCopy | None:
        """The working tree whose top is this folder, by its ``.bzr``."""
        if not (path / ".bzr").exists():
            return None
        breezy = _breezy()
        try:
            tree = breezy.workingtree.WorkingTree.open(str(path))
        except (breezy.errors.BzrError, OSError) as error:
            raise BrokenRepositoryError(path, str(error), "Look with: brz check") from error
        return BazaarWorkingCopy(path, cls(str(path), tree.branch.get_parent()), tree)

    def checkout(self, into: Path) -> BazaarWorkingCopy:
        """A branch of it."""
        breezy = _breezy()
        if "://" in self.url and not self.url.startswith(("file://", "http://", "https://")):
            raise RepositoryError(f"{self.url!r} is no address that a branch is taken from. Use a path, http or https.")
        refuse_used(into)
        into.parent.mkdir(parents=True, exist_ok=True)
        if into.is_dir():
            into.rmdir()
        try:
            source = breezy.branch.Branch.open(self.url)
            source.controldir.sprout(str(into), revision_id=source.last_revision())
        except breezy.errors.BzrError as error:
            raise RepositoryError(f"{self.url!r} could not be branched: {error}") from error
        found = BazaarRepository.find(into)
        if found is None:
            raise RepositoryError(f"{self.url!r} has no working tree.")
        return found


class BazaarWorkingCopy(ManifestWorkingCopy):
    """The files of a Bazaar branch."""

    remedy = "Commit them, or put them aside with: brz shelve --all"

    def __init__(self, path: Path, repository: BazaarRepository, tree: Any) -> None:
        self.path, self.repository, self._tree = path, repository, tree
        self._manifest = lru_cache(maxsize=4)(self._read_manifest)

    def current_version(self) -> str:
        """The identity of the revision that the tree is at."""
        revision: bytes = self._tree.last_revision()
        if revision == b"null:":
            raise UnbornError(self.path, "Commit something: brz add && brz commit -m 'First version'")
        return revision.decode("utf-8")

    def _revision(self, version: str) -> bytes:
        """The identity of a revision that a user named, by that or by its number."""
        breezy, branch = _breezy(), self._tree.branch
        try:
            with branch.lock_read():
                if version.isdecimal() and int(version) > 0:
                    found: bytes = branch.get_rev_id(int(version))
                    return found
                wanted = version.encode("utf-8")
                if wanted and wanted != b"null:" and branch.repository.has_revision(wanted):
                    return wanted
        except (breezy.errors.BzrError, UnicodeEncodeError) as error:
            raise UnknownVersionError(version, self.path, "List its versions with: brz log --line") from error
        raise UnknownVersionError(version, self.path, "List its versions with: brz log --line --show-ids")

    def manifest(self, version: str) -> Manifest:
        """The files of a revision."""
        return self._manifest(self._revision(version))

    def _read_manifest(self, revision: bytes) -> Manifest:
        tree = self._tree.branch.repository.revision_tree(revision)
        found: dict[PurePosixPath, Listed] = {}
        with tree.lock_read():
            for path, entry in tree.iter_entries_by_dir():
                if entry.kind in ("file", "symlink"):
                    link = tree.get_symlink_target(path) if entry.kind == "symlink" else None
                    mode = 0o755 if entry.kind == "file" and entry.executable else 0o644
                    found[PurePosixPath(path)] = Listed(mode, link, lambda path=path: _text(tree, path))  # type: ignore[misc]  # bound now
        return found

    def names(self) -> tuple[Collection[PurePosixPath], Collection[PurePosixPath]]:
        """What will be added, and what is ignored."""
        with self._tree.lock_read():
            added = {PurePosixPath(change.path[1]) for change in self._tree.iter_changes(self._tree.basis_tree())
                     if change.versioned == (False, True) and change.path[1]}  # fmt: skip
            ignored = {path for path in walk(self.path)
                       if _is_text(path) and not self._tree.is_versioned(str(path))
                       and any(self._tree.is_ignored(str(part)) for part in (path, *path.parents[:-1]))}  # fmt: skip
        return added, ignored

    def move_to(self, version: str) -> None:
        """``brz update``."""
        self._tree.update(revision=self._revision(version))

    def author(self) -> str:
        """Name and address, "" where the user has set none."""
        breezy = _breezy()
        try:
            return str(self._tree.branch.get_config_stack().get("email") or "")
        except breezy.errors.BzrError:
            return ""

    def latest_version(self) -> str:
        """The last revision of the branch."""
        found: bytes = self._tree.branch.last_revision()
        return found.decode("utf-8")


def _text(tree: Any, path: str) -> bytes:
    with tree.lock_read():
        return bytes(tree.get_file_text(path))


def _is_text(path: PurePosixPath) -> bool:
    """Bazaar's names are Unicode; it knows no others."""
    try:
        return bool(os.fsencode(str(path)).decode("utf-8"))
    except UnicodeDecodeError:
        return False
