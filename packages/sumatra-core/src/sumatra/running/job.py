"""Everything the supervisor of a run needs, in one file of the run's folder."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cawan.events import JSON, canonical, restore
from cawan.run import VARIABLE

from sumatra.local.durable import write_file
from sumatra.processes import is_gone

FILE = "job.json"
REPEAT = "smt-repeat-"  # how the temporary folders begin in which code is laid out
BEFORE, EXIT, SUPERVISOR, LOCK = "before.json", "exit.json", "supervisor.json", "lock"


@dataclass(frozen=True, slots=True)
class Job:
    """One run, as plain data.

    Attributes
    ----------
    argv
        What is executed, launch mode included.
    data_root, output
        The folder searched for output, and the one that is this run's own.
    code_root
        The top of the working copy, or of the exported tree in a repeat.
    user_root
        The top of the user's working copy; in a repeat nothing may be imported from it.
    process
        Who starts the run, until the supervisor's own identity is in ``launched``.
    move_to
        Where output goes after the run, for a repeat; "" leaves it where it is.
    version, script
        Of the code, and the script by its path in the working copy; "" where there is none.
    files, untracked
        At the launch, by path: stamp (size and time) and digest of the script and of changed files; stamp, mode and
        base of untracked ones.
    backend
        The simulator backend that pyNN shall give to the script, "" for the one that it imports.
    """

    project: str
    project_path: str
    store: str
    record: str
    label: str
    argv: tuple[str, ...]
    cwd: str
    data_root: str
    output: str
    code_root: str
    user_root: str
    main_file: str
    launch_mode: str
    process: Mapping[str, JSON]
    inputs: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    stdin: str = ""
    stdout: str = ""
    move_to: str = ""
    version: str = ""
    script: str = ""
    files: Mapping[str, JSON] = field(default_factory=dict)
    untracked: Mapping[str, JSON] = field(default_factory=dict)
    backend: str = ""

    def save(self, folder: Path) -> None:
        """Write the job, and for the program ``run.json``."""
        told = {"label": self.label, "record": self.record, "output": self.output}
        if self.backend:
            told["backend"] = self.backend
        write_file(folder / "run.json", canonical(told))
        write_file(folder / FILE, canonical(asdict(self)), mode=0o600)  # its arguments may hold secrets

    @classmethod
    def load(cls, folder: Path) -> Job:
        """The job of a run's folder; :class:`FileNotFoundError` where it has none."""
        data = restore((folder / FILE).read_bytes())
        for name in ("argv", "inputs", "declared"):
            data[name] = tuple(data[name])
        return cls(**data)

    def variables(self, folder: Path) -> dict[str, str]:
        """What the program's environment has beside the user's: the channel, its label, its own output folder."""
        return {VARIABLE: str(folder), "SMT_LABEL": self.label, "SMT_OUTPUT": self.output, **self.environment}


def read_json(path: Path) -> Any:
    """The content of a file of a run's folder, None where it is not there or not complete."""
    try:
        return restore(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def clear(folder: Path, job: Job) -> None:
    """Remove what is left of a run: empty output folders, then its own folder.

    The job goes first of all files in it: what a kill leaves behind is then never taken for a run.
    """
    for own in (Path(job.output), Path(job.output).parent):
        with suppress(OSError):
            own.rmdir()  # refuses a folder that holds anything
    (folder / FILE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
    laid_out = Path(job.code_root).parent
    if job.move_to and laid_out.name.startswith(REPEAT) and is_gone(job.process):
        shutil.rmtree(laid_out, ignore_errors=True)  # smt was killed, which else removes what it laid out
