"""Stores, formats and decisions with one planted bug each: the kit must fail, by exactly these tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import pytest
from cawan.data import ROOT, Stat
from cawan.events import Event
from cawan.parameters import ParameterSet
from cawan.queries import Page, Query
from cawan.records import LabelTakenError
from sumatra import comparing
from sumatra.comparing import Aspect, Verdict
from sumatra.folding import Record, Records, fold
from sumatra.local import index, narrowing
from sumatra.local.events import EventFileStore
from sumatra.local.files import LocalFiles
from sumatra.parameters.simple import SimpleParameters
from sumatra.testing.data import DataKit
from sumatra.testing.judging import JudgingKit
from sumatra.testing.parameters import ParametersKit
from sumatra.testing.secrets import SecretsKit
from sumatra.testing.stores import StoreKit


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


class ReadModifyWrite(Records):
    """Keeps the last amendment instead of every one, as a store of whole records does."""

    def fold(self, events: Iterable[Event]) -> Record:
        """All other events, and the latest amendment."""
        ordered = list(events)
        amended = [event for event in ordered if event.kind == "amended"]
        return fold([event for event in ordered if event.kind != "amended"] + amended[-1:])


class ReplaceOnSameLabel(EventFileStore):
    """The second record under a label takes the label."""

    def append(self, project: str, events: Sequence[Event], *, claim: str = "", release: str = "") -> None:
        """Append, without a claim where it is refused."""
        try:
            super().append(project, events, claim=claim, release=release)
        except LabelTakenError:
            super().append(project, events, release=release)


class LabelsByBeginning(Records):
    """Takes a label for the beginning of one."""

    def get(self, label: str) -> Record:
        """The last record whose label begins so."""
        return super().get(max((known for known in self.all() if known.startswith(label)), default=label))


class ClaimLeftBehind(EventFileStore):
    """Claims the label first, in a step of its own."""

    def append(self, project: str, events: Sequence[Event], *, claim: str = "", release: str = "") -> None:
        """Claim, then write."""
        place = self.root / "claims" / str(abs(hash((project, claim))))
        place.parent.mkdir(parents=True, exist_ok=True)
        known = {event.record for _, event in self.read(project)}
        if claim and events[0].record not in known:
            if place.exists() and not release:
                raise LabelTakenError(claim, project)
            place.touch()
        super().append(project, events, claim=claim, release=release)


class FoldByWallClock(Records):
    """Orders events by the time of day."""

    def fold(self, events: Iterable[Event]) -> Record:
        """Events with their wall time as clock."""
        return fold(
            Event(e.record, e.kind, f"{e.time.timestamp() * 1000:015.0f}-00000-x", e.time, e.writer, e.body)
            for e in events
        )


class LostBeatsFinished(Records):
    """Takes the last word for the truth."""

    def fold(self, events: Iterable[Event]) -> Record:
        """Without ``finished`` where there is a ``lost``."""
        ordered = list(events)
        lost = any(event.kind == "lost" for event in ordered)
        return fold(event for event in ordered if not (lost and event.kind == "finished"))


class DeletionUndone(Records):
    """Gives a deleted record back to whoever still had it."""

    def sync(self, other: Records) -> list[str]:
        """Sync, then restore."""
        events = [event for _, event in self.store.read(self.project)]
        taken = super().sync(other)
        for e in events:
            if e.kind == "deleted":
                self.store.append(self.project, [Event(e.record, "restored", f"{e.clock}x", e.time, e.writer)])
        return taken


class IndexTrustsTheTick(EventFileStore):
    """Takes a folder for unchanged when its time stamp is."""

    def read(self, project: str, *, record: str = "", after: str = "") -> Iterator[tuple[str, Event]]:
        """Read with an index that never lists a young folder again."""
        tick, index._TICK = index._TICK, -(10**18)
        try:
            yield from list(super().read(project, record=record, after=after))
        finally:
            index._TICK = tick


class OffsetPaging(Records):
    """Continues a page by counting rows."""

    def find(self, query: Query) -> Page:
        """Rows from a number on."""
        everything = Query(query.where, query.text, query.order, None, "", query.fields)
        rows = super().find(everything).rows
        start = int(query.after or 0)
        end = len(rows) if query.limit is None else start + query.limit
        more = query.limit is not None and query.limit > 1 and end < len(rows)
        return Page(rows[start:end], str(end) if more else "", len(rows) if query.count else None)


class FindsUnquoted(EventFileStore):
    """Looks for a text as it is in records as they are stored, where a quotation mark is another."""

    def find(self, project: str, query: Query) -> Page:
        """Find with a condition that leaves records out."""
        plain, narrowing.narrowed = narrowing.narrowed, lambda where: _unquoted(plain(where))
        try:
            return super().find(project, query)
        finally:
            narrowing.narrowed = plain


def _unquoted(condition: narrowing.Condition) -> narrowing.Condition:
    sql, asked = condition
    return sql, [value.replace("\\", "") for value in asked]


class PlainEvents(EventFileStore):
    """The store of files without its own ``find``, so that the core folds."""

    find = None  # type: ignore[assignment]


class TestFindsUnquoted(StoreKit):
    """Finds unquoted."""

    store = FindsUnquoted
    known_failures: ClassVar[dict[str, str]] = {"test_find_agrees_with_a_plain_filter": "planted"}


class TestReadModifyWrite(StoreKit):
    """Comment by read-modify-write."""

    store = PlainEvents
    records = ReadModifyWrite
    known_failures: ClassVar[dict[str, str]] = {"test_two_amendments_both_count": "planted"}


class TestReplaceOnSameLabel(StoreKit):
    """Replace on same label."""

    store = ReplaceOnSameLabel
    known_failures: ClassVar[dict[str, str]] = {"test_a_label_is_claimed_once": "planted"}


class TestLabelsByBeginning(StoreKit):
    """Another label that begins alike."""

    store = PlainEvents
    records = LabelsByBeginning
    known_failures: ClassVar[dict[str, str]] = {"test_labels_come_back": "planted"}


class TestClaimLeftBehind(StoreKit):
    """Claim left behind by an append that failed."""

    store = ClaimLeftBehind
    known_failures: ClassVar[dict[str, str]] = {"test_all_or_none": "planted"}


class TestFoldByWallClock(StoreKit):
    """Fold by wall clock."""

    store = PlainEvents
    records = FoldByWallClock
    known_failures: ClassVar[dict[str, str]] = {"test_fold_is_by_logical_clock": "planted"}


class TestLostBeatsFinished(StoreKit):
    """``lost`` after ``finished`` wins."""

    store = PlainEvents
    records = LostBeatsFinished
    known_failures: ClassVar[dict[str, str]] = {"test_finished_beats_lost": "planted"}


class TestDeletionUndone(StoreKit):
    """Delete undone by sync."""

    store = PlainEvents
    records = DeletionUndone
    known_failures: ClassVar[dict[str, str]] = {"test_sync_does_not_undo_a_deletion": "planted"}


class TestIndexTrustsTheTick(StoreKit):
    """Index trusts a time stamp inside its clock tick."""

    store = IndexTrustsTheTick
    known_failures: ClassVar[dict[str, str]] = {"test_events_within_one_clock_tick": "planted"}

    def coarsen(self, folder: Path) -> None:
        """As on a file system that counts in ticks of 2 s; both writes fall into one."""
        for day in (folder / "events").iterdir():
            os.utime(day, ns=(10**18, 10**18))


class TestOffsetPaging(StoreKit):
    """Offset paging."""

    store = PlainEvents
    records = OffsetPaging
    known_failures: ClassVar[dict[str, str]] = {"test_pages_neither_skip_nor_repeat": "planted"}


class DigestsByTime(LocalFiles):
    """Remembers digests by path and time of change."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.known: dict[tuple[str, int], str] = {}

    def list_files(self, under: PurePosixPath = ROOT) -> Iterator[Stat]:
        """List, and remember digests of what is small."""
        for stat in super().list_files(under):
            if stat.size < 1000:
                self.digest(stat.path)
            yield stat

    def digest(self, path: PurePosixPath, algorithm: str = "sha256") -> str:
        """The digest, or the one of a file with the same time."""
        key = (str(path), (self.root / path).lstat().st_mtime_ns)
        if key not in self.known:
            self.known[key] = super().digest(path, algorithm)
        return self.known[key]


