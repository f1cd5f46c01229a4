"""The canonical form of events: a file format for ever."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cawan.events import Event, canonical, restore
from hypothesis import given
from hypothesis import strategies as st

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20,
)  # fmt: skip


def test_canonical_form_is_as_written_down() -> None:
    """Sorted keys, no blanks, UTF-8, floats by repr, NaN and infinities tagged, keys with $ escaped."""
    value = {"b": [1, 2.5, 1e22, True, None], "a": "é", "n": math.nan, "i": -math.inf, "$float": "nan"}

    text = canonical(value).decode("utf-8")

    assert text == (
        '{"$$float":"nan","a":"é","b":[1,2.5,1e+22,true,null],"i":{"$float":"-inf"},"n":{"$float":"nan"}}'
    )


@given(value=PLAIN)
def test_plain_data_comes_back(value: object) -> None:
    """restore(canonical(x)) has the same canonical text as x."""
    assert canonical(restore(canonical(value))) == canonical(value)


def test_file_names_that_are_no_text_come_back() -> None:
    """A name with bytes that are not UTF-8 survives, and the file that holds it is still valid JSON."""
    name = b"caf\xe9".decode("utf-8", "surrogateescape")

    assert restore(canonical([name])) == [name]
    canonical([name]).decode("utf-8")


def test_what_is_not_plain_is_refused() -> None:
    """An object is an error that names it, its type and what a record holds."""
    with pytest.raises(TypeError, match=r"range\(0, 3\), of type range.*lists and mappings"):
        canonical({"x": range(3)})


def test_an_event_is_known_by_its_content() -> None:
    """The same event written in two time zones is one; another body is another event."""
    moment = datetime(2026, 8, 12, 14, 30, tzinfo=UTC)
    one = Event("r", "created", "000000000000001-00000-a", moment, "a", {"label": "x"})
    two = Event("r", "created", "000000000000001-00000-a", moment.astimezone(timezone(timedelta(hours=2))), "a",
                {"label": "x"})  # fmt: skip

    assert one.id == two.id
    assert one.id != Event(one.record, one.kind, one.clock, one.time, one.writer, {"label": "y"}).id
    assert Event.from_document(restore(canonical(one.document()))) == one


@pytest.mark.parametrize("data", [{}, {"record": 1}, {"record": "r", "kind": "k", "clock": "c", "time": "no"}])
def test_what_is_no_event_is_refused(data: dict[str, object]) -> None:
    """A document without the fields of an event is an error that shows it."""
    with pytest.raises(ValueError, match="This is not an event"):
        Event.from_document(data)
