"""The notebook under what a day on a cluster does to it: kills, crowds, a full disk, large files."""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif("CAWAN_ENDURANCE" not in os.environ, reason="takes minutes: nox -s endurance")
KILLS = int(os.environ.get("CAWAN_ENDURANCE") or 200)
SCRIPT = """\
import os, time
from pathlib import Path
time.sleep(float(os.environ.get("NAP", "0.05")))
(Path(os.environ["SMT_OUTPUT"]) / "own.txt").write_text(os.environ["SMT_LABEL"])
print("done", os.environ["SMT_LABEL"])
"""


class Project:
    """A git repository with a script, and a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "project"
        self.path.mkdir()
        (folder / "home").mkdir()
        keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.environment = {**keep, "HOME": str(folder / "home"), "MARK": str(folder)}
        (self.path / "main.py").write_text(SCRIPT)
        author = ["-c", "user.name=A", "-c", "user.email=a@localhost"]
        for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "first"]):
            subprocess.run(["git", *words], cwd=self.path, env=self.environment, check=True)
        self.smt("init", "trial", "--executable", sys.executable, "--main=main.py")

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """smt, in a process group of its own."""
        return subprocess.Popen([sys.executable, "-m", "sumatra", *words], cwd=self.path, env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, process_group=0)  # fmt: skip

    def smt(self, *words: str, code: int = 0) -> str:
        """smt to its end."""
        process = self.start(*words)
        out, err = process.communicate(timeout=600)
        assert process.returncode == code, (words, process.returncode, out[-500:], err[-500:])
        return out.decode()

    def processes(self) -> list[int]:
        """Every process that was started from here."""
        mark = f"MARK={self.environment['MARK']}".encode()
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit() and int(folder.name) != os.getpid():
                try:
                    if mark in (folder / "environ").read_bytes().split(b"\0"):
                        found.append(int(folder.name))
                except OSError:
                    continue
        return found

    def kill_all(self) -> None:
        """SIGKILL to smt, supervisor and program at once."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An initialised project."""
    return Project(tmp_path)


def test_kills_lose_nothing(project: Project) -> None:
    """R1: everything is killed at random moments; what was announced is there, ended, and the store is sound."""
    announced = []
    draw = random.Random(1)
    for k in range(KILLS):
        process = project.start("run", f"--label=run-{k}")
        # Half of the kills in the first or last tenth of a second of a run that takes about 0.7 s.
        time.sleep(draw.choice([draw.uniform(0.0, 1.0), draw.uniform(0.25, 0.35), draw.uniform(0.55, 0.75)]))
        project.kill_all()
        out, _ = process.communicate()
        if f"'run-{k}'".encode() in out:
            announced.append(f"run-{k}")

    listed = project.smt("list").split()
    states = {row["label"]: row["status"] for row in json.loads(project.smt("list", "--json"))["items"]}

    assert set(announced) <= set(listed)
    assert set(states.values()) <= {"finished", "lost", "killed"}
    project.smt("fsck")
    status = subprocess.run(["git", "status", "--porcelain", "--ignored"], cwd=project.path, env=project.environment,
                            capture_output=True, text=True, check=True)  # fmt: skip
    assert {line.split()[-1] for line in status.stdout.splitlines()} <= {".smt/", "Data/"}
    print(f"{KILLS} kills, {len(announced)} announced, {len(listed)} recorded: {sorted(set(states.values()))}")


