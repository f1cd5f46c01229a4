"""``smt list``, ``search``, ``view``, ``show`` and ``diff``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from sumatra.cli.options import LABEL, TAG, check_patterns, current_project
from sumatra.cli.printing import FORMATS, chosen_mode, formatted, plain_json, print_json, print_records
from sumatra.notebook import Notebook

F = TypeVar("F", bound=Callable[..., Any])


def listing_options(command: F) -> F:
    """How a list is printed."""
    options = [
        click.option("-l", "--long", "long", is_flag=True, help="Show everything about each record."),
        click.option("-T", "--table", is_flag=True, help="A line for each record, in columns."),
        click.option("-O", "--output_table", is_flag=True, help="A line for each output file."),
        click.option("-P", "--parameter_table", is_flag=True, help="A line for each record, a column for each "
                                                                   "parameter."),
        click.option("-f", "--format", "form", metavar="FMT", default="text",
                     help=f"How to print: {', '.join(FORMATS)}, or of a plug-in."),
        click.option("--json", "as_json", is_flag=True, help="One JSON document, with every field."),
        click.option("-r", "--reverse", is_flag=True, help="The oldest first."),
        click.option("-n", "--limit", type=int, metavar="N", help="At most so many."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def _print(project: Notebook, where: Any, text: str, options: dict[str, Any]) -> int:
    mode = chosen_mode(options["long"], options["table"], options["output_table"], options["parameter_table"])
    oldest_first = options["reverse"] or options["form"] == "shell"
    rows = print_records(project, where, text, mode=mode, form=options["form"], as_json=options["as_json"],
                         limit=options["limit"], oldest_first=oldest_first)  # fmt: skip
    return len(rows)


@click.command("list", short_help="List records, the latest first.")
@click.argument("tags", nargs=-1, type=TAG)
@click.option("-m", "--main_file", metavar="TEXT", help="Only of scripts whose name begins like this.")
@click.option("-p", "--parameters", metavar="NAME=VALUE,...", help="Only with these parameters.")
@click.option("-d", "--date", metavar="YYYYMMDD", help="Only of this day, or of: today.")
@listing_options
def list_command(tags: Sequence[str], main_file: str | None, parameters: str | None, date: str | None,
                 **options: Any) -> None:  # fmt: skip
    """List records that have all the TAGS; a label stands for its record."""
    from sumatra.asking import chosen

    where = chosen(tags, main_file, parameters, date)
    found = _print(current_project(), where, "", options)
    if tags and not found and not options["as_json"]:
        click.echo(f"No record has {' and '.join(map(repr, tags))} as its tag or label.", err=True)


@click.command(
    "search", short_help="Find records by what is in them.", context_settings={"ignore_unknown_options": True}
)
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
@listing_options
def search_command(words: Sequence[str], **options: Any) -> None:
    """Find records that fit all the WORDS.

    \b
    tau_m>10  tau_m=10.0  g!=4      a parameter; also duration>60, facts.pyNN.backend=NEST
    tag:fig3  status:failed         a tag, a status
    since:7d  before:2026-08-01     a time
    script:main  package:numpy  input:data.csv  output:raster  user:ada  machine:node12
    -tag:old                        not this one
    gourd                           anything else is looked for in the whole record
    """
    from sumatra.asking import search

    where, text = search(words)
    if not _print(current_project(), where, text, options) and not options["as_json"]:
        click.echo("No record fits.", err=True)


@click.command("view", short_help="Print a record, or its script.")
@click.argument("label", type=LABEL)
@click.option("-s", "--script", is_flag=True, help="Print the script as it ran.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def view_command(label: str, script: bool, as_json: bool) -> None:
    """Print the record LABEL, or its script."""
    project = current_project()
    record = project.get(label)
    row = {**record.document(), "label": project.resolve(label)}
    if script:
        from sumatra.laying import script_text

        click.echo(script_text(project, row), nl=False)
    elif as_json:
        print_json("view", [row])
    else:
        click.echo(formatted(project, [row], "text", "long"), nl=False)


@click.command("show", short_help="Print everything about records, for people.")
@click.argument("labels", nargs=-1, type=LABEL)
@click.option("-c", "--console", is_flag=True, help="Print what the program printed.")
@click.option("-d", "--diff", "changes", is_flag=True, help="Print the changes that were in no version.")
@click.option("--lock", is_flag=True, help="Print what was installed, as pip install -r reads it.")
@click.option("--history", is_flag=True, help="Print what happened to the record, and who did it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def show_command(
    labels: Sequence[str], console: bool, changes: bool, lock: bool, history: bool, as_json: bool
) -> None:
    """Print everything about the records LABELS, or about the latest one."""
    from sumatra.report import format_long
    from sumatra.showing import changes_text, console_bytes

    project = current_project()
    records = [(project.resolve(label), project.get(label)) for label in labels or ("",)]
    rows = [{**record.document(), "label": label} for label, record in records]
    if as_json:
        print_json("show", rows)
        return
    for row in rows:
        if console:
            for stream in ("stdout", "stderr"):
                click.echo(console_bytes(project.store, project.name, row, stream), nl=False, err=stream == "stderr")
        elif changes:
            click.echo(changes_text(project.store, project.name, row), nl=False)
        elif lock:
            click.echo(console_bytes(project.store, project.name, row, "lock"), nl=False)
        elif history:
            _history(project, row)
        else:
            click.echo(format_long([row]), nl=False)


def _history(project: Notebook, row: dict[str, Any]) -> None:
    for _, event in project.store.read(project.name, record=row["record"]):
        what = plain_json(event.body) if event.kind == "amended" else ""
        click.echo(f"{event.time.isoformat(timespec='seconds')}  {event.kind:<9} {event.writer}  {what}".rstrip())


@click.command("diff", short_help="Say how two records differ.")
@click.argument("label1", type=LABEL)
@click.argument("label2", type=LABEL)
@click.option("-i", "--ignore", multiple=True, metavar="REGEX", help="Output files that do not count.")
@click.option("-l", "--long", "long", is_flag=True, help="Say what differs, not only where.")
@click.option("-t", "--tolerance", metavar="X", help="Numbers in output files may differ by this fraction.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def diff_command(ctx: click.Context, label1: str, label2: str, ignore: tuple[str, ...], long: bool,
                 tolerance: str | None, as_json: bool) -> None:  # fmt: skip
    """Say how the records LABEL1 and LABEL2 differ; the exit code is 1 if they do."""
    from dataclasses import asdict

    from sumatra.comparing import compare
    from sumatra.tolerating import tolerance_of, tolerated

    check_patterns(ignore)
    allowed = tolerance_of(tolerance)
    project = current_project()
    rows = [{**project.get(label).document(), "label": project.resolve(label)} for label in (label1, label2)]
    aspects = compare(rows[0], rows[1], ignore=ignore)
    if allowed is not None:
        aspects = tolerated(project, rows[0], rows[1], aspects, allowed)
    if as_json:
        print_json("diff", [asdict(aspect) for aspect in aspects])
    else:
        for aspect in aspects:
            click.echo(f"{aspect.name:<13} {aspect.result}")
            for line in aspect.differences if long else ():
                click.echo(f"{'':<13} {line}")
    if long and not as_json:
        from sumatra.showing import side_by_side

        click.echo(side_by_side(project, rows[0], rows[1]), nl=False)
    ctx.exit(int(any(aspect.result == "differs" for aspect in aspects)))
