"""How commands print records: short and fast, in a format of ``sumatra.formatting``, or as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
from cawan.errors import CawanError
from cawan.queries import And, Filter, Query, Row, Test
from cawan.records import SupportsHeartbeat

from sumatra.errors import CannotWriteError, UsageError
from sumatra.notebook import Notebook
from sumatra.querying import EVERYTHING

FORMATS = ("text", "html", "latex", "shell", "json", "csv")


def plain_json(value: Any) -> Any:
    """Strict JSON: NaN and infinities stay tagged, as they are in the store."""
    from cawan.events import canonical

    return json.loads(canonical(value))


@contextmanager
def writing_to(place: str) -> Iterator[None]:
    """Say of a refusal of the disk that it was this place, which the user named."""
    try:
        yield
    except CawanError:
        raise
    except OSError as error:
        raise CannotWriteError(place, error) from error


def print_json(schema: str, items: Any, **more: Any) -> None:
    """One document with its schema, keys in order."""
    document = {"schema": f"smt.{schema}/1", "items": [plain_json(item) for item in items], **more}
    click.echo(json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False))


def print_records(
    project: Notebook, where: Filter | None, text: str, *, mode: str, form: str, as_json: bool, limit: int | None,
    oldest_first: bool,
) -> list[Row]:  # fmt: skip
    """Find records and print them; gives their rows."""
    simple = form == "text" and mode == "short" and not as_json
    fields = frozenset({"record", "label"}) if simple else EVERYTHING
    order = "record" if oldest_first else "-record"
    rows = list(project.records.find(Query(where, text=text, order=order, limit=limit, fields=fields)).rows)
    if as_json:
        print_json("list", rows)
    elif simple:
        click.echo("".join(f"{row['label']}\n" for row in rows), nl=False)
        _silent(project)
    elif rows or form != "text":
        click.echo(formatted(project, rows, form, mode), nl=False)
    return rows


def formatted(project: Notebook, rows: Sequence[Row], form: str, mode: str) -> str:
    """Records in a format and a mode of ``sumatra.formatting``."""
    from sumatra.formatting import get_formatter
    from sumatra.recordstore import EventRecordStore

    if form == "latex":
        mode = "long"
    store = EventRecordStore(project.store_uri)
    records = [store.made(project.name, row) for row in rows]
    if form == "text" and mode == "long":
        from sumatra.report import further

        for record, row in zip(records, rows, strict=True):
            record.more = further(row)
    text = get_formatter(form)(records, project=project).format(mode)
    return text if text.endswith("\n") else f"{text}\n" * bool(text)


def _silent(project: Notebook) -> None:
    """Say which runs have not been heard of; that they are lost nobody can say from here."""
    store = project.store
    beating = store.beating() if hasattr(store, "beating") else []
    if not beating or not isinstance(store, SupportsHeartbeat):
        return
    asked = And((Test("record", "in", beating), Test("status", "eq", "running")))
    for row in project.find(asked):
        beat = store.last_beat(project.name, row["record"])
        silent = (datetime.now(UTC) - beat).total_seconds() if beat else 0.0
        if silent > 60:
            click.echo(f"{row['label']}: silent for {silent / 60:.0f} min", err=True)


def chosen_mode(long: bool, table: bool, output_table: bool, parameter_table: bool) -> str:
    """The mode that the options name; the last of them wins no argument: only one may be given."""
    names = [name for name, asked in (("long", long), ("table", table), ("output_table", output_table),
                                      ("parameter_table", parameter_table)) if asked]  # fmt: skip
    if len(names) > 1:
        raise UsageError(f"A list has one form, not {' and '.join(names)}. Choose one of them.")
    return names[0] if names else "short"
