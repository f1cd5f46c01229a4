"""JSON parameter files."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, Self

from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.parameters._spans import replace_spans

_BLANK = re.compile(r"[ \t\r\n]*")
_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_DECODER = json.JSONDecoder()


def _spans(text: str, start: int, prefix: str, found: dict[str, tuple[int, int]]) -> int:
    """Collect where the values of an object stand; ``start`` is its brace; gives the place after it."""
    position = _blank(text, start + 1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        position = _blank(text, _blank(text, position) + 1)
        if text[position] == "{":
            end = _spans(text, position, f"{prefix}{key}.", found)
        else:
            end = _DECODER.raw_decode(text, position)[1]
        found[f"{prefix}{key}"] = (position, end)
        position = _blank(text, end)
        if text[position] == ",":
            position = _blank(text, position + 1)
    return position + 1


def _blank(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return found.end() if found else position


class JSONParameters(ParameterSet):
    """Parameters of a ``.json`` file."""

    interface = 1

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """Read an object."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ParameterSyntaxError(source, error.msg, error.lineno, error.colno) from error
        except RecursionError as error:
            raise ParameterSyntaxError(source, "is nested too deeply") from error
        if not isinstance(values, dict):
            raise ParameterSyntaxError(source, f"holds a {type(values).__name__}, not an object of names and values", 1)
        return cls(values, source)

    def dump(self) -> str:
        """Indented, in the same order."""
        return json.dumps(self._values, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def scalar(cls, text: str) -> Any:
        """JSON where it is JSON (also ``nan`` and ``inf``), else the text itself."""
        if text in _FLOATS:
            return _FLOATS[text]
        try:
            return json.loads(text)
        except (json.JSONDecodeError, RecursionError):
            return text

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Only the values change; order, blanks and indentation stay."""
        found: dict[str, tuple[int, int]] = {}
        _spans(text, _blank(text, 0), "", found)
        return replace_spans(self, text, changes, found, lambda value: json.dumps(value, ensure_ascii=False))
