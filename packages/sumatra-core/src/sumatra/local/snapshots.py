"""Folders under no version control: before each run the code in them is kept, whole, in ``.smt/snapshots``.

::

    snapshots/versions/<digest>.json   path, mode, link or digest of each file
    snapshots/files/<2>/<62>           bytes by their SHA-256
    snapshots/current                  the digest of the latest snapshot, and the stamps of its files
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import re
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from cawan.events import canonical, restore
from cawan.repository import BrokenRepositoryError, Repository, RepositoryError, UnbornError, UnknownVersionError

from sumatra.local.durable import make_folder, write_file, write_temporary
from sumatra.manifests import Listed, Manifest, ManifestWorkingCopy, refuse_used, walk, write_listed, write_manifest

# Folders that tools fill; nobody's own code is in them.
_TOOLS = frozenset(("__pycache__", "node_modules", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".pytest_cache",
                    ".ruff_cache", ".ipynb_checkpoints", ".eggs"))  # fmt: skip
_LARGEST, _MOST, _FILES = 20_000_000, 500_000_000, 20_000  # bytes of one file, of all, and how many
IGNORE = ".smtignore"


class DirectoryRepository(Repository):
    """A folder that no version-control system knows."""

    interface = 1
    name = "directory"

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def find(
        cls, path: Path, options: Mapping[str, object] = MappingProxyType({})
    ) -> DirectoryWorkingCopy | None:
        """The folder, if a notebook is in it."""
        return DirectoryWorkingCopy(path) if (path / ".smt").exists() else None

    def checkout(self, into: Path) -> DirectoryWorkingCopy:
        """A copy of the latest snapshot in another folder, with the snapshot."""
        source = DirectoryWorkingCopy(Path(self.url))
        refuse_used(into)
        version = source.current_version()
        write_manifest(source.manifest(version), into)
        copy = DirectoryWorkingCopy(into)
        copy.take()
        return copy


class DirectoryWorkingCopy(ManifestWorkingCopy):
    """The files of a folder, compared with the latest snapshot of it."""

    remedy = "Keep them first: smt run keeps every file of this folder."

    def __init__(self, path: Path) -> None:
        self.path = path
        self.repository = DirectoryRepository(str(path))
        self._store = path / ".smt" / "snapshots"
        if (path / ".smt").exists() and not (path / ".smt").is_dir():
            raise BrokenRepositoryError(path, "its .smt is no folder", "Remove that file.")

    def current_version(self) -> str:
        """The digest of the latest snapshot."""
        return str(self._current()["version"])

    def _current(self) -> Any:
        try:
            return restore((self._store / "current").read_bytes())
        except FileNotFoundError as error:
            raise UnbornError(self.path, "smt run takes one.") from error

    def manifest(self, version: str) -> Manifest:
        """The files of a snapshot."""
        if not re.fullmatch("[0-9a-f]{64}", version):
            raise UnknownVersionError(version, self.path)
        try:
            entries = restore((self._store / "versions" / f"{version}.json").read_bytes())
        except FileNotFoundError as error:
            raise UnknownVersionError(version, self.path) from error
        return {PurePosixPath(entry["path"]): self._listed(entry) for entry in entries}

    def _listed(self, entry: Mapping[str, Any]) -> Listed:
        digest = str(entry.get("digest", ""))

        def read() -> bytes:
            return (self._store / "files" / digest[:2] / digest[2:]).read_bytes()

        return Listed(int(entry["mode"]), entry.get("link"), read)

    def unchanged(self, manifest: Manifest, found: Mapping[PurePosixPath, os.stat_result]) -> Collection[PurePosixPath]:
        """Files with the stamp that they had when the snapshot was taken."""
        stamps = self._current()["stamps"] if manifest else {}
        return [path for path in manifest.keys() & found.keys() if stamps.get(str(path)) == _stamp(found[path])]

    def names(self) -> tuple[Collection[PurePosixPath], Collection[PurePosixPath]]:
        """Nothing is added; ignored is what tools made, what is no code by its size, and what ``.smtignore`` names."""
        found = walk(self.path)
        kept = self._kept(found, ())
        return (), found.keys() - kept

    def _kept(
        self, found: Mapping[PurePosixPath, os.stat_result], leaving: Iterable[Path]
    ) -> set[PurePosixPath]:
        try:
            lines = (self.path / IGNORE).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        patterns = [line.strip().rstrip("/") for line in lines if line.strip() and not line.startswith("#")]
        left = [PurePosixPath(os.path.relpath(folder, self.path)) for folder in leaving]
        return {path for path, state in found.items()
                if state.st_size <= _LARGEST and not (_TOOLS & set(path.parts))
                and not any(path.is_relative_to(folder) for folder in left if folder != PurePosixPath("."))
                and not any(fnmatch.fnmatch(part, p) or fnmatch.fnmatch(str(path), p) for p in patterns
                            for part in path.parts)}  # fmt: skip

    def take(self, leaving: Iterable[Path] = ()) -> str:
        """Keep the files as they are now; gives the snapshot's digest.

        Parameters
        ----------
        leaving
            Folders of results, which are no code.

        Raises
        ------
        RepositoryError
            There is too much here for code.
        """
        found = walk(self.path)
        kept = self._kept(found, leaving)
        size = sum(found[path].st_size for path in kept)
        home = Path(os.path.expanduser("~")).resolve()
        if len(kept) > _FILES or size > _MOST or self.path.resolve() in (home, Path("/")):
            raise RepositoryError(
                f"{str(self.path)!r} is under no version control and holds {len(kept)} files of {size / 1e6:.0f} MB, "
                f"too much to keep before each run. Name what is no code in {IGNORE}, or use: git init"
            )
        entries = [self._keep(path, found[path]) for path in sorted(kept)]
        data = canonical(entries)
        version = hashlib.sha256(data).hexdigest()
        place = self._store / "versions" / f"{version}.json"
        if not place.exists():
            write_file(place, data, mode=0o444)
        stamps = {str(path): _stamp(found[path]) for path in kept}
        write_file(self._store / "current", canonical({"version": version, "stamps": stamps}))
        return version

    def _keep(self, path: PurePosixPath, state: os.stat_result) -> dict[str, Any]:
        entry: dict[str, Any] = {"path": str(path), "mode": 0o755 if state.st_mode & 0o100 else 0o644}
        if stat.S_ISLNK(state.st_mode):
            return {**entry, "mode": 0o644, "link": os.readlink(self.path / path)}
        with self.open(path) as file:
            data = file.read()
        digest = hashlib.sha256(data).hexdigest()
        place = self._store / "files" / digest[:2] / digest[2:]
        if not place.exists():
            make_folder(place.parent)
            write_temporary(self._store / "tmp", data).replace(place)
        return {**entry, "digest": digest}

    def move_to(self, version: str) -> None:
        """Write the files of a snapshot over those of the current one."""
        wanted, present = self.manifest(version), self.manifest(self.current_version())
        for path in present:
            (self.path / path).unlink(missing_ok=True)
        for path, listed in sorted(wanted.items(), key=lambda item: (item[1].link is not None, item[0])):
            write_listed(listed, self.path / path)
        found = walk(self.path)
        stamps = {str(path): _stamp(found[path]) for path in wanted if path in found}
        write_file(self._store / "current", canonical({"version": version, "stamps": stamps}))


def _stamp(state: os.stat_result) -> list[int]:
    return [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_mode]
