"""The kit for record stores: what the notebook may rely on, one sentence a test.

Subclass :class:`StoreKit` in the plug-in's tests and give it the plug-in's class and :meth:`StoreKit.uri`.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cawan.events import Event, canonical, restore
from cawan.queries import OPERATORS, And, Not, Or, Query, Test
from cawan.records import LabelTakenError, RecordNotFoundError, RecordStore, SupportsHeartbeat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sumatra.clocks import Clock, new_record
from sumatra.folding import Records
from sumatra.querying import matches, select
from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["StoreKit"]

AWKWARD = ("a b", "ümläut", "trailing.", "UPPER", "upper", "x" * 200, "100%", "semi;colon", "日本", "a/b", "con")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_WRITE = """
import sys
from cawan.plugins import Plugins
from cawan.events import Event, restore
from importlib import import_module
module, name, uri = sys.argv[1:4]
store = getattr(import_module(module), name).open(uri)
for line in sys.stdin.buffer:
    store.append("p", [Event.from_document(restore(line))])
    print("kept", flush=True)
"""

_READ = """
import sys
from importlib import import_module
module, name, uri = sys.argv[1:4]
events = [event.id for _, event in getattr(import_module(module), name).open(uri).read("p")]
print(len(events), len(set(events)))
"""


class Writer:
    """Makes events as one machine would, with a wall clock that may be wrong."""

    def __init__(self, name: str = "ada@host", skew: float = 0.0) -> None:
        self.clock = Clock(name)
        self.name, self.skew = name, timedelta(seconds=skew)

    def event(self, record: str, kind: str, **body: Any) -> Event:
        """The next event."""
        return Event(record, kind, self.clock.tick(), datetime.now(UTC) + self.skew, self.name, body)

    def created(self, label: str, **body: Any) -> Event:
        """The first event of a new record."""
        clock = self.clock.tick()
        return Event(new_record(clock), "created", clock, datetime.now(UTC) + self.skew, self.name,
                     {"label": label, **body})  # fmt: skip


class StoreKit(Kit):
    """A store keeps what it was given, once, whole, and gives it back.

    Attributes
    ----------
    store
        The plug-in's class.
    records
        What makes records of its events: the core's own, save where a planted bug stands in for it.
    """

    store: ClassVar[type[RecordStore]]
    records: ClassVar[type[Records]] = Records

    def over(self, store: RecordStore) -> Records:
        """The records of the project "p" in a store."""
        return self.records(store, "p")

    def uri(self, folder: Path) -> str:
        """The address of a new store, in or beside a folder; the same folder gives the same store."""
        return str(folder)

    def coarsen(self, folder: Path) -> None:
        """Make the time stamps of the store's folder as coarse as the coarsest file system has them."""

    @pytest.fixture
    def opened(self, tmp_path: Path) -> Iterator[RecordStore]:
        """A new, empty store."""
        store = self.store.open(self.uri(tmp_path / "store"))
        yield store
        store.close()

    def test_another_reader_sees_the_event(self, opened: RecordStore, tmp_path: Path) -> None:
        """After append returns, a second store object of the same address has the event."""
        event = Writer().created("a")

        opened.append("p", [event], claim="a")

        other = self.store.open(self.uri(tmp_path / "store"))
        expect([found for _, found in other.read("p")], [event], "events")
        other.close()

    def test_acknowledged_events_survive_sigkill(self, opened: RecordStore, tmp_path: Path) -> None:
        """A writer that is killed right after append returned has lost nothing."""
        words = [self.store.__module__, self.store.__qualname__, self.uri(tmp_path / "store")]
        writer, events = Writer(), []
        with subprocess.Popen([sys.executable, "-c", _WRITE, *words], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as process:  # fmt: skip
            if process.stdin is None or process.stdout is None:
                raise AssertionError("no pipes")
            for k in range(5):
                events.append(writer.created(f"a{k}"))
                process.stdin.write(canonical(events[-1].document()) + b"\n")
                process.stdin.flush()
                expect(process.stdout.readline(), b"kept\n", "the writer's answer")
            process.kill()

        expect([event for _, event in opened.read("p")], events, "events")

    def test_the_same_event_twice_is_one(self, opened: RecordStore) -> None:
        """An event that is there already is skipped, alone or among others."""
        writer = Writer()
        first = writer.created("a")
        second = writer.event(first.record, "amended", add={"tags": ["x"]})

        opened.append("p", [first], claim="a")
        opened.append("p", [first], claim="a")
        opened.append("p", [first, second])

        expect([event for _, event in opened.read("p")], [first, second], "events")

    def test_a_label_is_claimed_once(self, opened: RecordStore) -> None:
        """A second record under a label is refused, nothing of it is stored, the first is unchanged."""
        writer = Writer()
        first, second = writer.created("a", reason="first"), writer.created("a", reason="second")
        opened.append("p", [first], claim="a")

        with pytest.raises(LabelTakenError, match="'a'"):
            opened.append("p", [second], claim="a")

        expect([event for _, event in opened.read("p")], [first], "events")
        expect(self.over(opened).get("a").fields["reason"], "first", "reason")

    def test_all_or_none(self, opened: RecordStore) -> None:
        """Events of which one cannot be stored are all refused, and the label stays free."""
        writer = Writer()
        first = writer.created("a")
        wrong = writer.event(first.record, "amended", set={"x": object()})

        with pytest.raises(TypeError):
            opened.append("p", [first, wrong], claim="a")

        expect(list(opened.read("p")), [], "events")
        try:
            opened.append("p", [writer.created("a")], claim="a")
        except LabelTakenError as error:
            raise AssertionError("the label of what was refused is burnt") from error

    def test_release_frees_the_label(self, opened: RecordStore) -> None:
        """The label of a deleted record can be claimed at once; the record itself is gone for readers."""
        writer = Writer()
        first, second = writer.created("a"), writer.created("a")
        opened.append("p", [first], claim="a")

        opened.append("p", [writer.event(first.record, "deleted", label="a")], release="a")
        with pytest.raises(RecordNotFoundError):
            self.over(opened).get("a")
        opened.append("p", [second], claim="a")

        expect(self.over(opened).get("a").id, second.record, "record")

    @pytest.mark.parametrize("label", AWKWARD)
    def test_labels_come_back(self, opened: RecordStore, label: str) -> None:
        """A label is the same after the store, and no other label is the same as it."""
        writer = Writer()
        opened.append("p", [writer.created(label)], claim=label)
        opened.append("p", [writer.created(f"{label}2")], claim=f"{label}2")

        expect(self.over(opened).get(label).label, label, "label")
        expect(sorted(self.over(opened).all()), sorted([label, f"{label}2"]), "labels")

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=st.dictionaries(st.text(), JSON, max_size=4))
    def test_bodies_come_back(self, tmp_path_factory: pytest.TempPathFactory, body: dict[str, Any]) -> None:
        """Whatever plain data an event holds comes back equal, NaN and huge numbers included."""
        store = self.store.open(self.uri(tmp_path_factory.mktemp("store")))
        event = Writer().created("a", value=body)

        store.append("p", [event], claim="a")

        found = [found for _, found in store.read("p")]
        store.close()
        expect([canonical(e.document()) for e in found], [canonical(event.document())], "events")
        expect(canonical(restore(canonical(body))), canonical(body), "body")

    @pytest.mark.parametrize("data", [b"", b"text\n", bytes(range(256)) * 5000], ids=["empty", "text", "large"])
    def test_blobs_come_back(self, opened: RecordStore, data: bytes) -> None:
        """Bytes come back byte for byte, by a digest that names its algorithm; the same bytes have the same digest."""
        digest = opened.put("p", io.BytesIO(data))

        expect(digest.partition(":")[0], "sha256", "algorithm")
        expect(opened.put("p", io.BytesIO(data)), digest, "digest")
        with opened.fetch("p", digest) as file:
            expect(file.read(), data, "bytes")

    @pytest.mark.parametrize("digest", ["sha256:" + "0" * 64, "md5:00", "../../etc/passwd", ""])
    def test_unknown_blob_is_not_found(self, opened: RecordStore, digest: str) -> None:
        """A digest that the store does not have, or that is none, is FileNotFoundError."""
        with pytest.raises(FileNotFoundError, match=repr(digest[:10])[:-1]):
            opened.fetch("p", digest)

    def test_read_after_a_cursor(self, opened: RecordStore, tmp_path: Path) -> None:
        """read(after=c) gives what was appended after c, once, also what another writer with a slow clock wrote."""
        writer, slow = Writer(), Writer("bob@other", skew=-300)
        opened.append("p", [writer.created("a")], claim="a")
        cursor = [cursor for cursor, _ in opened.read("p")][-1]
        other = self.store.open(self.uri(tmp_path / "store"))
        event = slow.created("b")
        late = Event(event.record, "created", "000000000000001-00000-bob", event.time, event.writer, event.body)

        other.append("p", [late], claim="b")

        expect([found for _, found in opened.read("p", after=cursor)], [late], "events")
        other.close()

    def test_read_of_one_record(self, opened: RecordStore) -> None:
        """read(record=...) gives the events of that record alone."""
        writer = Writer()
        first, second = writer.created("a"), writer.created("b")
        opened.append("p", [first])
        opened.append("p", [second])

        expect([event for _, event in opened.read("p", record=second.record)], [second], "events")

    def test_projects_are_apart(self, opened: RecordStore) -> None:
        """Two projects in one store share neither records nor labels."""
        writer = Writer()
        opened.append("p", [writer.created("a")], claim="a")
        opened.append("q/../p", [writer.created("a")], claim="a")

        expect(opened.projects(), ["p", "q/../p"], "projects")
        expect([len(list(opened.read(name))) for name in opened.projects()], [1, 1], "events")

    def test_fold_is_by_logical_clock(self, opened: RecordStore) -> None:
        """A tag that a machine with a slow wall clock removed later is removed."""
        fast, slow = Writer("a@fast"), Writer("b@slow", skew=-300)
        first = fast.created("a")
        tagged = fast.event(first.record, "amended", add={"tags": ["x"]})
        slow.clock.see(tagged.clock)
        removed = slow.event(first.record, "amended", remove={"tags": ["x"]})

        for event in (removed, first, tagged):
            opened.append("p", [event])

        expect(self.over(opened).get("a").fields["tags"], [], "tags")

    def test_finished_beats_lost(self, opened: RecordStore) -> None:
        """A run that somebody thought lost and that then finished is finished."""
        writer = Writer()
        first = writer.created("a")
        finished = writer.event(first.record, "finished", exit_code=0, duration=1.0)
        lost = writer.event(first.record, "lost", lost_because="silence")

        opened.append("p", [first], claim="a")
        opened.append("p", [finished])
        opened.append("p", [lost])

        record = self.over(opened).get("a")
        expect((record.status, record.fields.get("lost_because")), ("finished", None), "status")

    def test_two_amendments_both_count(self, opened: RecordStore, tmp_path: Path) -> None:
        """Two writers who each add a comment and a tag, neither having seen the other, both win."""
        other = self.store.open(self.uri(tmp_path / "store"))
        one, two = Writer("a@one"), Writer("b@two")
        first = one.created("a")
        opened.append("p", [first], claim="a")

        opened.append("p", [one.event(first.record, "amended", append={"outcome": "one"}, add={"tags": ["1"]})])
        other.append("p", [two.event(first.record, "amended", append={"outcome": "two"}, add={"tags": ["2"]})])

        record = self.over(opened).get("a")
        expect(sorted(record.fields["tags"]), ["1", "2"], "tags")
        expect(sorted(record.fields["outcome"].splitlines()), ["one", "two"], "comments")
        other.close()

    def test_sync_is_a_union(self, opened: RecordStore, tmp_path: Path) -> None:
        """After sync both stores hold all events; a second sync adds none; tags travel."""
        other = self.store.open(self.uri(tmp_path / "other"))
        writer, second = Writer(), Writer("b@two")
        first = writer.created("a")
        opened.append("p", [first], claim="a")
        opened.append("p", [writer.event(first.record, "amended", add={"tags": ["x"]})])
        other.append("p", [second.created("b")], claim="b")

        expect(self.over(opened).sync(self.over(other)), [], "labels claimed twice")
        counts = [len(list(store.read("p"))) for store in (opened, other)]
        self.over(opened).sync(self.over(other))

        expect(counts, [3, 3], "events")
        expect([len(list(store.read("p"))) for store in (opened, other)], counts, "events after a second sync")
        expect(self.over(other).get("a").fields["tags"], ["x"], "tags")
        other.close()

    def test_sync_does_not_undo_a_deletion(self, opened: RecordStore, tmp_path: Path) -> None:
        """A record deleted here and still there is deleted in both afterwards."""
        other = self.store.open(self.uri(tmp_path / "other"))
        writer = Writer()
        first = writer.created("a")
        opened.append("p", [first], claim="a")
        self.over(opened).sync(self.over(other))

        opened.append("p", [writer.event(first.record, "deleted", label="a")], release="a")
        self.over(opened).sync(self.over(other))

        expect([sorted(self.over(store).all()) for store in (opened, other)], [[], []], "records")
        other.close()

    def test_two_claims_are_both_kept_and_named(self, opened: RecordStore, tmp_path: Path) -> None:
        """Two records that claimed one label in two stores stay apart after sync, under names of their own."""
        other = self.store.open(self.uri(tmp_path / "other"))
        one, two = Writer().created("a", reason="one"), Writer("b@two").created("a", reason="two")
        opened.append("p", [one], claim="a")
        other.append("p", [two], claim="a")

        expect(self.over(opened).sync(self.over(other)), ["a"], "labels claimed twice")

        for store in (opened, other):
            names = sorted(self.over(store).all())
            expect((names[0], len(names), names[-1][:2]), ("a", 2, "a~"), "names")
            expect({self.over(store).get(name).fields["reason"] for name in names}, {"one", "two"}, "records")
        other.close()

    def test_events_within_one_clock_tick(self, opened: RecordStore, tmp_path: Path) -> None:
        """Where time stamps are coarse, events that came right after a look are seen by the next look."""
        writer = Writer()
        opened.append("p", [writer.created("a")], claim="a")
        self.coarsen(tmp_path / "store")
        list(opened.read("p"))

        opened.append("p", [writer.created("b")], claim="b")
        self.coarsen(tmp_path / "store")

        expect(len(list(opened.read("p"))), 2, "events")

    def test_readers_at_once_agree(self, opened: RecordStore, tmp_path: Path) -> None:
        """Processes that read a store for the first time at the same moment all find every event once."""
        writer = Writer()
        for k in range(20):
            opened.append("p", [writer.created(f"r{k}")], claim=f"r{k}")
        words = [self.store.__module__, self.store.__qualname__, self.uri(tmp_path / "store")]
        readers = [subprocess.Popen([sys.executable, "-c", _READ, *words], stdout=subprocess.PIPE) for _ in range(4)]

        expect([reader.communicate(timeout=60)[0] for reader in readers], [b"20 20\n"] * 4, "events read")

    def test_reading_needs_no_writing(self, opened: RecordStore, tmp_path: Path) -> None:
        """A store that this user may only read is read."""
        folder = tmp_path / "store"
        opened.append("p", [Writer().created("a")], claim="a")
        if os.geteuid() == 0 or not folder.is_dir():
            pytest.skip("everything may be written here, so this shows nothing")
        places = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
        for place in places:
            place.chmod(0o555)
        try:
            other = self.store.open(self.uri(folder))
            expect(len(list(other.read("p"))), 1, "events")
            other.close()
        finally:
            for place in places:
                place.chmod(0o755)

    def test_find_agrees_with_a_plain_filter(self, opened: RecordStore) -> None:
        """For every operator and order, and for their combinations, find gives what filtering all records gives."""
        writer = Writer()
        for k in range(12):
            parameters = {"n": k, "f": k / 3, "name": f'{"µ" * (k % 2)}cell "{k % 4}"'}
            created = writer.created(f"r{k:02}", tags=[f"t{k % 3}", "all"], parameters=parameters)
            ended = [writer.event(created.record, "finished", ended=f"2026-01-{k + 1:02}", exit_code=k % 2)] * (k % 3)
            opened.append("p", [created, *ended[:1]], claim=f"r{k:02}")
        documents = [{**r.document(), "label": name} for name, r in self.over(opened).all().items()]
        for one in self._examples(documents[5]):
            for where in (one, Not(one), And((one, Test("tags", "eq", "t1"))), Or((one, Test("label", "eq", "r03"))),
                          And((one, Or((one, Test("started", "exists")))))):  # fmt: skip
                expected = {d["label"] for d in documents if matches(where, d)}
                query = Query(where, fields=frozenset({"label"}), count=True)
                page = self.over(opened).find(query)
                expect({row["label"] for row in page.rows}, expected, f"records for {where}")
                expect(page, select(documents, query), f"page for {where}")
        for order in ("started", "-clock", "clock", "-record", "-ended", "parameters.name", "-parameters.n"):
            query = Query(order=order, limit=5, fields=frozenset({"label"}))
            expect(self.over(opened).find(query), select(documents, query), f"the first five by {order}")

    def _examples(self, some: Mapping[str, Any]) -> Iterator[Test]:
        """Every operator on a number, on texts of every kind that a record has, and on what no record has."""
        texts = {name: some[name] for name in ("label", "record", "clock", "started", "status")}
        texts |= {"ended": "2026-01-06", "parameters.name": 'µcell "1"', "tags": "t1", "nowhere": "x"}
        for field, value in {"parameters.n": 5, **texts}.items():
            asked: dict[str, Any] = {"in": [value, 2, "x"], "exists": True}
            if isinstance(value, str):
                asked |= {"contains": value[1:-1], "startswith": value[:4]}
                yield Test(field, "in", [value, "r03"])
            for op in OPERATORS:
                yield Test(field, op, asked.get(op, value))

    def test_pages_neither_skip_nor_repeat(self, opened: RecordStore) -> None:
        """Going through pages while records are added at the front shows each old record once."""
        writer = Writer()
        for k in range(7):
            opened.append("p", [writer.created(f"r{k}")], claim=f"r{k}")
        seen: list[str] = []
        after = ""
        for k in range(10):
            page = self.over(opened).find(Query(limit=2, after=after, fields=frozenset({"label"})))
            seen += [row["label"] for row in page.rows]
            opened.append("p", [writer.created(f"new{k}")], claim=f"new{k}")
            after = page.next
            if not after:
                break

        expect(seen, [f"r{k}" for k in range(6, -1, -1)], "labels, the latest first")

    def test_unknown_label_names_the_nearest(self, opened: RecordStore) -> None:
        """A label that nobody has is an error that suggests the one that is like it."""
        opened.append("p", [Writer().created("haggling")], claim="haggling")

        with pytest.raises(RecordNotFoundError, match="Did you mean 'haggling'"):
            self.over(opened).get("hagling")

    def test_heartbeat(self, opened: RecordStore) -> None:
        """Where the store supports it, the last sign of life is now, and is no event."""
        if not isinstance(opened, SupportsHeartbeat):
            pytest.skip("this store keeps no heartbeats")
        record = Writer().created("a").record

        expect(opened.last_beat("p", record), None, "heartbeat before the first")
        opened.beat("p", record)

        beat = opened.last_beat("p", record)
        expect(beat is not None and abs((datetime.now(UTC) - beat).total_seconds()) < 10, True, "heartbeat is now")
        expect(list(opened.read("p")), [], "events")

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps=st.lists(st.tuples(st.sampled_from("ctxds"), st.integers(0, 3), st.booleans()), max_size=25))
    def test_any_history_agrees_with_a_dictionary(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, bool]]
    ) -> None:
        """Create, tag, comment, delete, sync in any order in two stores: then both hold what a dictionary holds."""
        folder = tmp_path_factory.mktemp("history")
        stores = [self.store.open(self.uri(folder / name)) for name in ("one", "two")]
        writers = [Writer("a@one"), Writer("b@two", skew=-300)]
        known: dict[str, Event] = {}
        for what, which, side in steps:
            self._step(stores[side], writers[side], known, what, which, stores[not side])
        self.over(stores[0]).sync(self.over(stores[1]))
        found = [{event.id: event for _, event in store.read("p")} for store in stores]
        expect(found, [known, known], "events")
        expect(sorted(self.over(stores[0]).all()), sorted(self.over(stores[1]).all()), "labels")
        for store in stores:
            store.close()

    def _step(
        self, store: RecordStore, writer: Writer, known: dict[str, Event], what: str, which: int, other: RecordStore
    ) -> None:
        records = sorted(self.over(store).all().items())
        event: Event | None = None
        if what == "s":
            self.over(store).sync(self.over(other))
        elif what == "c":
            event = writer.created(f"label {which}")
            try:
                store.append("p", [event], claim=f"label {which}")
            except LabelTakenError:
                event = None
        elif records:
            _, record = records[which % len(records)]
            writer.clock.see(record.clock)
            bodies: dict[str, Callable[[], Event]] = {
                "t": lambda: writer.event(record.id, "amended", add={"tags": [f"t{which}"]}),
                "x": lambda: writer.event(record.id, "amended", append={"outcome": "said"}),
                "d": lambda: writer.event(record.id, "deleted", label=record.label),
            }
            event = bodies[what]()
            store.append("p", [event], release=record.label if what == "d" else "")
        if event is not None:
            known[event.id] = event
