"""The index of an event-file store: SQLite in the user's cache folder, made again whenever it is missing or wrong.

Nothing in it is the truth. It is fresh if every day folder still has the time stamp it had when it was listed; a
folder that was younger than its clock's tick (we take 2 s) when it was listed is listed again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cawan.events import Event, canonical, restore
from cawan.queries import SUMMARY, And, Filter, Not, Or, Page, Query, Row, Test
from cawan.records import StoreLockedError

from sumatra.folding import Record, fold
from sumatra.local import narrowing
from sumatra.querying import select

_log = logging.getLogger(__name__)
_VERSION = 3
_TICK = 2_000_000_000  # ns; the coarsest time stamp of a file system in use (FAT) is 2 s
_SCHEMA = """
CREATE TABLE days(day TEXT PRIMARY KEY, stamp INTEGER, listed INTEGER);
CREATE TABLE files(day TEXT, name TEXT, PRIMARY KEY(day, name));
CREATE TABLE events(seq INTEGER PRIMARY KEY AUTOINCREMENT, project TEXT, id TEXT, record TEXT, day TEXT, name TEXT,
                    text TEXT, UNIQUE(project, id));
CREATE INDEX of_record ON events(project, record);
CREATE INDEX of_file ON events(day, name);
CREATE TABLE records(project TEXT, record TEXT, label TEXT, shown TEXT, deleted INTEGER, started TEXT, clock TEXT,
                     status TEXT, ended TEXT, summary TEXT, document TEXT, PRIMARY KEY(project, record));
CREATE INDEX by_label ON records(project, label, record);
CREATE INDEX by_shown ON records(shown, project);
CREATE INDEX by_started ON records(project, started, record);
CREATE INDEX by_clock ON records(project, clock, record);
CREATE INDEX by_status ON records(status, project);
CREATE INDEX by_ended ON records(ended, project);
CREATE TABLE about(generation TEXT);
"""


def cache_folder() -> Path:
    """Where indices lie: ``cawan/notebook`` in the user's cache folder."""
    from cawan.plugins import cache_folder as caches

    return caches() / "notebook"


