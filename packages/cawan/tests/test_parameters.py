"""What every parameter format is given: dotted access, difference, files."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from cawan.parameters import ParameterSet, ParameterSyntaxError, UnknownParameterError, flat, same


class Lines(ParameterSet):
    """A format with two methods, as an author would begin."""

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Lines:
        """JSON by another name."""
        try:
            return cls(json.loads(text), source)
        except json.JSONDecodeError as error:
            raise ParameterSyntaxError(source, error.msg, error.lineno, error.colno) from error

    def dump(self) -> str:
        """JSON."""
        return json.dumps(self.as_dict())


def test_dotted_names_go_into_sections() -> None:
    """A dotted name reads, sets, adds and deletes in nested sections."""
    found = Lines({"network": {"tau_m": 20.0, "cells": {"n": 4}}, "seed": 1})

    found["network.tau_m"] = 10.0
    found["network.cells.m"] = 5
    found["new.section"] = True
    del found["network.cells.n"]

    assert found.as_dict() == {"network": {"tau_m": 10.0, "cells": {"m": 5}}, "seed": 1, "new": {"section": True}}
    assert found["network.cells.m"] == 5
    assert ("network.tau_m" in found, "network.tau_n" in found) == (True, False)


def test_a_key_with_a_dot_comes_first() -> None:
    """A literal key that holds the dot wins over a section."""
    found = Lines({"a.b": 1, "a": {"b": 2}})

    found["a.b"] = 3

    assert found.as_dict() == {"a.b": 3, "a": {"b": 2}}


def test_unknown_names_say_what_there_is() -> None:
    """Reading and deleting what is not there name the file, its names and the nearest."""
    found = Lines({"network": {"tau_m": 20.0}}, "default.param")

    for action in (lambda: found["network.tau_n"], lambda: found.__delitem__("network.tau_n")):
        with pytest.raises(UnknownParameterError, match=r"default\.param has no parameter 'network.tau_n'") as caught:
            action()
        assert "Did you mean 'network.tau_m'" in str(caught.value)
    with pytest.raises(UnknownParameterError):
        found["network.tau_m.x"] = 1


def test_difference_is_by_value_and_type() -> None:
    """Two sets differ where values or types do; NaN equals itself, 1 is not 1.0."""
    one = Lines({"a": {"b": 1, "c": math.nan}, "d": [1, 2]})
    two = Lines({"a": {"b": 1.0, "c": math.nan}, "e": 0})

    assert one.diff(two) == ({"a.b": 1, "d": [1, 2]}, {"a.b": 1.0, "e": 0})
    assert one != two
    assert same(0.1 + 0.2, 0.1 + 0.2)
    assert flat({"a": {}, "b": {"c": 1}}) == {"a": {}, "b.c": 1}


def test_files_come_back(tmp_path: Path) -> None:
    """save and load are inverse; a syntax error names file, line and column."""
    Lines({"a": 1}).save(tmp_path / "x")
    assert Lines.load(tmp_path / "x") == Lines({"a": 1})

    (tmp_path / "y").write_text("{\n 1")
    with pytest.raises(ParameterSyntaxError, match="y, line 2, column 2"):
        Lines.load(tmp_path / "y")


def test_replace_is_given() -> None:
    """Without a replace of its own a format still changes values, through parse and dump."""
    found = Lines.parse('{"a": 1, "b": 2}')

    assert json.loads(found.replace('{"a": 1, "b": 2}', {"a": 3})) == {"a": 3, "b": 2}
