"""Records: what the events of a store add up to, found by label or by question, and two stores joined.

The same for every store, so that a store has six methods to write and no semantics of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

from cawan.events import JSON, Event
from cawan.queries import Page, Query, Test
from cawan.records import LabelTakenError, RecordNotFoundError, RecordStore, SupportsFind

from sumatra.querying import select

_JOINED = frozenset({"input_data", "output_data", "dependencies", "changed_files", "warnings"})  # lists that grow
_MERGED = frozenset({"facts"})  # mappings that grow


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
        The latest event's clock: show it to a :class:`~sumatra.clocks.Clock` before writing.
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
        """All fields in one mapping, as queries and the formatters want them."""
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


def _in_order(events: Iterable[Event]) -> list[Event]:
    """Events by clock, each once; their digests, which cost more than all the rest, only where clocks are equal."""
    ordered: list[Event] = []
    for _, group in groupby(sorted(events, key=lambda event: event.clock), key=lambda event: event.clock):
        first, *others = group
        known = {event.id: event for event in (first, *others)} if others else {"": first}
        ordered += [known[key] for key in sorted(known)]
    return ordered


def fold(events: Iterable[Event]) -> Record:
    """The record that these events, all of one record, add up to; their order does not matter.

    ``finished`` beats ``lost``. Events are taken by clock, then by id; an event that comes twice counts once.
    """
    ordered = _in_order(events)
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


class Records:
    """The records of one project in one store.

    Attributes
    ----------
    store, project
        Where they are kept, and under which name.
    """

    def __init__(self, store: RecordStore, project: str) -> None:
        self.store, self.project = store, project

    def fold(self, events: Iterable[Event]) -> Record:
        """What events add up to."""
        return fold(events)

    def all(self) -> dict[str, Record]:
        """All records that are not deleted, by the name to show."""
        events = (event for _, event in self.store.read(self.project))
        return name_records(self.fold(group) for group in _by_record(events))

    def get(self, label: str) -> Record:
        """The record shown under a label; :class:`RecordNotFoundError` names the nearest."""
        fields = frozenset({"record", "label"})
        rows = self.find(Query(Test("label", "eq", label), limit=1, fields=fields)).rows
        if not rows:
            labels = [str(row["label"]) for row in self.find(Query(fields=fields)).rows]
            raise RecordNotFoundError(label, self.project, labels)
        return self.fold(event for _, event in self.store.read(self.project, record=str(rows[0]["record"])))

    def find(self, query: Query) -> Page:
        """Rows that answer a question; the label is the name to show."""
        if isinstance(self.store, SupportsFind):
            return self.store.find(self.project, query)
        return select(({**record.document(), "label": name} for name, record in self.all().items()), query)

    def sync(self, other: Records) -> list[str]:
        """Give each store what the other has; labels that two records claim are returned, both stay."""
        mine = {event.id: event for _, event in self.store.read(self.project)}
        theirs = {event.id: event for _, event in other.store.read(other.project)}
        self.take(event for key, event in theirs.items() if key not in mine)
        other.take(event for key, event in mine.items() if key not in theirs)
        return sorted({record.label for name, record in self.all().items() if name != record.label})

    def take(self, events: Iterable[Event]) -> None:
        """Keep events of another store; a label that is taken here is not claimed."""
        for group in _by_record(events):
            first = group[0]
            gone = group[-1].kind == "deleted"
            label = str(first.body.get("label", "")) if first.kind == "created" and not gone else ""
            release = str(group[-1].body.get("label", "")) if gone else ""
            try:
                self.store.append(self.project, group, claim=label, release=release)
            except LabelTakenError:
                self.store.append(self.project, group)


def _by_record(events: Iterable[Event]) -> list[list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.clock):
        groups.setdefault(event.record, []).append(event)
    return list(groups.values())
