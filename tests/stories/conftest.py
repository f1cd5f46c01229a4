"""A real shell on a real terminal, in a git repository of its own, with a home that nobody has used."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cawan.kit import ctrl_c_heard

MAIN = '''\
"""How many shekels is a gourd worth? A random walk, read from a parameter file."""
import random
import sys
from pathlib import Path

import cawan.run

parameters = {}
for line in Path(sys.argv[1]).read_text().splitlines():
    name, _, value = line.partition("#")[0].partition("=")
    if value:
        parameters[name.strip()] = float(value)
cawan.run.report("pyNN", {"backend": "none", "timestep": 0.1, "seeds": [int(parameters["seed"])]})
walk = random.Random(int(parameters["seed"]))
worth = 3.5
for step in range(int(parameters["steps"])):
    worth += walk.gauss(0.0, 1.0 / parameters["tau_m"])
print(f"{step + 1} steps", file=sys.stderr)
Path("Data").mkdir(exist_ok=True)
Path("Data/worth.txt").write_text(f"{worth!r}\\n")
print("worth", worth, "shekels")
'''
DEFAULT = "# as in the talk of 2010\nseed = 65785   # any\nsteps = 100\ntau_m = 20.0    # ms\n"


class Shell:
    """An interactive bash: type a line, get what the terminal shows and the exit code."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], environment)  # noqa: S606
        self._read()

    def _read(self, patience: float = 60.0) -> tuple[str, int]:
        shown = b""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if select.select([self.terminal], [], [], 0.1)[0]:
                try:
                    shown += os.read(self.terminal, 1 << 16)
                except OSError:
                    break
                found = re.search(rb"\x01(\d+)\x02", shown)
                if found:
                    return shown[: found.start()].decode("utf-8", "replace").replace("\r\n", "\n"), int(found[1])
        raise AssertionError(f"The shell said nothing more within {patience} s: {shown[-2000:]!r}")

    def type(self, line: str) -> tuple[str, int]:
        """What the terminal shows after a line, without its echo, and the exit code."""
        os.write(self.terminal, line.encode("utf-8") + b"\n")
        shown, code = self._read()
        return shown.partition("\n")[2], code

    def interrupt(self, line: str, after: str, key: bytes = b"\x03") -> tuple[str, int]:
        """Type a line, and Ctrl-C or other keys once the terminal shows ``after`` on a later line than the echo."""
        os.write(self.terminal, line.encode("utf-8") + b"\n")
        shown = b""
        while not re.search(rf"\n.*{after}".encode(), shown, re.DOTALL):
            shown += os.read(self.terminal, 1 << 16)
        os.write(self.terminal, key)
        rest, code = self._read()
        return shown.decode("utf-8", "replace") + rest, code

    def close(self) -> None:
        """End the shell."""
        os.close(self.terminal)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> Iterator[None]:
    """Programs started here hear Ctrl-C."""
    with ctrl_c_heard():
        yield


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A fresh user's environment, with the notebook on the path and nothing else."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, so there is no repository to work in")
    home = tmp_path / "home"
    home.mkdir()
    scripts = Path(sys.executable).parent
    return {
        "HOME": str(home), "PATH": f"{scripts}:/usr/local/bin:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8",
        "PS1": "", "PROMPT_COMMAND": r'printf "\001%s\002" "$?"', "COLUMNS": "200", "OMP_WAIT_POLICY": "passive",
    }  # fmt: skip


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A git repository with a script and two parameter files, one commit old."""
    folder = tmp_path / "gourds"
    folder.mkdir()
    (folder / "main.py").write_text(MAIN)
    (folder / "default.param").write_text(DEFAULT)
    (folder / "romans.param").write_text(DEFAULT.replace("65785", "509"))
    author = ["-c", "user.name=Brian", "-c", "user.email=brian@example.org"]
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "First version"]):
        subprocess.run(["git", *words], cwd=folder, env=environment, check=True)
    return folder


@pytest.fixture
def shell(repository: Path, environment: dict[str, str]) -> Iterator[Shell]:
    """A shell in that repository."""
    opened = Shell(repository, environment)
    yield opened
    opened.close()
