"""What MPI, Slurm and Dask will need of the notebook, with a batch system that is a real detached process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from cawan.launch import Command, SupportsDetached, Ticket
from sumatra.notebook import open_notebook
from sumatra.running.request import Request
from sumatra.running.start import begin

sys.path.insert(0, str(Path(__file__).parent))
from batch_system import FolderBatch, Ranks


def asked_elsewhere(ticket: Ticket) -> str:
    """The state of a job, asked by another process that has the ticket's JSON alone."""
    command = [sys.executable, Path(__file__).parent / "batch_system.py", json.dumps(asdict(ticket))]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def begun(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run that was begun here, and is to happen in a job: the notebook, its folder, and the job's command."""
    notebook.write("main.py", "import os, time\nprint('ranks', os.environ.get('RANKS'), flush=True)\n"
                   "time.sleep(float(os.environ.get('NAP', '0')))\n"
                   "open(os.environ['SMT_OUTPUT'] + '/out', 'w').write('x')\n")  # fmt: skip
    notebook.commit()
    for name, value in notebook.environment.items():
        monkeypatch.setenv(name, value)
    project = open_notebook(notebook.path)
    folder, _ = begin(project, Request(label="job"), notebook.path)
    project.store.close()

    def command(**more: str) -> Command:
        argv = (sys.executable, "-m", "sumatra.supervise", str(folder))
        return Command(argv, notebook.path, {**notebook.environment, **more})

    return notebook, command


def row(notebook: Any) -> dict[str, Any]:
    """The record."""
    found: dict[str, Any] = json.loads(notebook.smt("show", "--json", "job"))["items"][0]
    return found


def until(state: str, ticket: Ticket) -> None:
    """Wait for a state; a minute is for a loaded machine."""
    deadline = time.monotonic() + 60
    while asked_elsewhere(ticket) != state and time.monotonic() < deadline:
        time.sleep(0.2)


def test_a_job_writes_its_record_though_nobody_waits(begun: Any) -> None:
    """Submitted and left: the ticket as JSON is enough to ask, and the record becomes finished with its output."""
    notebook, command = begun
    batch = FolderBatch(Ranks())
    assert isinstance(batch, SupportsDetached)

    (ticket,) = batch.submit([command(NAP="1")])
    assert asked_elsewhere(ticket) == "running"
    until("gone", ticket)

    found = row(notebook)
    assert (found["status"], found["exit_code"]) == ("finished", 0)
    assert [entry["path"] for entry in found["output_data"]] == ["job/out"]
    assert found["stdout"]["size"] == len("ranks 1\n")


def test_a_job_that_is_cancelled_says_so(begun: Any) -> None:
    """The batch system's SIGTERM reaches the program through the supervisor; the record says killed."""
    notebook, command = begun
    batch = FolderBatch()
    (ticket,) = batch.submit([command(NAP="50")])
    deadline = time.monotonic() + 30
    while row(notebook)["status"] != "running" and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1)

    batch.cancel([ticket])
    until("gone", ticket)

    assert (row(notebook)["status"], row(notebook)["signal"]) == ("killed", 15)


def test_modes_compose(tmp_path: Path) -> None:
    """A mode wraps the command of the mode inside it; arguments stay a list, folder and environment stay."""
    command = Command(("/bin/prog", "a b", "$x"), tmp_path, {"A": "1"})

    wrapped = FolderBatch(Ranks()).generate_command(command)

    assert wrapped.argv == ("/usr/bin/env", "RANKS=1", "/bin/prog", "a b", "$x")
    assert (wrapped.cwd, wrapped.env) == (command.cwd, command.env)


def test_a_state_by_process_number_alone_is_seen(begun: Any) -> None:
    """The control: a ticket of a process that is gone, whose number another one has now, is not running."""
    _, command = begun
    (ticket,) = FolderBatch().submit([command()])
    until("gone", ticket)

    reused = Ticket("folder", {**ticket.job, "pid": os.getpid()})

    assert asked_elsewhere(reused) == "gone"
