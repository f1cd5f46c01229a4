"""Data files in a folder, moved into one archive for each record once its run has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar

from cawan.data import DataError, DataKey
from cawan.events import JSON
from cawan.options import Option

from sumatra.local.archives import Archive
from sumatra.local.files import LocalFiles, safe_join


class ArchivingFiles(LocalFiles):
    """Local files; those of a record go into ``ARCHIVE/LABEL.tar.gz``, checked before the originals go.

    In a record such a file is called ``LABEL/PATH``, as in the archive.
    """

    interface = 1
    options: ClassVar[Mapping[str, Option]] = {
        "root": Option("./Data", "the folder that is searched for output"),
        "archive": Option(".smt/archive", "the folder of the archives"),
    }

    def __init__(self, root: Path, archive: Path | None = None) -> None:
        super().__init__(root)
        self.archives = archive if archive is not None else root.parent / ".smt" / "archive"

    @property
    def settings(self) -> dict[str, JSON]:
        """Both folders."""
        return {"root": str(self.root), "archive": str(self.archives)}

    def _archive_of(self, path: PurePosixPath) -> Archive:
        return Archive(self.archives / f"{path.parts[0] if path.parts else ''}.tar.gz")

    def open(self, path: PurePosixPath) -> BinaryIO:
        """The file's content: from the folder, or from the archive that its path begins with."""
        place = safe_join(self.root, path)
        if place.exists() or place.is_symlink() or not self._archive_of(path).path.is_file():
            return super().open(path)
        with self._archive_of(path).open(str(path)) as file:
            return BytesIO(file.read())

    def archive(self, keys: Sequence[DataKey], label: str) -> list[DataKey]:
        """Move a record's regular files into its archive; gives their keys there. Links and contested files stay."""
        moved = [key for key in keys if not key.contested and not key.path.is_absolute()
                 and not safe_join(self.root, key.path).is_symlink()]  # fmt: skip
        if not moved:
            return list(keys)
        names = {key.path: f"{label}/{key.path.relative_to(label) if key.path.parts[0] == label else key.path}"
                 for key in moved}  # fmt: skip
        Archive(self.archives / f"{label}.tar.gz").add({name: self.root / path for path, name in names.items()})
        for key in moved:
            (self.root / key.path).unlink()
            with suppress(OSError):
                (self.root / key.path).parent.rmdir()  # refuses a folder that holds anything
        return [replace(key, path=PurePosixPath(names.get(key.path, str(key.path)))) for key in keys]

    def delete(self, keys: Sequence[DataKey]) -> None:
        """Delete files that lie in the folder; one in an archive is refused."""
        for key in keys:
            if not safe_join(self.root, key.path).exists() and self._archive_of(key.path).path.is_file():
                raise DataError(f"{str(key.path)!r} is in an archive, which is kept. Remove "
                                f"{str(self._archive_of(key.path).path)!r} yourself, if you mean it.")  # fmt: skip
        super().delete(keys)

    def contains(self, path: PurePosixPath) -> bool:
        """Is there a file, in the folder or in an archive?"""
        archive = self._archive_of(path)
        return super().contains(path) or (archive.path.is_file() and str(path) in archive.names())
