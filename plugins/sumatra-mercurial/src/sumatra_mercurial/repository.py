"""A Mercurial repository and its working copy, as Sumatra sees them."""

from __future__ import annotations

import configparser
import os
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from cawan.repository import BrokenRepositoryError, Repository, RepositoryError, UnbornError, UnknownVersionError
from sumatra.manifests import Listed, Manifest, ManifestWorkingCopy, refuse_used

from sumatra_mercurial._server import CommandError, hg, reason

_TICK = 2.0  # s; a file that changed so soon before Mercurial looked may have changed again under the same time


class MercurialRepository(Repository):
    """One Mercurial repository."""

    interface = 1
    name = "hg"

    def __init__(self, url: str, upstream: str | None = None) -> None:
        self.url, self.upstream = url, upstream

    @classmethod
    def find(
        cls, path: Path, options: Mapping[str, object] = MappingProxyType({})
    ) -> MercurialWorkingCopy | None:
        """The working copy whose top is this folder, by its ``.hg``."""
        marker = path / ".hg"
        if not marker.exists():
            return None
        if not ((marker / "requires").is_file() or (marker / "store").is_dir()):
            raise BrokenRepositoryError(path, "its .hg holds no repository", "Look with: hg verify")
        return MercurialWorkingCopy(path, cls(str(path), _upstream(path)))

    def checkout(self, into: Path) -> MercurialWorkingCopy:
        """A clone."""
        if self.url.startswith("-"):
            raise RepositoryError(f"{self.url!r} is no address of a repository.")
        refuse_used(into)
        into.parent.mkdir(parents=True, exist_ok=True)
        if into.is_dir():
            into.rmdir()
        try:
            hg(into.parent, "clone", "--quiet", "--", self.url, str(into))
        except CommandError as error:
            raise RepositoryError(f"Mercurial could not clone {self.url!r}: {reason(error)}") from error
        return MercurialWorkingCopy(into, MercurialRepository(str(into), self.url))


def _upstream(path: Path) -> str | None:
    """The default path of ``.hg/hgrc``, read as text; without user name and password."""
    settings = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        settings.read(path / ".hg" / "hgrc", encoding="utf-8")
        found = settings.get("paths", "default", fallback="")
    except (configparser.Error, UnicodeDecodeError):
        return None
    return re.sub(r"^(\w+://)[^/@]*@", r"\1", found) or None


class MercurialWorkingCopy(ManifestWorkingCopy):
    """The files of a Mercurial repository."""

    remedy = "Commit them, or put them aside with: hg shelve --unknown"

    def __init__(self, path: Path, repository: MercurialRepository) -> None:
        self.path, self.repository = path, repository
        self._manifest = lru_cache(maxsize=4)(self._read_manifest)

    def _hg(self, *words: str, ok: tuple[int, ...] = (0,)) -> bytes:
        try:
            return hg(self.path, *words, ok=ok)
        except CommandError as error:
            raise BrokenRepositoryError(self.path, reason(error), "Look with: hg verify") from error

    def current_version(self) -> str:
        """The changeset of the first parent, in full."""
        node = self._hg("log", "-r", ".", "-T", "{node}").decode()
        if not node.strip("0"):
            raise UnbornError(self.path, "Commit something: hg add && hg commit -m 'First version'")
        return node

    def _node(self, version: str) -> str:
        """The full identifier of a version that a user named."""
        if re.fullmatch("[0-9a-f]{40}", version) and version.strip("0"):
            words = f"id({version})"
        elif re.fullmatch(r"\w[\w./-]*", version):
            words = f'present("{version}")'
        else:
            raise UnknownVersionError(version, self.path, "List its versions with: hg log")
        try:
            node = hg(self.path, "log", "-r", words, "-T", "{node}").decode()
        except CommandError as error:
            raise UnknownVersionError(version, self.path, "List its versions with: hg log") from error
        if not node.strip("0") or len(node) != 40:
            raise UnknownVersionError(version, self.path, "List its versions with: hg log")
        return node

    def manifest(self, version: str) -> Manifest:
        """The files of a changeset."""
        return self._manifest(self._node(version))

    def _read_manifest(self, node: str) -> Manifest:
        parts = self._hg("files", "-r", node, "-T", "{flags}\\0{path}\\0", ok=(0, 1)).split(b"\0")
        found: dict[PurePosixPath, Listed] = {}
        for flags, name in zip(parts[::2], parts[1::2], strict=False):
            path = PurePosixPath(os.fsdecode(name))
            link = os.fsdecode(self._cat(node, path)) if flags == b"l" else None
            found[path] = Listed(0o755 if flags == b"x" else 0o644, link, lambda path=path: self._cat(node, path))  # type: ignore[misc]  # bound now
        return found

    def _cat(self, node: str, path: PurePosixPath) -> bytes:
        return self._hg("cat", "-r", node, f"path:{path}")

    def names(self) -> tuple[Collection[PurePosixPath], Collection[PurePosixPath]]:
        """What will be added, and what is ignored."""
        return self._status("A"), self._status("I")

    def _status(self, letters: str) -> set[PurePosixPath]:
        options = {"A": "--added", "I": "--ignored", "M": "--modified"}
        try:
            found = hg(self.path, "status", "-0", "--no-status", *(options[letter] for letter in letters)).split(b"\0")
        except CommandError as error:
            if "traverses symbolic link" not in reason(error):
                raise BrokenRepositoryError(self.path, reason(error), "Look with: hg verify") from error
            return set()  # a folder became a link: Mercurial looks no further, we compare every file ourselves
        return {PurePosixPath(os.fsdecode(name)) for name in found if name}

    def unchanged(self, manifest: Manifest, found: Mapping[PurePosixPath, os.stat_result]) -> Collection[PurePosixPath]:
        """Files that Mercurial calls clean, and that nobody wrote to since Mercurial looked."""
        try:
            looked = (self.path / ".hg" / "dirstate").stat().st_mtime - _TICK
        except FileNotFoundError:
            return ()
        modified = self._status("M")
        if any((self.path / parent).is_symlink() for path in manifest for parent in path.parents):
            return ()
        return [path for path, state in found.items()
                if path in manifest and path not in modified and state.st_ctime < looked]  # fmt: skip

    def export(self, version: str, into: Path) -> None:
        """Write the files of a changeset into a folder that is empty or not there."""
        node = self._node(version)
        refuse_used(into)
        into.mkdir(parents=True, exist_ok=True)
        if self._manifest(node):
            self._hg("archive", "--no-decode", "-r", node, "-t", "files", "--", str(into.absolute()))

    def move_to(self, version: str) -> None:
        """``hg update``."""
        self._hg("update", "--quiet", "--check", "-r", self._node(version))

    def author(self) -> str:
        """Name and address, "" where the user has set none."""
        return self._hg("config", "ui.username", ok=(0, 1)).decode("utf-8", "replace").strip()

    def latest_version(self) -> str:
        """The last changeset of the branch that the working copy is on."""
        return self._hg("log", "-r", "max(head() and branch(.))", "-T", "{node}").decode()
