"""``smt list`` and ``smt diff``."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click
from cawan.queries import SUMMARY, And, Filter, Or, Query, Row, Test
from cawan.records import SupportsHeartbeat

from sumatra.cli.options import check_patterns, current_project
from sumatra.errors import UsageError
from sumatra.notebook import Notebook

EVERYTHING = frozenset({
    *SUMMARY, "user", "executable", "repository", "main_digest", "working_directory", "script_arguments", "parameters",
    "parameter_file", "input_data", "output_data", "changed_files", "launch_mode", "datastore", "environment",
    "process", "warnings", "sumatra_version", "platforms", "code", "observed", "dependencies", "facts", "interpreter",
    "stdout", "stderr", "cpu_time", "peak_memory", "begun", "repeats", "verdict", "lost_because", "launched",
})  # fmt: skip


def _typed(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return {"true": True, "false": False}.get(text.lower(), text)


def _parameters(text: str) -> list[Filter]:
    filters: list[Filter] = []
    for part in text.split(","):
        name, sign, value = part.replace(":", "=", 1).partition("=")
        if not sign:
            raise UsageError(f"{part!r} is not of the form name=value, as in: smt list --parameters tau_m=10.0")
        filters.append(Test(f"parameters.{name.strip()}", "eq", _typed(value.strip())))
    return filters


def _date(text: str) -> Test:
    day = datetime.now(UTC).strftime("%Y%m%d") if text == "today" else text
    if not re.fullmatch(r"\d{8}", day):
        raise UsageError(f"{text!r} is not a date. Write it as YYYYMMDD, or today.")
    return Test("started", "startswith", f"{day[:4]}-{day[4:6]}-{day[6:]}")


@click.command("list", short_help="List records, the latest first.")
@click.argument("tags", nargs=-1)
@click.option("-l", "--long", "long", is_flag=True, help="Show everything about each record.")
@click.option("-r", "--reverse", is_flag=True, help="The oldest first.")
@click.option("-m", "--main_file", metavar="TEXT", help="Only of scripts whose name begins like this.")
@click.option("-p", "--parameters", metavar="NAME=VALUE,...", help="Only with these parameters.")
@click.option("-d", "--date", metavar="YYYYMMDD", help="Only of this day, or of: today.")
@click.option("-n", "--limit", type=int, metavar="N", help="At most so many.")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")
@click.option("--json", "as_json", is_flag=True, help="The same as: --format json")
def list_command(tags: Sequence[str], long: bool, reverse: bool, main_file: str | None, parameters: str | None,
                 date: str | None, limit: int | None, form: str, as_json: bool) -> None:  # fmt: skip
    """List records that have all the TAGS; a label stands for its record."""
    filters: list[Filter] = [Or((Test("tags", "eq", tag), Test("label", "eq", tag))) for tag in tags]
    if main_file:
        filters.append(Test("main_file", "startswith", main_file))
    if parameters:
        filters += _parameters(parameters)
    if date:
        filters.append(_date(date))
    project = current_project()
    as_json = as_json or form == "json"
    fields = EVERYTHING if long or as_json else SUMMARY
    where = And(tuple(filters)) if filters else None
    rows = project.find(where, limit=limit, oldest_first=reverse, fields=fields)
    click.echo(_json(rows) if as_json else _text(rows, long), nl=False)
    if not as_json:
        _silent(project, rows)
        if tags and not rows:
            click.echo(f"No record has {' and '.join(map(repr, tags))} as its tag or label.", err=True)


def _json(rows: Sequence[Row]) -> str:
    from cawan.events import canonical, restore

    # Strict JSON: NaN and infinities stay tagged, as they are in the store.
    items = [json.loads(canonical(row)) for row in rows if restore(canonical(row)) is not None]
    return json.dumps({"schema": "smt.list/1", "items": items}, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _text(rows: Sequence[Row], long: bool) -> str:
    from sumatra.formatting.text import format_long, format_short

    return format_long(rows) if long else format_short(rows)


def _silent(project: Notebook, rows: Sequence[Row]) -> None:
    """Say which runs have not been heard of; that they are lost nobody can say from here."""
    store = project.store
    for row in rows:
        if row.get("status") != "running" or not isinstance(store, SupportsHeartbeat):
            continue
        beat = store.last_beat(project.name, row["record"])
        silent = (datetime.now(UTC) - beat).total_seconds() if beat else 0.0
        if silent > 60:
            click.echo(f"{row['label']}: silent for {silent / 60:.0f} min", err=True)


@click.command("diff", short_help="Say how two records differ.")
@click.argument("label1")
@click.argument("label2")
@click.option("-i", "--ignore", multiple=True, metavar="REGEX", help="Output files that do not count.")
@click.option("-l", "--long", "long", is_flag=True, help="Say what differs, not only where.")
@click.pass_context
def diff_command(ctx: click.Context, label1: str, label2: str, ignore: tuple[str, ...], long: bool) -> None:
    """Say how the records LABEL1 and LABEL2 differ; the exit code is 1 if they do."""
    from sumatra.comparing import compare

    check_patterns(ignore)
    project = current_project()
    first, second = project.get(label1), project.get(label2)
    aspects = compare(first.document(), second.document(), ignore=ignore)
    for aspect in aspects:
        click.echo(f"{aspect.name:<13} {aspect.result}")
        for line in aspect.differences if long else ():
            click.echo(f"{'':<13} {line}")
    ctx.exit(int(any(aspect.result == "differs" for aspect in aspects)))


def whole(project: Notebook, label: str) -> Row:
    """Every field of one record."""
    query = Query(Test("label", "eq", project.resolve(label)), fields=EVERYTHING)
    return project.records.find(query).rows[0]
