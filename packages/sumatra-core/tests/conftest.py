"""A git repository with a script, a home that nobody has used, and ``smt`` as a command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cawan.kit import ctrl_c_heard

SCRIPT = """\
import os, sys, time
from pathlib import Path
output = Path(os.environ["SMT_OUTPUT"])
(output / "result.txt").write_text(os.environ["SMT_LABEL"] + "\\n")
print("done", *sys.argv[1:])
"""


class Notebook:
    """A project folder, and ``smt`` in it."""

    def __init__(self, path: Path, environment: dict[str, str]) -> None:
        self.path, self.environment = path, environment

    def start(self, *words: str, **options: object) -> subprocess.Popen[bytes]:
        """Start ``smt`` without waiting."""
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        command = [sys.executable, "-m", "sumatra", *words]
        return subprocess.Popen(command, cwd=self.path, env=self.environment, **settings)  # type: ignore[call-overload, no-any-return]

    def smt(self, *words: str, code: int | None = 0) -> str:
        """Run ``smt`` to its end and give its standard output; the exit code must be ``code``."""
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        assert code is None or process.returncode == code, (words, process.returncode, out, err)
        return os.fsdecode(out)

    def plant(self, bug: str) -> None:
        """Plant a bug: every ``smt`` from here on begins with these lines of Python."""
        folder = Path(".git", "planted")  # goes with the project wherever it is copied
        (self.path / folder).mkdir()
        (self.path / folder / "sitecustomize.py").write_text(bug)
        self.environment["PYTHONPATH"] = str(folder)

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).write_text(text)

    def commit(self) -> None:
        """Commit everything."""
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        for words in (["add", "-A"], [*author, "commit", "-q", "-m", "more"]):
            subprocess.run(["git", *words], cwd=self.path, env=self.environment, check=True)

    def processes(self) -> list[int]:
        """Every process that was started from here, found by its environment."""
        mark = f"SMT_TEST_HOME={self.environment['HOME']}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    if mark in (folder / "environ").read_bytes().split(b"\0"):
                        found.append(int(folder.name))
                except OSError:
                    continue
        return found

    def kill_everything(self) -> None:
        """SIGKILL to ``smt``, supervisors and programs alike."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def begin_notebook(folder: Path) -> Notebook:
    """A git repository with a script and a parameter file, and a home that nobody has used."""
    home = folder / "home"
    home.mkdir(exist_ok=True)
    keep = ("PATH", "LANG", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment |= {"HOME": str(home), "SMT_TEST_HOME": str(home)}
    path = folder / "project"
    path.mkdir()
    (path / "main.py").write_text(SCRIPT)
    (path / "default.param").write_text("tau_m = 20.0  # ms\nn = 4\n")
    subprocess.run(["git", "init", "-q"], cwd=path, env=environment, check=True)
    notebook = Notebook(path, environment)
    notebook.commit()
    return notebook


@pytest.fixture(autouse=True, scope="session")
def _interruptible() -> Iterator[None]:
    """Programs started here hear Ctrl-C."""
    with ctrl_c_heard():
        yield


@pytest.fixture
def make_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Notebook]:
    """Makes a notebook; the cache of this process goes into the same fresh home."""
    pytest.importorskip("sumatra_git", reason="sumatra-git is not installed, so no repository can be read")
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return lambda: begin_notebook(tmp_path)


@pytest.fixture
def notebook(make_notebook: Callable[[], Notebook]) -> Notebook:
    """An initialised project that runs ``main.py`` with this Python."""
    made = make_notebook()
    made.smt("init", "trial", "--executable=python", "--main=main.py")
    return made


def _with_two_records(made: Notebook) -> Notebook:
    made.smt("init", "trial", "--executable=python", "--main=main.py")
    made.smt("run", "--label=one", "--reason=a first try, wie Zoë sagt", "default.param")
    made.smt("run", "--label=two", "--tag=fig 3", "default.param", "tau_m=10.0")
    return made


@pytest.fixture
def used(make_notebook: Callable[[], Notebook]) -> Notebook:
    """A project with two records, the second with another parameter and a tag."""
    return _with_two_records(make_notebook())


@pytest.fixture(scope="session")
def make_shared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Notebook]:
    """Makes a notebook that several tests share."""
    pytest.importorskip("sumatra_git", reason="sumatra-git is not installed, so no repository can be read")
    return lambda: begin_notebook(tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="session")
def only_read(make_shared: Callable[[], Notebook]) -> Notebook:
    """The same, made once, for tests that change nothing in it."""
    return _with_two_records(make_shared())
