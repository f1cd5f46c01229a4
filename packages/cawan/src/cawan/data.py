"""The interface of a data store: the files that computations read and write, named by path and digest."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Literal, TypeAlias

from cawan.errors import CawanError

if TYPE_CHECKING:
    from cawan.events import JSON
    from cawan.options import Option

Evidence: TypeAlias = Literal["declared", "own", "traced", "window"]


ROOT = PurePosixPath()


class DataError(CawanError):
    """A data file that is not what the record says, or not where it may be."""

    exit_code = 65


@dataclass(frozen=True, slots=True)
class Stat:
    """A file as a listing shows it; ``stamp`` (mtime, ctime, inode, or an etag) changes with every change."""

    path: PurePosixPath
    size: int
    stamp: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A file as a record names it.

    Attributes
    ----------
    path
        Relative to the data root; absolute only for a declared file outside it.
    digest
        Algorithm and hexadecimal value: ``sha256:…``. Of a symbolic link: of the text it points to.
    evidence
        How we know whose file it is: ``declared`` by the program, in the run's ``own`` folder, ``traced``, or only
        new in the ``window`` between two listings.
    contested
        Labels of the runs that may have written it instead.
    """

    path: PurePosixPath
    digest: str
    size: int
    created: datetime | None = None
    mimetype: str = ""
    evidence: Evidence = "window"
    contested: tuple[str, ...] = ()


def digest_of(file: BinaryIO, algorithm: str = "sha256") -> str:
    """The digest of an open file, read in blocks: ``sha256:…``."""
    return f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"  # type: ignore[arg-type]  # readinto is there


class DataStore(ABC):
    """One kind of place for data files. The entry-point name in ``sumatra.data_stores`` is the kind's name."""

    interface: ClassVar[int] = 1
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({})

    @abstractmethod
    def list_files(self, under: PurePosixPath = ROOT) -> Iterator[Stat]:
        """Every file and symbolic link below a folder; hashes nothing, follows no link."""

    @abstractmethod
    def open(self, path: PurePosixPath) -> BinaryIO:
        """The content of a file, for reading; follows no link."""

    @abstractmethod
    def delete(self, keys: Sequence[DataKey]) -> None:
        """Delete files whose digests still fit: all or none; :class:`DataError` names the first that does not."""

    @property
    def settings(self) -> dict[str, JSON]:
        """What the constructor needs, by keyword, to make this store again."""
        return {}

    def archive(self, keys: Sequence[DataKey], label: str) -> list[DataKey]:
        """Move the files of a record where this store keeps them for long; here they stay where they are."""
        return list(keys)

    def contains(self, path: PurePosixPath) -> bool:
        """Is there a file at this path?"""
        return any(stat.path == path for stat in self.list_files(path.parent))
