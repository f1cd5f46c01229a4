"""One process on this machine."""

from __future__ import annotations

from cawan.launch import Command, LaunchMode


class SerialLaunchMode(LaunchMode):
    """Runs the command as it is."""

    interface = 1

    def generate_command(self, command: Command) -> Command:
        """The command itself."""
        return command
