"""Folders under no version control, and results that are called by their label."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def plain(make_notebook: Any) -> Any:
    """A folder with a script and no repository."""
    import shutil

    made = make_notebook()
    shutil.rmtree(made.path / ".git")
    return made


def test_a_plain_folder_is_recorded_and_repeated(make_notebook: Any) -> None:
    """smt run works without any version control; the code of each run comes back, results are no code."""
    made = plain(make_notebook)
    made.write("main.py", "import helper\nfrom pathlib import Path\nPath('Data').mkdir(exist_ok=True)\n"
                          "Path('Data/x.txt').write_text(helper.WORD)\nprint(helper.WORD)\n")  # fmt: skip
    made.write("helper.py", "WORD = 'first'\n")
    made.smt("run", "--label=one", "python", "main.py")
    made.write("helper.py", "WORD = 'second'\n")
    made.smt("run", "--label=two", "python", "main.py")

    assert "helper.py" in made.smt("diff", "-l", "one", "two", code=1)
    assert "Verdict: identical" in made.smt("repeat", "one")
    place = Path(made.smt("open", "--into", str(made.path.parent / "there"), "one").strip())
    assert sorted(file.name for file in place.iterdir()) == ["default.param", "helper.py", "main.py"]
    assert (place / "helper.py").read_text() == "WORD = 'first'\n"


def test_too_much_is_no_code(make_notebook: Any, monkeypatch: Any) -> None:
    """A home directory is refused in a sentence, and nothing runs."""
    made = plain(make_notebook)
    made.environment["HOME"] = str(made.path)

    process = made.start("run", "python", "main.py")
    _, err = process.communicate()

    assert process.returncode == 65
    assert b"under no version control" in err and b"git init" in err


def test_ignored_names_are_left_out(make_notebook: Any) -> None:
    """What .smtignore names is not kept; a changed file of that name is no other code."""
    made = plain(make_notebook)
    made.write(".smtignore", "*.big\n# a comment\nnotes/\n")
    made.write("a.big", "1")
    made.write("notes/today.txt", "x")
    made.smt("run", "--label=one", "python", "main.py")
    made.write("a.big", "2")
    made.smt("run", "--label=two", "python", "main.py")

    versions = {line for line in made.smt("list", "-l").splitlines() if line.startswith("Version ")}
    assert len(versions) == 1


LABELLED = """\
import sys
from pathlib import Path
from sumatra.parameters import build_parameters
parameters = build_parameters(sys.argv[1])
Path("Data", f"rate_{parameters['sumatra_label']}.dat").write_text(f"{parameters['tau_m']}\\n{sys.argv[2:]}")
"""


def test_a_repeat_does_not_take_the_records_own_labels_for_a_difference(notebook: Any) -> None:
    """A label among the parameters and in the name of the output differs in every repeat; the rest is what counts."""
    notebook.write("main.py", LABELLED)
    notebook.write("default.param", "tau_m = 20.0\n")
    notebook.commit()
    notebook.smt("configure", "--addlabel=parameters")
    notebook.smt("run", "--label=first", "default.param")

    assert "The new record exactly matches the original." in notebook.smt("repeat", "first")

    notebook.smt("run", "--label=second", "default.param", "tau_m=10.0")
    told = notebook.smt("diff", "first", "second", "--long", code=1)
    assert "file rate_<label>.dat: " in told and "parameter sumatra_label" not in told
