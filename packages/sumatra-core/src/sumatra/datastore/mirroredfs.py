"""Data files in a folder that others see at a URL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sumatra.core import component
from sumatra.datastore.base import DataItem, DataKey
from sumatra.datastore.filesystem import DataFile, FileSystemDataStore


class MirroredDataFile(DataFile):
    """A file that is here, and at a URL; it is read here, and from the URL only where it is gone."""

    def __init__(self, path: str, store: MirroredFileSystemDataStore, creation: datetime | None = None) -> None:
        super().__init__(path, store, creation)
        self.url = f"{store.mirror_base_url.rstrip('/')}/{quote(path)}"

    def get_content(self, max_length: int | None = None) -> bytes:
        """The file's bytes."""
        if Path(self.full_path).is_file():
            return super().get_content(max_length)
        from sumatra.local.mirrors import fetch

        return fetch(self.url, max_length)


@component
class MirroredFileSystemDataStore(FileSystemDataStore):
    """The files below a folder, mirrored at ``mirror_base_url``."""

    data_item_class: Any = MirroredDataFile

    def __init__(self, root: str | None, mirror_base_url: str) -> None:
        super().__init__(root)
        self.mirror_base_url = mirror_base_url

    def __str__(self) -> str:
        return f"{self.root} (mirrored at {self.mirror_base_url})"

    def __getstate__(self) -> dict[str, Any]:
        return {"root": self.root, "mirror_base_url": self.mirror_base_url}

    def get_data_item(self, key: DataKey) -> DataItem:
        """The file of a key, here or at the URL."""
        if Path(self.root, key.path).is_file():
            return super().get_data_item(key)
        item: DataItem = self.data_item_class(key.path, self)
        return item

    def delete(self, *keys: DataKey) -> None:
        """Refused: the mirror would still have them."""
        raise NotImplementedError("Files that are mirrored are not deleted. Delete them here and at the mirror.")
