"""What sumatra-core answers to ``cawan doctor``: each notebook plug-in does a small real job in a temporary folder."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from cawan.data import DataStore
from cawan.errors import PluginError
from cawan.events import Event
from cawan.hooks import hookimpl
from cawan.launch import Command, LaunchMode
from cawan.parameters import ParameterSet
from cawan.plugins import Plugins
from cawan.records import RecordStore, StoreNotFoundError
from cawan.repository import Repository

from sumatra.clocks import Clock, new_record


def _must(holds: bool, complaint: str) -> None:
    if not holds:
        raise PluginError(complaint)


def _try_store(name: str, folder: Path) -> str:
    """Keep an event and some bytes, and read both back."""
    try:
        store = Plugins[RecordStore]("sumatra.record_stores").load(name).open(f"{name}:{folder / 'store'}")
    except StoreNotFoundError:
        return "ok: it makes no store, it reads those that there are"
    clock = Clock("doctor").tick()
    event = Event(new_record(clock), "created", clock, datetime.now(UTC), "doctor", {"label": "trial"})
    store.append("doctor", [event], claim="trial")
    _must([found for _, found in store.read("doctor")] == [event], "It did not give back the event that it kept.")
    digest = store.put("doctor", io.BytesIO(b"trial"))
    with store.fetch("doctor", digest) as file:
        _must(file.read() == b"trial", "It did not give back the bytes that it kept.")
    store.close()
    return "ok: kept a record and read it back"


def _try_mode(name: str, folder: Path) -> str:
    """Run an empty program."""
    mode = Plugins[LaunchMode]("sumatra.launch_modes").load(name)()
    command = Command((sys.executable, "-c", "print('ran')"), folder, dict(os.environ))
    mode.check(command)
    argv = mode.generate_command(command).argv
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    _must(done.stdout.strip() == "ran", f"The program did not run: {done.stderr.strip()[-200:]}")
    return "ok: ran a program"


def _try_data(name: str, folder: Path) -> str:
    """List a file and read it."""
    (folder / "trial.txt").write_bytes(b"trial")
    store = Plugins[DataStore]("sumatra.data_stores").load(name)(root=folder)  # type: ignore[call-arg]
    found = [stat.path for stat in store.list_files()]
    with store.open(found[0]) as file:
        _must(file.read() == b"trial", "It did not give back the content of a file.")
    return "ok: listed a file and read it"


def _try_parameters(name: str, folder: Path) -> str:
    """Write parameters and read them back."""
    kind = Plugins[ParameterSet]("sumatra.parameter_sets").load(name)
    value: Mapping[str, object] = {"section": {"tau_m": kind.scalar("20.0")}}
    parameters = kind(value)
    _must(kind.parse(parameters.dump()) == parameters, "It did not read back what it wrote.")
    return "ok: wrote parameters and read them back"


def _try_repository(name: str, folder: Path) -> str:
    """Look at a folder that is no repository, and at one with the marker alone."""
    repository = Plugins[Repository]("sumatra.repositories").load(name)
    _must(repository.find(folder) is None, "It took an empty folder for a repository.")
    made = folder / "made"
    done = subprocess.run([name, "init", "-q", str(made)], capture_output=True, check=False, timeout=30) \
        if name in ("git", "hg") and _on_path(name) else None  # fmt: skip
    if done is None or done.returncode != 0:
        return "ok: looked at a folder"
    (made / "main.py").write_bytes(b"pass\n")
    copy = repository.find(made)
    _must(copy is not None and "main.py" in map(str, copy.changes()), "It did not see a new file.")
    return "ok: saw a new file in a repository"


def _on_path(program: str) -> bool:
    from shutil import which

    return which(program) is not None


TRIALS: Mapping[str, Callable[[str, Path], str]] = {
    "sumatra.record_stores": _try_store, "sumatra.launch_modes": _try_mode, "sumatra.data_stores": _try_data,
    "sumatra.parameter_sets": _try_parameters, "sumatra.repositories": _try_repository,
}  # fmt: skip


@hookimpl
def doctor(group: str, name: str) -> str | None:
    """Let a notebook plug-in do its job; None for other groups."""
    if group not in TRIALS:
        return None
    with tempfile.TemporaryDirectory(prefix="smt-doctor-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")  # this process is the doctor's own
        (Path(folder) / "work").mkdir()
        return TRIALS[group](name, Path(folder) / "work")
