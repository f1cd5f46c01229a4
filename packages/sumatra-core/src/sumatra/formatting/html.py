"""HTML: a list, definitions, or a table; everything that a record says is escaped."""

from __future__ import annotations

from html import escape

from sumatra.core import component
from sumatra.formatting.base import Formatter, fields, text_of


@component
class HTMLFormatter(Formatter):
    """Pieces of HTML."""

    name = "html"

    def short(self) -> str:
        """A list of labels."""
        items = "\n".join(f"<li>{escape(str(record.label))}</li>" for record in self.records)
        return f"<ul>\n{items}\n</ul>"

    def long(self) -> str:
        """A definition list of records, in which each is a definition list of its fields."""
        blocks = []
        for record in self.records:
            rows = "\n".join(
                f"<dt>{field.title()}</dt><dd>{escape(text_of(record, field))}</dd>" for field in fields[1:]
            )
            blocks.append(f"<dt>{escape(str(record.label))}</dt>\n<dd><dl>\n{rows}\n</dl></dd>")
        return "<dl>\n" + "\n".join(blocks) + "\n</dl>"

    def table(self) -> str:
        """A row for each record."""
        head = "".join(f"<th>{field.title()}</th>" for field in fields)
        rows = "\n".join(
            "<tr>" + "".join(f"<td>{escape(text_of(record, field))}</td>" for field in fields) + "</tr>"
            for record in self.records
        )
        return f"<table>\n<tr>{head}</tr>\n{rows}\n</table>"
