"""The record store of files: one immutable file per append, an index that can be rebuilt beside it.

::

    events/<day>/<clock>-<hash>.jsonl    one line per event, canonical JSON, with the name of the project
    labels/<project>/<label>             a claim: hard link to the file that holds the record's first event
    blobs/<2 digits>/<62 digits>         bytes by their SHA-256
    heartbeats/<record>                  touched while a run is alive

A claim is linked *before* the file gets its final name, so a kill between the two burns no label: the claim is the
event, and the next who wants the label puts it into its place.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Self

from cawan.events import JSON, Event, canonical, restore
from cawan.queries import Page, Query
from cawan.records import LabelTakenError, RecordStore, StoreFormatError

from sumatra.local.durable import make_folder, sync_folder, write_temporary, writing
from sumatra.local.index import EventIndex


def _file_name(text: str) -> str:
    """A name for one folder entry; different texts give different names."""
    name = re.sub(r"[/\0%\\:*?\"<>|]|^\.", lambda match: f"%{ord(match[0]):02x}", text)
    data = os.fsencode(name) if name.isprintable() else b"x" * 999
    return name if 0 < len(data) <= 200 else f"%{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}"


class EventFileStore(RecordStore):
    """Events in files, safe between processes, users and machines that share the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._index = EventIndex(root)

    @classmethod
    def open(cls, uri: str) -> Self:
        """The store in a folder, given as a path or as ``file:PATH``."""
        root = Path(re.sub(r"^file:(//)?", "", uri)).expanduser().absolute()
        if root.exists() and not root.is_dir():
            raise StoreFormatError(f"{str(root)!r} is a file, not the folder of a record store. Name a folder.")
        return cls(root)

    @property
    def settings(self) -> dict[str, JSON]:
        """The folder."""
        return {"uri": str(self.root)}

    def append(self, project: str, events: Sequence[Event], *, claim: str = "", release: str = "") -> None:
        """Keep events in one new file; see the module for the order of the steps."""
        data = b"".join(canonical({"project": project, **event.document()}) + b"\n" for event in events)
        target = self._place(events[0].clock, data)
        with writing(self.root):
            if not target.exists():
                self._write(project, target, data, claim, events[0].record)
            if release:
                self._release(project, release, events[0].record)
            for event in events:
                if event.kind in ("finished", "lost"):
                    (self.root / "heartbeats" / _file_name(event.record)).unlink(missing_ok=True)

    def _write(self, project: str, target: Path, data: bytes, claim: str, record: str) -> None:
        """Bring one file to its place, claim and all; where a step fails, what came before it is undone."""
        temporary = write_temporary(self.root / "tmp", data)
        self._sweep()
        try:
            make_folder(target.parent)
            if claim:
                self._claim(project, claim, temporary, record)
            temporary.rename(target)
            sync_folder(target.parent)
        except OSError:
            target.unlink(missing_ok=True)
            if claim:
                self._release(project, claim, record)
            raise
        finally:
            temporary.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what writers that were killed left half-written, a day ago or earlier."""
        for entry in os.scandir(self.root / "tmp"):
            with suppress(FileNotFoundError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > 86_400:
                    Path(entry.path).unlink()

    def _place(self, clock: str, data: bytes) -> Path:
        day = time.strftime("%Y-%m-%d", time.gmtime(int(clock.split("-", 1)[0]) / 1000))
        name = re.sub(r"[^A-Za-z0-9@._-]", "_", clock)[:150]
        return self.root / "events" / day / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}.jsonl"

    def _claim(self, project: str, label: str, event: Path, record: str) -> None:
        place = make_folder(self.root / "labels" / _file_name(project)) / _file_name(label)
        for _ in range(100):
            try:
                place.hardlink_to(event)
            except FileExistsError:
                if self._clear_stale(project, place, record):
                    continue
                if self._holder(place)[1] != record:
                    raise LabelTakenError(label, project) from None
            sync_folder(place.parent)
            return
        raise LabelTakenError(label, project)

    def _holder(self, claim: Path) -> tuple[bytes, str]:
        """What a claim holds, and whose it is; "" where it is gone meanwhile."""
        try:
            data = claim.read_bytes()
        except FileNotFoundError:
            return b"", ""
        try:
            return data, str(restore(data.splitlines()[0])["record"])
        except (ValueError, KeyError, IndexError) as error:
            raise StoreFormatError(f"The claim {str(claim)!r} cannot be read. Remove that file.") from error

    def _clear_stale(self, project: str, claim: Path, record: str) -> bool:
        """Free the claim of a record that was deleted; finish a claim whose writer was killed half-way."""
        data, holder = self._holder(claim)
        if not holder:
            return True
        clock = str(restore(data.splitlines()[0])["clock"])
        target = self._place(clock, data)
        if holder != record and not target.exists():
            make_folder(target.parent)
            with suppress(FileExistsError):  # its writer, or another process that met the claim, was quicker
                target.hardlink_to(claim)
        if self._index.live(project, holder):
            return False
        return self._release_file(claim, holder)

    def _release(self, project: str, label: str, record: str) -> None:
        claim = self.root / "labels" / _file_name(project) / _file_name(label)
        if self._holder(claim)[1] == record:
            self._release_file(claim, record)

    def _release_file(self, claim: Path, record: str) -> bool:
        """Take a claim away, if it still is that record's: by renaming, so that a new claim is never lost."""
        taken = make_folder(self.root / "tmp") / f"claim-{os.urandom(8).hex()}"
        try:
            claim.rename(taken)
        except FileNotFoundError:
            return True
        if self._holder(taken)[1] != record:
            claim.hardlink_to(taken)
        taken.unlink()
        return True

    def read(self, project: str, *, record: str = "", after: str = "") -> Iterator[tuple[str, Event]]:
        """Events in the order in which the index met them; a cursor is of one index and one store."""
        for cursor, text in self._index.events(project, record, after):
            yield cursor, Event.from_document(restore(text))

    def put(self, project: str, data: BinaryIO) -> str:
        """Keep bytes once, whatever number of records name them."""
        with writing(self.root):
            temporary = write_temporary(self.root / "tmp", data)
            try:
                with temporary.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                target = self._blob(digest)
                if not target.exists():
                    make_folder(target.parent)
                    temporary.rename(target)
                    sync_folder(target.parent)
            finally:
                temporary.unlink(missing_ok=True)
        return f"sha256:{digest}"

    def _blob(self, digest: str) -> Path:
        return self.root / "blobs" / digest[:2] / digest[2:]

    def fetch(self, project: str, digest: str) -> BinaryIO:
        """Open the bytes of a digest."""
        algorithm, _, value = digest.partition(":")
        if algorithm != "sha256" or not re.fullmatch("[0-9a-f]{64}", value):
            raise FileNotFoundError(f"{digest!r} is not the digest of something in a record store.")
        try:
            return self._blob(value).open("rb")
        except FileNotFoundError as error:
            raise FileNotFoundError(f"The record store {str(self.root)!r} does not have {digest!r}.") from error

    def projects(self) -> list[str]:
        """Projects with at least one event."""
        return self._index.projects()

    def close(self) -> None:
        """Close the index."""
        self._index.close()

    def index_path(self) -> Path | None:
        """The file of the index, which can be removed at any time; None where there is none."""
        return self._index.path()

    def find(self, project: str, query: Query) -> Page:
        """Rows that answer a question, by the index."""
        return self._index.find(project, query)

    def beat(self, project: str, record: str) -> None:
        """Touch the run's heartbeat file."""
        with writing(self.root):
            (make_folder(self.root / "heartbeats") / _file_name(record)).touch()

    def beating(self) -> list[str]:
        """The records whose runs have a heartbeat file: those that were not seen to end."""
        try:
            return sorted(os.listdir(self.root / "heartbeats"))
        except FileNotFoundError:
            return []

    def last_beat(self, project: str, record: str) -> datetime | None:
        """The time of the run's heartbeat file."""
        try:
            stamp = (self.root / "heartbeats" / _file_name(record)).stat().st_mtime
        except FileNotFoundError:
            return None
        return datetime.fromtimestamp(stamp, UTC)
