"""What a user loses when something dies: nothing that was acknowledged."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import time
from typing import Any

import pytest


def rows(notebook: Any) -> list[dict[str, Any]]:
    """What ``smt list --json`` says."""
    items: list[dict[str, Any]] = json.loads(notebook.smt("list", "--json"))["items"]
    return items


@pytest.mark.parametrize("begin", ["used", "new"])
def test_concurrent_runs_are_all_recorded(make_notebook: Any, begin: str) -> None:
    """24 runs started in the same second give 24 records, 24 labels, each finished and with exactly its own output."""
    notebook = make_notebook()
    notebook.smt("init", "trial", "--executable=python", "--main=main.py")
    if begin == "used":
        notebook.smt("run", "default.param")

    processes = [notebook.start("run", "default.param") for _ in range(24)]
    ends = [(*process.communicate(timeout=240), process.returncode) for process in processes]

    assert [end[2] for end in ends] == [0] * 24, next(end for end in ends if end[2])
    found = rows(notebook)
    assert len(found) == 24 + (begin == "used")
    assert len({row["label"] for row in found}) == len(found)
    for row in found:
        assert row["status"] == "finished"
        assert [entry["path"] for entry in row["output_data"]] == [f"{row['label']}/result.txt"]
        assert not row["output_data"][0]["contested"]


def test_no_comment_is_lost(notebook: Any) -> None:
    """20 processes comment on and tag one record at once: every comment and every tag is there."""
    notebook.smt("run", "--label=shared", "default.param")

    words = [["comment", "shared", f"comment {k};"] for k in range(20)]
    words += [["tag", f"tag {k}", "shared"] for k in range(20)]
    processes = [notebook.start(*line) for line in words]
    for process in processes:
        out, err = process.communicate(timeout=240)
        assert process.returncode == 0, (out, err)

    row = rows(notebook)[0]
    assert sorted(row["tags"]) == sorted(f"tag {k}" for k in range(20))
    assert all(f"comment {k};" in row["outcome"] for k in range(20))


def test_kill_everything_at_random_moments(notebook: Any) -> None:
    """SIGKILL to smt, supervisor and program at random: what was announced is there, finished or lost, none stuck."""
    notebook.write("main.py", "import time\nprint('begun', flush=True)\ntime.sleep(0.2)\nprint('ended')\n")
    notebook.commit()
    began = time.monotonic()
    announced = re.findall(rb"for this run: '([^']+)'", notebook.smt("run", "default.param").encode())
    whole, moments = time.monotonic() - began, random.Random(3)
    for _ in range(20):
        process = notebook.start("run", "default.param")
        time.sleep(moments.uniform(0.0, 1.1 * whole))
        notebook.kill_everything()
        out, _ = process.communicate(timeout=60)
        announced += re.findall(rb"for this run: '([^']+)'", out)

    found = {row["label"].encode(): row for row in rows(notebook)}

    assert len(announced) > 1, "no run came far enough to be announced before it was killed"
    assert set(announced) <= set(found)
    assert {row["status"] for row in found.values()} <= {"finished", "lost"}
    status = subprocess.run(["git", "status", "--short"], cwd=notebook.path, capture_output=True, check=True)
    assert status.stdout == b""
    runs = notebook.path / ".smt" / "runs"
    for folder in runs.iterdir():
        os.utime(folder, (0, 0))  # what a kill left half-made is removed once it is old
    assert len(rows(notebook)) == len(found)
    assert list(runs.iterdir()) == []
    assert not (notebook.path / "Data").exists()


def test_console_of_a_lost_run_is_kept(notebook: Any) -> None:
    """What a run printed before everything was killed is in its record."""
    notebook.write("main.py", "import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    notebook.commit()
    process = notebook.start("run", "--label=cut", "default.param")
    while b"begun" not in process.stdout.readline():
        continue
    notebook.kill_everything()
    process.communicate(timeout=60)

    row = rows(notebook)[0]

    assert row["status"] == "lost"
    assert row["stdout"]["size"] == len("begun\n")


def test_killing_smt_alone_loses_nothing(notebook: Any) -> None:
    """SIGKILL to smt only: the program runs on, and its record becomes finished with its output."""
    notebook.write("main.py", "import time, os\nprint('begun', flush=True)\ntime.sleep(1)\n"
                   "open(os.environ['SMT_OUTPUT'] + '/late.txt', 'w').write('late')\nprint('ended')\n")  # fmt: skip
    notebook.commit()
    process = notebook.start("run", "--label=alone", "default.param")
    while b"begun" not in process.stdout.readline():
        continue
    process.kill()
    process.communicate(timeout=60)
    assert rows(notebook)[0]["status"] == "running"
    while notebook.processes():
        time.sleep(0.05)

    row = rows(notebook)[0]

    assert row["status"] == "finished"
    assert row["exit_code"] == 0
    assert [entry["path"] for entry in row["output_data"]] == ["alone/late.txt"]
    assert row["stdout"]["size"] == len("begun\nended\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_reach_the_program_and_its_children(notebook: Any, number: int) -> None:
    """TERM, INT and HUP to smt end the program and its children; the record says so, smt exits 128 + signal."""
    notebook.write("main.py", "import subprocess, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\n"
                   "subprocess.Popen(['sleep', '50'])\nprint('begun', flush=True)\ntime.sleep(60)\n")  # fmt: skip
    notebook.commit()
    process = notebook.start("run", "--label=ended", "default.param")
    while b"begun" not in process.stdout.readline():
        continue

    process.send_signal(number)
    process.communicate(timeout=60)

    assert process.returncode == 128 + number
    row = rows(notebook)[0]
    assert (row["status"], row["signal"]) == ("killed", number)
    assert notebook.processes() == []


def test_a_signal_for_the_program_alone_is_seen(notebook: Any) -> None:
    """The control: where children do not get the signal, the test above fails."""
    notebook.plant("import os\nos.killpg = os.kill\n")
    with pytest.raises(AssertionError):
        test_signals_reach_the_program_and_its_children(notebook, signal.SIGTERM)
    notebook.kill_everything()


def test_a_background_child_does_not_hold_smt(notebook: Any) -> None:
    """A daemon that keeps the console open does not keep smt waiting."""
    notebook.write("main.py", "import subprocess\nsubprocess.Popen(['sleep', '30'])\nprint('done')\n")
    notebook.commit()
    begun = time.monotonic()

    out = notebook.smt("run", "default.param")

    assert time.monotonic() - begun < 20
    assert "done" in out
    notebook.kill_everything()


def test_bytes_that_are_no_text_are_kept(notebook: Any) -> None:
    """A console that is not UTF-8 passes through and is kept byte for byte."""
    notebook.write("main.py", "import sys\nsys.stdout.buffer.write(bytes(range(256)))\n")
    notebook.commit()
    process = notebook.start("run", "--label=bytes", "default.param")

    out, _ = process.communicate(timeout=60)

    assert process.returncode == 0
    assert bytes(range(256)) in out
    from sumatra.notebook import open_notebook

    project = open_notebook(notebook.path)
    record = project.get("bytes")
    with project.store.fetch(project.name, record.fields["stdout"]["digest"]) as file:
        assert file.read() == bytes(range(256))


DECODING = """\
import os
write = os.write
os.write = lambda file, data: write(file, bytes(data).decode(errors="replace").encode()) and len(data)
"""


def test_a_console_taken_for_text_is_seen(notebook: Any) -> None:
    """The control: where what is shown is decoded on its way, the test above fails."""
    notebook.plant(DECODING)
    with pytest.raises(AssertionError):
        test_bytes_that_are_no_text_are_kept(notebook)


def test_exit_code_is_the_programs(notebook: Any) -> None:
    """A failed program's exit code is smt's, and the record says failed."""
    notebook.write("main.py", "import sys\nsys.exit(7)\n")
    notebook.commit()

    notebook.smt("run", "default.param", code=7)

    row = rows(notebook)[0]
    assert (row["status"], row["exit_code"]) == ("failed", 7)


def test_a_program_that_does_not_start(notebook: Any) -> None:
    """A file that cannot be executed gives exit code 126 and a finished record, not a stuck one."""
    notebook.write("broken", "\0not a program")
    (notebook.path / "broken").chmod(0o755)
    notebook.commit()

    process = notebook.start("run", "--executable=./broken", "--main=main.py")
    _, err = process.communicate(timeout=60)

    assert process.returncode in (126, 127)
    assert b"could not be started" in err
    assert rows(notebook)[0]["status"] == "failed"


def test_list_into_head(notebook: Any) -> None:
    """A reader that goes away ends smt quietly."""
    for _ in range(2):
        notebook.smt("run", "default.param")
    process = notebook.start("list", "-l")
    process.stdout.close()

    assert process.wait(timeout=60) == 0
    assert b"Traceback" not in process.stderr.read()


def test_a_read_only_project_can_be_read(notebook: Any) -> None:
    """Where nothing may be written ``smt list`` works, and ``smt run`` says so with exit code 73."""
    notebook.smt("run", "default.param")
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    notebook.path.joinpath(".smt").chmod(0o555)
    try:
        assert len(rows(notebook)) == 1
        notebook.smt("run", "default.param", code=73)
    finally:
        notebook.path.joinpath(".smt").chmod(0o755)
