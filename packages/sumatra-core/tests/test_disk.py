"""A disk that fails at any single step: nothing earlier is lost, and the message names cause and place."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cawan import queries
from cawan.events import restore
from cawan.queries import And, Not, Or, Query
from cawan.records import StoreFormatError, StoreReadOnlyError, StoreWriteError
from sumatra.folding import Records
from sumatra.local import index as index_module
from sumatra.local.events import EventFileStore
from sumatra.testing.stores import Writer


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def failing(call: Callable[..., Any], code: int, fuse: list[int]) -> Callable[..., Any]:
    """The same call, which fails once the fuse, common to all calls, has burnt down."""
    def wrapped(*words: Any, **options: Any) -> Any:
        fuse[0] -= 1
        if fuse[0] == 0:
            raise OSError(code, os.strerror(code))
        return call(*words, **options)

    return wrapped


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_every_step_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Whichever open, fsync, link or rename of an append fails: one sentence, old events whole, the label free."""
    root = tmp_path / "store"
    writer = Writer()
    store = EventFileStore.open(str(root))
    store.append("p", [writer.created("first")], claim="first")
    before = {path: path.read_bytes() for path in (root / "events").rglob("*.jsonl")}

    failures = 0
    for k in range(1, 40):
        fuse = [k]
        with monkeypatch.context() as patched:
            for name in ("open", "fsync"):
                patched.setattr(os, name, failing(getattr(os, name), code, fuse))
            for name in ("rename", "hardlink_to"):
                patched.setattr(Path, name, failing(getattr(Path, name), code, fuse))
            try:
                store.append("p", [writer.created(f"r{k}")], claim=f"r{k}")
            except StoreWriteError as error:
                failures += 1
                assert str(root) in str(error)
                assert os.strerror(code) in str(error)
                assert error.exit_code == (73 if code == errno.EROFS else 74)
                assert isinstance(error, StoreReadOnlyError) == (code == errno.EROFS)
        assert {path: path.read_bytes() for path in before} == before
        if fuse[0] > 0:
            break
    assert failures >= 4
    names = Records(store, "p").all()
    assert "first" in names
    assert set(names) <= {"first", f"r{failures + 1}"}, "an append that failed has stored something"
    for k in range(1, failures + 1):
        store.append("p", [writer.created(f"r{k}")], claim=f"r{k}")


def test_the_index_is_made_anew(tmp_path: Path) -> None:
    """An index that was overwritten with rubbish, or removed, is rebuilt with a warning, and nothing is missing."""
    store = EventFileStore.open(str(tmp_path / "store"))
    writer = Writer()
    for k in range(3):
        store.append("p", [writer.created(f"r{k}")], claim=f"r{k}")
    assert len(list(store.read("p"))) == 3
    store.close()
    (file,) = index_module.cache_folder().glob("*.sqlite")

    file.write_bytes(b"rubbish" * 1000)
    assert len(list(store.read("p"))) == 3
    store.close()
    file.unlink()
    assert sorted(Records(store, "p").all()) == ["r0", "r1", "r2"]
    assert index_module.check_index(file) == "ok"


def test_two_builders_end_with_the_same_index(tmp_path: Path) -> None:
    """Two processes that build the index at once both see every event once."""
    store = EventFileStore.open(str(tmp_path / "store"))
    writer = Writer()
    for k in range(100):
        store.append("p", [writer.created(f"r{k}")], claim=f"r{k}")
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            found = list(EventFileStore.open(str(tmp_path / "store")).read("p"))
            os._exit(0 if len(found) == len({event.id for _, event in found}) == 100 else 1)
        children.append(child)

    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert len(list(store.read("p"))) == 100


