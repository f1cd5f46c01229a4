"""TOML parameter files: read by the standard library, written here."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Self

from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.parameters._spans import replace_spans

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)")
_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_.-]+)\s*\]\s*(?:#.*)?")
_LINE = re.compile(r"""\s*([A-Za-z0-9_.-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^\s#"'\[{][^#"'\[{]*?)\s*(?:\#.*)?""",
                   re.VERBOSE)  # fmt: skip


def _spans(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where the values stand that are alone on their line."""
    table, position = "", 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        if heading := _TABLE.fullmatch(bare):
            table = f"{heading[1]}."
        elif found := _LINE.fullmatch(bare):
            yield f"{table}{found[1]}", (position + found.start(2), position + found.end(2))
        position += len(line)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    # JSON's escapes are TOML's, but TOML also wants DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)} = {_written(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    raise ValueError(f"TOML has no way to write {value!r}.")


def _tables(values: Mapping[str, Any], path: str = "") -> Iterator[str]:
    plain = {name: value for name, value in values.items() if not isinstance(value, Mapping)}
    if path and (plain or not values):
        yield f"\n[{path}]\n"
    for name, value in plain.items():
        yield f"{_key(name)} = {_written(value)}\n"
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _tables(value, f"{path}.{_key(name)}" if path else _key(name))


class TOMLParameters(ParameterSet):
    """Parameters of a ``.toml`` file."""

    interface = 1

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """Read TOML 1.0."""
        try:
            return cls(tomllib.loads(text), source)
        except tomllib.TOMLDecodeError as error:
            place = _PLACE.search(str(error))
            line, column = (int(place[1]), int(place[2])) if place else (0, 0)
            raise ParameterSyntaxError(source, _PLACE.sub("", str(error)), line, column) from error
        except (RecursionError, ValueError) as error:
            raise ParameterSyntaxError(source, f"not TOML: {error}") from error

    def dump(self) -> str:
        """Tables in the same order, values before tables."""
        return "".join(_tables(self._values)).lstrip("\n")

    @classmethod
    def scalar(cls, text: str) -> Any:
        """TOML where it is TOML, else the text itself."""
        try:
            return tomllib.loads(f"value = {text}")["value"] if "\n" not in text else text
        except (tomllib.TOMLDecodeError, KeyError, RecursionError):
            return text

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Only the values change, where they stand on one line."""
        return replace_spans(self, text, changes, dict(_spans(text)), _written)
