"""Projects from Python, plug-ins that are missing, installations that are mixed, and what starting costs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cawan.errors import NotInstalledError
from sumatra import _installed, notebook
from sumatra.configuration import Settings, load, save
from sumatra.errors import ProjectNotFoundError, UnknownSettingError
from sumatra.interpreters import get_program, is_program, program_for
from sumatra.notebook import find_working_copy, open_notebook


def test_a_project_from_python(notebook: Any) -> None:
    """open_notebook finds the notebook of a folder above; records are found, read and amended."""
    notebook.smt("run", "--label=one", "default.param")
    (notebook.path / "deep").mkdir()

    project = open_notebook(notebook.path / "deep")
    project.amend("last", add={"tags": ["good"]}, append={"outcome": "fine"})

    assert project.path == notebook.path
    assert [row["label"] for row in project.find()] == ["one"]
    record = project.get("one")
    assert (record.status, record.fields["tags"], record.fields["outcome"]) == ("finished", ["good"], "fine")


def test_no_project_is_said(tmp_path: Path) -> None:
    """Outside any project loading says how to make one."""
    with pytest.raises(ProjectNotFoundError, match="smt init"):
        open_notebook(tmp_path)


def test_a_repository_without_its_plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A .git folder without sumatra-git installed gives the pip line, never another way of recording."""
    (tmp_path / ".git").mkdir()
    monkeypatch.setattr(notebook.REPOSITORIES, "describe", list)

    with pytest.raises(NotInstalledError, match="pip install sumatra-git"):
        find_working_copy(tmp_path)


def test_mixed_installations_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where files of the upstream distribution lie between ours, importing says how to mend it."""
    _installed.refuse_half_installed()
    (tmp_path / "base.py").touch()
    monkeypatch.setattr(_installed, "_FOREIGN", str(tmp_path / "base.py"))

    with pytest.raises(ImportError, match="pip uninstall -y Sumatra"):
        _installed.refuse_half_installed()


def test_settings_come_back(tmp_path: Path) -> None:
    """What is saved is loaded again, quotes, backslashes and Unicode included."""
    settings = Settings("Mon projet «é»", main='a "b"\\c.py', plain=True, timestamp_format="%Y")

    save(settings, tmp_path / ".smt" / "config.toml")

    assert load(tmp_path / ".smt" / "config.toml") == settings


def test_a_setting_without_meaning_is_refused() -> None:
    """A value that a setting cannot have is an error with those that it can."""
    with pytest.raises(UnknownSettingError, match=r"'store-dif'.*error, store-diff.*Did you mean 'store-diff'"):
        Settings("x", on_changed="store-dif")


def test_the_python_of_the_active_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without an active environment python is the one that runs smt; in an active one it is that environment's."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert get_program("python", tmp_path).path == Path(sys.executable)

    other = tmp_path / "env" / "bin"
    other.mkdir(parents=True)
    (other / "python").symlink_to(sys.executable)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "env"))
    monkeypatch.setenv("PATH", f"{other}{os.pathsep}{os.environ['PATH']}")

    assert get_program("python", tmp_path).path == other / "python"
    assert program_for("main.py", tmp_path).name == "Python"


def test_programs_are_told_from_scripts(tmp_path: Path) -> None:
    """A name on the path is a program; a script and a parameter file here are not, whatever they are called."""
    (tmp_path / "sort").touch()
    (tmp_path / "run.py").touch()
    (tmp_path / "run.py").chmod(0o755)

    assert is_program("python3.11", tmp_path)
    assert is_program("env", tmp_path)
    assert not is_program("sort", tmp_path)
    assert not is_program("run.py", tmp_path)


def test_help_is_fast_and_loads_nothing() -> None:
    """``smt --help`` takes at most 150 ms of processor time over bare Python, and imports no store and no plug-in."""
    code = (
        "import sys\nsys.argv = ['smt', '--help']\nfrom sumatra.cli import main\ntry:\n    main()\n"
        "except SystemExit:\n    heavy = {'sqlite3', 'yaml', 'pluggy', 'sumatra.notebook'}\n"
        "    print('LOADED', sorted(heavy & set(sys.modules)))"
    )
    best = 9.9
    for _ in range(3):
        before = os.times()
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        after = os.times()
        best = min(best, after.children_user + after.children_system - before.children_user - before.children_system)

    assert done.stdout.endswith("LOADED []\n"), done.stdout
    assert "repeat" in done.stdout
    assert best < 0.15 + 0.05  # s; bare Python itself takes up to 0.05


def test_smt_run_costs_little(notebook: Any) -> None:
    """Recording an empty script takes a fraction of a second of processor time, supervisor included.

    On a quiet machine it is 0.25 s; the limit leaves room for a busy one and still catches a heavy import.
    """
    notebook.write("main.py", "")
    notebook.commit()
    best = 9.9
    for _ in range(3):
        before = os.times()
        notebook.smt("run")
        after = os.times()
        best = min(best, after.children_user + after.children_system - before.children_user - before.children_system)

    assert best < 0.6


def test_labels_are_made_as_configured(notebook: Any) -> None:
    """uuid labels, a timestamp format of one's own, and the label given to the program."""
    notebook.smt("configure", "--labelgenerator=uuid", "--addlabel=cmdline")
    out = notebook.smt("run")
    label = out.split("'")[1]
    assert len(label) == 12
    assert f"done {label}" in out

    notebook.smt("configure", "--labelgenerator=timestamp", "--timestamp_format=%Y", "--addlabel=parameters")
    notebook.write("main.py", "import sys\nprint(open(sys.argv[1]).read())\n")
    notebook.commit()
    out = notebook.smt("run", "default.param")
    label = out.split("'")[1]
    assert len(label) == 4
    assert f"sumatra_label = '{label}'" in out
    assert "tau_m = 20.0  # ms" in out


def test_the_home_folder_may_be_named(notebook: Any) -> None:
    """``--store=~/records`` is in the home folder, not in a folder called "~" of the project."""
    notebook.smt("configure", "--store=~/records", "--datapath=~/results")
    notebook.smt("run", "--label=one", "default.param")

    home = notebook.path.parent / "home"
    assert (home / "records" / "events").is_dir() and (home / "results" / "one" / "result.txt").is_file()
    assert not (notebook.path / "~").exists()


def test_another_store_may_be_chosen(notebook: Any) -> None:
    """configure --store names another folder; records are kept there from then on."""
    notebook.smt("configure", "--store=../elsewhere")

    notebook.smt("run", "--label=there", "default.param")

    assert (notebook.path.parent / "elsewhere" / "events").is_dir()
    assert notebook.smt("list") == "there\n"
    process = notebook.start("configure", "--store=nonsense://x")
    _, err = process.communicate(timeout=60)
    assert notebook.smt("list") == "there\n", "what cannot be opened is not taken over"
    assert process.returncode == 69
    assert b"No record store is called 'nonsense'" in err
