"""What scripts of eight languages say they need: files by their names, packages with their versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sumatra.dependency_finder import find_dependencies
from sumatra.dependency_finder.choosing import needed_files

SCRIPTS = {
    "main.hoc": ('load_file("lib.hoc")\n{xopen("deep/cells.hoc")}\n', ["lib.hoc", "cells.hoc"]),
    "main.g": ("include lib.g\n// include no.g\n", ["lib.g"]),
    "main.sli": ("(lib.sli) run\n", ["lib.sli"]),
    "main.sh": ("#!/bin/sh\n. ./lib.sh\nsource deep/more.sh\necho source of\n", ["lib.sh", "more.sh"]),
    "main.jl": ('using LinearAlgebra, Plots: plot\ninclude("lib.jl")\n', ["LinearAlgebra", "Plots", "lib.jl"]),
    "main.m": ("x = helper(3) % other(1)\ny = 'unused(2)'\n", ["helper.m"]),
    "main.r": ('library(stats)\nsource("lib.r")\nx <- ggplot2::qplot(1)\n# library(no)\n',
               ["ggplot2", "lib.r", "stats"]),
    "main.py": ("import helper, json\nfrom pkg.sub import thing\nimport yaml\n", ["PyYAML", "helper", "pkg"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SCRIPTS)
def test_each_language(name: str, tmp_path: Path) -> None:
    """Files that are there are followed, comments and text in quotes are not, nothing is run."""
    text, expected = SCRIPTS[name]
    for other in ("lib.hoc", "deep/cells.hoc", "lib.g", "lib.sli", "lib.sh", "deep/more.sh", "lib.jl", "helper.m",
                  "other.m", "unused.m", "lib.r", "helper.py", "pkg/__init__.py", "pkg/sub.py"):  # fmt: skip
        (tmp_path / other).parent.mkdir(exist_ok=True)
        (tmp_path / other).write_text("")
    (tmp_path / name).write_text(text)

    found = {dependency.name for dependency in find_dependencies(str(tmp_path / name))}

    assert found == {"yaml" if word == "PyYAML" else word for word in expected}


def test_functions_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    """A MATLAB function in a folder of MATLABPATH is needed too; words of MATLAB itself are no missing files."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "helper.m").write_text("function y = helper(x)\n")
    (tmp_path / "main.m").write_text("disp(helper(3))\n")
    monkeypatch.setenv("MATLABPATH", str(tmp_path / "shared"))

    assert [path.name for path in needed_files(tmp_path / "main.m", "Matlab")] == ["helper.m"]
    assert [dependency.name for dependency in find_dependencies(str(tmp_path / "main.m"))] == ["helper.m"]
    assert "disp.m" not in caplog.text


def test_versions_of_python_packages(tmp_path: Path) -> None:
    """A package has the version of its own metadata; what cannot be found is left out."""
    (tmp_path / "main.py").write_text(
        "import click\nimport surely_not_there\nif True:\n    import hypothesis.strategies\n"
    )

    found = {dependency.name: dependency.version for dependency in find_dependencies(str(tmp_path / "main.py"))}

    assert set(found) == {"click", "hypothesis"} and found["click"][0].isdigit()


def test_needs_are_followed(tmp_path: Path) -> None:
    """A file needs what its own needs need; circles end."""
    (tmp_path / "main.py").write_text("import a\n")
    (tmp_path / "a.py").write_text("from b import *\n")
    (tmp_path / "b.py").write_text("import a, main\n")

    assert {path.name for path in needed_files(tmp_path / "main.py", "Python")} == {"a.py", "b.py"}


def test_an_untracked_module_is_changed_code(notebook: Any) -> None:
    """With the policy of init a module that the script imports and no version has is refused before the run."""
    notebook.write("main.py", "import helper\nprint(helper.X)\n")
    notebook.commit()
    notebook.write("helper.py", "X = 1\n")
    notebook.write("unrelated.py", "")

    process = notebook.start("run")
    out, err = process.communicate()

    assert process.returncode == 1 and out == b""
    assert b"Code has changed, please commit your changes" in err and b"helper.py" in err and b"unrelated" not in err
    notebook.commit()
    notebook.smt("run")


def test_a_script_that_nobody_can_watch(notebook: Any) -> None:
    """Of a shell script the record has what its text says, with digests; a repeat can only be incomplete."""
    notebook.write("main.sh", ". ./lib.sh\necho $X\n")
    notebook.write("lib.sh", "X=42\n")
    notebook.commit()
    notebook.smt("run", "--label=one", "sh", "main.sh")

    record = json.loads(notebook.smt("show", "--json", "one"))["items"][0]
    assert [(d["name"], d["path"]) for d in record["dependencies"]] == [("lib.sh", "lib.sh")]
    assert record["dependencies"][0]["digest"].startswith("sha256:")
    shown = notebook.smt("repeat", "one", code=3)
    assert shown.count("The new record exactly matches the original.") == 1 and "Verdict: incomplete" in shown
