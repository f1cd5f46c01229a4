"""Machines whose clocks are wrong: order, labels and *last* follow what happened, not what a clock said."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

SHIFTED = """\
import sys, time
shift = int(sys.argv.pop(1)) * 10**9
real_ns, real = time.time_ns, time.time
time.time_ns = lambda: real_ns() + shift
time.time = lambda: real() + shift / 1e9
from sumatra.cli import main
main(sys.argv[1:])
"""


def smt(notebook: Any, shift: int, *words: str, **variables: str) -> str:
    """``smt`` on a machine whose clock is ``shift`` seconds ahead."""
    command = [sys.executable, "-c", SHIFTED, str(shift), *words]
    environment = {**notebook.environment, **variables}
    done = subprocess.run(command, cwd=notebook.path, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return os.fsdecode(done.stdout)


def test_order_and_last_survive_clocks_that_are_wrong(notebook: Any) -> None:
    """An hour back, five minutes ahead, another time zone: the latest run is the one that was made last."""
    made = []
    for shift, zone in ((0, "UTC"), (-3600, "UTC"), (300, "America/New_York"), (0, "Europe/Berlin"), (-7200, "UTC")):
        label = f"run {len(made)}"
        smt(notebook, shift, "run", f"--label={label}", TZ=zone)
        made.append(label)

        assert notebook.smt("list").splitlines() == made[::-1]
        assert f"Label            : {label}" in notebook.smt("show", "last")
    notebook.smt("comment", "run 1", "made with the clock an hour back")
    assert notebook.smt("fsck").strip() != ""
    assert notebook.smt("list").splitlines() == made[::-1]


@pytest.mark.parametrize("generator", ["timestamp", "uuid"])
def test_labels_made_in_one_second_are_unique(notebook: Any, generator: str) -> None:
    """A clock that stands still gives every run a label of its own."""
    notebook.smt("configure", f"--labelgenerator={generator}", "--timestamp_format=%Y")

    labels = [line.split("'")[1] for _ in range(3) for line in smt(notebook, 0, "run").splitlines() if "Record" in line]

    assert len(labels) == len(set(labels)) == 3
