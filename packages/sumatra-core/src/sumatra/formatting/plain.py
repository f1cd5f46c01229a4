"""Plain text: labels, blocks, and tables with columns of at most 20 characters."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from cawan.parameters import flat

from sumatra.core import component
from sumatra.formatting.base import Formatter, fields, text_of


class TextTable:
    """Rows in columns that are as wide as what is in them, up to a limit."""

    def __init__(self, headers: Sequence[str], rows: Sequence[Mapping[str, Any]], max_column_width: int = 20) -> None:
        self.headers, self.rows, self.max_column_width = list(headers), list(rows), max_column_width

    def calculate_column_widths(self) -> list[int]:
        """The width of each column."""
        return [
            min(self.max_column_width, max([len(header), *(len(self._cell(row, header)) for row in self.rows)]))
            for header in self.headers
        ]

    @staticmethod
    def _cell(row: Mapping[str, Any], header: str) -> str:
        return " ".join(str(row.get(header, "")).split())

    def __str__(self) -> str:
        widths = self.calculate_column_widths()
        lines = [self.headers, *([self._cell(row, header) for header in self.headers] for row in self.rows)]
        return "".join(
            "| " + " | ".join(cell[:width].ljust(width) for cell, width in zip(line, widths, strict=True)) + " |\n"
            for line in lines
        )


@component
class TextFormatter(Formatter):
    """Text for a terminal."""

    name = "text"

    def short(self) -> str:
        """A label on each line."""
        return "\n".join(str(record.label) for record in self.records)

    def long(self, text_width: int = 80, left_column_width: int = 17) -> str:
        """A block for each record, a line for each field."""
        return "".join(self._block(record, text_width, left_column_width) for record in self.records)

    def _block(self, record: Any, text_width: int, left: int) -> str:
        lines = ["-" * text_width]
        for name, text in (*((field.title(), text_of(record, field)) for field in fields), *self.more(record)):
            first, *rest = text.splitlines() or [""]
            lines += [f"{name:<{left}}: {first}", *(f"{'':<{left}}: {line}" for line in rest)]
        return "\n".join(lines) + "\n"

    def more(self, record: Any) -> Sequence[tuple[str, str]]:
        """Further lines of a block, where somebody has more to say."""
        found: Sequence[tuple[str, str]] = getattr(record, "more", ())
        return found

    def table(self) -> str:
        """A line for each record, a column for each field."""
        names = [field.title() for field in fields]
        return str(TextTable(names, [{field.title(): text_of(r, field) for field in fields} for r in self.records]))

    def output_table(self) -> str:
        """A line for each output file."""
        headers = ["output_from_record", "directory", "filename", "digest", "creation", "size", "mimetype"]
        rows = []
        for record in self.records:
            for key in record.output_data:
                about = getattr(key, "metadata", {})
                rows.append({
                    "output_from_record": record.label, "directory": os.path.dirname(key.path),
                    "filename": os.path.basename(key.path), "digest": key.digest, "creation": key.creation,
                    "size": about.get("size", ""), "mimetype": about.get("mimetype", ""),
                })  # fmt: skip
        return str(TextTable(headers, rows))

    def parameter_table(self) -> str:
        """A line for each record, a column for each parameter."""
        rows, names = [], {}
        for record in self.records:
            parameters = record.parameters
            values = flat(dict(parameters.as_dict() if hasattr(parameters, "as_dict") else parameters or {}))
            names.update(dict.fromkeys(values))
            rows.append({"label": record.label, "version": record.version, "main_file": record.main_file, **values})
        return str(TextTable(["label", "version", "main_file", *names], rows, 13))


def human_readable_duration(seconds: float) -> str:
    """A duration in days, hours, minutes and seconds: "1d 2h 3m 4.50s"."""
    text, rest = [], float(seconds)
    for letter, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        count, rest = divmod(rest, size)
        text += [f"{count:.0f}{letter}"] if count else []
    return " ".join([*text, f"{rest:.2f}s"] if rest or not text else text)