def test_a_damaged_event_file_leaves_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Every bit flip in one event file is either harmless or named; the other records stay readable."""
    store = EventFileStore.open(str(tmp_path / "store"))
    writer = Writer()
    store.append("p", [writer.created("good")], claim="good")
    store.append("p", [writer.created("bad", reason="x")], claim="bad")
    bad = next(path for path in (tmp_path / "store" / "events").rglob("*.jsonl") if b'"bad"' in path.read_bytes())
    bad.chmod(0o644)
    data = bad.read_bytes()
    bad.write_bytes(b"\0" + data[1:])

    assert sorted(Records(EventFileStore.open(str(tmp_path / "store")), "p").all()) == ["good"]
    assert str(bad) in caplog.text


def test_events_removed_by_hand_are_gone(tmp_path: Path) -> None:
    """A file that somebody deleted is no longer in any answer, as files are the truth."""
    store = EventFileStore.open(str(tmp_path / "store"))
    store.append("p", [Writer().created("a")], claim="a")
    assert sorted(Records(store, "p").all()) == ["a"]

    for path in (tmp_path / "store" / "events").rglob("*.jsonl"):
        path.unlink()

    assert Records(store, "p").all() == {}


def test_a_claim_whose_writer_was_killed_is_the_event(tmp_path: Path) -> None:
    """Killed between claim and rename: the next who wants the label finds the record in its place."""
    root = tmp_path / "store"
    store = EventFileStore.open(str(root))
    store.append("p", [Writer().created("a", reason="first")], claim="a")
    (event,) = (root / "events").rglob("*.jsonl")
    event.unlink()
    assert Records(store, "p").all() == {}

    with pytest.raises(ValueError, match="already has a record 'a'"):
        store.append("p", [Writer().created("a", reason="second")], claim="a")

    assert Records(store, "p").get("a").fields["reason"] == "first"


def test_half_written_files_are_swept(tmp_path: Path) -> None:
    """What a killed writer left is removed by the next write once it is a day old, and not before."""
    store = EventFileStore.open(str(tmp_path / "store"))
    store.append("p", [Writer().created("a")], claim="a")
    for name, age in (("old", 2 * 86_400), ("new", 60)):
        (tmp_path / "store" / "tmp" / name).touch()
        stamp = (tmp_path / "store").stat().st_mtime - age
        os.utime(tmp_path / "store" / "tmp" / name, (stamp, stamp))

    store.append("p", [Writer().created("b")], claim="b")

    assert [path.name for path in (tmp_path / "store" / "tmp").iterdir()] == ["new"]


def test_a_file_is_no_store(tmp_path: Path) -> None:
    """The address of a file is refused with a sentence."""
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreFormatError, match="is a file"):
        EventFileStore.open(str(tmp_path / "file"))


@pytest.mark.parametrize("query", [
    Query(order="-record", limit=20), Query(order="-clock", limit=20), Query(order="-started", limit=20),
    Query(queries.Test("label", "eq", "r1-7")), Query(queries.Test("tags", "eq", "t1-7")),
    Query(Or((queries.Test("status", "in", ["created", "running"]), queries.Test("ended", "ge", "2026-02-01")))),
    Query(And((queries.Test("output_data.path", "eq", "r1-7.dat"), Not(queries.Test("record", "eq", "x"))))),
])  # fmt: skip
def test_a_question_reads_no_more_records_than_it_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: Query
) -> None:
    """Among 2000 records, what every command and every run asks is answered from 21 at most."""
    store, writer = EventFileStore.open(str(tmp_path / "store")), Writer()
    for j in range(2):
        events = []
        for k in range(1000):
            made = writer.created(f"r{j}-{k}", tags=[f"t{j}-{k}"])
            output = writer.event(made.record, "captured", output_data=[{"path": f"r{j}-{k}.dat", "digest": "d"}])
            events += [made, output, writer.event(made.record, "finished", ended="2026-01-01")]
        store.append("p", events)
    records = Records(store, "p")
    records.find(Query(limit=1))
    read: list[str] = []

    def counting(text: str) -> Any:
        read.append(text)
        return restore(text)

    monkeypatch.setattr("sumatra.local.index.restore", counting)

    page = records.find(query)

    assert len(page.rows) == (0 if isinstance(query.where, Or) else query.limit or 1)
    assert len(read) <= 21
