"""What a query means: which documents of fields it finds, in which order, in which pages."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cawan.events import JSON, canonical, restore
from cawan.queries import SUMMARY, And, Filter, Not, Or, Page, Query, QueryError, Row

EVERYTHING = frozenset({
    *SUMMARY, "user", "executable", "repository", "main_digest", "working_directory", "script_arguments", "parameters",
    "parameter_file", "input_data", "output_data", "changed_files", "launch_mode", "datastore", "environment",
    "process", "warnings", "sumatra_version", "platforms", "code", "observed", "dependencies", "facts", "interpreter",
    "stdout", "stderr", "cpu_time", "peak_memory", "begun", "repeats", "verdict", "lost_because", "launched", "diff",
    "input_datastore", "on_changed", "redacted", "stdin", "stdout_file", "static_dependencies", "sweep", "lock",
    "overwritten", "kept",
})  # fmt: skip
"""The name of every field that a record may have."""


def values(document: JSON, path: str) -> list[JSON]:
    """What a dotted field names in a document; a key that holds dots itself comes first."""
    if isinstance(document, (list, tuple)):
        return [value for item in document for value in values(item, path)]
    if not path or not isinstance(document, Mapping):
        return [] if path else [document]
    parts = path.split(".")
    keys = (".".join(parts[:cut]) for cut in range(len(parts), 0, -1))
    key = next((key for key in keys if key in document), None)
    return [] if key is None else values(document[key], path[len(key) + 1 :])


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b or (a != a and b != b),  # NaN is itself in a notebook
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
    "contains": lambda a, b: isinstance(a, str) and b in a,
    "startswith": lambda a, b: isinstance(a, str) and a.startswith(b),
}  # fmt: skip


def _compare(op: str, a: JSON, b: JSON) -> bool:
    kinds = {float if type(value) is int else type(value) for value in (a, b)}
    return len(kinds) == 1 and a is not None and _COMPARE[op](a, b)


def matches(where: Filter | None, document: Row) -> bool:
    """Does a record, as a document of fields, pass the filter?"""
    match where:
        case None:
            return True
        case And(filters):
            return all(matches(inner, document) for inner in filters)
        case Or(filters):
            return any(matches(inner, document) for inner in filters)
        case Not(inner):
            return not matches(inner, document)
    found, value = values(document, where.field), where.value
    if where.op == "exists":
        return bool(found) == bool(value)
    if where.op in ("ne", "in"):
        choices = value if where.op == "in" else [value]
        return any(_compare("eq", v, w) for v in found for w in choices) == (where.op == "in")
    return any(_compare(where.op, v, value) for v in found)


def _key(document: Row, field: str) -> list[JSON]:
    """Where a record comes in the order of a field: numbers before text, what has neither before both."""
    value = next(iter(values(document, field)), None)
    number = isinstance(value, (bool, int, float)) and value == value
    rank = 1 if number else 2 if isinstance(value, str) else 0
    return [rank, value if rank else 0, str(document["record"])]


def select(documents: Iterable[Row], query: Query) -> Page:
    """Filter, order and cut documents of fields: what every store's ``find`` must agree with."""
    text, descending = query.text.casefold(), query.order.startswith("-")
    found = [(_key(document, query.order.lstrip("-")), document) for document in documents
             if matches(query.where, document) and text in canonical(document).decode().casefold()]  # fmt: skip
    found.sort(key=lambda pair: pair[0], reverse=descending)
    total = len(found) if query.count else None
    if query.after:
        try:
            after = operator.lt if descending else operator.gt
            found = [pair for pair in found if after(pair[0], restore(query.after))]
        except (TypeError, ValueError) as error:
            raise QueryError(f"{query.after!r} is not the end of a page. Use what Page.next gave.") from error
    page = found if query.limit is None else found[: query.limit]
    rows = tuple({name: document[name] for name in query.fields if name in document} for _, document in page)
    return Page(rows, canonical(page[-1][0]).decode() if page and len(page) < len(found) else "", total)
