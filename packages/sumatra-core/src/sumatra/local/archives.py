"""One archive (tar, compressed) for the output of one record: what goes in is read back before anything else counts."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from cawan.data import DataError

from sumatra.local.durable import make_folder, sync_folder


def _member_name(name: str) -> str:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise DataError(f"{name!r} does not name a file in an archive. A name is a relative path without '..'.")
    return name


class Archive:
    """The archive at a path; it is written whole, then put into its place."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, files: Mapping[str, Path]) -> None:
        """Put files in, beside what is in already; each is read back from the new archive and compared.

        Raises
        ------
        DataError
            What came back was not what went in; the old archive is unchanged.
        """
        temporary = make_folder(self.path.parent) / f".{self.path.name}-{os.urandom(4).hex()}"
        try:
            with tarfile.open(temporary, "w:gz") as new:
                if self.path.exists():
                    with tarfile.open(self.path, "r") as old:
                        for member in old:
                            if member.name not in files:
                                new.addfile(member, old.extractfile(member) if member.isreg() else None)
                for name, place in files.items():
                    new.add(place, _member_name(name), recursive=False)
            wanted = {name: _digest(place) for name, place in files.items() if not place.is_symlink()}
            if _digests(temporary, set(wanted)) != wanted:
                raise DataError(f"The archive {str(self.path)!r} did not give back what was put in; nothing was moved.")
            with temporary.open("rb") as written:
                os.fsync(written.fileno())
            temporary.replace(self.path)
            sync_folder(self.path.parent)
        finally:
            temporary.unlink(missing_ok=True)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A regular file of the archive, for reading."""
        try:
            with tarfile.open(self.path, "r") as archive:
                file = archive.extractfile(archive.getmember(_member_name(name)))
                if file is None:
                    raise DataError(f"{name!r} in {str(self.path)!r} is not a regular file.")
                with file:
                    yield file
        except KeyError as error:
            raise FileNotFoundError(f"The archive {str(self.path)!r} has no file {name!r}.") from error
        except tarfile.TarError as error:
            raise DataError(f"The archive {str(self.path)!r} cannot be read: {error}.") from error

    def names(self) -> list[str]:
        """Names of everything in it."""
        with tarfile.open(self.path, "r") as archive:
            return archive.getnames()


def _digest(place: Path) -> str:
    with place.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digests(path: Path, names: set[str]) -> dict[str, str]:
    found = {}
    with tarfile.open(path, "r") as archive:
        for member in archive:
            if member.name in names and (file := archive.extractfile(member)) is not None:
                digest = hashlib.sha256()
                while block := file.read(1 << 20):
                    digest.update(block)
                found[member.name] = digest.hexdigest()
    return found
