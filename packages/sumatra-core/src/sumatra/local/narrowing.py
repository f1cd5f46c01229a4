"""Which rows of an index a filter can find at all, in SQL: a superset, which the filter itself then sifts.

Columns answer questions about themselves. Any other field is looked for as text in the record's canonical JSON, which
holds every value that equals, contains or begins with the asked one: SQLite searches it a hundred times faster than
Python parses it.
"""

from __future__ import annotations

from cawan.events import JSON, canonical
from cawan.queries import And, Filter, Or, Test

COLUMNS = {"record": "record", "label": "shown", "started": "started", "clock": "clock", "status": "status",
           "ended": "ended"}  # fmt: skip
"""By field, the column of the table of records that holds it, always as text."""
_COMPARED = {"eq": "=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
Condition = tuple[str, list[JSON]]
"""An SQL condition, of words of this module alone, and the values of its question marks."""
_ANY: Condition = ("1", [])


def narrowed(where: Filter | None) -> Condition:
    """A condition that every record fulfils which passes the filter, and as few others as can be had cheaply."""
    match where:
        case And(filters):
            return _joined(" AND ", [found for found in map(narrowed, filters) if found != _ANY], _ANY)
        case Or(filters):
            found = [narrowed(inner) for inner in filters]
            return _ANY if _ANY in found else _joined(" OR ", found, ("0", []))
        case Test(field, op, value):
            return _of_column(COLUMNS[field], op, value) if field in COLUMNS else _of_text(op, value)
    return _ANY


def _joined(word: str, conditions: list[Condition], none: Condition) -> Condition:
    if not conditions:
        return none
    return word.join(f"({sql})" for sql, _ in conditions), [value for _, values in conditions for value in values]


def _texts(op: str, value: JSON) -> list[str]:
    """The texts of which a record must have one, none where the filter asks for something else than text."""
    asked = list(value) if op == "in" and isinstance(value, (list, tuple)) else [value]
    texts = [item for item in asked if isinstance(item, str)]
    return texts if len(texts) == len(asked) else []


def _of_column(column: str, op: str, value: JSON) -> Condition:
    texts = _texts(op, value)
    if op == "in" and texts:
        return f"{column} IN ({', '.join('?' * len(texts))})", list(texts)
    return (f"{column} {_COMPARED[op]} ?", [value]) if op in _COMPARED and texts else _ANY


def _of_text(op: str, value: JSON) -> Condition:
    texts = _texts(op, value)
    if op not in ("eq", "in", "contains", "startswith") or not texts:
        return _ANY
    quoted = [canonical(text).decode("utf-8") for text in texts]
    if op == "contains":
        quoted = [text[1:-1] for text in quoted]
    if op == "startswith":
        quoted = [text[:-1] for text in quoted]
    return " OR ".join(["instr(document, ?)"] * len(quoted)), list(quoted)
