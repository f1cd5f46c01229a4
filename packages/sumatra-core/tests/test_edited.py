"""Code that is edited while a run goes on: the record holds what ran, or says that nobody knows it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest


def start(notebook: Any, *words: str) -> tuple[Any, Path]:
    """A run that has printed "begun" and waits for a file."""
    process = notebook.start("run", *words)
    while b"begun" not in (line := process.stdout.readline()):
        assert line, process.communicate()
    return process, notebook.path.parent / "go"


def script(notebook: Any, first: str, then: str = "") -> str:
    """A script that imports first, waits for the file, and goes on."""
    go = notebook.path.parent / "go"
    return (f"{first}\nimport pathlib, time\nprint('begun', flush=True)\n"
            f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n{then}\n")  # fmt: skip


def finish(process: Any, go: Path) -> None:
    """Let the run go on to its end."""
    go.touch()
    process.communicate(timeout=60)


def latest(notebook: Any) -> dict[str, Any]:
    """The latest record."""
    row: dict[str, Any] = json.loads(notebook.smt("list", "--json"))["items"][0]
    return row


@pytest.mark.parametrize("kind", ["untracked", "tracked", "modified"])
def test_an_edit_after_the_import_is_not_what_ran(make_notebook: Any, kind: str) -> None:
    """A module edited during the run is recorded as it was loaded, and the repeat runs that."""
    notebook = make_notebook()
    notebook.write("main.py", script(notebook, "import helper", "print('K', helper.K)"))
    if kind != "untracked":
        notebook.write("helper.py", "K = 2\n" if kind == "tracked" else "K = 1\n")
    notebook.commit()
    notebook.write("helper.py", "K = 2\n")
    process, go = start(notebook, "python", "main.py")
    notebook.write("helper.py", "K = 99\n")
    finish(process, go)

    out = notebook.smt("repeat", "last")

    assert "K 2\n" in out
    assert "Verdict: identical" in out


def test_an_edit_before_the_import_is_said(make_notebook: Any) -> None:
    """A module edited between launch and import, and again, is not claimed: no digest, no content, a warning."""
    notebook = make_notebook()
    notebook.write("main.py", script(notebook, "", "import helper\nprint('K', helper.K)\n"
                                     "open('helper.py', 'w').write('K = 1234')"))  # fmt: skip
    notebook.write("helper.py", "K = 2\n")
    notebook.commit()
    process, go = start(notebook, "python", "main.py")
    notebook.write("helper.py", "K = 99\n")
    finish(process, go)
    row = latest(notebook)

    out = notebook.smt("repeat", "last", code=1)

    assert [(entry["path"], entry["digest"]) for entry in row["code"]] == [("helper.py", "")]
    assert any("helper.py was edited while the run went on" in text for text in row["warnings"])
    assert "code: unknown" in out
    assert "helper.py was edited while the run went on" in out


def test_an_edit_between_launch_and_import_is_what_ran(make_notebook: Any) -> None:
    """A tracked module edited before it is imported is kept as it was loaded, and the repeat runs that."""
    notebook = make_notebook()
    notebook.write("main.py", script(notebook, "", "import helper\nprint('K', helper.K)"))
    notebook.write("helper.py", "K = 2\n")
    notebook.commit()
    process, go = start(notebook, "python", "main.py")
    notebook.write("helper.py", "K = 99\n")
    finish(process, go)
    notebook.write("helper.py", "K = 3\n")

    out = notebook.smt("repeat", "last")

    assert "K 99\n" in out
    assert "Verdict: identical" in out


def test_an_edit_of_the_script_is_harmless_once_it_runs(make_notebook: Any) -> None:
    """The script edited after Python has read it is recorded as it ran."""
    notebook = make_notebook()
    notebook.write("main.py", script(notebook, "", "print('one')"))
    process, go = start(notebook, "python", "main.py")
    notebook.write("main.py", "print('two')\n")
    finish(process, go)

    assert "Verdict: identical" in notebook.smt("repeat", "last")


def test_a_lost_run_keeps_its_untracked_files(make_notebook: Any) -> None:
    """After kill -9 of everything the record has the untracked module, as it was loaded, and can be repeated."""
    notebook = make_notebook()
    notebook.write("main.py", script(notebook, "import helper", "print('K', helper.K)"))
    notebook.commit()
    notebook.write("helper.py", "K = 2\n")
    process, go = start(notebook, "python", "main.py")
    notebook.kill_everything()
    process.communicate(timeout=60)
    notebook.write("helper.py", "K = 99\n")
    go.touch()
    time.sleep(0.1)

    row = latest(notebook)

    assert row["status"] == "lost"
    assert [entry["path"] for entry in row["changed_files"]] == ["helper.py"]
    assert "K 2\n" in notebook.smt("repeat", "last", code=None)
