"""The kit for launch modes, run with real programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from cawan.launch import Command, LaunchError, LaunchMode, SupportsDetached

from sumatra.testing._kit import Kit
from sumatra.testing._repository_making import expect

__all__ = ["LaunchKit"]

WORDS = ("two words", "semi;colon", "$HOME", "*", "'quote\"", "new\nline", "-x", "--", "", "ü", "back\\slash", "`id`",
         os.fsdecode(b"\xff"))  # fmt: skip
_SHOW = (
    "import json, os, sys\n"
    "print(json.dumps([[os.fsencode(w).hex() for w in sys.argv[1:]], os.getcwd(), os.environ.get('A')]))"
)


class LaunchKit(Kit):
    """A launch mode hands on the command: argument by argument, folder, environment and end."""

    mode: ClassVar[type[LaunchMode]]

    def make(self) -> LaunchMode:
        """The mode, with the options it needs here."""
        return self.mode()

    def run(self, tmp_path: Path, code: str, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run Python code through the mode, to its end."""
        env = {**os.environ, "A": "a b"}
        command = Command((sys.executable, "-c", code, *words), tmp_path, env)
        mode = self.make()
        mode.check(command)
        made = mode.generate_command(command)
        return subprocess.run(made.argv, cwd=made.cwd, env=dict(made.env), capture_output=True, check=False, timeout=60)

    def test_arguments_arrive_byte_for_byte(self, tmp_path: Path) -> None:
        """No shell ever sees an argument; folder and environment are as asked."""
        done = self.run(tmp_path, _SHOW, *WORDS)

        arguments, cwd, variable = json.loads(done.stdout)
        expect(arguments, [os.fsencode(word).hex() for word in WORDS], "arguments")
        expect((Path(cwd).resolve(), variable), (tmp_path.resolve(), "a b"), "folder and variable")

    @pytest.mark.parametrize("code", [0, 1, 3, 77])
    def test_exit_code_arrives(self, tmp_path: Path, code: int) -> None:
        """Exit n is n."""
        expect(self.run(tmp_path, f"import sys; sys.exit({code})").returncode, code, "exit code")

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
    def test_signal_arrives(self, tmp_path: Path, number: int) -> None:
        """An end by signal s is that signal, or 128 + s from a launcher that cannot die so itself."""
        code = self.run(tmp_path, f"import os; os.kill(os.getpid(), {int(number)})").returncode

        expect(code in (-number, 128 + number), True, f"exit code {code} for signal {number}")

    def test_generating_starts_nothing(self, tmp_path: Path) -> None:
        """generate_command is pure: twice the same, and nothing ran."""
        command = Command((sys.executable, "-c", "open('ran', 'w')"), tmp_path, {})

        expect(self.make().generate_command(command), self.make().generate_command(command), "command")
        expect(list(tmp_path.iterdir()), [], "files")

    def test_missing_program_is_said(self, tmp_path: Path) -> None:
        """A program or folder that is not there is one sentence that names it."""
        with pytest.raises(LaunchError, match="nothing"):
            self.make().check(Command((str(tmp_path / "nothing"),), tmp_path, {}))
        with pytest.raises(LaunchError, match="gone"):
            self.make().check(Command((sys.executable,), tmp_path / "gone", {}))

    def test_settings_make_the_same_mode(self) -> None:
        """The settings are JSON, and the constructor takes them."""
        mode = self.make()
        again = type(mode)(**json.loads(json.dumps(mode.settings)))

        expect(again.settings, mode.settings, "settings")

    def test_tickets_are_plain_data(self, tmp_path: Path) -> None:
        """A submitted job can be asked about from its ticket's JSON alone."""
        mode = self.make()
        if not isinstance(mode, SupportsDetached):
            pytest.skip("this mode runs here and now")
        tickets = mode.submit([Command((sys.executable, "-c", "pass"), tmp_path, dict(os.environ))])
        ticket = type(tickets[0])(tickets[0].mode, json.loads(json.dumps(dict(tickets[0].job))))

        expect(mode.poll([ticket])[0] in ("waiting", "running", "gone", "unknown"), True, "state")