def test_only_smt_is_killed(project: Project) -> None:
    """R2: the program lives on, and its record becomes finished with its output, each time."""
    project.environment["NAP"] = "1.0"
    for k in range(max(5, KILLS // 10)):
        process = project.start("run", f"--label=run-{k}")
        assert process.stdout is not None
        process.stdout.readline()  # the label is announced
        time.sleep(random.uniform(0.0, 0.4))
        process.kill()
        process.communicate()
    deadline = time.monotonic() + 60
    while project.processes() and time.monotonic() < deadline:
        time.sleep(0.2)

    rows = json.loads(project.smt("list", "--json"))["items"]
    assert {row["status"] for row in rows} == {"finished"}
    assert all([entry["path"] for entry in row["output_data"]] == [f"{row['label']}/own.txt"] for row in rows)


def test_fifty_at_once(project: Project) -> None:
    """C1: 50 runs start together: 50 records, 50 labels, all finished, each with exactly its own output."""
    alone = time.monotonic()
    project.smt("run")
    alone = time.monotonic() - alone
    start = time.monotonic()
    running = [project.start("run") for _ in range(50)]
    for process in running:
        _, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
    took = time.monotonic() - start

    rows = json.loads(project.smt("list", "--json"))["items"]
    assert len(rows) == 51 and len({row["label"] for row in rows}) == 51
    assert {row["status"] for row in rows} == {"finished"}
    for row in rows:
        assert [entry["path"] for entry in row["output_data"]] == [f"{row['label']}/own.txt"]
        assert (project.path / "Data" / row["label"] / "own.txt").read_text() == row["label"]
    print(f"one run {alone:.2f} s, 50 at once {took:.1f} s")


def test_many_who_comment(project: Project) -> None:
    """C2: 20 processes comment on and tag one record ten times each: 200 comments and tags, none lost."""
    project.smt("run", "--label=one")
    code = ("import sys\nfrom sumatra.notebook import open_notebook\np = open_notebook()\n"
            "for k in range(10):\n    p.amend('one', append={'outcome': f'{sys.argv[1]}-{k}'}, "
            "add={'tags': [f't{sys.argv[1]}-{k}']})\n")  # fmt: skip
    running = [subprocess.Popen([sys.executable, "-c", code, str(k)], cwd=project.path, env=project.environment)
               for k in range(20)]  # fmt: skip
    assert [process.wait(300) for process in running] == [0] * 20

    (row,) = json.loads(project.smt("show", "--json", "one"))["items"]
    wanted = {f"{a}-{b}" for a in range(20) for b in range(10)}
    assert set(row["outcome"].split("\n")) == wanted
    assert set(row["tags"]) == {f"t{word}" for word in wanted}


def test_a_full_disk(project: Project) -> None:
    """Files may not grow any more: one sentence and exit code 73 to 75, and every earlier record is as it was."""
    project.smt("run", "--label=one")
    before = project.smt("list", "-l")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    command = [sys.executable, "-m", "sumatra", "run", "--label=two"]
    done = subprocess.run(command, cwd=project.path, env=project.environment, capture_output=True, text=True,
                          check=False, preexec_fn=limit, timeout=30)  # fmt: skip

    assert done.returncode in (73, 74, 75), done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3 and "Traceback" not in done.stderr
    assert project.smt("list", "-l", "one") == before


def test_a_large_output(project: Project) -> None:
    """D1: a sparse file of 6 GB is hashed block by block, within 200 MB of memory."""
    (project.path / "main.py").write_text(
        "import os\nfrom pathlib import Path\nwith open(Path(os.environ['SMT_OUTPUT']) / 'big', 'wb') as file:\n"
        "    file.truncate(6 << 30)\n"
    )
    project.smt("configure", "--on-changed=store-diff")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    project.smt("run", "--label=big")

    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < max(200_000, before + 1)
    (row,) = json.loads(project.smt("show", "--json", "big"))["items"]
    assert row["output_data"][0]["size"] == 6 << 30


def test_a_hundred_megabytes_of_text(project: Project) -> None:
    """D2: long console text is kept byte for byte, and the list stays fast."""
    (project.path / "main.py").write_text(
        "import sys\nfor k in range(1600):\n    sys.stdout.buffer.write(bytes(range(256)) * 256)\n"
    )
    project.smt("configure", "--on-changed=store-diff")
    process = project.start("run", "--label=long")
    out, _ = process.communicate(timeout=300)
    assert bytes(range(256)) * 256 * 1600 in out

    start = time.monotonic()
    project.smt("list", "-l")
    assert time.monotonic() - start < 3.0
    (row,) = json.loads(project.smt("show", "--json", "long"))["items"]
    assert row["stdout"]["size"] == 256 * 256 * 1600
