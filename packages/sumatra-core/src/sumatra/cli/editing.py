"""``smt comment``, ``tag`` and ``delete``."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from cawan.queries import Test

from sumatra.cli.options import LABEL, TAG, current_project
from sumatra.errors import FileMissingError, UsageError
from sumatra.folding import Record
from sumatra.notebook import Notebook

STATUSES = ("initialized", "running", "finished", "failed", "killed", "succeeded", "crashed")


@click.command("comment", short_help="Add a comment to a record.")
@click.argument("words", nargs=-1, required=True, metavar="[LABEL] COMMENT")
@click.option("-r", "--replace", is_flag=True, help="Replace what was said before.")
@click.option("-f", "--file", "from_file", is_flag=True, help="COMMENT is the name of a file with the text.")
def comment_command(words: tuple[str, ...], replace: bool, from_file: bool) -> None:
    """Say what came out of a run: of the latest one, or of that called LABEL."""
    if len(words) > 2:
        raise UsageError(f"A comment is one word for the shell, these are {len(words)}. Put it in quotes.")
    label, text = words if len(words) == 2 else ("", words[0])
    if from_file:
        if not Path(text).is_file():
            raise FileMissingError(f"The file {text!r}, which should hold the comment, does not exist.")
        text = Path(text).read_text(encoding="utf-8")
    project = current_project()
    operations = {"set": {"outcome": text}} if replace else {"append": {"outcome": text}}
    project.amend(label, **operations)


@click.command("tag", short_help="Add a tag to records, or remove it.")
@click.argument("tag", type=TAG)
@click.argument("labels", nargs=-1, metavar="[LABELS]", type=LABEL)
@click.option("-r", "--remove", is_flag=True, help="Remove the tag.")
def tag_command(tag: str, labels: tuple[str, ...], remove: bool) -> None:
    """Tag the records called LABELS, or the latest one."""
    project = current_project()
    for label in labels or ("",):
        if tag.startswith("_") and tag.endswith("_") and len(tag) > 2:
            _set_status(project, label, tag[1:-1], remove)
        elif remove:
            project.amend(label, remove={"tags": [tag]})
        else:
            project.amend(label, add={"tags": [tag]})


def _set_status(project: Notebook, label: str, status: str, remove: bool) -> None:
    """Tags like ``_succeeded_`` are the status, as they were in Sumatra."""
    if status not in STATUSES or remove:
        known = ", ".join(f"_{name}_" for name in STATUSES)
        raise UsageError(f"'_{status}_' cannot be {'removed' if remove else 'set'}. A status is one of: {known}.")
    project.amend(label, set={"status": status})


def _chosen(project: Notebook, words: tuple[str, ...], by_tag: bool) -> list[str]:
    if not by_tag:
        return [project.resolve(word) for word in words]
    found = [row["label"] for word in words for row in project.find(Test("tags", "eq", word))]
    return list(dict.fromkeys(found))


@click.command("delete", short_help="Delete records.")
@click.argument("labels", nargs=-1, required=True, metavar="LABELS")
@click.option("-t", "--tag", "by_tag", is_flag=True, help="LABELS are tags: delete every record that has one.")
@click.option("-d", "--data", "with_data", is_flag=True, help="Delete their output files too.")
@click.option("--force", is_flag=True, help="Also files that may be another run's.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def delete_command(labels: tuple[str, ...], by_tag: bool, with_data: bool, force: bool, yes: bool) -> None:
    """Delete the records called LABELS; ``last`` is the latest."""
    project = current_project()
    chosen = _chosen(project, labels, by_tag)
    records = [project.records.get(label) for label in chosen]
    count = f"{len(records)} record{'s' * (len(records) != 1)}"
    if records and not yes and sys.stdin.isatty():
        files = f" and {'its' if len(records) == 1 else 'their'} output files" if with_data else ""
        click.confirm(f"Delete {count}{files}?", abort=True)
    for record in records:
        if with_data:
            _delete_data(project, record, force)
        project.append(record.id, "deleted", {"label": record.label}, release=record.label)
    if by_tag:
        click.echo(f"{count} deleted.")


def _delete_data(project: Notebook, record: Record, force: bool) -> None:
    """Delete the files that only this record names, unless they may be another run's.

    Where the whole project is searched for output, what merely appeared during a run may be the user's own work.
    """
    from cawan.data import DataError

    from sumatra.running.outputs import key_from

    searched = project.data_root.resolve() == project.path.resolve()
    for key in map(key_from, record.fields.get("output_data", [])):
        others = project.find(Test("output_data.digest", "eq", key.digest), fields=frozenset({"record", "label"}))
        rivals = [row["label"] for row in others if row["record"] != record.id]
        if key.path.is_absolute():
            click.echo(f"Kept {key.path}: it is outside the data folder.", err=True)
        elif rivals:
            click.echo(f"Kept {key.path}: the record {rivals[0]!r} has it too.", err=True)
        elif not force and (key.contested or (searched and key.evidence == "window")):
            reason = f"it may be of {', '.join(key.contested)}" if key.contested else "it may be your own"
            click.echo(f"Kept {key.path}: {reason}. Delete it all the same with: --force", err=True)
        elif not project.data_store.contains(key.path):
            click.echo(f"{key.path} is gone already.", err=True)
        else:
            try:
                project.data_store.delete([key])
            except DataError as error:  # changed since, so it is no more what this record made
                click.echo(f"Kept {key.path}: {error}", err=True)
