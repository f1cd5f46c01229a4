"""The supervisor: beside the computation, in a session of its own, so that killing ``smt`` orphans nothing.

It starts the program, keeps its streams byte for byte, forwards signals, and writes the end of the record.
``python -m sumatra.supervise FOLDER`` does the same inside a batch job.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import resource
import selectors
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from cawan.errors import CawanError
from cawan.events import JSON, canonical
from cawan.records import StoreWriteError, SupportsHeartbeat

from sumatra.local.durable import write_file
from sumatra.notebook import Notebook, open_notebook
from sumatra.processes import identity
from sumatra.running.environment import platform_document, this_machine
from sumatra.running.job import BEFORE, EXIT, LOCK, SUPERVISOR, Job
from sumatra.running.outputs import snapshot

_log = logging.getLogger(__name__)
_BEAT = 10.0  # s between heartbeats
_POLL = 0.05  # s; only while the program lives on with its streams closed, or a child of its holds them
FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def fork(folder: Path, wake: int, terminals: Sequence[int]) -> int:
    """Start the supervisor of a run; gives its process number.

    Parameters
    ----------
    wake
        The writing end of a pipe; a byte comes through it whenever there is more console text.
    terminals
        Those of the descriptors 1 and 2 that are terminals: the program gets a terminal there too.
    """
    sizes = {fd: fcntl.ioctl(fd, termios.TIOCGWINSZ, b"\0" * 8) for fd in terminals}
    pid = os.fork()
    if pid:
        return pid
    status = 70
    try:
        os.setsid()
        _leave_streams(folder)
        supervise(folder, wake, sizes)
        status = 0
    except BaseException as error:  # noqa: BLE001 - the last frame of this process: it is told, then the process ends
        _log.exception("the supervisor of %s failed", folder)
        _tell(wake, error)
    finally:
        os._exit(status)


def _tell(wake: int, error: BaseException) -> None:
    """Send ``smt``, if it still is there, what went wrong: a NUL, then the sentence."""
    text = str(error) if isinstance(error, CawanError) else f"The run could not be watched or recorded: {error}."
    with contextlib.suppress(OSError):
        os.set_blocking(wake, True)
        os.write(wake, b"\0" + os.fsencode(text)[:2000])


def _leave_streams(folder: Path) -> None:
    """Let go of the user's output, so that whoever reads it sees its end when ``smt`` is gone."""
    try:
        log = os.open(folder / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:  # a full disk; what matters goes to smt too
        log = os.open(os.devnull, os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)


def supervise(folder: Path, wake: int = -1, terminals: dict[int, bytes] | None = None) -> None:
    """Run the job of a folder to its end and write it down."""
    job = Job.load(folder)
    with (folder / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        project = open_notebook(Path(job.project_path))
        write_file(folder / SUPERVISOR, canonical(identity()))
        Path(job.output).mkdir(parents=True, exist_ok=True)
        (folder / BEFORE).write_bytes(canonical(snapshot(Path(job.data_root))))
        project.append(job.record, "launched", _launched(job))
        watched = _Watched(folder, job, project, wake)
        ended = watched.run(terminals or {})
        try:
            write_file(folder / EXIT, canonical(ended))
        except StoreWriteError as error:  # it would help only where this process were killed now
            _log.warning("%s", error)
        from sumatra.running.settle import settle  # loaded already, while the program ran

        settle(folder, job, project, ended, watched.warnings)


def _launched(job: Job) -> dict[str, JSON]:
    return {
        "process": identity(), "platforms": [platform_document(this_machine())],
        "launched": datetime.now(UTC).isoformat(timespec="microseconds"),
    }  # fmt: skip


def _load_the_rest(program: subprocess.Popen[bytes]) -> None:
    """Import what writes the end of the record, beside the program rather than before or after it."""
    for name in ("settle", "loaded", "observed"):
        import_module(f"sumatra.running.{name}")
    if program.poll() is None:
        import_module("importlib.metadata")  # for packages, which a program that ended at once has hardly imported


class _Watched:
    """The program of one job, and the files that keep its streams."""

    def __init__(self, folder: Path, job: Job, project: Notebook, wake: int) -> None:
        self.folder, self.job, self.project, self.wake = folder, job, project, wake
        self.selector = selectors.DefaultSelector()
        self.program: subprocess.Popen[bytes] | None = None
        self.received: list[int] = []
        self.warnings: list[str] = []
        if wake >= 0:
            os.set_blocking(wake, False)

    def run(self, terminals: dict[int, bytes]) -> dict[str, JSON]:
        """Start the program and wait for its end; gives exit code, signal, times and memory."""
        for wanted in FORWARDED:
            if signal.getsignal(wanted) is not signal.SIG_IGN:
                signal.signal(wanted, self._forward)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)  # smt blocked them until we were ready
        begun, start = datetime.now(UTC), time.monotonic()
        ends = {fd: self._stream(fd, terminals.get(fd)) for fd in (1, 2)}
        try:
            self._start(ends)
        except OSError as error:
            text = f"The program {self.job.argv[0]!r} could not be started: {error.strerror}.\n"
            (self.folder / "stderr").write_bytes(os.fsencode(text))
            code, number = 126 if isinstance(error, PermissionError) else 127, 0
        else:
            self._copy()
            status = self.program.wait() if self.program else 0
            code, number = (128 - status, -status) if status < 0 else (status, 0)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        scale = 1 if sys.platform == "darwin" else 1024  # Linux counts kB, macOS bytes
        return {
            "exit_code": code, "signal": number, "duration": time.monotonic() - start, "begun": _text(begun),
            "ended": _text(datetime.now(UTC)), "cpu_time": used.ru_utime + used.ru_stime,
            "peak_memory": used.ru_maxrss * scale,
        }  # fmt: skip

    def _forward(self, number: int, frame: FrameType | None) -> None:
        self.received.append(number)
        if self.program is not None and self.program.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.program.pid, number)

    def _stream(self, fd: int, size: bytes | None) -> int:
        """A pipe, or a terminal of the user's size; its reading end goes to the selector, this is the writing end."""
        if size is None:
            reading, writing = os.pipe()
        else:
            reading, writing = os.openpty()
            attributes = termios.tcgetattr(writing)
            attributes[1] &= ~termios.OPOST  # the user's own terminal does that; here bytes stay as they are
            termios.tcsetattr(writing, termios.TCSANOW, attributes)
            fcntl.ioctl(writing, termios.TIOCSWINSZ, size)
        os.set_blocking(reading, False)
        name = "stdout" if fd == 1 else "stderr"
        # Unbuffered: what the program wrote is in the file also where everything is killed at once.
        kept = (self.folder / name).open("ab", buffering=0)
        self.selector.register(reading, selectors.EVENT_READ, kept)
        return writing

    def _start(self, ends: dict[int, int]) -> None:
        job = self.job
        with contextlib.ExitStack() as files:
            stdin = files.enter_context(open(job.stdin, "rb")) if job.stdin else None
            stdout: int | BinaryIO = files.enter_context(open(job.stdout, "wb")) if job.stdout else ends[1]
            try:
                self.program = subprocess.Popen(
                    job.argv, cwd=job.cwd, env={**os.environ, **job.variables(self.folder)}, stdin=stdin,
                    stdout=stdout, stderr=ends[2], process_group=0,
                )  # fmt: skip
            finally:
                for end in ends.values():
                    os.close(end)
        try:
            (self.folder / "program.json").write_bytes(canonical(identity(self.program.pid)))
        except OSError as error:  # it runs, and that is what matters
            self.warnings.append(f"The program's process number was not kept: {error}.")
        _load_the_rest(self.program)
        for number in self.received:
            self._forward(number, None)

    def _copy(self) -> None:
        """Until the program has ended and nothing more comes; a child of its that holds a stream is not waited for."""
        beaten, patience = 0.0, 1.0  # s for a child that goes on writing after the program's end
        program = self.program
        while program is not None:
            if time.monotonic() - beaten > _BEAT:
                beaten = time.monotonic()
                self._beat()
            ended = program.poll() is not None
            ready = self.selector.select(0 if ended else _POLL) if self.selector.get_map() else []
            for key, _ in ready:
                self._take(key.fd, key.data)
            patience -= _POLL * ended
            if ended and (not ready or patience < 0):
                return
            if not ready and not self.selector.get_map():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    program.wait(_POLL)

    def _take(self, fd: int, kept: BinaryIO) -> None:
        try:
            data = os.read(fd, 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # a terminal says so when its last user is gone
        if data:
            try:
                kept.write(data)
            except OSError as error:  # the program goes on, with nobody listening
                self._warn(f"Console text was lost: {error.strerror}.")
            self._wake()
        else:
            self.selector.unregister(fd)
            kept.close()
            os.close(fd)

    def _wake(self) -> None:
        if self.wake >= 0:
            try:
                os.write(self.wake, b".")
            except BlockingIOError:
                return  # enough is in the pipe to wake smt
            except BrokenPipeError:
                self.wake = -1  # smt was killed; the computation goes on

    def _beat(self) -> None:
        store = self.project.store
        try:
            if isinstance(store, SupportsHeartbeat):
                store.beat(self.project.name, self.job.record)
        except OSError as error:
            self._warn(f"Nobody could see that the run was alive: {error}")

    def _warn(self, text: str) -> None:
        """Say something in the record, once."""
        if text not in self.warnings:
            self.warnings.append(text)


def _text(time: datetime) -> str:
    return time.isoformat(timespec="microseconds")
