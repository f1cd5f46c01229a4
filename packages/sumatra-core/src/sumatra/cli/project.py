"""``smt init``, ``configure``, ``info``, ``version`` and ``help``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sumatra import __version__
from sumatra.cli.options import current_project, given, project_options
from sumatra.configuration import Settings
from sumatra.errors import NoRepositoryError
from sumatra.notebook import FOLDER, find_working_copy, init_notebook, open_notebook

EXIT_CODES = """\
  n         what the computation returned (run, repeat); 128 + signal where a signal ended it
  0         all is well; two records are the same
  1         two records differ (diff, repeat)
  2         wrong use; the label is taken
  3         nothing to compare, or not all could be compared (repeat)
  65, 66    data or settings that cannot be read; no such record, file or project
  69        a plug-in or server is not available
  73,74,75  cannot create; input/output error such as a full disk; locked, try again
  77, 78    no permission; wrong configuration, or code has changed and may not run (run)
"""


@click.command("init", short_help="Make a project in the current directory.")
@click.argument("project_name", metavar="NAME")
@project_options
def init_command(project_name: str, **options: Any) -> None:
    """Make a project called NAME in the current directory, which is under version control."""
    folder = Path.cwd().resolve()
    if find_working_copy(folder) is None:
        raise NoRepositoryError(folder)
    init_notebook(folder, Settings(name=project_name, **given(folder, options)))
    click.echo("Sumatra project successfully set up")


@click.command("configure", short_help="Change the settings of the project.")
@project_options
def configure_command(**options: Any) -> None:
    """Change the settings of the project; what is not named stays as it is."""
    project = open_notebook(create=True)
    project.save(project.settings.changed(**given(project.path, options)))


@click.command("info", short_help="Print the settings of the project.")
def info_command() -> None:
    """Print the settings of the project."""
    project = current_project()
    settings = project.settings
    repository = project.working_copy.repository
    rows = [
        ("Project name", project.name),
        ("Default executable", settings.executable or "None"),
        ("Default repository", f"{getattr(repository, 'name', '')} {repository.url}".strip()),
        ("Default main file", settings.main or "None"),
        ("Default launch mode", settings.launch_mode),
        ("Data store (output)", str(project.data_root)),
        ("          (input)", settings.input),
        ("Record store", f"{project.store_uri} ({project.path / FOLDER})"),
        ("Code change policy", settings.on_changed),
        ("Append label to", settings.addlabel or "None"),
        ("Label generator", settings.labelgenerator),
        ("Timestamp format", settings.timestamp_format),
        ("Plug-ins", "see: cawan plugins"),
        ("Sumatra version", __version__),
    ]
    click.echo("".join(f"{name:<20}: {value}\n" for name, value in rows), nl=False)


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
