"""Every durable write of the notebook goes through here: whole or not at all, and on the disk when it returns."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cawan.records import StoreReadOnlyError, StoreWriteError

_MAY_NOT = {errno.EROFS, errno.EACCES, errno.EPERM}


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn the system's refusal of a write into a sentence with the place and the cause."""
    try:
        yield
    except StoreWriteError:
        raise
    except OSError as error:
        kind = StoreReadOnlyError if error.errno in _MAY_NOT else StoreWriteError
        remedy = "Get permission to write there" if kind is StoreReadOnlyError else "Make room there"
        raise kind(f"Nothing was stored in {str(place)!r}: {error.strerror}. {remedy}, then try again.") from error


def sync_folder(folder: Path) -> None:
    """Bring a folder's own entries to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> Path:
    """The folder, made with its parents and brought to the disk where it is new."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    return folder


def write_temporary(folder: Path, data: bytes | BinaryIO, mode: int = 0o444) -> Path:
    """A new file in ``folder`` with these bytes, on the disk, still without its final name."""
    path = make_folder(folder) / f"{os.getpid()}-{os.urandom(8).hex()}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if isinstance(data, bytes):
                file.write(data)
            else:
                while block := data.read(1 << 20):
                    file.write(block)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def write_file(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Replace a file in one step: readers see the old bytes or the new ones, also after a power cut."""
    with writing(path):
        temporary = write_temporary(path.parent, data, mode)
        temporary.replace(path)
        sync_folder(path.parent)
