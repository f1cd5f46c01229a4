"""The format of NeuroTools' ``ParameterSet``: a nested Python mapping, read as text and never evaluated.

``ParameterRange``, ``GammaDist`` and the like stay text as they are written: a range is a sweep and no value, and
nobody in the notebook draws random numbers. ``url(…)`` is refused, as it would fetch another file.
"""

from __future__ import annotations

import ast
import pprint
from typing import Any, Self

from cawan.parameters import ParameterSet, ParameterSyntaxError


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
        """A mapping, a line for each name."""
        return pprint.pformat(self._values, sort_dicts=False) + "\n"

    @classmethod
    def scalar(cls, text: str) -> Any:
        """A literal, or the text itself."""
        try:
            return ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            return text


def _value(node: ast.expr, text: str, source: str) -> Any:
    if isinstance(node, ast.Dict):
        found: dict[str, Any] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                raise ParameterSyntaxError(source, "a name must be quoted text", node.lineno, node.col_offset + 1)
            found[key.value] = _value(value, text, source)
        return found
    if isinstance(node, ast.Call):
        written = ast.get_source_segment(text, node) or ""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name == "url":
            raise ParameterSyntaxError(
                source, f"{written!r} names another file, which is not fetched. Put its content here",
                node.lineno, node.col_offset + 1,
            )  # fmt: skip
        if name == "ParameterSet" and len(node.args) == 1:
            return _value(node.args[0], text, source)
        return written
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        written = ast.get_source_segment(text, node) or ""
        reason = f"{written[:60]!r} is no literal value"
        raise ParameterSyntaxError(source, reason, node.lineno, node.col_offset + 1) from error
