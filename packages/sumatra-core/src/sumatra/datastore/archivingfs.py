"""Data files that are moved into one archive for each record."""

from __future__ import annotations

import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sumatra.core import component
from sumatra.datastore.base import DataItem, DataKey
from sumatra.datastore.filesystem import DataFile, FileSystemDataStore
from sumatra.labels import TIMESTAMP_FORMAT
from sumatra.local.archives import Archive


class ArchivedDataFile(DataItem):
    """A file in an archive: its path is ``LABEL/PATH``, the archive ``LABEL.tar.gz``."""

    def __init__(self, path: str, store: ArchivingFileSystemDataStore, creation: datetime | None = None) -> None:
        self.path, self.store = path, store
        self.tarfile_path = os.path.join(store.archive_store, path.split("/")[0] + ".tar.gz")
        plain = Path(path)
        self.name, self.extension = plain.name, plain.suffix
        import mimetypes

        self.mimetype, self.encoding = mimetypes.guess_type(path)
        self.creation = creation
        self.size = self._get_info().size

    def _get_info(self) -> tarfile.TarInfo:
        with tarfile.open(self.tarfile_path, "r") as archive:
            return archive.getmember(self.path)

    def get_content(self, max_length: int | None = None) -> bytes:
        """The bytes in the archive."""
        with Archive(Path(self.tarfile_path)).open(self.path) as file:
            return file.read(max_length if max_length else -1)


@component
class ArchivingFileSystemDataStore(FileSystemDataStore):
    """New files of a folder are moved into ``archive/LABEL.tar.gz``."""

    data_item_class: Any = ArchivedDataFile

    def __init__(self, root: str | None, archive: str = ".smt/archive") -> None:
        super().__init__(root)
        self.archive_store = os.path.abspath(archive)
        os.makedirs(self.archive_store, exist_ok=True)

    def __str__(self) -> str:
        return f"{self.root} (archiving to {self.archive_store})"

    def __getstate__(self) -> dict[str, Any]:
        return {"root": self.root, "archive": self.archive_store}

    @property
    def archive(self) -> str:
        """The folder of the archives."""
        return self.archive_store

    def find_new_data(self, timestamp: datetime) -> list[DataKey]:
        """Move what appeared since a time into an archive; gives keys of what is there."""
        found = self._find_new_data_files(timestamp)
        label = datetime.now(UTC).strftime(TIMESTAMP_FORMAT)
        archived = self._archive(label, found)
        return [self.data_item_class(path, self).generate_key() for path in archived]

    def _archive(self, label: str, files: list[str], delete_originals: bool = True) -> list[str]:
        """Put files into the archive of a label; each is read back and compared before its original goes."""
        archive = Archive(Path(self.archive_store) / f"{label}.tar.gz")
        pairs = {f"{label}/{name}": Path(self.root) / name for name in files}
        archive.add(pairs)
        for place in pairs.values() if delete_originals else ():
            place.unlink()
        return list(pairs)

    def get_data_item(self, key: DataKey) -> DataItem:
        """The file of a key in its archive; :class:`KeyError` where it is gone or another."""
        try:
            item: DataItem = self.data_item_class(key.path, self)
        except (OSError, KeyError) as error:
            raise KeyError(f"File {key.path} does not exist in {self.archive_store}.") from error
        if key.digest not in ("0" * 40, item.digest):
            raise KeyError(f"Digests do not match: {key.path} in {self.archive_store} is another file.")
        return item

    def delete(self, *keys: DataKey) -> None:
        """Refused: archives are kept for long."""
        raise NotImplementedError("Files in an archive are not deleted. Remove the archive itself, if you mean it.")

    def contains_path(self, path: str) -> bool:
        """Is there such a file in an archive, or waiting for one?"""
        place = Path(self.archive_store) / f"{path.split('/')[0]}.tar.gz"
        if place.is_file():
            with tarfile.open(place, "r") as archive:
                return path in archive.getnames()
        return os.path.isfile(os.path.join(self.root, path))


__all__ = ["ArchivedDataFile", "ArchivingFileSystemDataStore", "DataFile"]
