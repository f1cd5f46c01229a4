"""Formats for programs: JSON with the keys of 0.8, and CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from cawan.parameters import flat

from sumatra.core import component
from sumatra.formatting.base import Formatter, fields, text_of


def record2dict(record: Any, with_timezones: bool = True) -> dict[str, Any]:
    """A record as a mapping, with the keys of 0.8."""
    from sumatra.recordstore import serialization

    return serialization.record2dict(record, with_timezones)


def record2json(record: Any, indent: int | None = None, with_timezones: bool = True) -> str:
    """A record as JSON, with the keys of 0.8."""
    from sumatra.recordstore import serialization

    return serialization.encode_record(record, indent, with_timezones)


@component
class JSONFormatter(Formatter):
    """A JSON list of records."""

    name = "json"

    def short(self, indent: int | None = 2) -> str:
        """The same as the long form."""
        return self.long(indent)

    def long(self, indent: int | None = 2) -> str:
        """All records with all their fields."""
        return "[" + ",\n".join(record2json(record, indent) for record in self.records) + "]"


@component
class CSVFormatter(Formatter):
    """Comma-separated values, a line for each record."""

    name = "csv"

    def short(self) -> str:
        """The same as the table."""
        return self.table()

    def long(self) -> str:
        """The same as the table."""
        return self.table()

    def table(self) -> str:
        """A column for each field, then one for each parameter."""
        values = []
        for record in self.records:
            known = record.parameters
            values.append(flat(dict(known.as_dict() if hasattr(known, "as_dict") else known or {})))
        names = list(dict.fromkeys(name for row in values for name in row))
        plain = [field for field in fields if field != "parameters"]
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*plain, *(f"parameters.{name}" for name in names)])
        for record, row in zip(self.records, values, strict=True):
            writer.writerow([*(text_of(record, field) for field in plain), *(row.get(name, "") for name in names)])
        return file.getvalue()