class LinksFollowed(LocalFiles):
    """Lists what lies behind links."""

    def list_files(self, under: PurePosixPath = ROOT) -> Iterator[Stat]:
        """Every file that ``os.walk`` finds."""
        for folder, _, names in os.walk(self.root / under, followlinks=True):
            for name in names:
                path = Path(folder, name)
                if path.exists():
                    found = path.stat()
                    key = PurePosixPath(path.relative_to(self.root))
                    yield Stat(key, found.st_size, f"{found.st_mtime_ns}-{found.st_ctime_ns}")


class TestDigestsByTime(DataKit):
    """Digest cache keyed by path and time."""

    store = DigestsByTime
    known_failures: ClassVar[dict[str, str]] = {"test_delete_checks_first": "planted"}


class TestLinksFollowed(DataKit):
    """Symbolic link followed."""

    store = LinksFollowed
    known_failures: ClassVar[dict[str, str]] = {"test_listing_follows_no_link": "planted"}


class CommentsLost(SimpleParameters):
    """Writes the whole file anew."""

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Parse, change, dump."""
        return ParameterSet.replace(self, text, changes)


class TestCommentsLost(ParametersKit):
    """Overrides lose comments."""

    parameters = CommentsLost
    example = "# network\ntau_m = 20.0   # ms\n"
    values: ClassVar[dict[str, Any]] = {"tau_m": 20.0}
    typed = ("10.5", 10.5)
    comment = "# ms"
    known_failures: ClassVar[dict[str, str]] = {"test_replace_touches_nothing_else": "planted"}


class TestNewerThanOutput(JudgingKit):
    """Output is what is newer than the start of the run."""

    known_failures: ClassVar[dict[str, str]] = {
        "test_old_time_is_still_output": "planted", "test_a_file_from_before_is_no_output": "planted",
        "test_anothers_folder_is_anothers": "planted",
    }  # fmt: skip

    @staticmethod
    def written(root: Path, before: Mapping[str, str], own: Path, declared: Iterable[Path],
                others: Iterable[Path] = ()) -> list[tuple[PurePosixPath, str]]:  # fmt: skip
        """Every file with a time in the last minute, or later."""
        start = datetime.now(UTC).timestamp() - 60
        return [(PurePosixPath(path.relative_to(root)), "window") for path in sorted(root.rglob("*"))
                if path.is_file() and path.stat().st_mtime > start]  # fmt: skip


class TestSilenceIsDeath(JudgingKit):
    """Heartbeat age alone marks lost."""

    known_failures: ClassVar[dict[str, str]] = {
        "test_a_living_process_is_not_gone": "planted", "test_elsewhere_nobody_knows": "planted",
    }  # fmt: skip

    @staticmethod
    def is_gone(process: Mapping[str, Any]) -> bool | None:
        """Nobody has heard of it for long enough."""
        return True


class TestVersionsAreCode(JudgingKit):
    """Editable install judged identical: code is compared by version alone."""

    known_failures: ClassVar[dict[str, str]] = {"test_other_files_under_the_same_version_differ": "planted"}

    @staticmethod
    def judge(original: Mapping[str, Any], repeated: Mapping[str, Any]) -> Verdict:
        """Without the hashes of what was imported."""
        return comparing.judge({**original, "code": []}, {**repeated, "code": []})


class TestUnobservedIsIdentical(JudgingKit):
    """Identical although imports were not observed."""

    known_failures: ClassVar[dict[str, str]] = {"test_unobserved_is_never_identical": "planted"}

    @staticmethod
    def judge(original: Mapping[str, Any], repeated: Mapping[str, Any]) -> Verdict:
        """As if everything had been observed."""
        return comparing.judge({**original, "observed": True}, {**repeated, "observed": True})


class TestNothingMatches(JudgingKit):
    """A run without output matches."""

    known_failures: ClassVar[dict[str, str]] = {"test_nothing_is_not_a_match": "planted"}

    @staticmethod
    def judge(original: Mapping[str, Any], repeated: Mapping[str, Any]) -> Verdict:
        """Identical wherever nothing differs."""
        verdict = comparing.judge(original, repeated)
        if verdict.overall == "nothing to compare":
            return Verdict("identical", (Aspect("output", "same"),), True, {})
        return verdict


class TestNotContested(JudgingKit):
    """Window output not contested."""

    known_failures: ClassVar[dict[str, str]] = {"test_a_window_is_contested": "planted"}

    @staticmethod
    def contested(evidence: str, rivals: Iterable[str]) -> tuple[str, ...]:
        """Nobody else."""
        return ()


class TestSecretsByNameAlone(SecretsKit):
    """What has the form of a key, under no telling name, is kept."""

    known_failures: ClassVar[dict[str, str]] = {"test_known_forms_go": "planted"}

    @staticmethod
    def redact_text(text: str) -> str:
        """Only what is assigned to a name."""
        return text.replace("'open sesame'", "[redacted]")


class TestEverythingLooksSecret(SecretsKit):
    """Whatever holds "key", "pass" or "token" anywhere is a secret, so that ordinary work is redacted."""

    known_failures: ClassVar[dict[str, str]] = {
        "test_ordinary_text_stays": "planted", "test_options_by_their_names": "planted",
    }  # fmt: skip

    @staticmethod
    def redact_arguments(words: list[str]) -> list[str]:
        """Every word that holds one of them."""
        return ["[redacted]" if any(part in word for part in ("key", "pass", "token")) else word for word in words]


class TestTheSecretIsStored(SecretsKit):
    """The warning is given, and the bytes are kept all the same."""

    known_failures: ClassVar[dict[str, str]] = {"test_the_digest_of_the_true_bytes_is_kept": "planted"}

    @staticmethod
    def keep(data: bytes) -> tuple[bytes, dict[str, Any]]:
        """As they are."""
        return data, SecretsKit.keep(data)[1]
