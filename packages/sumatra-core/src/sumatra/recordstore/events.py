"""Records of 0.8's shape in a store of events: what somebody changed becomes an event, nothing is replaced."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from cawan.events import JSON, Event
from cawan.queries import SUMMARY, And, Filter, Query, Test
from cawan.records import LabelTakenError, RecordNotFoundError
from cawan.records import RecordStore as EventStore

from sumatra.asking import chosen, with_tag
from sumatra.clocks import Clock
from sumatra.core import STATUS_PATTERN, component
from sumatra.folding import Records
from sumatra.notebook import open_store, writer_name
from sumatra.querying import EVERYTHING
from sumatra.records import Record
from sumatra.recordstore.base import RecordStore
from sumatra.recordstore.documents import (
    captured_fields,
    created_fields,
    finished_fields,
    identity_time,
    record_from,
    status_of,
)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_FINAL = ("finished", "failed", "killed", "crashed", "succeeded", "lost", "")


def _name(project: Any) -> str:
    """A project's name, also where the project itself was given."""
    return str(getattr(project, "name", project))


def events_of(project: str, record: Any, put: Callable[[Any], str]) -> list[Event]:
    """What happened to a record that was made elsewhere, in events that are the same whenever they are made again.

    Parameters
    ----------
    put
        Keeps console text; gives its digest.
    """
    when = identity_time(record)
    milliseconds = int(when.timestamp() * 1000)
    key = hashlib.sha256(f"{project}\0{record.label}\0{when.isoformat()}".encode("utf-8", "replace")).digest()
    number = milliseconds << 80 | int.from_bytes(key[:8], "big") >> 1
    identity = record.identity or "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
    writer = f"import-{key[8:14].hex()}"

    def event(kind: str, count: int, body: Mapping[str, JSON]) -> Event:
        return Event(identity, kind, f"{milliseconds:015d}-{count:05d}-{writer}", when, writer, body)

    tags = sorted(tag for tag in record.tags if not STATUS_PATTERN.match(tag))
    events = [event("created", 0, {"label": record.label, "tags": tags, **created_fields(record)}),
              event("captured", 1, {"observed": False, **captured_fields(record, put)})]  # fmt: skip
    if status_of(record) in _FINAL:
        events.append(event("finished", 2, finished_fields(record)))
    return events


def _plain_tags(tags: Iterable[str]) -> set[str]:
    return {tag for tag in tags if not STATUS_PATTERN.match(tag)}


def _tag_operations(record: Any) -> dict[str, dict[str, JSON]]:
    """Tags that were added or taken away since the record was read; what others did meanwhile stays."""
    was, now = _plain_tags(record.loaded_tags), _plain_tags(record.tags)
    return {"add": {"tags": sorted(now - was)} if now - was else {},
            "remove": {"tags": sorted(was - now)} if was - now else {}}  # fmt: skip


def _ended(record: Any, before: str, changed: dict[str, JSON]) -> list[tuple[str, Mapping[str, JSON]]]:
    """A new status: that a run has finished is an event, any other is what a person set."""
    status = status_of(record)
    if not status or status == before:
        return []
    changed.pop("status", None)
    if status == "finished":
        return [("finished", {"duration": record.duration})]
    changed["status"] = {"initialized": "created"}.get(status, status)
    return []


