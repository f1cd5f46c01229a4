"""R3: the k-th write of one whole ``smt run`` fails, for every k: nothing earlier is lost, and the user is told."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

DRIVER = Path(__file__).parent / "faulty_smt.py"
LONG = "CAWAN_ENDURANCE" in os.environ  # every k with every error; else one in seven, the errors in turn
CODES = (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS)


def failing_run(notebook: Any, k: int, code: int, plant: str = "none") -> tuple[str, str]:
    """One ``smt run`` whose k-th write fails: what failed, "" where there are fewer, and what is wrong about it."""
    told, label = notebook.path.parent / "told", f"run-{k}-{code}"
    told.unlink(missing_ok=True)
    first = notebook.smt("show", "--json", "first")
    command = [sys.executable, str(DRIVER), str(k), str(code), str(told), plant, "run", f"--label={label}"]
    done = subprocess.run([*command, "default.param"], cwd=notebook.path, env=notebook.environment, timeout=60,
                          capture_output=True, text=True, check=False)  # fmt: skip
    failed = told.read_text().strip() if told.exists() else ""
    rows = {row["label"]: row for row in json.loads(notebook.smt("list", "--json"))["items"]}
    status = rows.get(label, {}).get("status", "not there")
    wrong = []
    if notebook.smt("show", "--json", "first") != first:
        wrong.append("an earlier record changed")
    if done.returncode == 0 and status != "finished":
        wrong.append(f"exit code 0, but the record is {status}")
    if done.returncode not in (0, 73, 74, 75):
        wrong.append(f"exit code {done.returncode}")
    if done.returncode and not (os.strerror(code) in done.stderr and str(notebook.path) in done.stderr):
        wrong.append("cause and place are not named")
    if len(done.stderr.splitlines()) > 3:
        wrong.append("more than three lines")
    if status not in ("finished", "lost", "not there"):
        wrong.append(f"the record stays {status}")
    return failed, f"{failed}: {'; '.join(wrong)}. {done.stderr}" if wrong else ""


def test_every_write_of_a_run_may_fail(notebook: Any) -> None:
    """Either the record is there and finished, or exit code 73 to 75 with cause and place; never a stuck record."""
    notebook.write("main.py", "print('done')\n")
    notebook.commit()
    notebook.smt("run", "--label=first", "default.param")
    seen: set[str] = set()
    for k in range(1, 400) if LONG else range(2, 400, 7):
        codes = CODES if LONG else (CODES[k // 7 % 4],)
        found = [failing_run(notebook, k, code) for code in codes]
        assert [wrong for _, wrong in found if wrong] == [], f"k = {k}"
        if not found[0][0]:
            break
        seen.update(failed.split()[0] for failed, _ in found)

    assert k > 40, "few writes of a run were reached"
    assert len(seen) >= 2
    notebook.smt("fsck")


def test_a_notebook_that_ignores_the_disk_is_seen(notebook: Any) -> None:
    """The control: where refusals of the disk are swallowed, some write gives a run that is said to be, and is not."""
    notebook.write("main.py", "print('done')\n")
    notebook.commit()
    notebook.smt("run", "--label=first", "default.param")

    wrong = [failing_run(notebook, k, errno.ENOSPC, "swallow")[1] for k in range(14, 22, 2)]

    assert any(wrong)
