"""Questions as users type them (tags, ``tau_m=10.0``, a date, free text), as filters that every store understands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cawan.queries import And, Filter, Not, Or, Test

from sumatra.errors import UsageError

_OPERATORS = {"=": "eq", "==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "~": "contains"}
_WORD = re.compile(r"([\w.\-]+)\s*(==|!=|<=|>=|=|<|>|~)\s*(.+)", re.DOTALL)
_SHORT = {
    "tag": "tags", "script": "main_file", "program": "executable.name", "package": "dependencies.name",
    "input": "input_data.path", "output": "output_data.path", "user": "user", "label": "label", "status": "status",
    "version": "version", "reason": "reason", "outcome": "outcome", "machine": "platforms.network_name",
}  # fmt: skip
_KNOWN = {"duration", "exit_code", "signal", "started", "cpu_time", "peak_memory", *_SHORT.values()}
_TREES = ("parameters", "facts", "environment", "input_data", "output_data", "dependencies", "platforms", "executable")
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def typed(text: str) -> Any:
    """A number or a truth value where the text is one, else the text."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def with_tag(tag: str) -> Filter:
    """Records that have a tag; ``_finished_`` and its like are the status."""
    if len(tag) > 2 and tag[0] == tag[-1] == "_":
        return Or((Test("status", "eq", tag[1:-1]), Test("tags", "eq", tag)))
    return Test("tags", "eq", tag)


def _number_too(field: str, value: Any) -> Filter:
    """Equal as a number whichever kind it is: 10 is 10.0, and a text that looks like a number is that text too."""
    return Or((Test(field, "eq", value), Test(field, "eq", str(value)))) if not isinstance(value, str) else \
        Test(field, "eq", value)  # fmt: skip


def with_parameters(text: str) -> list[Filter]:
    """Records with these parameters: ``tau_m=10.0,n=4``."""
    filters: list[Filter] = []
    for part in text.split(","):
        name, sign, value = part.replace(":", "=", 1).partition("=")
        if not sign:
            raise UsageError(f"{part!r} is not of the form name=value, as in: smt list --parameters tau_m=10.0")
        filters.append(_number_too(f"parameters.{name.strip()}", typed(value.strip())))
    return filters


def on_date(text: str) -> Test:
    """Records of one day (UTC): ``YYYYMMDD`` or ``today``."""
    day = datetime.now(UTC).strftime("%Y%m%d") if text == "today" else text
    if not re.fullmatch(r"\d{8}", day):
        raise UsageError(f"{text!r} is not a date. Write it as YYYYMMDD, or today.")
    return Test("started", "startswith", f"{day[:4]}-{day[4:6]}-{day[6:]}")


def chosen(
    tags: Sequence[str], main_file: str | None = None, parameters: str | None = None, date: str | None = None
) -> Filter | None:
    """Records that have all of these; a label stands for its record."""
    filters: list[Filter] = [Or((with_tag(tag), Test("label", "eq", tag))) for tag in tags]
    if main_file:
        filters.append(Test("main_file", "startswith", main_file))
    filters += with_parameters(parameters) if parameters else []
    filters += [on_date(date)] if date else []
    return And(tuple(filters)) if filters else None


def search(words: Sequence[str]) -> tuple[Filter | None, str]:
    """The filter and the free text of ``smt search tau_m>10 tag:fig3 since:7d -status:failed words``."""
    filters: list[Filter] = []
    text: list[str] = []
    for word in words:
        negated, bare = word.startswith("-") and len(word) > 1, word.lstrip("-") if word.startswith("-") else word
        found = _condition(bare)
        if found is None:
            text.append(word)
        else:
            filters.append(Not(found) if negated else found)
    return (And(tuple(filters)) if filters else None), " ".join(text)


def _condition(word: str) -> Filter | None:
    name, colon, value = word.partition(":")
    if colon and name in ("since", "before"):
        return Test("started", "ge" if name == "since" else "lt", _when(value))
    if colon and name == "tag":
        return with_tag(value)
    if colon and name in _SHORT and value:
        return Test(_SHORT[name], "contains", value) if name != "status" else Test("status", "eq", value)
    found = _WORD.fullmatch(word)
    if not found:
        return None
    name, sign, value = found.groups()
    field = _SHORT.get(name, name)
    if field not in _KNOWN and field.partition(".")[0] not in _TREES:
        field = f"parameters.{name}"
    value = typed(value) if sign != "~" else value
    if sign in ("=", "=="):
        return _number_too(field, value)
    return Test(field, _OPERATORS[sign], value)


def _when(text: str) -> str:
    """A time: a date, or how long ago (``30m``, ``12h``, ``7d``, ``2w``)."""
    ago = re.fullmatch(r"(\d+)([mhdw])", text)
    if ago:
        stamp = datetime.now(UTC).timestamp() - int(ago[1]) * _SECONDS[ago[2]]
        return datetime.fromtimestamp(stamp, UTC).isoformat(timespec="microseconds")
    date = text.replace("-", "")
    if re.fullmatch(r"\d{8}", date):
        return f"{date[:4]}-{date[4:6]}-{date[6:]}"
    raise UsageError(f"{text!r} is no time. Write a date (2026-08-12) or how long ago (30m, 12h, 7d, 2w).")