class EventIndex:
    """Events and folded records of one store, looked up fast."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._connection: sqlite3.Connection | None = None
        self._generation = ""
        self._in_memory = False

    def close(self) -> None:
        """Close the file; the next question opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def path(self) -> Path | None:
        """Where the index lies; None where it is kept in memory."""
        if self._in_memory:
            return None
        folder = cache_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            _log.debug("no cache folder, so the index is kept in memory: %s", error)
            return None
        if not os.access(folder, os.W_OK):
            return None
        return folder / f"{hashlib.sha256(os.fsencode(self.root.resolve())).hexdigest()[:32]}.sqlite"

    def _open(self) -> sqlite3.Connection:
        path = self.path()
        connection = sqlite3.connect(path or ":memory:", timeout=60, isolation_level=None)
        # The index is not the truth, so it may be lost in a power cut; a rollback journal works on every file system.
        connection.execute("PRAGMA synchronous=OFF")
        if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
            connection.execute("BEGIN EXCLUSIVE")
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
                    if table in ("days", "files", "events", "records", "about"):
                        connection.execute(f"DROP TABLE {table}")
                for statement in _SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT INTO about VALUES (?)", (os.urandom(8).hex(),))
                connection.execute(f"PRAGMA user_version={_VERSION:d}")
            connection.execute("COMMIT")
        self._generation = str(connection.execute("SELECT generation FROM about").fetchone()[0])
        return connection

    @contextmanager
    def _fresh(self) -> Iterator[sqlite3.Connection]:
        """The connection, after everything in the store is in the index; a broken index is made anew, once."""
        try:
            self._connection = self._connection or self._open()
            self._refresh(self._connection)
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StoreLockedError(f"The index of {str(self.root)!r} is in use. Try again in a moment.") from error
            self._rebuild(error)
        except sqlite3.DatabaseError as error:
            self._rebuild(error)
        connection = self._connection
        if connection is None:
            raise StoreLockedError(f"The index of {str(self.root)!r} was closed by another thread. Try again.")
        yield connection

    def _rebuild(self, error: Exception) -> None:
        _log.warning("The index of %s was unusable (%s) and is made anew.", self.root, error)
        self.close()
        path = self.path()
        if path is not None:
            path.unlink(missing_ok=True)
        try:
            self._connection = self._open()
            self._refresh(self._connection)
        except sqlite3.OperationalError as second:
            if self._in_memory:
                raise
            # The cache folder's disk is full or broken: what is in the store can still be read.
            _log.warning("The index of %s cannot be written (%s) and is kept in memory.", self.root, second)
            self.close()
            self._in_memory = True
            self._rebuild_in_memory()

    def _rebuild_in_memory(self) -> None:
        self._connection = self._open()
        self._refresh(self._connection)

    def _refresh(self, connection: sqlite3.Connection) -> None:
        now = time.time_ns()
        try:
            with os.scandir(self.root / "events") as entries:
                days = {entry.name: entry.stat().st_mtime_ns for entry in entries if entry.is_dir()}
        except FileNotFoundError:
            days = {}
        known = {day: (stamp, listed) for day, stamp, listed in connection.execute("SELECT * FROM days")}
        stale = [
            day for day, stamp in days.items()
            if day not in known or known[day][0] != stamp or known[day][1] - stamp < _TICK
        ]
        stale += [day for day in known if day not in days]
        if not stale:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            changed: set[tuple[str, str]] = set()
            for day in stale:
                changed |= self._list_day(connection, day)
                if day in days:
                    connection.execute("INSERT OR REPLACE INTO days VALUES (?, ?, ?)", (day, days[day], now))
                else:
                    connection.execute("DELETE FROM days WHERE day=?", (day,))
            _refold(connection, changed)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise

    def _list_day(self, connection: sqlite3.Connection, day: str) -> set[tuple[str, str]]:
        """Bring one day folder into the index; gives the records it touched."""
        folder = self.root / "events" / day
        try:
            present = {entry.name for entry in os.scandir(folder) if entry.name.endswith(".jsonl")}
        except FileNotFoundError:
            present = set()
        known = {name for (name,) in connection.execute("SELECT name FROM files WHERE day=?", (day,))}
        changed: set[tuple[str, str]] = set()
        for name in sorted(present - known):
            changed |= _add_file(connection, folder / name, day)
        if known - present:
            changed |= _forget_files(connection, folder, known - present, present)
        return changed

    def events(self, project: str, record: str, after: str) -> Iterator[tuple[str, str]]:
        """Cursors and texts of events, in the order in which they came here."""
        with self._fresh() as connection:
            generation, _, number = after.partition(":")
            seq = int(number) if generation == self._generation and number.isdigit() else 0
            rows = connection.execute(
                "SELECT seq, text FROM events WHERE project=? AND seq>? AND (?='' OR record=?) ORDER BY seq",
                (project, seq, record, record),
            ).fetchall()
        for seq, text in rows:
            yield f"{self._generation}:{seq}", text

    def live(self, project: str, record: str) -> bool:
        """Is there such a record, and is it not deleted?"""
        with self._fresh() as connection:
            found = connection.execute(
                "SELECT deleted FROM records WHERE project=? AND record=?", (project, record)
            ).fetchone()
        return found is not None and not found[0]

    def projects(self) -> list[str]:
        """Names of projects, sorted."""
        with self._fresh() as connection:
            return [name for (name,) in connection.execute("SELECT DISTINCT project FROM records ORDER BY project")]

    def _labels(self, project: str, query: Query) -> Page:
        """Labels and identities alone, which are columns: nothing of a record has to be parsed."""
        direction = "DESC" if query.order.startswith("-") else "ASC"
        limit = -1 if query.limit is None else query.limit + 1
        sql = (f"SELECT record, shown FROM records WHERE project=? AND deleted=0 "  # noqa: S608 - words of ours alone
               f"ORDER BY record {direction} LIMIT ?")  # fmt: skip
        with self._fresh() as connection:
            found = connection.execute(sql, (project, limit)).fetchall()
        more = query.limit is not None and len(found) > query.limit
        kept = found[: query.limit] if query.limit is not None else found
        rows: tuple[Row, ...] = tuple(
            {name: value for name, value in (("record", record), ("label", label)) if name in query.fields}
            for record, label in kept
        )
        return Page(rows, canonical([2, kept[-1][0], kept[-1][0]]).decode() if more and kept else "", None)

    def find(self, project: str, query: Query) -> Page:
        """What :func:`sumatra.querying.select` gives over all records, reading no more columns and rows than needed."""
        order, everything = query.order.lstrip("-"), _asks_for_everything(query)
        if everything and query.fields <= _COLUMNS and order == "record":
            return self._labels(project, query)
        asked = query.fields | _fields(query.where) | {order}
        column = "summary" if asked <= SUMMARY and not query.text else "document"
        direction = "DESC" if query.order.startswith("-") else "ASC"
        by = narrowing.COLUMNS[order] if order in ("started", "clock") else "record"
        cut = everything and query.limit is not None and order in ("started", "clock", "record")
        limit = (query.limit or 0) + 1 if cut else -1
        condition, asked_for = narrowing.narrowed(query.where)
        # Without numbers of rows SQLite would go through all of them in their order, rather than by an index of the
        # condition; "+" tells it not to. Columns, direction and condition are words of ours, never of a user.
        own = "" if cut else "+"
        sql = (f"SELECT shown, {column} FROM records WHERE {own}project=? AND deleted=0 AND ({condition}) "  # noqa: S608
               f"ORDER BY {own}{by} {direction}, {own}record {direction} LIMIT ?")  # fmt: skip
        with self._fresh() as connection:
            rows = connection.execute(sql, (project, *asked_for, limit)).fetchall()
        documents: Iterator[Row] = ({**restore(text), "label": shown} for shown, text in rows)
        return select(documents, query)


