"""Starting a run from Python, the way ``smt run`` does."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sumatra.running.dead import settle_dead
from sumatra.running.follow import run_to_end
from sumatra.running.request import Request
from sumatra.running.start import begin


def launch(
    project: Any, parameters: Any, inputs: Sequence[str], script_args: str, program: Any, main: str | None,
    label: str | None, reason: str | None, repeats: str | None,
) -> str:  # fmt: skip
    """Run and record; gives the label.

    Parameters
    ----------
    project
        A :class:`sumatra.projects.Project`.
    parameters
        A parameter set, a mapping, or the name of a parameter file.
    """
    notebook = project.notebook
    settle_dead(notebook)
    words = shlex.split(script_args or "")
    with tempfile.TemporaryDirectory(prefix="smt-parameters-") as folder:
        file = _parameter_file(parameters, Path(folder), label)
        if file and "<parameters>" not in words:
            words.insert(0, "<parameters>")
        words += [item for item in inputs if item not in words]
        executable = shlex.join([program.path, *shlex.split(program.options or "")]) if program is not None else ""
        request = Request(
            tuple(words), executable=executable, main=_seen(project.path, main), label=label or "",
            reason=reason or "", parameters=file, repeats=repeats or "", passed_on=True,
        )  # fmt: skip
        run_folder, job = begin(notebook, request, Path.cwd())
        run_to_end(notebook, run_folder, job.label)
    return str(job.label)


def _seen(path: str, main: str | None) -> str:
    """A script of the project as seen from here."""
    return os.path.relpath(os.path.join(path, main)) if main else ""


def _parameter_file(parameters: Any, folder: Path, label: str | None) -> str:
    if not parameters:
        return ""
    if isinstance(parameters, (str, os.PathLike)):
        return os.path.abspath(parameters)
    if not hasattr(parameters, "save"):
        from sumatra.parameters.upstream import SimpleParameterSet

        parameters = SimpleParameterSet(parameters)
    return str(parameters.save(str(folder / (label or "parameters")), add_extension=True))
