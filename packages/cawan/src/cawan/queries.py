"""Questions to a record store, as plain data: a filter tree, an order, and pages by the key of the last row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from cawan.errors import CawanError, listing, suggestion
from cawan.events import JSON
from cawan.fast_dataclasses import dataclass

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "contains", "startswith", "in", "exists")
Row: TypeAlias = Mapping[str, JSON]
"""The asked fields of one record."""

SUMMARY = frozenset(
    ("record", "label", "status", "started", "clock", "duration", "reason", "outcome", "tags", "main_file", "version",
     "exit_code", "signal", "ended", "output_folder")
)  # fmt: skip


class QueryError(CawanError, ValueError):
    """A question that no store understands."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Test:
    """One field compared with one value.

    ``field`` goes into mappings and lists by dots: ``parameters.tau_m``, ``output_data.digest``. Where it meets a
    list, one element that fits is enough (``ne``: none may be equal). Values of different types are never equal,
    smaller or greater.
    """

    field: str
    op: str
    value: JSON = True

    def __post_init__(self) -> None:
        if self.op not in OPERATORS:
            known = f"There are: {listing(OPERATORS)}.{suggestion(self.op, OPERATORS)}"
            raise QueryError(f"No filter compares with {self.op!r}. {known}")


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none, true."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them; of none, false."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    filter: Filter


Filter: TypeAlias = And | Or | Not | Test


@dataclass(frozen=True, slots=True)
class Query:
    """What to find: ``text`` is looked for in the whole record, without regard to case.

    ``order`` is a field, with "-" for the greatest first; ``after`` is ``Page.next`` of the page before.
    """

    where: Filter | None = None
    text: str = ""
    order: str = "-started"
    limit: int | None = None
    after: str = ""
    fields: frozenset[str] = SUMMARY
    count: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the asked order; ``next`` is "" where these were the last; ``total`` is counted only on request."""

    rows: tuple[Row, ...]
    next: str = ""
    total: int | None = None
