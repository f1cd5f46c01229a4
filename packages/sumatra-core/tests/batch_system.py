"""A batch system in a folder: a job is a real process in a session of its own, which outlives whoever submitted it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from cawan.launch import Command, JobState, LaunchMode, Ticket

_LEAVE = """\
import os, sys
pid = os.fork()
if pid:
    print(pid)
else:
    os.setsid()
    os.dup2(2, 1)
    os.execv(sys.argv[1], sys.argv[1:])
"""


class Ranks(LaunchMode):
    """What ``mpiexec -n 1`` does: a program before the program."""

    def generate_command(self, command: Command) -> Command:
        """``env RANKS=1`` before it."""
        return replace(command, argv=("/usr/bin/env", "RANKS=1", *command.argv))


class FolderBatch(LaunchMode):
    """Submits by ``setsid``; a ticket holds the process number and the boot time of the process."""

    def __init__(self, inner: LaunchMode | None = None) -> None:
        self.inner = inner

    def generate_command(self, command: Command) -> Command:
        """What runs inside the job: the inner mode's command."""
        return self.inner.generate_command(command) if self.inner else command

    def submit(self, commands: Sequence[Command]) -> list[Ticket]:
        """Start each and leave it alone."""
        tickets = []
        for command in map(self.generate_command, commands):
            done = subprocess.run([sys.executable, "-c", _LEAVE, *command.argv], cwd=command.cwd, env=dict(command.env),
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)  # fmt: skip
            pid = int(done.stdout.split()[0])
            tickets.append(Ticket("folder", {"pid": pid, "born": _born(pid)}))
        return tickets

    def poll(self, tickets: Sequence[Ticket]) -> list[JobState]:
        """Is it still the same process?"""
        return ["running" if _born(t.job["pid"]) == t.job["born"] else "gone" for t in tickets]

    def cancel(self, tickets: Sequence[Ticket]) -> None:
        """SIGTERM to the whole job."""
        for ticket in tickets:
            with suppress(ProcessLookupError):
                os.killpg(int(str(ticket.job["pid"])), signal.SIGTERM)

    def bring(self, ticket: Ticket, into: Path) -> None:
        """The file system is shared."""


def _born(pid: object) -> str:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


if __name__ == "__main__":  # another process asks, from the ticket's JSON alone
    about = json.loads(sys.argv[1])
    print(FolderBatch().poll([Ticket(about["mode"], about["job"])])[0])
