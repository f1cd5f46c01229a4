"""A power cut: every prefix of what the store asks of the disk, with what was not synchronised lost, kept or torn."""

from __future__ import annotations

import io
import os
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cawan.events import Event
from cawan.records import RecordStore
from sumatra.clocks import Clock, new_record
from sumatra.local.events import EventFileStore

RECORDS = 4


class Disk:
    """What a program asked of the file system below a folder, in order.

    Entries of a folder are safe once the folder was synchronised after them, contents once the file was.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.log: list[tuple[Any, ...]] = []
        for name in ("open", "fsync", "rename", "replace", "link", "unlink", "mkdir"):
            monkeypatch.setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            found = real(*args, **kwargs)
            if name == "open":
                if args[1] & os.O_CREAT and self._ours(args[0]):
                    self.log.append(("create", os.fspath(args[0]), os.fstat(found).st_ino))
            elif name == "fsync":
                place = os.readlink(f"/proc/self/fd/{args[0]}")
                if self._ours(place):
                    inode = os.fstat(args[0]).st_ino
                    self.log.append(("folder", place) if os.path.isdir(place) else
                                    ("content", inode, Path(f"/proc/self/fd/{args[0]}").read_bytes()))  # fmt: skip
            elif self._ours(args[0]):
                self.log.append((name, *(os.fspath(arg) for arg in args[:2] if isinstance(arg, (str, os.PathLike)))))
            return found

        return call

    def _ours(self, path: Any) -> bool:
        text = os.fspath(path) if isinstance(path, (str, os.PathLike)) else ""
        return text == str(self.root) or (
            text.startswith(f"{self.root}/") and not text.startswith(f"{self.root}/index")
        )

    def after(self, cut: int, chance: random.Random, keep: float) -> dict[str, bytes | None]:
        """Paths and contents (None: a folder) that a restart may find when the power goes after ``cut`` steps.

        Parameters
        ----------
        keep
            How likely an entry is kept that was not synchronised; its content then is whole, torn or empty.
        """
        now: dict[str, int] = {}
        safe: dict[str, int] = {}
        contents: dict[int, bytes] = {}
        pending: list[tuple[str, int | None]] = []

        def change(path: str, inode: int | None) -> None:
            pending.append((path, inode))
            if inode is None:
                now.pop(path, None)
            else:
                now[path] = inode

        for step in self.log[:cut]:
            match step:
                case ("create", path, inode):
                    change(path, inode)
                case ("mkdir", path, *_):
                    change(path, -1)
                case ("content", inode, data):
                    contents[inode] = data
                case ("link", old, new):
                    change(new, now[old])
                case ("rename" | "replace", old, new):
                    change(new, now[old])
                    change(old, None)
                case ("unlink", path, *_):
                    change(path, None)
                case ("folder", folder):
                    pending = _apply(safe, pending, lambda path, top=folder: os.path.dirname(path) == top)  # type: ignore[misc]
        _apply(safe, pending, lambda _: chance.random() < keep)
        torn = [b"", b"{"]
        found = {path: None if inode == -1 else contents.get(inode, chance.choice(torn))
                 for path, inode in safe.items()}  # fmt: skip
        return {path: data for path, data in found.items() if _reachable(path, found, str(self.root))}


def _apply(
    safe: dict[str, int], pending: list[tuple[str, int | None]], wanted: Callable[[str], bool]
) -> list[tuple[str, int | None]]:
    """Bring the wanted changes to the disk, in order; gives those that are left."""
    left = []
    for path, inode in pending:
        if not wanted(path):
            left.append((path, inode))
        elif inode is None:
            safe.pop(path, None)
        else:
            safe[path] = inode
    return left


def _reachable(path: str, found: dict[str, bytes | None], root: str) -> bool:
    """A file whose folder was never synchronised into its own is gone with it."""
    folder = os.path.dirname(path)
    return folder == root or (folder in found and found[folder] is None and _reachable(folder, found, root))


def lay_out(found: dict[str, bytes | None], root: Path, into: Path) -> RecordStore:
    """The store as it lies on the disk after the restart."""
    for path, data in sorted(found.items()):
        place = into / Path(path).relative_to(root)
        if data is None:
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return EventFileStore(into)


def fill(store: RecordStore, done: Callable[[str], None]) -> None:
    """A few records, each with console text and an end; ``done`` is called whenever the store has made a promise."""
    clock = Clock("writer")
    for number in range(RECORDS):
        tick = clock.tick()
        record = new_record(tick)
        digest = store.put("trial", io.BytesIO(f"text {number}".encode()))
        first = Event(record, "created", tick, datetime.now(UTC), "writer", {"label": f"run {number}"})
        store.append("trial", [first], claim=f"run {number}")
        done(record)
        last = Event(record, "finished", clock.tick(), datetime.now(UTC), "writer", {"stdout": {"digest": digest}})
        store.append("trial", [last])
        done(f"{record} finished")


@pytest.mark.parametrize("keep", [0.0, 0.5, 1.0])
def test_nothing_that_was_promised_is_lost_in_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: float
) -> None:
    """After each step of four runs: what the store had promised is there, and what is there can be read."""
    root = tmp_path / "store"
    root.mkdir()
    with monkeypatch.context() as patched:
        disk = Disk(root, patched)
        promised: list[tuple[int, str]] = []
        fill(EventFileStore(root), lambda what: promised.append((len(disk.log), what)))
    assert len(disk.log) > 15 * RECORDS
    chance = random.Random(7)

    for cut in range(len(disk.log) + 1):
        found = disk.after(cut, chance, keep)
        store = lay_out(found, root, tmp_path / f"after {cut}")
        events = [event for _, event in store.read("trial")]
        present = {event.record for event in events} | {f"{e.record} finished" for e in events if e.kind == "finished"}

        assert {what for when, what in promised if when <= cut} <= present, f"lost after step {cut}"
        for event in events:
            if event.kind == "finished":
                with store.fetch("trial", event.body["stdout"]["digest"]) as file:
                    assert file.read().startswith(b"text ")
        store.close()


def test_a_store_that_does_not_synchronise_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without bringing folders to the disk, promised records are lost in this model."""
    root = tmp_path / "store"
    root.mkdir()
    monkeypatch.setattr("sumatra.local.events.sync_folder", lambda folder: None)
    with monkeypatch.context() as patched:
        disk = Disk(root, patched)
        fill(EventFileStore(root), lambda what: None)

    store = lay_out(disk.after(len(disk.log), random.Random(7), 0.0), root, tmp_path / "after")

    assert len(list(store.read("trial"))) < 2 * RECORDS
