"""What every store of data files has: keys, items, and how items become keys."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sumatra.core import component_type

IGNORE_DIGEST = "0" * 40
"""The digest of a key whose content is not to be compared."""


class DataKey:
    """Names one file: path below its root, digest, time of creation, and facts such as ``size`` and ``mimetype``."""

    def __init__(self, path: str, digest: str, creation: datetime | None, **metadata: Any) -> None:
        self.path, self.digest, self.creation, self.metadata = path, digest, creation, metadata

    def __repr__(self) -> str:
        return f"{self.path}({self.digest} [{self.creation}])"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DataKey):
            return NotImplemented
        ignored = IGNORE_DIGEST in (self.digest, other.digest)
        return self.path == other.path and (ignored or self.digest == other.digest)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.path)


class DataItem:
    """One file: its ``path``, ``size``, ``name``, ``extension``, ``mimetype`` and ``encoding``."""

    path: str
    size: int | None
    name: str
    extension: str
    mimetype: str | None
    encoding: str | None
    creation: datetime | None

    def __str__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return str(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, DataItem):
            return NotImplemented
        return self.size == other.size and (
            self.digest == other.digest or self.sorted_content == other.sorted_content
        )

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # equal by content, which changes

    @property
    def digest(self) -> str:
        """The SHA-1 of the content."""
        import hashlib

        return hashlib.sha1(self.get_content(), usedforsecurity=False).hexdigest()

    def generate_key(self) -> DataKey:
        """The key that names this file as it is now."""
        return DataKey(self.path, self.digest, self.creation, mimetype=self.mimetype, encoding=self.encoding,
                       size=self.size)  # fmt: skip

    def get_content(self, max_length: int | None = None) -> bytes:
        """The file's bytes, the first ``max_length`` of them where that is given."""
        raise NotImplementedError(f"{type(self).__name__} does not say how its content is read.")

    @property
    def content(self) -> bytes:
        """All bytes of the file."""
        return self.get_content()

    @property
    def sorted_content(self) -> bytes:
        """The lines in order, to compare files whose lines come in any order; the last one ends as it did."""
        content = self.get_content()
        return b"\n".join(sorted(content.removesuffix(b"\n").split(b"\n"))) + b"\n" * content.endswith(b"\n")

    def save_copy(self, path: str) -> str:
        """Write the content to a file, or below the name of this one into a folder; gives where."""
        place = Path(path) / self.name if Path(path).is_dir() else Path(path)
        place.write_bytes(self.get_content())
        return str(place)


@component_type
class DataStore:
    """A place where data files are."""

    required_attributes: ClassVar[tuple[str, ...]] = ("find_new_data", "get_data_item", "delete")

    def __getstate__(self) -> dict[str, Any]:
        raise NotImplementedError(f"{type(self).__name__} does not say what makes it again.")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__getstate__() == other.__getstate__()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(type(self))

    def copy(self) -> DataStore:
        """Another one of the same place."""
        return type(self)(**self.__getstate__())

    def find_new_data(self, timestamp: datetime) -> list[DataKey]:
        """Keys of the files that appeared since a time."""
        raise NotImplementedError(f"{type(self).__name__} does not say how new files are found.")

    def find_new_files(self, timestamp: datetime) -> list[DataKey]:
        """The name that :meth:`find_new_data` had in 2010."""
        return self.find_new_data(timestamp)

    def get_data_item(self, key: DataKey) -> DataItem:
        """The file of a key; :class:`KeyError` where it is gone, or is another by its digest."""
        raise NotImplementedError(f"{type(self).__name__} does not say how files are found.")

    def get_content(self, key: DataKey, max_length: int | None = None) -> bytes:
        """The bytes of the file of a key."""
        return self.get_data_item(key).get_content(max_length)

    def delete(self, *keys: DataKey) -> None:
        """Delete files whose content still is what the keys say."""
        raise NotImplementedError(f"{type(self).__name__} does not delete files.")

    def generate_keys(self, *paths: str) -> list[DataKey]:
        """Keys of files by their paths."""
        raise NotImplementedError(f"{type(self).__name__} does not make keys.")

    def contains_path(self, path: str) -> bool:
        """Is there such a file?"""
        raise NotImplementedError(f"{type(self).__name__} does not look for paths.")

    def get_type(self) -> str:
        """The name of its class, as exported records have it."""
        return type(self).__name__
