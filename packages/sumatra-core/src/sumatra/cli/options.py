"""Options that several commands share, with Sumatra's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from sumatra.errors import UsageError
from sumatra.notebook import FOLDER, Notebook, open_notebook, open_store

F = TypeVar("F", bound=Callable[..., Any])


class Label(click.ParamType[str]):
    """A label, which a shell completes; with ``tags`` also a tag."""

    name = "label"

    def __init__(self, tags: bool = False) -> None:
        self.tags = tags

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        """Labels of the project here, and its tags, that begin like this."""
        from cawan.errors import CawanError
        from click.shell_completion import CompletionItem

        try:
            rows = open_notebook().find()
        except (CawanError, OSError):
            return []
        words = ["last", *(str(row["label"]) for row in rows)] if not self.tags else []
        words += sorted({tag for row in rows for tag in row.get("tags", ())}) if self.tags else []
        return [CompletionItem(word) for word in words if word.startswith(incomplete)]


LABEL, TAG = Label(), Label(tags=True)


def project_options(command: F) -> F:
    """The settings of a project, as ``init`` and ``configure`` take them; None is: not given."""
    options = [
        click.option("-d", "--datapath", metavar="PATH", help="Folder that is searched for output files."),
        click.option("-i", "--input", "input_", metavar="PATH", help="Folder in which input files are looked for."),
        click.option("-l", "--addlabel", type=click.Choice(["cmdline", "parameters", "none"]),
                     help="Give the label to the program, on the command line or in the parameter file."),
        click.option("-e", "--executable", "--simulator", metavar="PATH", help="Program that runs the script."),
        click.option("-r", "--repository", metavar="URL", help="Repository to get a working copy of, into here."),
        click.option("-m", "--main", metavar="FILE", help="Script that is run when none is named."),
        click.option("-c", "--on-changed", type=click.Choice(["error", "store-diff"]),
                     help="What to do when code is in no version: refuse, or keep the changed files."),
        click.option("-s", "--store", metavar="PATH|URI", help="Where the records are kept."),
        click.option("-g", "--labelgenerator", type=click.Choice(["timestamp", "uuid"]), help="How labels are made."),
        click.option("-t", "--timestamp_format", metavar="FORMAT", help="Format of labels made from the time."),
        click.option("-L", "--launch_mode", metavar="NAME", help="How programs are started."),
        click.option("-o", "--launch_mode_options", metavar="TEXT", help="More words for the launcher."),
        click.option("-W", "--webdav", metavar="URL", help="Server that output is kept on; needs a plug-in."),
        click.option("-A", "--archive", metavar="PATH",
                     help='Folder that output is moved into, one archive for each label; "true" or "false".'),
        click.option("-M", "--mirror", metavar="URL", help="Where others find the folder of the output."),
        click.option("--stamp", type=click.Choice(["inside", "all", "none"]),
                     help="Put the label into figures and data files, beside all others too, or nowhere."),
        click.option("-p", "--plain/--no-plain", default=None, help="Pass name=value on to the program."),
        click.option("--ignore-parameters/--parse-parameters", default=None, help="Take no file for parameters."),
    ]  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def given(project: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The settings that were given, checked; paths as the settings file has them, relative to the project."""
    from cawan.plugins import Plugins

    settings = {name.rstrip("_"): value for name, value in options.items() if value is not None}
    settings.pop("repository", None)
    for name in ("datapath", "input", "store", "archive"):  # after "=" few shells put the home folder in for "~"
        if str(settings.get(name, "")).startswith("~"):
            settings[name] = str(Path(settings[name]).expanduser())
    _settle_places(settings)
    if settings.get("addlabel") == "none":
        settings["addlabel"] = ""
    if "launch_mode" in settings:
        Plugins[Any]("sumatra.launch_modes").load(settings["launch_mode"])
    if "store" in settings:
        uri = settings["store"]
        open_store(uri if ":" in uri else str(project / uri)).close()  # says now what is wrong with it
    if "input" in settings:
        settings["input"] = str((Path.cwd() / settings["input"]).absolute())
    if "main" in settings:
        place = (Path.cwd() / settings["main"]).absolute()
        settings["main"] = str(place.relative_to(project)) if place.is_relative_to(project) else str(place)
    return settings


def _settle_places(settings: dict[str, Any]) -> None:
    """Where output goes beside its folder: to a server, into archives or to a mirror, and never to two of them."""
    from cawan.plugins import Plugins

    stores = [f"--{name}" for name in ("webdav", "archive", "mirror") if name in settings]
    if len(stores) > 1:
        raise UsageError(f"{' and '.join(stores)} exclude each other. Choose one of them.")
    if "webdav" in settings:
        Plugins[Any]("sumatra.data_stores").load("webdav")
    if "archive" in settings:
        settings["archive"] = {"true": f"{FOLDER}/archive", "false": ""}.get(settings["archive"], settings["archive"])
        settings["mirror"] = "" if settings["archive"] else settings.get("mirror", "")
    elif "mirror" in settings:
        settings["archive"] = ""


def new_label(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """The label that was given, "" where none was; an empty one is a mistake, such as a variable that was not set."""
    from sumatra.labels import check_label

    return "" if value is None else check_label(value)


def check_patterns(patterns: Sequence[str]) -> None:
    """Refuse what is no regular expression, before anything runs."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise UsageError(f"--ignore: {pattern!r} is no regular expression: {error}.") from error


def current_project() -> Notebook:
    """The project of the current directory, after every run that died has been written down."""
    project = open_notebook()
    runs = project.path / FOLDER / "runs"
    if runs.is_dir() and any(runs.iterdir()):
        from sumatra.running.dead import settle_dead  # only then, as it costs more than the rest of smt list

        settle_dead(project)
    return project
