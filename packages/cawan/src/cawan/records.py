"""The interface of a record store.

Nothing is ever replaced: a store keeps events, a record is what they add up to, a label is a claim on a record,
a deletion is one more event. So two writers lose nothing to each other, and two stores are joined by a union.
What events add up to, ``get``, ``find`` and ``sync`` are the same for every store: ``sumatra.folding.Records``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol, runtime_checkable

from cawan.errors import CawanError, listing, suggestion
from cawan.events import JSON, KINDS, Event, canonical, restore
from cawan.queries import SUMMARY, And, Filter, Not, Or, Page, Query, QueryError, Row, Test

if TYPE_CHECKING:
    from typing import Self

    from cawan.options import Option

__all__ = [
    "JSON", "KINDS", "SUMMARY", "And", "Event", "Filter", "LabelTakenError", "Not", "Or", "Page", "Query", "QueryError",
    "RecordNotFoundError", "RecordStore", "Row", "StoreFormatError", "StoreLockedError", "StoreNotFoundError",
    "StoreReadOnlyError", "StoreWriteError", "SupportsFind", "SupportsHeartbeat", "Test", "canonical", "restore",
]  # fmt: skip



class StoreNotFoundError(CawanError, LookupError):
    """There is no store at this address."""

    exit_code = 66


class StoreLockedError(CawanError):
    """The store is in use or away; later it may answer."""

    exit_code = 75


class StoreFormatError(CawanError, ValueError):
    """Something in the store cannot be read; the text names the file and what to do."""

    exit_code = 65


class StoreWriteError(CawanError, OSError):
    """The store took nothing: the disk is full or broken."""

    exit_code = 74


class StoreReadOnlyError(StoreWriteError):
    """The store took nothing: this user may not write there."""

    exit_code = 73


class LabelTakenError(CawanError, ValueError):
    """The label is another record's; nothing was stored."""

    exit_code = 2

    def __init__(self, label: str, project: str) -> None:
        self.label, self.project = label, project
        super().__init__(f"The project {project!r} already has a record {label!r}. Choose another label, "
                         f"or delete that record with: smt delete {label!r}")  # fmt: skip


class RecordNotFoundError(CawanError, LookupError):
    """The project has no record of this label."""

    exit_code = 66

    def __init__(self, label: str, project: str, labels: Iterable[str] = ()) -> None:
        self.label, self.project = label, project
        known = sorted(labels)
        has = f"It has: {listing(known, most=6)}.{suggestion(label, known)} List all with: smt list"
        what = f"no record {label!r}. {has}" if label and known else "no records yet. Make one with: smt run"
        super().__init__(f"The project {project!r} has {what}")


class RecordStore(ABC):
    """Where events are kept. The entry-point name in ``sumatra.record_stores`` is the scheme of its URI."""

    interface: ClassVar[int] = 1
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({})

    @classmethod
    @abstractmethod
    def open(cls, uri: str) -> Self:
        """The store at this address, made if there is nothing there; never another one.

        Raises
        ------
        StoreNotFoundError, StoreLockedError, StoreFormatError
            Not there and not to be made; not now; not readable.
        """

    @abstractmethod
    def append(self, project: str, events: Sequence[Event], *, claim: str = "", release: str = "") -> None:
        """Keep events: durable when it returns, all or none, the claim on a label included.

        An event that is already there is skipped. ``claim`` is the label of the first event's record; ``release``
        is a label that becomes free.

        Raises
        ------
        LabelTakenError
            Another record has the label; nothing was stored.
        StoreWriteError
            The disk or the server refused; nothing was stored.
        """

    @abstractmethod
    def read(self, project: str, *, record: str = "", after: str = "") -> Iterator[tuple[str, Event]]:
        """Events with their cursors, in this store's own order; ``after`` a cursor: what came since then."""

    @abstractmethod
    def put(self, project: str, data: BinaryIO) -> str:
        """Keep bytes; gives their digest, ``sha256:…``, by which :meth:`fetch` finds them."""

    @abstractmethod
    def fetch(self, project: str, digest: str) -> BinaryIO:
        """The bytes of a digest; :class:`FileNotFoundError` where the store does not have them."""

    @abstractmethod
    def projects(self) -> list[str]:
        """The names of the projects with records, sorted."""

    @abstractmethod
    def close(self) -> None:
        """Release files and connections; calling it twice is harmless."""

    @property
    def settings(self) -> dict[str, JSON]:
        """What :meth:`open` needs to come back here, without secrets."""
        return {}


@runtime_checkable
class SupportsFind(Protocol):
    """A store that answers queries itself, faster than by reading every event, and with the same answers."""

    def find(self, project: str, query: Query) -> Page:
        """Rows that answer a question; the label is the name to show."""


@runtime_checkable
class SupportsHeartbeat(Protocol):
    """A store that can say when a run was last known alive: a touched file or a row, never an event."""

    def beat(self, project: str, record: str) -> None:
        """The record's run is alive now."""

    def last_beat(self, project: str, record: str) -> datetime | None:
        """When it was last alive, or None."""
