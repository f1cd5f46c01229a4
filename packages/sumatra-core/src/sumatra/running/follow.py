"""What the user sees of a run: the console, live, until the supervisor has written the end of the record."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import BinaryIO

from cawan.records import StoreWriteError

from sumatra.notebook import Notebook
from sumatra.running.supervise import FORWARDED, fork


class _Shown:
    """One stream: a file that grows, and the descriptor on which it is shown."""

    def __init__(self, file: BinaryIO, descriptor: int) -> None:
        self.file, self.descriptor = file, descriptor

    def show(self) -> None:
        """Copy what is new; a reader that has gone away is no reason to stop the run."""
        while data := self.file.read(1 << 16):
            view = memoryview(data)
            while view and self.descriptor >= 0:
                try:
                    view = view[os.write(self.descriptor, view) :]
                except BlockingIOError:
                    select.select([], [self.descriptor], [])
                except OSError:
                    self.descriptor = -1


@contextmanager
def _forwarding(pid: int) -> Iterator[None]:
    """Meanwhile signals to ``smt`` are signals to the program."""

    def forward(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, number)

    heard = [number for number in FORWARDED if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, forward) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run_to_end(
    project: Notebook, folder: Path, label: str, *, quiet: bool = False, meanwhile: Callable[[], object] | None = None
) -> None:
    """Run, show the console, and see to it that the record has an end.

    Raises
    ------
    StoreWriteError
        What the run did could not be recorded; the record says that it was lost.
    """
    project.store.close()
    failure = run(folder, quiet=quiet, meanwhile=meanwhile)
    if folder.exists():
        from sumatra.running.dead import settle_dead

        settle_dead(project)  # the supervisor could not write the end: do it here, or say why not
    if failure and "exit_code" not in project.get(label).fields:
        raise StoreWriteError(failure)


def run(folder: Path, *, quiet: bool = False, meanwhile: Callable[[], object] | None = None) -> str:
    """Start the supervisor of a run folder and show its streams until it ends; gives what went wrong with it, or "".

    Parameters
    ----------
    quiet
        Show nothing.
    meanwhile
        Called once the supervisor is on its way: what the caller needs afterwards and may load now.
    """
    told = b""
    terminals = [] if quiet else [fd for fd in (1, 2) if os.isatty(fd)]
    with ExitStack() as stack:
        streams = []
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            (folder / name).touch()
            file = stack.enter_context((folder / name).open("rb", buffering=0))
            streams.append(_Shown(file, -1 if quiet else descriptor))
        reading, wake = os.pipe()
        stack.callback(os.close, reading)
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
        try:
            pid = fork(folder, wake, terminals)
        finally:
            os.close(wake)
        with _forwarding(pid):
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
            if meanwhile is not None:
                meanwhile()
            while data := os.read(reading, 1 << 12):
                told += data if told else data[data.find(b"\0") :] if b"\0" in data else b""
                for stream in streams:
                    stream.show()
            os.waitpid(pid, 0)
        for stream in streams:
            stream.show()
    return os.fsdecode(told[1:])
