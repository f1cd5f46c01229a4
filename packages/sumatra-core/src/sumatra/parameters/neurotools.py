"""The format of NeuroTools' ``ParameterSet``: a nested Python mapping, read as text and never evaluated.

``ParameterRange``, ``GammaDist`` and the like stay text as they are written: a range is a sweep and no value, and
nobody in the notebook draws random numbers. ``url(…)`` is refused, as it would fetch another file.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from typing import Any, Self

from cawan.parameters import ParameterSet, ParameterSyntaxError

from sumatra.parameters._spans import replace_spans

_FLOATS = {"nan": math.nan, "inf": math.inf}
_JSON = {"true": True, "false": False, "null": None}  # JSON is read too


class NTParameters(ParameterSet):
    """Parameters of a ``.ntparameterset`` file."""

    interface = 1

    @classmethod
    def parse(cls, text: str, source: str = "<text>") -> Self:
        """Read a mapping ``{'name': value, …}``; mappings inside are sections."""
        try:
            tree = ast.parse(text.strip(), source, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 0
            raise ParameterSyntaxError(source, f"it is no mapping {{'name': value}}: {error}", line) from error
        if not isinstance(tree.body, ast.Dict):
            raise ParameterSyntaxError(source, "it does not begin with '{'", 1, 1)
        return cls(_value(tree.body, text.strip(), source), source)

    def dump(self) -> str:
        """A mapping."""
        return _written(self._values) + "\n"

    def replace(self, text: str, changes: Mapping[str, Any]) -> str:
        """Only the values change, comments and blanks stay."""
        try:
            tree = ast.parse(text, self.source, mode="eval")
        except SyntaxError:  # it was indented, or is no text of ours
            return super().replace(text, changes)
        return replace_spans(self, text, changes, dict(_places(tree.body, text)), _written)

    @classmethod
    def scalar(cls, text: str) -> Any:
        """A literal, or the text itself."""
        bare = text.strip()
        if bare.lstrip("+-") in _FLOATS:
            return float(bare)
        try:
            return ast.literal_eval(bare)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return text


def _written(value: Any) -> str:
    """A literal."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(_written, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' * (len(value) == 1)})"
    return str(value) if isinstance(value, float) and not math.isfinite(value) else repr(value)


def _places(node: ast.expr, text: str, prefix: str = "") -> Iterator[tuple[str, tuple[int, int]]]:
    """Where the value of each dotted name stands."""
    lines = text.splitlines(keepends=True)

    def place(line: int, column: int) -> int:
        # The parser counts bytes of UTF-8, we count characters.
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    for key, value in zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            name = f"{prefix}{key.value}"
            end = place(value.end_lineno or value.lineno, value.end_col_offset or value.col_offset)
            yield name, (place(value.lineno, value.col_offset), end)
            yield from _places(value, text, f"{name}.")


def _called(node: ast.Call, text: str, source: str) -> Any:
    """What stands for a call: the parameters of ``ParameterSet({…})``, the text of anything else."""
    written = ast.get_source_segment(text, node) or ""
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name == "url":
        reason = f"{written!r} names another file, which is not fetched. Put its content here"
        raise ParameterSyntaxError(source, reason, node.lineno, node.col_offset + 1)
    if name == "ParameterSet" and len(node.args) == 1:
        return _value(node.args[0], text, source)
    return written


def _section(node: ast.Dict, text: str, source: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise ParameterSyntaxError(source, "a name must be quoted text", node.lineno, node.col_offset + 1)
        found[key.value] = _value(value, text, source)
    return found


def _value(node: ast.expr, text: str, source: str) -> Any:
    if isinstance(node, ast.Dict):
        return _section(node, text, source)
    sign = -1.0 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1.0
    bare = node.operand if isinstance(node, ast.UnaryOp) else node
    if isinstance(bare, ast.Name) and bare.id in _FLOATS:
        return sign * _FLOATS[bare.id]
    if isinstance(node, (ast.List, ast.Tuple)):
        items = [_value(item, text, source) for item in node.elts]
        return items if isinstance(node, ast.List) else tuple(items)
    if isinstance(node, ast.Call):
        return _called(node, text, source)
    if isinstance(node, ast.Name) and node.id in _JSON:
        return _JSON[node.id]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        written = ast.get_source_segment(text, node) or ""
        reason = f"{written[:60]!r} is no literal value"
        raise ParameterSyntaxError(source, reason, node.lineno, node.col_offset + 1) from error
