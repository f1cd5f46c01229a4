"""The kit for parameter file formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from cawan.parameters import ParameterSet, ParameterSyntaxError, UnknownParameterError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["ParametersKit"]

NAMES = st.from_regex(r"[a-z][a-zA-Z0-9_]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f"), max_size=20)


class ParametersKit(Kit):
    """A format reads what it wrote, and changes nothing but what it was asked to change.

    Attributes
    ----------
    parameters
        The plug-in's class.
    example
        A file with a comment, if the format has comments, and at least the values of ``values``.
    values
        Dotted name → value in the example; the first is replaced in tests.
    typed
        What a user types for a new first value, and that value.
    wrong
        Texts that are not of this format.
    nested
        Whether sections hold values of any type.
    """

    parameters: ClassVar[type[ParameterSet]]
    example: ClassVar[str]
    values: ClassVar[dict[str, Any]]
    typed: ClassVar[tuple[str, Any]]
    wrong: ClassVar[tuple[str, ...]] = ()
    comment: ClassVar[str] = ""
    strategy: ClassVar[st.SearchStrategy[dict[str, Any]]] = st.dictionaries(
        NAMES, st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | TEXTS, max_size=6
    )

    def test_example_is_read(self) -> None:
        """The values of a typical file, by dotted name."""
        found = self.parameters.parse(self.example)

        expect({name: found[name] for name in self.values}, self.values, "values")

    def test_example_comes_back(self) -> None:
        """parse(dump(p)) is p."""
        found = self.parameters.parse(self.example)

        expect(self.parameters.parse(found.dump()), found, "parameters")

    # One test serves many plug-ins, so it runs in many classes; each run stands alone.
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.differing_executors])
    @given(data=st.data())
    def test_any_values_come_back(self, data: st.DataObject) -> None:
        """Whatever the format can hold comes back with value and type, floats equal to the last bit."""
        given_values = data.draw(self.strategy)
        found = self.parameters(given_values)

        expect(self.parameters.parse(found.dump()), found, f"parameters from {found.dump()!r}")

    def test_replace_changes_the_value(self) -> None:
        """replace gives a text with the new value, of the format's own type, and the others as they were."""
        found = self.parameters.parse(self.example)
        name = next(iter(self.values))
        text, value = self.typed

        changed = self.parameters.parse(found.replace(self.example, {name: found.scalar(text)}))

        expect(changed[name], value, "new value")
        expect(type(changed[name]), type(value), "its type")
        expect({n: changed[n] for n in list(self.values)[1:]}, {n: found[n] for n in list(self.values)[1:]}, "others")

    def test_replace_touches_nothing_else(self) -> None:
        """Comments, order and blanks outside the value stay, character for character."""
        found = self.parameters.parse(self.example)
        name, value = next(iter(self.values.items()))
        new = found.scalar(self.typed[0])

        there = found.replace(self.example, {name: new})

        expect(found.replace(there, {name: value}), self.example, "text after there and back")
        expect(self.comment in there, True, f"the comment {self.comment!r} in {there!r}")

    def test_unknown_name_suggests_the_nearest(self) -> None:
        """A name that is not there is an error with the names that are."""
        name = next(iter(self.values))

        with pytest.raises(UnknownParameterError, match=f"Did you mean '{name}'"):
            self.parameters.parse(self.example)[f"{name}x"]

    def test_wrong_texts_are_refused_with_their_place(self, tmp_path: Path) -> None:
        """A file that is not of this format is a syntax error that names it."""
        for text in self.wrong:
            (tmp_path / "wrong").write_text(text)
            with pytest.raises(ParameterSyntaxError, match="wrong"):
                self.parameters.load(tmp_path / "wrong")

    def test_nothing_is_executed(self, tmp_path: Path) -> None:
        """Values that are code in some language are text or an error, never run."""
        marker = tmp_path / "marker"
        code = f"__import__('pathlib').Path({str(marker)!r}).touch()"
        for text in (f"a = {code}\n", f"a: {code}\n", f"a: !!python/object/apply:os.system ['touch {marker}']\n",
                     f'{{"a": "{code}"}}', f"[s]\na = {code}\n", f"a = `touch {marker}`\n"):  # fmt: skip
            try:
                self.parameters.parse(text)
            except ParameterSyntaxError:
                continue
        self.parameters.scalar(code)

        expect(marker.exists(), False, "the marker")

    def test_not_utf8_is_said(self, tmp_path: Path) -> None:
        """A file that is not UTF-8 is a syntax error, not a traceback."""
        (tmp_path / "latin").write_bytes(b"a = \xff\xfe\n")

        with pytest.raises(ParameterSyntaxError, match="UTF-8"):
            self.parameters.load(tmp_path / "latin")
