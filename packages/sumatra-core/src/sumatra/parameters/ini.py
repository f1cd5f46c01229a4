"""INI parameter files: sections of text values, ``section.option`` on the command line."""

from __future__ import annotations

import configparser
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Self

from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.parameters._spans import replace_spans

_SECTION = re.compile(r"\[(.+)\]")
_LINE = re.compile(r"([^\s#;=:\[][^=:]*?)\s*[=:]\s*(.*?)\s*")


def _parser() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=True, default_section="", empty_lines_in_values=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    return parser


def _spans(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    section, position = "", 0
    for line in text.splitlines(keepends=True):
        bare = line.rstrip("\r\n")
        if heading := _SECTION.match(bare):
            section = f"{heading[1]}."
        elif found := _LINE.fullmatch(bare):
            yield f"{section}{found[1]}", (position + found.start(2), position + found.end(2))
        position += len(line)


class ConfigParameters(ParameterSet):
    """Parameters of an ``.ini`` or ``.cfg`` file; every value is text, as the format has no types."""

    interface = 1

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """Read sections."""
        parser = _parser()
        try:
            parser.read_string(text, source)
        except configparser.Error as error:
            line = getattr(error, "lineno", 0) or next((n for n, _ in getattr(error, "errors", [])), 0)
            raise ParameterSyntaxError(source, error.message.splitlines()[0], line) from error
        return cls({section: dict(parser[section]) for section in parser.sections()}, source)

    def dump(self) -> str:
        """Sections in the same order."""
        parser = _parser()
        parser.read_dict(self._values)
        file = io.StringIO()
        parser.write(file)
        return file.getvalue()

    @classmethod
    def scalar(cls, text: str) -> Any:
        """The text itself."""
        return text

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Only the values change."""
        return replace_spans(self, text, changes, dict(_spans(text)), str)
