"""An old store as a store of events that takes nothing."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Self

from cawan.events import JSON, Event
from cawan.records import RecordStore, StoreNotFoundError, StoreReadOnlyError
from sumatra.recordstore.events import events_of
from sumatra.recordstore.serialization import build_record

from sumatra_shelve._django import is_sqlite, records_of_database
from sumatra_shelve._shelf import records_of_shelf


class OldRecordStore(RecordStore):
    """The records of a Django (SQLite) or shelve store of Sumatra 0.1 to 0.8: ``shelve:PATH``."""

    interface = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self._contents: dict[str, bytes] = {}

    @classmethod
    def open(cls, uri: str) -> Self:
        """The store in a file; it is never made."""
        path = Path(re.sub(r"^shelve:(//)?", "", uri)).expanduser().absolute()
        if not path.is_file() and not list(path.parent.glob(f"{path.name}.*")):
            raise StoreNotFoundError(f"There is no old record store in {str(path)!r}.")
        return cls(path)

    @property
    def settings(self) -> dict[str, JSON]:
        """Where it is."""
        return {"uri": f"shelve:{self.path}"}

    @staticmethod
    def read_old(path: Path, project: str = "") -> Iterator[Mapping[str, Any]]:
        """The fields of every record of a project, or of all, as 0.8 exports them."""
        for _, fields in _all(path, project):
            yield fields

    def read(self, project: str, *, record: str = "", after: str = "") -> Iterator[tuple[str, Event]]:
        """One ``created`` … ``finished`` for each record; the same each time, so that reading twice adds nothing."""
        number = 0
        for _, fields in _all(self.path, project):
            for event in events_of(project, build_record(fields), self._put):
                number += 1
                if (not record or event.record == record) and (not after or number > int(after)):
                    yield str(number), event

    def projects(self) -> list[str]:
        """The projects of the store."""
        return sorted({name for name, _ in _all(self.path, "")})

    def _put(self, data: BinaryIO) -> str:
        content = data.read()
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self._contents[digest] = content
        return digest

    def fetch(self, project: str, digest: str) -> BinaryIO:
        """Console text of a record that was read."""
        if digest not in self._contents:
            for _ in self.read(project):
                continue
        if digest not in self._contents:
            raise FileNotFoundError(f"The old record store {str(self.path)!r} does not have {digest!r}.")
        return io.BytesIO(self._contents[digest])

    def append(self, project: str, events: Sequence[Event], *, claim: str = "", release: str = "") -> None:
        """Refused."""
        raise StoreReadOnlyError("A record store of an older Sumatra is only read. Take it over with: smt upgrade")

    def put(self, project: str, data: BinaryIO) -> str:
        """Refused."""
        raise StoreReadOnlyError("A record store of an older Sumatra is only read. Take it over with: smt upgrade")

    def close(self) -> None:
        """Nothing is open."""
        self._contents.clear()


def _all(path: Path, project: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if path.is_file() and is_sqlite(path) and path.suffix != ".db":
        yield from records_of_database(path, project)
    elif path.is_file() and is_sqlite(path):
        yield from (records_of_database if _is_django(path) else records_of_shelf)(path, project)
    else:
        yield from records_of_shelf(path, project)


def _is_django(path: Path) -> bool:
    return b"django_store_record" in path.read_bytes()[:200_000]
