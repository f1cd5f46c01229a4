"""The interface of a launch mode: how a command is wrapped so that it runs on one core, many, or another machine.

Running itself is the notebook's: one supervisor for all modes, beside the computation.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from cawan.errors import CawanError
from cawan.fast_dataclasses import dataclass, field

if TYPE_CHECKING:
    from cawan.events import JSON
    from cawan.options import Option

JobState: TypeAlias = Literal["waiting", "running", "gone", "unknown"]


class LaunchError(CawanError):
    """A command that cannot be started."""

    exit_code = 66


@dataclass(frozen=True, slots=True)
class Command:
    """A program and its arguments as a list; no shell ever sees it.

    Attributes
    ----------
    argv
        The program's path and its arguments, passed on byte for byte.
    cwd
        The folder it runs in.
    env
        The whole environment.
    stdin, stdout
        Files, or None for the notebook's own streams.
    """

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    stdin: Path | None = None
    stdout: Path | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A submitted job, as plain data, so that another process can ask about it next week."""

    mode: str
    job: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Platform:
    """The machine a computation ran on.

    Attributes
    ----------
    processor
        The processor's model, as the machine calls it.
    cores
        Those this process may use.
    memory
        Bytes of main memory, 0 where unknown.
    """

    network_name: str = ""
    system_name: str = ""
    release: str = ""
    version: str = ""
    machine: str = ""
    processor: str = ""
    architecture_bits: str = ""
    architecture_linkage: str = ""
    cores: int = 0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Program:
    """What runs a script: an interpreter, a simulator, or the compiled program itself."""

    path: Path
    name: str
    version: str = ""
    options: tuple[str, ...] = field(default=())


class LaunchMode(ABC):
    """One way to start a command. The entry-point name in ``sumatra.launch_modes`` is the mode's name."""

    interface: ClassVar[int] = 1
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({})

    @abstractmethod
    def generate_command(self, command: Command) -> Command:
        """The command as this mode runs it, such as ``("srun", "-n", "4", *argv)``; starts nothing."""

    @property
    def settings(self) -> dict[str, JSON]:
        """What the constructor needs, by keyword, to make this mode again."""
        return {}

    def check(self, command: Command) -> None:
        """Raise :class:`LaunchError` where the command cannot start: program, folder or input file missing."""
        for what, path, there, option in (
            ("program", Path(command.argv[0]), Path.is_file, "--executable PATH"),
            ("folder", command.cwd, Path.is_dir, "cd"), ("input file", command.stdin, Path.is_file, "--stdin FILE"),
        ):  # fmt: skip
            if path is not None and not there(path):
                raise LaunchError(f"The {what} {str(path)!r} does not exist. Give another with: {option}")

    def get_platform_information(self) -> list[Platform]:
        """The machines the command will run on, without touching the network; none: this one, as the core sees it."""
        return []


@runtime_checkable
class SupportsDetached(Protocol):
    """A mode that hands commands to a batch system or another machine."""

    def submit(self, commands: Sequence[Command]) -> list[Ticket]:
        """Submit one job, or several as an array; a ticket each."""

    def poll(self, tickets: Sequence[Ticket]) -> list[JobState]:
        """What the batch system says of each; works in any process, from the ticket alone."""

    def cancel(self, tickets: Sequence[Ticket]) -> None:
        """Stop them; one that is gone already is no error."""

    def bring(self, ticket: Ticket, into: Path) -> None:
        """Copy what the job wrote, where no file system is shared."""
