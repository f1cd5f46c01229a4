"""Runs whose processes are gone: whoever looks next writes their end."""

from __future__ import annotations

import fcntl
import logging
import shutil
import time
from contextlib import suppress
from pathlib import Path

from sumatra.notebook import FOLDER, Notebook
from sumatra.processes import is_gone
from sumatra.running.job import FILE, LOCK, SUPERVISOR, Job, clear, read_json

_log = logging.getLogger(__name__)
_FILLED_WITHIN = 60.0  # s; filling the folder of a run takes milliseconds


def settle_dead(project: Notebook) -> list[str]:
    """Settle every run of this machine whose processes are gone; gives their labels."""
    runs = project.path / FOLDER / "runs"
    return [label for folder in sorted(runs.iterdir()) if (label := _settle_if_dead(folder, project))] \
        if runs.is_dir() else []  # fmt: skip


def _settle_if_dead(folder: Path, project: Notebook) -> str:
    job = _job(folder)
    if job is None:
        # Either it is being filled just now, or a kill came before it was, or while it was removed.
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > _FILLED_WITHIN:
                shutil.rmtree(folder, ignore_errors=True)
        return ""
    if not _dead(folder, job):
        return ""
    try:
        held = (folder / LOCK).open("ab")
    except FileNotFoundError:
        return ""  # somebody else has just settled it
    with held as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return ""
        if not (folder / FILE).exists():
            return ""
        known = {event.kind for _, event in project.store.read(project.name, record=job.record)}
        if not known or known & {"finished", "lost"}:
            clear(folder, job)  # killed before anything was promised, or after everything was written
            return ""
        from sumatra.running.settle import settle  # only then, as it costs more than the rest of smt list

        settle(folder, job, project)
    return job.label


def _job(folder: Path) -> Job | None:
    try:
        return Job.load(folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, TypeError, KeyError) as error:
        _log.warning("The run folder %s cannot be read and is left alone: %s", folder, error)
        return None


def _dead(folder: Path, job: Job) -> bool:
    processes = [read_json(folder / name) for name in (SUPERVISOR, "program.json")]
    known = [process for process in processes if process]
    return all(is_gone(process) for process in known or [job.process])
