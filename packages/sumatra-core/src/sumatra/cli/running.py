"""``smt run``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from sumatra.cli.options import new_label
from sumatra.configuration import Settings
from sumatra.errors import ProjectNotFoundError, UsageError
from sumatra.notebook import Notebook, open_notebook
from sumatra.running.request import Request, begins_with_program


class RunCommand(click.Command):
    """Options of ``smt`` may stand anywhere, unknown ones go to the program; after a program's name all do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set aside what belongs to the program before click sees it."""
        cut = self._program_at(args)
        self._refuse_misspelt(args[:cut])
        ctx.meta["sumatra.program"] = args[cut:]
        return super().parse_args(ctx, args[:cut])

    def _names(self, *, with_value: bool = False) -> set[str]:
        """Our options, or those that take a value."""
        return {
            name for option in self.params
            if isinstance(option, click.Option) and not (with_value and option.is_flag)
            for name in (*option.opts, *option.secondary_opts)
        }  # fmt: skip

    def _refuse_misspelt(self, args: list[str]) -> None:
        """Raise for an unknown option that is nearly one of ours: handed to the program it would be lost unseen."""
        ours, with_value, k = self._names() | {"--help"}, self._names(with_value=True), 0
        while k < len(args) and args[k] != "--":
            name = args[k].partition("=")[0]
            k += 2 if args[k] in with_value else 1
            if not name.startswith("--") or name in ours or len(name) < 6:
                continue  # short names, such as --min, are near to everything
            from difflib import get_close_matches  # 5 ms that most runs need not wait for

            near = get_close_matches(name[2:], [own[2:] for own in sorted(ours) if own.startswith("--")], 1, 0.8)
            if near:
                raise UsageError(
                    f"smt run has no option {name!r}. Did you mean '--{near[0]}'? "
                    "To hand it to the program, put it after --"
                )

    def _program_at(self, args: list[str]) -> int:
        """Where the words of the program begin: at "--", or at a first word that names a program."""
        with_value, k = self._names(with_value=True), 0
        while k < len(args):
            word = args[k]
            if word == "--":
                return k
            if word in with_value:
                k += 2
            elif word.startswith("-"):
                k += 1
            else:
                chosen = any(name.split("=")[0] in ("-e", "--executable", "--simulator", "-m", "--main")
                             for name in args[:k])  # fmt: skip
                return k if not chosen and begins_with_program(args[k:], _settings(), Path.cwd()) else len(args)
        return len(args)


def _settings() -> Settings | None:
    try:
        return open_notebook().settings
    except ProjectNotFoundError:
        return None


@click.command(
    "run", cls=RunCommand, short_help="Run a computation and record it.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True},
)  # fmt: skip
@click.option("-v", "--version", metavar="REV", help="Bring the working copy to this version first, and stay there.")
@click.option("-l", "--label", callback=new_label, help="Label of the record; by default it is made from the time.")
@click.option("-r", "--reason", default="", help="Why this is run.")
@click.option("-e", "--executable", "--simulator", default="", metavar="PATH", help="Program that runs the script.")
@click.option("-m", "--main", default="", metavar="FILE", help="Script that is run.")
@click.option("-n", "--num_processes", type=int, metavar="N", help="Number of processes, in a parallel launch mode.")
@click.option("-t", "--tag", multiple=True, help="Tag for the record.")
@click.option("-D", "--debug", is_flag=True, help="Show the whole traceback of an error.")
@click.option("-i", "--stdin", default="", metavar="FILE", help="File for the program's standard input.")
@click.option("-o", "--stdout", default="", metavar="FILE", help="File that receives the program's standard output.")
@click.option("--parameters", default="", metavar="FILE", help="Parameter file, also where its suffix is not known.")
@click.option("--new", "new_parameters", is_flag=True, help="Let name=value add parameters that the file lacks.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run_command(ctx: click.Context, /, version: str | None, num_processes: int | None, debug: bool,
                arguments: tuple[str, ...], tag: tuple[str, ...], **options: Any) -> None:  # fmt: skip
    """Run a computation and record it.

    \b
    smt run default.param                          with the program and script of the project
    smt run default.param tau_m=10.0               with another value of a parameter
    smt run --executable=python --main=main.py default.param
    smt run python main.py default.param           in any repository, without a project
    """
    words = tuple(arguments) + tuple(ctx.meta["sumatra.program"])
    project = open_notebook(create=True)
    if num_processes is not None:
        raise UsageError(
            f"The launch mode {project.settings.launch_mode!r} runs one process, not {num_processes}. "
            "Choose another with: smt configure --launch_mode NAME"
        )
    if version is not None and version != "current":
        _use_version(project, version)
    passed_on = words[:1] == ("--",)
    request = Request(words[1:] if passed_on else words, tags=tag, passed_on=passed_on, **options)
    ctx.exit(record_run(project, request))


def _use_version(project: Notebook, version: str) -> None:
    from cawan.repository import SupportsBranches

    copy = project.working_copy
    latest = copy.latest_version() if version == "latest" and isinstance(copy, SupportsBranches) else ""
    project.working_copy.use_version(latest or version)


def record_run(project: Notebook, request: Request) -> int:
    """Run, show the console and the record; gives the program's exit code."""
    from sumatra.running.dead import settle_dead
    from sumatra.running.follow import run_to_end
    from sumatra.running.start import begin

    settle_dead(project)
    folder, job = begin(project, request, Path.cwd())
    click.echo(f"Record label for this run: '{job.label}'")
    sys.stdout.flush()
    run_to_end(project, folder, job.label, meanwhile=lambda: import_module("sumatra.report"))
    from sumatra.report import format_run

    record = project.get(job.label)
    click.echo(format_run({**record.document(), "label": job.label}), nl=False)
    return int(record.fields.get("exit_code", 70))
