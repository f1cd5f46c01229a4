"""The channel between a program and its notebook: nothing where there is none, whole lines where there is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import cawan.run
import pytest


def lines(folder: Path) -> list[dict[str, object]]:
    """What was said, by all processes."""
    return [json.loads(line) for file in sorted(folder.glob("*.jsonl")) for line in file.read_text().splitlines()]


def test_without_a_notebook_nothing_happens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Outside a run there is no current run, and reporting is silent and writes nothing."""
    monkeypatch.chdir(tmp_path)
    for value in ("", str(tmp_path / "gone")):
        monkeypatch.setenv(cawan.run.VARIABLE, value)

        cawan.run.report("pyNN", {"timestep": 0.1})
        cawan.run.output("x")
        cawan.run.input("x")

        assert cawan.run.current() is None
    assert list(tmp_path.iterdir()) == []


def test_begin_opens_a_run_in_this_process(tmp_path: Path) -> None:
    """Within the block there is a run with label, record and a folder of its own; afterwards there is none."""
    with cawan.run.begin(tmp_path / "run", label="a", record="r", output=str(tmp_path / "out")) as run:
        found = cawan.run.current()
        assert found is not None
        assert (found.label, found.record, found.output) == ("a", "r", tmp_path / "out")
        assert found.output.is_dir()
        assert found.folder == run.folder == str(tmp_path / "run")
    assert cawan.run.current() is None


def test_facts_are_lines_of_plain_data(tmp_path: Path) -> None:
    """Facts, outputs and inputs are a line each; NumPy numbers, arrays and paths become plain."""
    np = pytest.importorskip("numpy", reason="NumPy is not installed")
    with cawan.run.begin(tmp_path / "run"):
        cawan.run.report("pyNN", {"timestep": np.float64(0.1), "seeds": np.arange(2), "file": Path("x")})
        cawan.run.output(tmp_path / "out.txt")
        cawan.run.input("/in.txt")

    assert lines(tmp_path / "run") == [
        {"kind": "report", "topic": "pyNN", "said": {"timestep": 0.1, "seeds": [0, 1], "file": "x"}},
        {"kind": "output", "topic": "", "said": str(tmp_path / "out.txt")},
        {"kind": "input", "topic": "", "said": "/in.txt"},
    ]


def test_processes_do_not_cut_each_others_lines(tmp_path: Path) -> None:
    """Each process has a file of its own, after a fork too."""
    with cawan.run.begin(tmp_path / "run"):
        cawan.run.report("a", {})
        child = os.fork()
        if child == 0:
            cawan.run.report("b", {})
            os._exit(0)
        os.waitpid(child, 0)

    assert len(list((tmp_path / "run").glob("*.jsonl"))) == 2
    assert sorted(str(line["topic"]) for line in lines(tmp_path / "run")) == ["a", "b"]


def test_import_is_cheap() -> None:
    """Importing the channel loads nothing heavy: no dataclasses, json, pathlib, typing, socket or subprocess."""
    heavy = "{'dataclasses', 'json', 'pathlib', 'typing', 'socket', 'subprocess', 'inspect', 're', 'pluggy'}"
    code = f"before = set(sys.modules); import cawan.run; print(sorted((set(sys.modules) - before) & {heavy}))"

    done = subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip

    assert done.stdout == "[]\n"
