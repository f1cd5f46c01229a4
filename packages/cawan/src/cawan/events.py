"""What happened to a record, one immutable event at a time, in a form that every store keeps the same way.

:class:`Event` is the unit of every record store. Its canonical JSON is a file format for ever: sorted keys, no
blanks, UTF-8, floats by ``repr``, NaN and infinities as ``{"$float": "nan"}``.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

JSON: TypeAlias = Any
"""Null, true, false, numbers, text, lists and mappings with text keys; the recursive spelling would only add casts."""

KINDS = ("created", "launched", "captured", "finished", "lost", "amended", "deleted", "restored")

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def _plain(value: JSON) -> JSON:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(float(value))}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        # A user's own key that begins with "$" gets a second one, so that it never reads as our tag.
        return {f"${key}" if str(key).startswith("$") else str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"A record cannot hold {value!r}, of type {type(value).__name__}. "
                    "It holds None, booleans, numbers, text, lists and mappings: convert it first.")  # fmt: skip


def canonical(value: JSON) -> bytes:
    """The one JSON text of a value, as UTF-8 without a final newline."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # A file name that is not UTF-8 reaches us with lone surrogates; as \udcff they are valid JSON and come back.
    return text.encode("utf-8", "backslashreplace")


def _tagged(pairs: list[tuple[str, JSON]]) -> JSON:
    if len(pairs) == 1 and pairs[0][0] == "$float" and pairs[0][1] in _FLOATS:
        return _FLOATS[pairs[0][1]]
    return {key[1:] if key.startswith("$$") else key: value for key, value in pairs}


def restore(text: bytes | str) -> JSON:
    """The value of a canonical JSON text; :class:`ValueError` where it is not JSON."""
    return json.loads(text, object_pairs_hook=_tagged)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one record.

    Attributes
    ----------
    record
        The record's own identity, 26 characters made once by the core.
    kind
        One of :data:`KINDS`.
    clock
        Hybrid logical clock: 15 digits of milliseconds, a counter of 5, the writer, joined by "-"; compares as text.
    time
        When, by the writer's clock, with zone; for people. Order is by ``clock``.
    writer
        Who wrote it: user and host.
    body
        Plain data; the fields of a record, see ``docs/reference/notebook.md``.
    schema
        Version of the body; older ones are lifted when read, never rewritten.
    """

    record: str
    kind: str
    clock: str
    time: datetime
    writer: str
    body: Mapping[str, JSON] = field(default_factory=dict)
    schema: int = 1

    def document(self) -> dict[str, JSON]:
        """The event as plain JSON data."""
        time = self.time.astimezone(UTC).isoformat(timespec="microseconds")
        return {"record": self.record, "kind": self.kind, "clock": self.clock, "time": time, "writer": self.writer,
                "body": self.body, "schema": self.schema}  # fmt: skip

    @property
    def id(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal digits: two equal events are one."""
        return hashlib.sha256(canonical(self.document())).hexdigest()

    @classmethod
    def from_document(cls, data: Mapping[str, JSON]) -> Event:
        """The event that :meth:`document` described; :class:`ValueError` where a field is missing or misshapen."""
        try:
            when, schema = datetime.fromisoformat(data["time"]), int(data.get("schema", 1))
            record, kind, clock, writer = (str(data[name]) for name in ("record", "kind", "clock", "writer"))
            return cls(record, kind, clock, when, writer, dict(data["body"]), schema)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"This is not an event: {str(data)[:200]} ({error}).") from error
