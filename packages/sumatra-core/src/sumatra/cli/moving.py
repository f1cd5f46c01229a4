"""``smt export``, ``sync``, ``migrate`` and ``upgrade``: records on their way elsewhere, or from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sumatra.cli.options import LABEL, current_project
from sumatra.cli.printing import writing_to
from sumatra.errors import UsageError
from sumatra.notebook import FOLDER, open_notebook


@click.command("export", short_help="Write the records to files that others can read.")
@click.option("--rocrate", metavar="FILE.zip", help="One record as a Process Run Crate, with its code and output.")
@click.option("--prov", metavar="FILE.json", help="Records as W3C PROV.")
@click.argument("labels", nargs=-1, type=LABEL)
def export_command(labels: tuple[str, ...], rocrate: str | None, prov: str | None) -> None:
    """Write .smt/records_export.json and .smt/project_export.json, or what an option names."""
    project = current_project()
    if rocrate:
        from sumatra.crates import write_crate

        if len(labels) > 1:
            raise UsageError("A crate holds one record. Name one label.")
        with writing_to(rocrate):
            write_crate(project, labels[0] if labels else "", Path(rocrate))
    if prov:
        from sumatra.prov import write_prov

        with writing_to(prov):
            write_prov(project, labels, Path(prov))
    if not rocrate and not prov:
        if labels:
            raise UsageError("smt export writes all records. Some of them: smt export --prov FILE LABELS")
        from sumatra.exporting import export_files

        with writing_to(str(project.path / FOLDER)):
            export_files(project)


@click.command("sync", short_help="Join two record stores.")
@click.argument("path1")
@click.argument("path2", required=False)
@click.pass_context
def sync_command(ctx: click.Context, path1: str, path2: str | None) -> None:
    """Give the record stores PATH1 and PATH2 what only the other has, for every project in them.

    With PATH1 alone, join it and the store of the project here. Where two records claim one label both are kept; they
    are listed, and the exit code is 1.
    """
    from sumatra.folding import Records
    from sumatra.notebook import open_store

    stores = [open_store(_uri(path1)), open_store(_uri(path2))] if path2 else []
    if stores:
        names = sorted({name for store in stores for name in store.projects()})
    else:
        project = current_project()
        stores, names = [project.store, open_store(_uri(path1))], [project.name]
    twice = []
    for name in names:
        twice += Records(stores[0], name).sync(Records(stores[1], name))
        _bring_blobs(stores, name)
    if twice:
        click.echo("Two records claim each of these labels; both are kept, one with the end of its identity: "
                   + ", ".join(twice))  # fmt: skip
    ctx.exit(int(bool(twice)))


def _uri(path: str) -> str:
    """A store's URI; of a project's folder the store in it."""
    folder = Path(path)
    if ":" not in path and (folder / ".smt" / "config.toml").is_file():
        return open_notebook(folder).store_uri
    return path if ":" in path else str(folder.absolute())


def _bring_blobs(stores: Sequence[object], project: str) -> None:
    """Give each store the console text and the changed files that events of the other name."""
    from sumatra.moving import copy_contents

    copy_contents(stores[0], stores[1], project)
    copy_contents(stores[1], stores[0], project)


@click.command("migrate", short_help="Say in every record that data lie elsewhere now.")
@click.option("-d", "--datapath", metavar="PATH", help="Where output files are now.")
@click.option("-i", "--input", "input_", metavar="PATH", help="Where input files are now.")
@click.option("-A", "--archive", metavar="PATH", help="Where archives are now.")
@click.option("-M", "--mirror", metavar="URL", help="Where output is mirrored now.")
def migrate_command(datapath: str | None, input_: str | None, archive: str | None, mirror: str | None) -> None:
    """Change where data are, in every record; nothing is moved."""
    from sumatra.moving import migrate

    count = migrate(current_project(), datapath, input_, archive, mirror)
    if count is None:
        click.echo("Please specify at least one option. Nothing was changed.")
    else:
        click.echo(f"{count} record{'s' * (count != 1)} changed.")


@click.command("upgrade", short_help="Take over the records of an older Sumatra.")
@click.argument("source", required=False, metavar="[PATH]")
def upgrade_command(source: str | None) -> None:
    """Take over the project and the records that Sumatra 0.1 to 0.8 left in .smt, or in PATH; they stay as they are."""
    from sumatra.upgrading import upgrade

    count, name = upgrade(Path.cwd(), Path(source) if source else None)
    click.echo(f"Project {name!r}: {count} record{'s' * (count != 1)} taken over. What was there is still there.")
