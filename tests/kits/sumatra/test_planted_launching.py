"""Launch modes with one planted bug each: the kit must fail, by exactly these tests."""

from __future__ import annotations

import shlex
import subprocess
from typing import ClassVar

from cawan.launch import Command, LaunchMode
from sumatra.local.serial import SerialLaunchMode
from sumatra.testing.launching import LaunchKit


def _through_a_shell(command: Command, line: str) -> Command:
    return Command(("/bin/sh", "-c", line), command.cwd, command.env)


class JoinedForAShell(LaunchMode):
    """Gives a shell the words between quotation marks, inside which it looks for variables and commands."""

    interface = 1

    def generate_command(self, command: Command) -> Command:
        """One line for the shell."""
        words = (word.replace('"', r"\"") for word in command.argv[3:])
        return _through_a_shell(command, " ".join([shlex.join(command.argv[:3]), *(f'"{word}"' for word in words)]))


class EndForgotten(LaunchMode):
    """A wrapper that reports its own end."""

    interface = 1

    def generate_command(self, command: Command) -> Command:
        """The command, and then the end of the wrapper."""
        return _through_a_shell(command, f"{shlex.join(command.argv)}; exit 5")


class StartsEarly(SerialLaunchMode):
    """Runs the program while the command is made."""

    def generate_command(self, command: Command) -> Command:
        """The command, which has run already."""
        subprocess.run(command.argv, cwd=command.cwd, check=False)
        return command


class Unchecked(SerialLaunchMode):
    """Finds out when it is too late that there is no such program."""

    def check(self, command: Command) -> None:
        """Nothing."""


class TestJoinedForAShell(LaunchKit):
    """Arguments that a shell takes apart are caught."""

    mode = JoinedForAShell
    known_failures: ClassVar[dict[str, str]] = {"test_arguments_arrive_byte_for_byte": "planted"}


class TestEndForgotten(LaunchKit):
    """A launcher whose end says nothing of the program's is caught."""

    mode = EndForgotten
    known_failures: ClassVar[dict[str, str]] = {
        "test_exit_code_arrives": "planted", "test_signal_arrives": "planted",
    }  # fmt: skip


class TestStartsEarly(LaunchKit):
    """A program that runs before it is launched is caught."""

    mode = StartsEarly
    known_failures: ClassVar[dict[str, str]] = {"test_generating_starts_nothing": "planted"}


class TestUnchecked(LaunchKit):
    """A mode that does not look for the program is caught."""

    mode = Unchecked
    known_failures: ClassVar[dict[str, str]] = {"test_missing_program_is_said": "planted"}
