"""The ``.param`` format: a line ``name = value`` each, and comments after ``#``.

Values are Python literals (numbers, quoted text, lists, tuples, mappings, True, False, None), ``nan`` and ``inf``;
anything else is text as it stands. Nothing is evaluated.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.parameters._spans import replace_spans

_LINE = re.compile(r"\s*([^\W\d][\w.\[\]-]*)[ \t]*[=:][ \t]*")
# Text in quotes, a comment, or any other character: so that "#" inside quotes begins no comment.
_PIECE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?P<comment>\#)|.""", re.VERBOSE)
_FLOATS = {"nan": math.nan, "inf": math.inf, "+inf": math.inf, "-inf": -math.inf}
_LONGEST = 100_000  # characters of one value; a deeper or longer literal is data, not a parameter


def _value_end(line: str, start: int) -> int:
    for piece in _PIECE.finditer(line, start):
        if piece["comment"]:
            return start + len(line[start : piece.start()].rstrip())
    return start + len(line[start:].rstrip())


def _literal(text: str) -> Any:
    if text in _FLOATS:
        return _FLOATS[text]
    if len(text) > _LONGEST:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text
    return value if _is_plain(value) else text


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(_is_plain, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(_is_plain, value))
    return value is None or (isinstance(value, (bool, int, float, str)) and not (
        isinstance(value, float) and not math.isfinite(value)
    ))  # fmt: skip


def _written(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return repr(value)


class SimpleParameters(ParameterSet):
    """Parameters of a ``.param`` file."""

    interface = 1

    @staticmethod
    def _places(text: str, source: str) -> Iterator[tuple[str, int, int]]:
        position = 0
        for number, line in enumerate(text.splitlines(keepends=True), start=1):
            bare = line.rstrip("\r\n")
            if "\0" in bare:
                raise ParameterSyntaxError(source, "a NUL byte is no text", number, bare.index("\0") + 1)
            found = _LINE.match(bare)
            if found:
                yield found[1], position + found.end(), position + _value_end(bare, found.end())
            elif bare.strip() and not bare.lstrip().startswith("#"):
                raise ParameterSyntaxError(source, f"{bare.strip()[:60]!r} is not of the form name = value", number, 1)
            position += len(line)

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """Read lines ``name = value``."""
        return cls({name: _literal(text[start:end]) for name, start, end in cls._places(text, source)}, source)

    def dump(self) -> str:
        """A line each."""
        return "".join(f"{name} = {_written(value)}\n" for name, value in self._values.items())

    @classmethod
    def scalar(cls, text: str) -> Any:
        """A literal, or the text itself; "#" begins no comment here."""
        return _literal(text.strip())

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Only the values change, comments and blanks stay; new names come at the end."""
        known = {name for name, _, _ in self._places(text, self.source)}
        new = {name: value for name, value in changes.items() if name not in known}
        if new:
            text = text if text.endswith("\n") or not text else f"{text}\n"
            text += "".join(f"{name} = {_written(value)}\n" for name, value in new.items())
        spans = {name: (start, end) for name, start, end in self._places(text, self.source)}
        return replace_spans(self, text, changes, spans, _written)
