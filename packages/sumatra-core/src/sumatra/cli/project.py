"""``smt init``, ``configure``, ``info``, ``version`` and ``help``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
from cawan.errors import PluginError

from sumatra import __version__
from sumatra.cli.options import current_project, given, project_options
from sumatra.cli.printing import print_json
from sumatra.configuration import Settings
from sumatra.errors import UsageError
from sumatra.notebook import Notebook, find_working_copy, init_notebook, open_notebook, unconfigured

EXIT_CODES = """\
  n         what the computation returned (run, repeat); 128 + signal where a signal ended it
  0         all is well; two records are the same
  1         two records differ (diff, repeat); something is not as recorded (verify); code has changed and may not run
  2         wrong use; the label is taken
  3         nothing to compare, or not all could be compared (repeat)
  65, 66    data or settings that cannot be read; no such record, file or project
  69        a plug-in or server is not available
  73,74,75  cannot create; input/output error such as a full disk; locked, try again
  77, 78    no permission; wrong configuration
"""


def check_name(name: str) -> None:
    """Refuse a project's name that no folder and no address could have."""
    if not re.fullmatch(r"\w[\w\- .]*", name) or len(name.encode("utf-8")) > 200:
        raise UsageError(f"{name!r} cannot be the name of a project. A name has letters, digits, '_', '-', '.' and "
                         "blanks, begins with a letter or digit, and has at most 200 bytes.")  # fmt: skip


def check_out(url: str, folder: Path) -> None:
    """Get a working copy of a repository into a folder that holds none yet."""
    from cawan.repository import RepositoryError

    from sumatra.notebook import REPOSITORIES
    from sumatra.versioncontrol import VersionControlError, get_repository

    if find_working_copy(folder) is not None and any((folder / f".{name}").exists() for name in REPOSITORIES.names()):
        raise UsageError(f"{str(folder)!r} is a working copy already. Use --repository in an empty folder.")
    try:
        name = get_repository(url).vcs_type
    except VersionControlError:
        name = "git"  # what most addresses are of
    kind: Any = REPOSITORIES.load(name)
    try:
        kind(url).checkout(folder)
    except OSError as error:
        raise RepositoryError(f"{url!r} could not be checked out into {str(folder)!r}: {error}.") from error


@click.command("init", short_help="Make a project in the current directory.")
@click.argument("project_name", metavar="NAME")
@project_options
def init_command(project_name: str, **options: Any) -> None:
    """Make a project called NAME in the current directory, which is under version control."""
    folder = Path.cwd().resolve()
    check_name(project_name)
    if options["repository"]:
        check_out(options["repository"], folder)
    find_working_copy(folder)  # says what is missing, before anything is made
    project = init_notebook(folder, Settings(name=project_name, **given(folder, options)))
    _take_over(project)
    click.echo("Sumatra project successfully set up")


def _take_over(project: Notebook) -> None:
    """Give a new project the runs that were recorded here before it had a name."""
    before = Notebook(project.path, unconfigured(project.path))
    if (before.name, before.store_uri) != (project.name, project.store_uri) and before.name in before.store.projects():
        from sumatra.moving import copy_contents

        project.records.take(event for _, event in before.store.read(before.name))
        copy_contents(before.store, project.store, project.name)


@click.command("configure", short_help="Change the settings of the project.")
@project_options
@click.option("--add-plugin", metavar="MODULE", help="Import this module of the Python path with every command.")
@click.option("--remove-plugin", metavar="MODULE", help="Import it no more.")
def configure_command(add_plugin: str | None, remove_plugin: str | None, **options: Any) -> None:
    """Change the settings of the project; what is not named stays as it is."""
    project = open_notebook(create=True)
    if options["repository"]:
        check_out(options["repository"], project.path)
    settings = project.settings.changed(**given(project.path, options))
    modules = [name for name in settings.plugins if name != remove_plugin]
    settings = settings.changed(plugins=tuple(dict.fromkeys([*modules, *([add_plugin] if add_plugin else [])])))
    before = Notebook(project.path, project.settings)
    project.save(settings)
    if options["store"] and settings.store != before.settings.store:
        _take_records(before, project)
    if add_plugin:
        from sumatra.components import load_components

        load_components([add_plugin], project.path)


def _take_records(before: Notebook, project: Notebook) -> None:
    """Copy the records into the store of today; where the old one cannot be opened, say so."""
    from sumatra.moving import copy_contents

    try:
        before.records.sync(project.records)
        copy_contents(before.store, project.store, project.name)
    except PluginError as error:
        click.echo(f"Warning: the records stay where they were. {error}", err=True)


@click.command("info", short_help="Print the settings of the project.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def info_command(as_json: bool) -> None:
    """Print the settings of the project."""
    from sumatra.report import format_info

    project = current_project()
    if as_json:
        from dataclasses import asdict

        print_json("info", [{**asdict(project.settings), "path": str(project.path), "store": project.shown_store}])
        return
    click.echo(format_info(project), nl=False)


@click.command("version", short_help="Print the version of Sumatra.")
def version_command() -> None:
    """Print the version of Sumatra."""
    click.echo(__version__)


@click.command("help", short_help="Explain a command, or the exit codes.")
@click.argument("cmd", required=False, metavar="[CMD]")
@click.pass_context
def help_command(ctx: click.Context, cmd: str | None) -> None:
    """Explain the command CMD; ``exit-codes`` explains those."""
    parent = ctx.parent or ctx
    if cmd == "exit-codes":
        click.echo(EXIT_CODES, nl=False)
        return
    group = parent.command
    if cmd is None or not isinstance(group, click.Group):
        click.echo(parent.get_help())
        return
    _, command, _ = group.resolve_command(parent, [cmd])
    if command is not None:
        click.echo(command.get_help(click.Context(command, info_name=cmd, parent=parent)))
