"""Data files in a folder of this machine."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar

from cawan.data import ROOT, DataError, DataKey, DataStore, Stat, digest_of
from cawan.events import JSON
from cawan.options import Option

SKIPPED = frozenset({".smt", ".git", ".hg", ".svn", ".bzr", "__pycache__"})


def safe_join(root: Path, key: PurePosixPath | str) -> Path:
    """The place of a key below a root; :class:`DataError` where it would lie outside, whatever the key says."""
    text = str(key)
    parts = PurePosixPath(text).parts
    if not parts or text.startswith("/") or ".." in parts or "\0" in text or "\\" in text or parts[0][1:2] == ":":
        raise DataError(f"{text!r} does not name a file below {str(root)!r}. A key is a relative path without '..'.")
    folder = root.resolve()
    place = folder.joinpath(*parts)
    if not place.parent.resolve().is_relative_to(folder):
        raise DataError(f"{text!r} leaves {str(root)!r} through a symbolic link.")
    return place


def scan(start: Path, under: str = "") -> Iterator[tuple[str, int, str]]:
    """Path, size and stamp of every file and link below a folder, in plain values: projects have many files."""
    folders = [(os.fspath(start), f"{under}/" if under else "")]
    while folders:
        folder, prefix = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED:
                    folders.append((entry.path, f"{prefix}{entry.name}/"))
                continue
            try:
                found = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
                stamp = f"{found.st_mtime_ns}-{found.st_ctime_ns}-{found.st_ino}"
                yield f"{prefix}{entry.name}", found.st_size, stamp


class LocalFiles(DataStore):
    """The files below a folder; the root may be a symbolic link, links inside are not followed."""

    interface = 1
    options: ClassVar[Mapping[str, Option]] = {"root": Option("./Data", "the folder that is searched for output")}

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def settings(self) -> dict[str, JSON]:
        """The folder."""
        return {"root": str(self.root)}

    def list_files(self, under: PurePosixPath = ROOT) -> Iterator[Stat]:
        """Regular files and symbolic links; pipes, devices and the folders of tools are left out."""
        start = self.root.resolve() if under == ROOT else safe_join(self.root, under)
        for path, size, stamp in scan(start, "" if under == ROOT else str(under)):
            yield Stat(PurePosixPath(path), size, stamp)

    def open(self, path: PurePosixPath) -> BinaryIO:
        """The file's content; a link, a pipe or a device is refused."""
        descriptor = os.open(safe_join(self.root, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise DataError(f"{str(path)!r} is not a regular file.")
        return os.fdopen(descriptor, "rb")

    def digest(self, path: PurePosixPath, algorithm: str = "sha256") -> str:
        """The digest of a file, or of the text of a link."""
        place = safe_join(self.root, path)
        if place.is_symlink():
            return f"{algorithm}:{hashlib.new(algorithm, os.fsencode(place.readlink())).hexdigest()}"
        with self.open(path) as file:
            return digest_of(file, algorithm)

    def delete(self, keys: Sequence[DataKey]) -> None:
        """Delete files whose content is still the recorded one; first all are checked, then all go."""
        for key in keys:
            place = safe_join(self.root, key.path)
            if not (place.is_symlink() or place.exists()):
                raise DataError(f"The file {str(key.path)!r} does not exist in {str(self.root)!r} any more.")
            algorithm = key.digest.partition(":")[0]
            if self.digest(key.path, algorithm) != key.digest:
                raise DataError(f"The file {str(key.path)!r} has changed since it was recorded; nothing was deleted.")
        for key in keys:
            safe_join(self.root, key.path).unlink()

    def contains(self, path: PurePosixPath) -> bool:
        """Is there a file or a link?"""
        place = safe_join(self.root, path)
        return place.is_symlink() or place.is_file()
