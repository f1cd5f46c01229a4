"""Folding, clocks, queries and labels."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from cawan.events import Event
from cawan.queries import And, Not, Or, Query, QueryError
from cawan.queries import Test as Compare
from hypothesis import given
from hypothesis import strategies as st
from sumatra.clocks import Clock, new_record
from sumatra.errors import LabelError
from sumatra.folding import fold, name_records
from sumatra.labels import check_label, generate_label
from sumatra.querying import matches, select, values

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def history(*steps: tuple[str, dict[str, Any]]) -> list[Event]:
    """Events of one record, in the order of its clock."""
    clock = Clock("w")
    record = new_record(clock.tick())
    return [Event(record, kind, clock.tick(), NOW, "w", body) for kind, body in steps]


def test_fold_gathers_and_amends() -> None:
    """Later events add fields, lists grow, facts merge, amendments set, add, remove and append."""
    record = fold(history(
        ("created", {"label": "a", "tags": ["x"], "input_data": [1]}), ("launched", {"host": "h"}),
        ("captured", {"input_data": [2], "facts": {"pyNN": 1}}), ("captured", {"facts": {"gpu": 2}}),
        ("finished", {"exit_code": 3}), ("amended", {"add": {"tags": ["y", "x"]}, "append": {"outcome": "one"}}),
        ("amended", {"remove": {"tags": ["x"]}, "append": {"outcome": "two"}, "set": {"reason": "why"}}),
    ))  # fmt: skip

    assert (record.label, record.status) == ("a", "failed")
    assert dict(record.fields) == {
        "tags": ["y"], "input_data": [1, 2], "host": "h", "facts": {"pyNN": 1, "gpu": 2}, "exit_code": 3,
        "outcome": "one\ntwo", "reason": "why",
    }  # fmt: skip


@given(seed=st.integers(0, 10**6))
def test_fold_does_not_depend_on_the_order(seed: int) -> None:
    """However the events are shuffled and repeated, the record is the same."""
    events = history(("created", {"label": "a"}), ("launched", {}), ("lost", {"lost_because": "x"}), ("finished", {}),
                     ("amended", {"add": {"tags": ["t"]}}), ("amended", {"remove": {"tags": ["t"]}}),
                     ("deleted", {}), ("restored", {}))  # fmt: skip
    shuffled = events * 2
    random.Random(seed).shuffle(shuffled)

    assert fold(shuffled) == fold(events)
    assert fold(events).deleted is False


@pytest.mark.parametrize(("bodies", "status"), [
    ([("created", {})], "created"), ([("created", {}), ("launched", {})], "running"),
    ([("created", {}), ("finished", {"exit_code": 0})], "finished"),
    ([("created", {}), ("finished", {"exit_code": 137, "signal": 9})], "killed"),
    ([("created", {}), ("lost", {})], "lost"), ([("finished", {"exit_code": 0}), ("lost", {})], "finished"),
    ([("created", {}), ("finished", {"exit_code": 1}), ("amended", {"set": {"status": "succeeded"}})], "succeeded"),
])  # fmt: skip
def test_status_follows_the_evidence(bodies: list[tuple[str, dict[str, Any]]], status: str) -> None:
    """finished beats lost; a signal is killed; what a person sets is shown, and hides no exit code."""
    record = fold(history(*bodies))

    assert record.status == status
    if status == "succeeded":
        assert record.fields["exit_code"] == 1


def test_names_of_a_label_claimed_twice() -> None:
    """The earlier record keeps the label, the later one gets the end of its identity; deleted ones have none."""
    made = [fold(history(("created", {"label": "a"}))) for _ in range(2)]
    first, second = sorted(made, key=lambda record: record.id)
    gone = fold(history(("created", {"label": "a"}), ("deleted", {})))

    named = name_records([second, gone, first])

    assert named == {"a": first, f"a~{second.id[-3:]}": second}


def test_clock_is_ahead_of_what_it_saw() -> None:
    """A clock never goes back: after seeing a reading of the far future the next one is later still."""
    future = "099999999999999-99999-x"
    clock = Clock("w", future)

    readings = [Clock("w").tick(), future, clock.tick(), clock.tick()]

    assert readings == sorted(readings)
    assert len(set(readings)) == 4


def test_identities_sort_as_they_were_made() -> None:
    """Identities are 26 characters that follow the clock, also where it stands still."""
    clock = Clock("w", f"{2**46:015d}-00000-x")
    made = [new_record(clock.tick()) for _ in range(50)]

    assert made == sorted(made)
    assert {len(identity) for identity in made} == {26}
    assert len({new_record("000000000000001-00000-x") for _ in range(100)}) == 100


def test_dotted_fields_go_into_lists() -> None:
    """A field names values in mappings and in every element of a list; a key with a dot comes first."""
    document = {"a": [{"b": 1}, {"b": 2}], "c.d": 3, "c": {"d": 4}, "e": None}

    assert values(document, "a.b") == [1, 2]
    assert values(document, "c.d") == [3]
    assert (values(document, "e"), values(document, "a.x"), values(document, "e.f")) == ([None], [], [])


@pytest.mark.parametrize(("where", "expected"), [
    (Compare("n", "eq", 1), True), (Compare("n", "eq", 1.0), True), (Compare("n", "eq", "1"), False),
    (Compare("n", "lt", "a"), False),
    (Compare("n", "eq", True), False), (Compare("nan", "eq", float("nan")), True), (Compare("tags", "eq", "y"), True),
    (Compare("tags", "ne", "y"), False), (Compare("tags", "in", ["q", "y"]), True),
    (Compare("no", "exists", False), True), (Compare("no", "ne", 1), True),
    (Compare("text", "contains", "ell"), True), (Compare("text", "startswith", "ell"), False),
    (Not(Compare("n", "ge", 1)), False), (And(()), True), (Or(()), False), (None, True),
])  # fmt: skip
def test_filters_mean_what_they_say(where: Any, expected: bool) -> None:
    """Each operator on numbers, text, lists, NaN, missing fields and other types."""
    document = {"n": 1, "nan": float("nan"), "tags": ["x", "y"], "text": "hello"}

    assert matches(where, document) is expected


def test_unknown_operator_is_refused() -> None:
    """An operator that does not exist is an error with those that do."""
    with pytest.raises(QueryError, match=r"'equals'.*contains.*eq"):
        Compare("n", "equals", 1)
    with pytest.raises(QueryError, match="'rubbish' is not the end of a page"):
        select([{"record": "a"}], Query(after="rubbish"))


def test_search_and_order() -> None:
    """Text is found anywhere without regard to case; missing values come last in falling order; total is counted."""
    words = ["shekel", "Gourd", "shekel", "Gourd", "shekel"]
    documents: list[dict[str, Any]] = [{"record": str(k), "n": k, "word": words[k]} for k in range(5)]
    documents.append({"record": "x"})

    page = select(documents, Query(text="gOURD", order="-n", limit=1, fields=frozenset({"n"}), count=True))
    rest = select(documents, Query(text="gOURD", order="-n", after=page.next, fields=frozenset({"n"})))

    assert (page.rows, page.total, rest.rows, rest.next) == (({"n": 3},), 2, ({"n": 1},), "")
    assert select(documents, Query(order="-n")).rows[-1] == {"record": "x"}


@pytest.mark.parametrize("label", ["a", "Figure 6", "2026.08-12_x", "é", "日本", "x" * 200])
def test_good_labels(label: str) -> None:
    """Letters, digits, dot, underscore, hyphen and single blanks, up to 200 bytes."""
    assert check_label(label) == label


@pytest.mark.parametrize("label", ["", " ", "last", ".a", "-a", "a/b", "..", "a  b", "a ", "a\nb", "a;b", "x" * 201,
                                   "é" * 101, "\udcff", "a\0"])  # fmt: skip
def test_bad_labels_are_refused_with_the_rule(label: str) -> None:
    """What would not survive every store is refused, with the rule."""
    with pytest.raises(LabelError, match="A label has letters, digits"):
        check_label(label)


def test_generated_labels_are_good() -> None:
    """Labels made from the time or at random follow the rule; a second attempt is another label."""
    for generator in ("timestamp", "uuid"):
        made = {check_label(generate_label(generator, "%Y%m%d-%H%M%S", attempt)) for attempt in range(1, 20)}
        assert len(made) == 19
