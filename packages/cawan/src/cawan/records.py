"""The interface of a record store, and the record as the fold of its events.

Nothing is ever replaced: a store keeps events, a record is what they add up to, a label is a claim on a record,
a deletion is one more event. So two writers lose nothing to each other, and two stores are joined by a union.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Protocol, runtime_checkable

from cawan.errors import CawanError, listing, suggestion
from cawan.events import JSON, KINDS, Clock, Event, canonical, new_record, restore
from cawan.queries import SUMMARY, And, Filter, Not, Or, Page, Query, Row, Test, matches, select

if TYPE_CHECKING:
    from typing import Self

    from cawan.simulator import Option

__all__ = [
    "JSON", "KINDS", "SUMMARY", "And", "Clock", "Event", "Filter", "LabelTakenError", "Not", "Or", "Page", "Query",
    "Record", "RecordNotFoundError", "RecordStore", "Row", "StoreFormatError", "StoreLockedError",
    "StoreNotFoundError", "StoreReadOnlyError", "StoreWriteError", "SupportsHeartbeat", "Test",
    "canonical", "fold", "matches", "name_records", "new_record", "restore", "select",
]  # fmt: skip

_JOINED = frozenset({"input_data", "output_data", "dependencies", "changed_files", "warnings"})  # lists that grow
_MERGED = frozenset({"facts"})  # mappings that grow


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


@dataclass(frozen=True, slots=True)
class Record:
    """What the events of one record add up to.

    Attributes
    ----------
    id
        The record's own identity; a label may be claimed twice (after a sync), this is not.
    label
        As the record claimed it.
    status
        created, running, finished, failed (exit code not 0), killed (by a signal), lost; or what a person set.
    started
        When it was created.
    clock
        The latest event's clock: show it to a :class:`Clock` before writing.
    fields
        Everything else, by field name; see ``docs/reference/notebook.md``.
    deleted
        Its last word was ``deleted``.
    """

    id: str
    label: str
    status: str
    started: datetime
    clock: str
    fields: Mapping[str, JSON]
    deleted: bool = False

    def document(self) -> dict[str, JSON]:
        """All fields in one mapping, as :func:`select` and the formatters want them."""
        started = self.started.isoformat(timespec="microseconds")
        own = {"record": self.id, "label": self.label, "status": self.status, "started": started, "clock": self.clock}
        return {**self.fields, **own}


def _amend(fields: dict[str, JSON], body: Mapping[str, JSON]) -> None:
    """``set`` replaces a field, ``add`` and ``remove`` change a set, ``append`` adds a paragraph of text."""
    fields.update(body.get("set", {}))
    for name, items in body.get("add", {}).items():
        fields[name] = [*fields.get(name, []), *(item for item in items if item not in fields.get(name, []))]
    for name, items in body.get("remove", {}).items():
        fields[name] = [item for item in fields.get(name, []) if item not in items]
    for name, text in body.get("append", {}).items():
        fields[name] = f"{fields[name]}\n{text}" if fields.get(name) else text


def _gather(fields: dict[str, JSON], body: Mapping[str, JSON]) -> None:
    for name, value in body.items():
        if name in _JOINED and isinstance(value, list):
            fields[name] = [*fields.get(name, []), *value]
        elif name in _MERGED and isinstance(value, Mapping):
            fields[name] = {**fields.get(name, {}), **value}
        else:
            fields[name] = value


def _status(kinds: set[str], fields: Mapping[str, JSON]) -> str:
    if "status" in fields:
        return str(fields["status"])
    if "finished" in kinds:
        return "killed" if fields.get("signal") else "failed" if fields.get("exit_code") else "finished"
    return "lost" if "lost" in kinds else "running" if "launched" in kinds else "created"


def fold(events: Iterable[Event]) -> Record:
    """The record that these events, all of one record, add up to; their order does not matter.

    ``finished`` beats ``lost``. Events are taken by clock, then by id; an event that comes twice counts once.
    """
    ordered = sorted({event.id: event for event in events}.values(), key=lambda event: (event.clock, event.id))
    kinds = {event.kind for event in ordered}
    fields: dict[str, JSON] = {}
    for event in ordered:
        if event.kind == "amended":
            _amend(fields, event.body)
        elif event.kind not in ("deleted", "restored") and (event.kind != "lost" or "finished" not in kinds):
            _gather(fields, event.body)
    deleted = [event.kind for event in ordered if event.kind in ("deleted", "restored")][-1:] == ["deleted"]
    first = next((event for event in ordered if event.kind == "created"), ordered[0])
    label = str(fields.pop("label", ""))
    status = _status(kinds, fields)
    return Record(first.record, label, status, first.time, ordered[-1].clock, MappingProxyType(fields), deleted)


def name_records(records: Iterable[Record]) -> dict[str, Record]:
    """Records by the name to show: the label, and ``label~k3f`` for those who claimed it later.

    Deleted records have no name. Earlier means an earlier identity, so every copy of a store gives the same names.
    """
    named: dict[str, Record] = {}
    for record in sorted((r for r in records if not r.deleted), key=lambda r: r.id):
        length = 3
        name = record.label
        while name in named:
            name, length = f"{record.label}~{record.id[-length:]}", length + 1
        named[name] = record
    return named


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

    def records(self, project: str) -> dict[str, Record]:
        """All records that are not deleted, by the name to show."""
        return name_records(fold(group) for group in _by_record(event for _, event in self.read(project)))

    def get(self, project: str, label: str) -> Record:
        """The record of this label; :class:`RecordNotFoundError` names the nearest."""
        found = self.records(project)
        if label not in found:
            raise RecordNotFoundError(label, project, found)
        return found[label]

    def find(self, project: str, query: Query) -> Page:
        """Rows that answer a question; the label is the name to show."""
        return select(({**r.document(), "label": name} for name, r in self.records(project).items()), query)

    def sync(self, other: RecordStore, project: str) -> list[str]:
        """Give each store what the other has; labels that two records claim are returned, both stay."""
        mine = {event.id: event for _, event in self.read(project)}
        theirs = {event.id: event for _, event in other.read(project)}
        _copy(self, project, [event for key, event in theirs.items() if key not in mine])
        _copy(other, project, [event for key, event in mine.items() if key not in theirs])
        return sorted({record.label for name, record in self.records(project).items() if name != record.label})


def _by_record(events: Iterable[Event]) -> list[list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.clock):
        groups.setdefault(event.record, []).append(event)
    return list(groups.values())


def _copy(store: RecordStore, project: str, events: Iterable[Event]) -> None:
    for group in _by_record(events):
        first = group[0]
        gone = group[-1].kind == "deleted"
        label = str(first.body.get("label", "")) if first.kind == "created" and not gone else ""
        try:
            store.append(project, group, claim=label, release=str(group[-1].body.get("label", "")) if gone else "")
        except LabelTakenError:
            store.append(project, group)


@runtime_checkable
class SupportsHeartbeat(Protocol):
    """A store that can say when a run was last known alive: a touched file or a row, never an event."""

    def beat(self, project: str, record: str) -> None:
        """The record's run is alive now."""

    def last_beat(self, project: str, record: str) -> datetime | None:
        """When it was last alive, or None."""
