"""``smt verify``, ``fsck``, ``whence``, ``open``, ``collect`` and ``pack``: trust, and finding back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from sumatra.cli.options import LABEL, current_project
from sumatra.cli.printing import print_json, writing_to
from sumatra.notebook import open_notebook


@click.command("verify", short_help="Hash again everything that records point to.")
@click.argument("labels", nargs=-1, type=LABEL)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def verify_command(ctx: click.Context, labels: tuple[str, ...], as_json: bool) -> None:
    """Hash again the files, the console text and the changed code of the records LABELS, or of all.

    The exit code is 1 if anything is gone or another than recorded.
    """
    from sumatra.verifying import verify

    findings, files, records = verify(current_project(), labels)
    if as_json:
        print_json("verify", [finding._asdict() for finding in findings], files=files, records=records)
    else:
        for finding in findings:
            click.echo(f"{finding.label}: {finding.path}: {finding.what}")
        click.echo(f"{files} files of {records} records checked, {len(findings) or 'nothing'} wrong.")
    ctx.exit(int(bool(findings)))


@click.command("fsck", short_help="Check the record store itself.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def fsck_command(ctx: click.Context, as_json: bool) -> None:
    """Read every event, claim and stored content of the record store, and make its index anew where it is wrong.

    The exit code is 65 if something is damaged.
    """
    from sumatra.verifying import check_store

    damage = check_store(open_notebook())
    if as_json:
        print_json("fsck", [{"what": line} for line in damage])
    else:
        click.echo("".join(f"{line}\n" for line in damage) or "The record store is sound.\n", nl=False)
    ctx.exit(65 if damage else 0)


@click.command("whence", short_help="Say which run made a file.")
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def whence_command(ctx: click.Context, file: str, as_json: bool) -> None:
    """Say which run made FILE, also where it was renamed, copied or mailed; and which runs read it."""
    from sumatra.finding import whence

    found = whence(current_project(), Path(file))
    if as_json:
        print_json("whence", found)
    else:
        click.echo("".join(f"{row['text']}\n" for row in found) or f"No record knows {file!r}.\n", nl=False)
    ctx.exit(0 if found else 66)


@click.command("open", short_help="Lay out the code of a record in a folder.")
@click.argument("label", type=LABEL)
@click.option("--into", metavar="FOLDER", help="The folder; by default a new one among the temporary ones.")
@click.option("--shell", is_flag=True, help="Start a shell there; the folder goes when it ends.")
def open_command(label: str, into: str | None, shell: bool) -> None:
    """Lay out the code of the record LABEL, with its changes and its parameters, in a folder of its own."""
    from sumatra.laying import lay_out

    with writing_to(into or "the folder of temporary files"):
        place = lay_out(current_project(), label, Path(into) if into else None)
    if not shell:
        click.echo(str(place))
        return
    import shutil

    sys.stdout.flush()
    subprocess.run([os.environ.get("SHELL", "/bin/sh")], cwd=place, check=False)
    shutil.rmtree(place)


@click.command("collect", short_help="Record output that came later.")
@click.argument("label", type=LABEL)
def collect_command(label: str) -> None:
    """Record what has come into the output folder of the record LABEL since its run ended."""
    from sumatra.running.collecting import collect

    found = collect(current_project(), label)
    for path in found:
        click.echo(path)
    click.echo(f"{len(found) or 'No'} new file{'s' * (len(found) != 1)}.")


@click.command("pack", short_help="Join the event files of each finished day into one.")
def pack_command() -> None:
    """Join the event files of each finished day into one file, so that a large store is faster to read from nothing."""
    from sumatra.local.packing import pack

    days, files = pack(open_notebook().store)
    click.echo(f"{files} files of {days} days packed.")


_SOURCE = {"bash": "eval \"$(_SMT_COMPLETE=bash_source smt)\"", "zsh": "eval \"$(_SMT_COMPLETE=zsh_source smt)\"",
           "fish": "_SMT_COMPLETE=fish_source smt | source"}  # fmt: skip


@click.command("completion", short_help="Let the shell complete commands, labels and tags.")
@click.argument("shell", type=click.Choice(sorted(_SOURCE)))
def completion_command(shell: str) -> None:
    """Print the line that lets SHELL complete commands, options, labels and tags; it belongs into its start-up file."""
    click.echo(_SOURCE[shell])