@component
class EventRecordStore(RecordStore):
    """The records of a store of events.

    Parameters
    ----------
    uri
        A folder, or a URI whose scheme names a plug-in.
    """

    def __init__(self, uri: str | os.PathLike[str] = ".smt") -> None:
        self.uri = os.fspath(uri)
        self._store: EventStore | None = None

    def __str__(self) -> str:
        return f"events in {self.uri}"

    def __getstate__(self) -> dict[str, Any]:
        return {"uri": self.uri}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.uri, self._store = state["uri"], None

    @property
    def plain(self) -> EventStore:
        """The store of events, opened when first used."""
        if self._store is None:
            self._store = open_store(self.uri)
        return self._store

    def _records(self, project: Any) -> Records:
        return Records(self.plain, _name(project))

    def list_projects(self) -> list[str]:
        """Names of projects."""
        return self.plain.projects()

    def save(self, project_name: str, record: Any) -> None:
        """Keep a record; of one that is there already, what was changed.

        Raises
        ------
        LabelTakenError
            Another record has the label.
        """
        name = _name(project_name)
        if record.identity and self._amend(name, record):
            return
        self._new(name, record)

    def _new(self, project: str, record: Any) -> None:
        """A record that was made elsewhere: by a script, another store, or another version of Sumatra."""
        events = events_of(project, record, lambda file: self.plain.put(project, file))
        known = {found.id for _, found in self.plain.read(project, record=events[0].record)}
        new = [event for event in events if event.id not in known]
        if new:
            self.plain.append(project, new, claim="" if known else record.label)
        record.identity = events[0].record
        record.loaded_tags = set(record.tags)

    def _amend(self, project: str, record: Any) -> bool:
        """Append what differs from what the store has; False where it has no such record."""
        stored = self._find(project, Test("record", "eq", record.identity))
        if not stored:
            return False
        one, two = (self._fields(project, known) for known in (stored[0], record))
        operations: dict[str, dict[str, JSON]] = {
            "set": {name: value for name, value in two.items() if one.get(name) != value}, **_tag_operations(record),
        }  # fmt: skip
        events = _ended(record, status_of(stored[0]), operations["set"])
        operations = {name: what for name, what in operations.items() if what}
        if operations:
            events.append(("amended", operations))
        if events:
            self.plain.append(project, self._now(project, record.identity, events))
        record.loaded_tags = set(record.tags)
        return True

    def _now(self, project: str, identity: str, events: Sequence[tuple[str, Mapping[str, JSON]]]) -> list[Event]:
        """Events that happen now, after all that is known of the project."""
        rows = self._records(project).find(Query(order="-clock", limit=1, fields=frozenset({"clock"}))).rows
        writer = writer_name()
        clock = Clock(writer, str(rows[0]["clock"]) if rows else "")
        return [Event(identity, kind, clock.tick(), datetime.now(UTC), writer, body) for kind, body in events]

    def _fields(self, project: str, record: Any) -> dict[str, JSON]:
        captured = captured_fields(record, lambda file: self.plain.put(project, file))
        return {**created_fields(record), **captured, **finished_fields(record)}

    def _find(
        self, project: Any, where: Filter | None = None, *, oldest_first: bool = False, limit: int | None = None
    ) -> list[Record]:
        order = "record" if oldest_first else "-record"
        page = self._records(project).find(Query(where, order=order, limit=limit, fields=EVERYTHING))
        return [self.made(_name(project), row) for row in page.rows]

    def made(self, project: str, row: Mapping[str, Any]) -> Record:
        """The record of a row that holds every field."""
        from sumatra.showing import changes_text, console_text

        record = record_from(
            row, lambda: console_text(self.plain, project, row), lambda: changes_text(self.plain, project, row)
        )
        record.changed_content = lambda: list(self._changed(project, row))
        return record

    def _changed(self, project: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str, int, bytes]]:
        for entry in row.get("changed_files", []):
            content = b""
            if entry.get("digest"):
                with self.plain.fetch(project, entry["digest"]) as file:
                    content = file.read()
            yield str(entry["path"]), str(entry["kind"]), int(entry.get("mode") or 0o644), content

    def get(self, project_name: str, label: str) -> Record:
        """The record of a label; :class:`KeyError` where there is none."""
        try:
            row = self._records(project_name).get(label)
        except RecordNotFoundError as error:
            raise KeyError(str(error)) from error
        return self.made(_name(project_name), {**row.document(), "label": label})

    def list(self, project_name: str, tags: Any = None, **kwargs: Any) -> list[Record]:
        """Records, the latest first.

        Parameters
        ----------
        tags
            One or several that the records must all have.
        kwargs
            ``main_file`` (how it begins), ``timestamp`` (a day) and ``parameters``, as in ``smt list``.
        """
        return self._find(project_name, self._where(tags, kwargs), limit=kwargs.get("limit"),
                          oldest_first=bool(kwargs.get("reverse")))  # fmt: skip

    @staticmethod
    def _where(tags: Any, asked: Mapping[str, Any]) -> Filter | None:
        wanted = [tags] if isinstance(tags, str) else [*(tags or ())]
        filters: list[Filter] = [with_tag(tag) for tag in wanted if tag]
        main = asked.get("main_file") or asked.get("main_file__startswith")
        date = asked.get("timestamp") or asked.get("date")
        more = chosen((), main, asked.get("parameters"), str(date) if date else None)
        filters += [more] if more is not None else []
        return And(tuple(filters)) if filters else None

    def labels(self, project_name: str, tags: Any = None, **kwargs: Any) -> Sequence[str]:
        """Labels, the latest first."""
        where = self._where(tags, kwargs)
        page = self._records(project_name).find(Query(where, order="-record", fields=SUMMARY))
        return [str(row["label"]) for row in page.rows]

    def delete(self, project_name: str, label: str) -> None:
        """Delete a record; :class:`KeyError` where there is none."""
        record = self.get(project_name, label)
        self._tombstone(_name(project_name), record)

    def _tombstone(self, project: str, record: Record) -> None:
        events = self._now(project, record.identity, [("deleted", {"label": record.label})])
        self.plain.append(project, events, release=record.label)

    def most_recent(self, project_name: str) -> str:
        """The label of the record made last; "" where there is none."""
        page = self._records(project_name).find(Query(order="-record", limit=1, fields=SUMMARY))
        return str(page.rows[0]["label"]) if page.rows else ""

    def sync(self, other: Any, project_name: str) -> Any:
        """Join two stores; both keep what either has, and labels that two records claim are given."""
        if isinstance(other, EventRecordStore):
            return self._records(project_name).sync(other._records(project_name))
        return super().sync(other, project_name)

    def clear(self) -> None:
        """Delete the records of every project; their events stay, as tombstones."""
        self.delete_all()


DefaultRecordStore = EventRecordStore
__all__ = ["DefaultRecordStore", "EventRecordStore", "LabelTakenError"]
