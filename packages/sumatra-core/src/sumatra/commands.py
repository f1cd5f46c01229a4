"""The commands of ``smt`` as functions of a list of words: ``sumatra.commands.run(["--label=x", "default.param"])``.

They print what ``smt`` prints; where ``smt`` would end with an exit code that is not 0, they raise :class:`SystemExit`.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sumatra.core import STATUS_FORMAT, STATUS_PATTERN, TIMESTAMP_FORMAT
from sumatra.errors import FileMissingError, UsageError
from sumatra.launch import get_launch_mode
from sumatra.parameters import build_parameters
from sumatra.parameters.upstream import NewParameterError
from sumatra.programs import get_executable
from sumatra.projects import Project, load_project
from sumatra.records import MissingInformationError
from sumatra.recordstore import get_record_store
from sumatra.versioncontrol import UncommittedModificationsError, VersionControlError, get_repository, get_working_copy

__all__ = [
    "STATUS_FORMAT", "STATUS_PATTERN", "TIMESTAMP_FORMAT", "MissingInformationError", "Project",
    "UncommittedModificationsError", "VersionControlError", "build_parameters", "comment", "configure", "delete",
    "diff", "export", "get_executable", "get_launch_mode", "get_record_store", "get_repository", "get_working_copy",
    "help", "info", "init", "list", "load_project", "migrate", "modes", "parse_arguments", "parse_executable_str",
    "repeat", "run", "sync", "tag", "upgrade", "version", "view",
]  # fmt: skip

modes = (
    "init", "configure", "info", "run", "list", "delete", "comment", "tag", "repeat", "diff", "help", "export",
    "upgrade", "sync", "migrate", "version", "view",
)  # fmt: skip


def _smt(command: str, argv: Sequence[str]) -> None:
    from sumatra.cli.main import main

    try:
        main([command, *map(str, argv)])
    except SystemExit as ended:
        if ended.code:
            raise


def init(argv: Sequence[str]) -> None:
    """Make a project in the current directory."""
    _smt("init", argv)


def configure(argv: Sequence[str]) -> None:
    """Change the settings of the project."""
    _smt("configure", argv)


def info(argv: Sequence[str]) -> None:
    """Print the settings of the project."""
    _smt("info", argv)


def run(argv: Sequence[str]) -> None:
    """Run a computation and record it."""
    _smt("run", argv)


def list(argv: Sequence[str]) -> None:
    """List records."""
    _smt("list", argv)


def delete(argv: Sequence[str]) -> None:
    """Delete records."""
    _smt("delete", argv)


def comment(argv: Sequence[str]) -> None:
    """Add a comment to a record."""
    _smt("comment", argv)


def tag(argv: Sequence[str]) -> None:
    """Add a tag to records, or remove it."""
    _smt("tag", argv)


def repeat(argv: Sequence[str]) -> None:
    """Run a record again and compare."""
    _smt("repeat", argv)


def diff(argv: Sequence[str]) -> None:
    """Say how two records differ."""
    _smt("diff", argv)


def help(argv: Sequence[str]) -> None:
    """Explain a command."""
    _smt("help", argv)


def export(argv: Sequence[str]) -> None:
    """Write the records to files that others can read."""
    _smt("export", argv)


def upgrade(argv: Sequence[str]) -> None:
    """Take over the records of an older Sumatra."""
    _smt("upgrade", argv)


def sync(argv: Sequence[str]) -> None:
    """Join two record stores."""
    _smt("sync", argv)


def migrate(argv: Sequence[str]) -> None:
    """Say in every record that data lie elsewhere now."""
    _smt("migrate", argv)


def version(argv: Sequence[str]) -> None:
    """Print the version of Sumatra."""
    _smt("version", argv)


def view(argv: Sequence[str]) -> None:
    """Print a record, or its script."""
    _smt("view", argv)


def parse_executable_str(exec_str: str) -> tuple[str, str]:
    """The path and the options of a program as they are typed together: ``python -O``."""
    path, _, options = exec_str.partition(" ")
    return path, options


def _parameters_in(word: str) -> Any:
    """The parameters in a file of this name; None where there is none, or it holds no parameters."""
    if not Path(word).is_file() or "=" in word:
        return None
    try:
        return build_parameters(word)
    except (SyntaxError, UnicodeDecodeError):
        return None


def parse_arguments(
    args: Sequence[str], input_datastore: Any, stdin: str | None = None, stdout: str | None = None,
    allow_command_line_parameters: bool = True, ignore_parameters: bool = False,
) -> tuple[Any, Any, str]:  # fmt: skip
    """Parameter sets (none or one), keys of input files, and the words as text, ``<parameters>`` for the file of them.

    Raises
    ------
    UsageError
        ``name=value`` was given with no parameter file, or there is more than one.
    FileMissingError
        The file for standard input is not there.
    """
    sets, inputs, words, overrides = [], [], [], []
    for word in args:
        known = None if ignore_parameters else _parameters_in(word)
        if known is not None:
            sets.append(known)
            words.append("<parameters>")
        elif input_datastore.contains_path(path := _below(word, input_datastore.root)):
            inputs += input_datastore.generate_keys(path)
            words.append(word)
        elif "=" in word and allow_command_line_parameters and not ignore_parameters and not word.startswith("-"):
            overrides.append(word)
        else:
            words.append(word)
    if stdin and not input_datastore.contains_path(stdin):
        raise FileMissingError(f"The file for standard input, {stdin!r}, does not exist below {input_datastore.root}.")
    inputs += input_datastore.generate_keys(stdin) if stdin else []
    words += [f"< {stdin}"] * bool(stdin) + [f"> {stdout}"] * bool(stdout)
    if len(sets) > 1:
        raise UsageError("No more than one parameter file may be supplied.")
    if overrides and not sets:
        raise UsageError("Command-line parameters supplied but without a parameter file to put them into.")
    for word in overrides:
        try:
            sets[0].update(sets[0].parse_command_line_parameter(word))
        except NewParameterError as new:
            warnings.warn(f"'{new.name}={new.value}' was not in the parameter file and is added.", stacklevel=2)
            sets[0].update({new.name: new.value})
    return sets, inputs, " ".join(words)


def _below(word: str, root: str) -> str:
    return word if os.path.isabs(word) or not word else os.path.relpath(word, root)
