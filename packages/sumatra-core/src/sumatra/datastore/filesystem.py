"""Data files in a folder."""

from __future__ import annotations

import hashlib
import mimetypes
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sumatra.core import component
from sumatra.datastore.base import IGNORE_DIGEST, DataItem, DataKey, DataStore
from sumatra.local.files import LocalFiles, safe_join


class DataFile(DataItem):
    """A file of a folder."""

    def __init__(self, path: str, store: FileSystemDataStore, creation: datetime | None = None) -> None:
        self.path, self.store = path, store
        self.full_path = os.path.join(store.root, path)
        found = Path(self.full_path)
        self.name, self.extension = found.name, found.suffix
        self.mimetype, self.encoding = mimetypes.guess_type(self.full_path)
        about = found.stat() if found.exists() else None
        self.size = about.st_size if about else None
        stamp = datetime.fromtimestamp(about.st_mtime, UTC).replace(microsecond=0) if about else None
        self.creation = creation or stamp

    def get_content(self, max_length: int | None = None) -> bytes:
        """The file's bytes."""
        with open(self.full_path, "rb") as file:
            return file.read(max_length if max_length else -1)

    @property
    def digest(self) -> str:
        """The SHA-1 of the content, read in blocks."""
        with open(self.full_path, "rb") as file:
            return hashlib.file_digest(file, lambda: hashlib.sha1(usedforsecurity=False)).hexdigest()


@component
class FileSystemDataStore(DataStore):
    """The files below a folder, which is made when it is named."""

    data_item_class: Any = DataFile

    def __init__(self, root: str | None) -> None:
        self.root = root or "./Data"

    def __str__(self) -> str:
        return self.root

    def __getstate__(self) -> dict[str, Any]:
        return {"root": self.root}

    @property
    def root(self) -> str:
        """The folder, absolute."""
        return self._root

    @root.setter
    def root(self, value: str) -> None:
        self._root = os.path.abspath(value)
        os.makedirs(self._root, exist_ok=True)

    def _find_new_data_files(
        self, timestamp: datetime, ignoredirs: tuple[str, ...] = (".smt", ".hg", ".svn", ".git", ".bzr")
    ) -> list[str]:
        """Paths, below the root, of the files that are at least as new as a time; its second counts whole."""
        start = timestamp if timestamp.tzinfo else timestamp.astimezone()
        since = start.replace(microsecond=0).timestamp()
        found = []
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in ignoredirs]
            for name in files:
                place = os.path.join(folder, name)
                if os.lstat(place).st_mtime >= since:
                    found.append(os.path.relpath(place, self.root))
        return sorted(found)

    def find_new_data(self, timestamp: datetime) -> list[DataKey]:
        """Keys of the files that are at least as new as a time."""
        return self.generate_keys(*self._find_new_data_files(timestamp))

    def generate_keys(self, *paths: str) -> list[DataKey]:
        """Keys of files, by their paths below the root or absolute."""
        keys = []
        for path in paths:
            inside = os.path.relpath(path, self.root) if os.path.isabs(path) else path
            item: DataItem = self.data_item_class(inside, self)
            keys.append(item.generate_key())
        return keys

    def get_data_item(self, key: DataKey) -> DataItem:
        """The file of a key; :class:`KeyError` where it is gone, or is another by its digest."""
        inside = os.path.relpath(key.path, self.root) if os.path.isabs(key.path) else key.path
        place = safe_join(Path(self.root), inside)
        if not place.is_file():
            raise KeyError(f"File {key.path} does not exist in {self.root}.")
        item: DataItem = self.data_item_class(key.path, self)
        if key.digest != IGNORE_DIGEST and not _fits(place, key.digest, item):
            raise KeyError(f"Digests do not match: {key.path} in {self.root} has changed since it was recorded.")
        return item

    def delete(self, *keys: DataKey) -> None:
        """Delete files whose content still is what the keys say; never one outside the root."""
        for key in keys:
            self.get_data_item(key)
            safe_join(Path(self.root), key.path).unlink()

    def contains_path(self, path: str) -> bool:
        """Is there such a file?"""
        return os.path.isfile(os.path.join(self.root, path))


def _fits(place: Path, digest: str, item: DataItem) -> bool:
    """Does a file have this digest, of whatever algorithm it is?"""
    algorithm, colon, _ = digest.partition(":")
    if not colon:
        return item.digest == digest
    from pathlib import PurePosixPath

    return LocalFiles(place.parent).digest(PurePosixPath(place.name), algorithm) == digest
