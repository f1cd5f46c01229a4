"""YAML parameter files, read by PyYAML's safe loader: plain data only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Self

import yaml
from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.parameters._spans import replace_spans

# YAML 1.1 takes 1e-3 for text, which no scientist means.
_FLOAT = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)[eE][-+]?\d+")
_BREAKS = re.compile("[\x85\u2028\u2029]")


def _spans(node: yaml.Node | None, prefix: str = "") -> Iterator[tuple[str, tuple[int, int]]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{prefix}{key.value}"
            if isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">"):
                yield name, (value.start_mark.index, value.end_mark.index)
            yield from _spans(value, f"{name}.")


def _dumped(value: Any, *, flow: bool) -> str:
    text = str(yaml.safe_dump(value, default_flow_style=flow, sort_keys=False, width=2**20, allow_unicode=True))
    if _BREAKS.search(text):  # PyYAML writes these as they are and reads them as the end of a line
        text = str(yaml.safe_dump(value, default_flow_style=flow, sort_keys=False, width=2**20))
    return text


def _written(value: Any) -> str:
    return _dumped(value, flow=True).removesuffix("...\n").strip()


def _check(value: Any, source: str) -> Any:
    """Mappings with text keys all the way down; a number as a key is its text, as on a command line."""
    if isinstance(value, dict):
        return {str(key): _check(item, source) for key, item in value.items()}
    if isinstance(value, list):
        return [_check(item, source) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ParameterSyntaxError(source, f"a value of type {type(value).__name__} is no parameter")


class YAMLParameters(ParameterSet):
    """Parameters of a ``.yaml`` file."""

    interface = 1

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """Read a mapping, in safe mode."""
        try:
            values = yaml.safe_load(text)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            raise ParameterSyntaxError(source, error.problem or "not YAML", line, column) from error
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            raise ParameterSyntaxError(source, f"not YAML: {error}") from error
        if not isinstance(values, dict | None):
            raise ParameterSyntaxError(source, f"holds a {type(values).__name__}, not a mapping of names to values", 1)
        return cls(_check(values or {}, source), source)

    def dump(self) -> str:
        """Block style, in the same order."""
        return _dumped(self._values, flow=False)

    @classmethod
    def scalar(cls, text: str) -> Any:
        """By YAML's rules, except that 1e-3 is a number."""
        return float(text) if _FLOAT.fullmatch(text.strip()) else cls.parse(f"value: {text}", "the value")["value"]

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Only the values change, where they stand on one line."""
        return replace_spans(self, text, changes, dict(_spans(yaml.compose(text, yaml.SafeLoader))), _written)
