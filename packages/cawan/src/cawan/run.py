"""What a running program tells its notebook: a folder of plain lines, named by the variable ``CAWAN_RUN``.

Without a notebook nothing here does anything. Nothing heavy is imported: a simulation that is not recorded pays
for one look at its environment.
"""

from __future__ import annotations

import os
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

VARIABLE = "CAWAN_RUN"


class Run:
    """A run that is being recorded: its folder holds ``run.json`` and what the processes of the run say."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._told: dict[str, Any] | None = None

    def _about(self, name: str) -> str:
        if self._told is None:
            from cawan.events import restore

            with open(os.path.join(self.folder, "run.json"), "rb") as file:# no pathlib here
                self._told = restore(file.read())
        return str(self._told.get(name, ""))

    @property
    def label(self) -> str:
        """The record's label."""
        return self._about("label")

    @property
    def record(self) -> str:
        """The record's identity."""
        return self._about("record")

    @property
    def backend(self) -> str:
        """The simulator backend that the script shall run on, whichever it imports; "" for the one it imports."""
        return self._about("backend")

    @property
    def output(self) -> Path:
        """The run's own output folder, made when first asked for; what lies in it belongs to this record alone."""
        from pathlib import Path

        folder = Path(self._about("output"))
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def say(self, kind: str, topic: str, said: Any) -> None:
        """Add one line to this process's file, in one write, so that other processes never cut it."""
        from socket import gethostname

        from cawan.events import canonical

        line = canonical({"kind": kind, "topic": topic, "said": _plain(said)}) + b"\n"
        name = os.path.join(self.folder, f"{gethostname()}-{os.getpid()}.jsonl")
        descriptor = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _plain(value: Any) -> Any:
    """NumPy numbers and arrays as numbers and lists, paths as text; the rest as it is."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):
        return value.tolist()
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def current() -> Run | None:
    """The run this process belongs to, or None where nobody records it."""
    folder = os.environ.get(VARIABLE, "")
    return Run(folder) if folder and os.path.isdir(folder) else None


def report(topic: str, facts: Mapping[str, Any]) -> None:
    """Say facts that belong into the record, such as the backend, its version, the timestep and the seeds.

    A topic may be reported several times: later facts join the earlier ones. Processes that say the same (the
    ranks of one MPI program) count once.
    """
    run = current()
    if run is not None:
        run.say("report", topic, dict(facts))


def _declare(kind: str, path: str | os.PathLike[str]) -> None:
    run = current()
    if run is not None:
        run.say(kind, "", os.path.abspath(path))


def output(path: str | os.PathLike[str]) -> None:
    """Declare a file that this run writes; it is then this record's, wherever it lies."""
    _declare("output", path)


def input(path: str | os.PathLike[str]) -> None:
    """Declare a file that this run reads; ``smt repeat`` checks that it is still the same."""
    _declare("input", path)


def keep(name: str, data: bytes) -> None:
    """Keep bytes with the record that are no file of the user's, such as the spikes that a simulator recorded.

    ``name`` is a plain file name; its ending tells the ``compare`` hook what the bytes are.
    """
    from socket import gethostname

    run = current()
    if run is None:
        return
    if os.path.basename(name) != name or not name:
        raise ValueError(f"{name!r} is no plain file name, such as 'spikes.npz'.")
    path = os.path.join(run.folder, f"kept-{gethostname()}-{os.getpid()}-{name}")
    with open(path, "wb") as file:
        file.write(data)
    run.say("keep", name, path)


@contextmanager
def begin(folder: str | os.PathLike[str], *, label: str = "", record: str = "", output: str = "") -> Iterator[Run]:
    """Open a run in this process, for notebooks and decorators; the folder is made, and filled by what is said."""
    from cawan.events import canonical

    path = os.path.abspath(folder)
    os.makedirs(path, exist_ok=True)
    with open(os.path.join(path, "run.json"), "wb") as file:
        told = {"label": label, "record": record, "output": output or os.path.join(path, "output")}
        file.write(canonical(told))
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = path
    try:
        yield Run(path)
    finally:
        os.environ[VARIABLE] = before or ""
