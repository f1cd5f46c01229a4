"""Changing values in a text without touching any other character, checked by reading the result back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from cawan.parameters import ParameterSet, ParameterSyntaxError

_log = logging.getLogger(__name__)
Spans = Mapping[str, tuple[int, int]]
"""Where the value of each dotted name stands in the text: first character, one past the last."""


def _alike(parameters: ParameterSet, text: str, name: str, span: tuple[int, int], value: Any) -> str:
    """The text with a new word in the quotes of the old one, or bare as that was; "" where that says something else."""
    start, end = span
    try:
        if not isinstance(value, str) or not isinstance(type(parameters).parse(text, parameters.source)[name], str):
            return ""
        quote = text[start] if text[start : start + 1] in ("'", '"') else ""
        result = f"{text[:start]}{quote}{value}{quote}{text[end:]}"
        return result if type(parameters).parse(result, parameters.source)[name] == value else ""
    except (ParameterSyntaxError, KeyError):
        return ""


def replace_spans(
    parameters: ParameterSet, text: str, changes: Mapping[str, Any], spans: Spans, write: Callable[[Any], str]
) -> str:
    """The text with new values at their places; written anew, which loses comments, only where that fails."""
    wanted = type(parameters).parse(text, parameters.source)
    for name, value in changes.items():
        wanted[name] = value
    result = text
    for name, (start, end) in sorted(spans.items(), key=lambda item: -item[1][0]):
        if name in changes:
            alike = _alike(parameters, result, name, (start, end), changes[name])
            result = alike or result[:start] + write(changes[name]) + result[end:]
    try:
        if set(changes) <= set(spans) and type(parameters).parse(result, parameters.source) == wanted:
            return result
    except ParameterSyntaxError as error:
        _log.debug("values cannot be replaced in place: %s", error)
    if "#" in text or ";" in text:
        _log.warning("%s is written anew with the changed values; its comments are not in the copy.", parameters.source)
    return wanted.dump()
