"""Data files in a folder that is mirrored at a URL: read here, and from the mirror only what is gone here."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, ClassVar
from urllib.parse import quote

from cawan.events import JSON
from cawan.options import Option

from sumatra.local.files import LocalFiles, safe_join
from sumatra.local.mirrors import fetch


class MirroredFiles(LocalFiles):
    """Local files, with a mirror that others download from."""

    interface = 1
    options: ClassVar[Mapping[str, Option]] = {
        "root": Option("./Data", "the folder that is searched for output"),
        "url": Option("", "where the folder is mirrored"),
    }

    def __init__(self, root: Path, url: str = "") -> None:
        super().__init__(root)
        self.url = url.rstrip("/")

    @property
    def settings(self) -> dict[str, JSON]:
        """Folder and URL."""
        return {"root": str(self.root), "url": self.url}

    def address(self, path: PurePosixPath) -> str:
        """Where a file is for others, "" where nothing is mirrored."""
        safe_join(self.root, path)
        return f"{self.url}/{quote(str(path))}" if self.url else ""

    def open(self, path: PurePosixPath) -> BinaryIO:
        """The file's content; from the mirror where it is not here."""
        place = safe_join(self.root, path)
        if place.exists() or place.is_symlink() or not self.url:
            return super().open(path)
        return BytesIO(fetch(self.address(path)))