def _asks_for_everything(query: Query) -> bool:
    return query.where is None and not (query.text or query.after or query.count)


_COLUMNS = frozenset({"record", "label"})


def _fields(where: Filter | None) -> frozenset[str]:
    match where:
        case Test(field):
            return frozenset({field})
        case Not(inner):
            return _fields(inner)
        case And(filters) | Or(filters):
            return frozenset().union(*map(_fields, filters))
    return frozenset()


def _forget_files(
    connection: sqlite3.Connection, folder: Path, gone: set[str], present: set[str]
) -> set[tuple[str, str]]:
    """Files of a day went: packed, or removed by a person; what no other file of that day holds goes too."""
    holders = {(project, key): name for name in present for project, _, _, key in _events_of(folder / name)}
    changed: set[tuple[str, str]] = set()
    for name in gone:
        of_file = (folder.name, name)
        rows = connection.execute("SELECT seq, project, record, id FROM events WHERE day=? AND name=?", of_file)
        for seq, project, record, key in rows.fetchall():
            if (project, key) in holders:
                connection.execute("UPDATE events SET name=? WHERE seq=?", (holders[project, key], seq))
            else:
                connection.execute("DELETE FROM events WHERE seq=?", (seq,))
                changed.add((project, record))
        connection.execute("DELETE FROM files WHERE day=? AND name=?", of_file)
    return changed


def _events_of(path: Path) -> list[tuple[str, Event, str, str]]:
    """Project, event, text and identity of each line of a file; nothing, and a warning, where it is broken."""
    found = []
    try:
        for line in path.read_bytes().splitlines():
            document = restore(line)
            project, event = str(document.pop("project")), Event.from_document(document)
            data = canonical(event.document())
            found.append((project, event, data.decode("utf-8"), hashlib.sha256(data).hexdigest()))
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s cannot be read as events and is left out: %s. Restore it from a backup.", path, error)
        return []
    return found


def _add_file(connection: sqlite3.Connection, path: Path, day: str) -> set[tuple[str, str]]:
    events = _events_of(path)
    if not events:
        return set()
    for project, event, text, key in events:
        connection.execute(
            "INSERT OR IGNORE INTO events(project, id, record, day, name, text) VALUES (?, ?, ?, ?, ?, ?)",
            (project, key, event.record, day, path.name, text),
        )
    connection.execute("INSERT INTO files VALUES (?, ?)", (day, path.name))
    return {(project, event.record) for project, event, _, _ in events}


def _folded(connection: sqlite3.Connection, project: str, record: str) -> Record | None:
    rows = connection.execute("SELECT text FROM events WHERE project=? AND record=?", (project, record)).fetchall()
    return fold(Event.from_document(restore(text)) for (text,) in rows) if rows else None


def _refold(connection: sqlite3.Connection, changed: set[tuple[str, str]]) -> None:
    labels: set[tuple[str, str]] = set()
    for project, key in changed:
        before = connection.execute("SELECT label FROM records WHERE project=? AND record=?", (project, key)).fetchone()
        if before:
            labels.add((project, before[0]))
        record = _folded(connection, project, key)
        if record is None:
            connection.execute("DELETE FROM records WHERE project=? AND record=?", (project, key))
            continue
        document = record.document()
        summary = {name: value for name, value in document.items() if name in SUMMARY}
        labels.add((project, record.label))
        connection.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (project, key, record.label, record.label, int(record.deleted), document["started"], document["clock"],
             document["status"], document.get("ended", ""), canonical(summary).decode("utf-8"),
             canonical(document).decode("utf-8")),
        )  # fmt: skip
    for project, label in labels:
        _show(connection, project, label)


def _show(connection: sqlite3.Connection, project: str, label: str) -> None:
    """The first record to claim a label shows it; the others show it with the end of their identity."""
    rows = connection.execute(
        "SELECT record FROM records WHERE project=? AND label=? AND deleted=0 ORDER BY record", (project, label)
    ).fetchall()
    shown: set[str] = set()
    for (record,) in rows:
        name, length = label, 3
        while name in shown:
            name, length = f"{label}~{record[-length:]}", length + 1
        shown.add(name)
        connection.execute("UPDATE records SET shown=? WHERE project=? AND record=?", (name, project, record))


def check_index(path: Path) -> str:
    """What SQLite says of an index file: "ok", or what is wrong."""
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
