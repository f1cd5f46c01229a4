"""What scripts and tests written for Sumatra 0.8.1 lean on, form by form."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sumatra.dependency_finder
from sumatra.core import SingletonType
from sumatra.datastore import FileSystemDataStore
from sumatra.datastore.filesystem import DataFile
from sumatra.formatting import HTMLFormatter, TextFormatter
from sumatra.launch import SerialLaunchMode
from sumatra.parameters import (
    ConfigParserParameterSet,
    JSONParameterSet,
    NTParameterSet,
    SimpleParameterSet,
    build_parameters,
)
from sumatra.programs import Executable, version_in_command_line_output
from sumatra.records import Record, RecordDifference, check_file_under_version_control
from sumatra.versioncontrol import VersionControlError, get_repository, get_working_copy
from sumatra.versioncontrol._git import GitRepository
from sumatra.versioncontrol._subversion import SubversionRepository


def test_a_new_parameter_file_is_no_changed_code(notebook: Any) -> None:
    """With the policy of init, a parameter file that is in no version yet may be used, as in the tutorial."""
    notebook.write("no_filter", "filter_size = 1\n")

    notebook.smt("run", "--label=new", "no_filter")

    assert notebook.smt("list", "new").strip() == "new"
    notebook.write("new.py", "print(1)\n")
    notebook.smt("run", "--main=new.py", "no_filter", code=1)


def test_a_launch_mode_returns_the_exit_code(tmp_path: Path) -> None:
    """run() gives 0, n, or -n for signal n; the text of both streams is stdout_stderr."""
    mode = SerialLaunchMode(working_directory=str(tmp_path))
    script = tmp_path / "end.py"
    program = Executable(sys.executable)
    codes = []

    for end in ("print('here')", "raise SystemExit(3)", "import os; os.kill(os.getpid(), 15)"):
        script.write_text(end)
        codes.append(mode.run(program, str(script), None))

    assert codes == [0, 3, -15]


def test_versions_of_programs() -> None:
    """A program by any class is asked if it is one that answers; what has no version is "unknown"."""
    assert Executable(sys.executable).version == ".".join(map(str, sys.version_info[:3]))
    assert version_in_command_line_output("usage: ls [-ABC]") == "unknown"


def test_files_are_looked_for_from_here(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """check_file_under_version_control takes a path from the current directory, or an absolute one."""
    notebook.write("sub/deep/tool.py", "")
    notebook.commit()
    copy = get_working_copy(notebook.path)
    monkeypatch.chdir(notebook.path / "sub")

    check_file_under_version_control("deep/tool.py", copy)
    check_file_under_version_control("../main.py", copy)
    check_file_under_version_control(notebook.path / "main.py", copy)
    with pytest.raises(VersionControlError, match=r"File main\.py is not under version control"):
        check_file_under_version_control("main.py", copy)


def test_a_difference_in_letters() -> None:
    """X executable, C code, P parameters, D output, I input, S arguments; another launch mode is no difference."""
    one = Record("1", "r", "m.py", "v", "serial", None, {"a": 3}, label="A", script_arguments="x")
    two = Record("2", "r", "n.py", "v", "slurm", None, {"a": 2}, label="B", script_arguments="y")
    alike = Record("1", "r", "m.py", "v", "slurm", None, {"a": 3}, label="C", script_arguments="x")

    assert repr(RecordDifference(one, two)) == "RecordDifference(A, B):XCPS"
    assert not RecordDifference(one, alike)


def test_sorted_content_ends_as_the_file_does(tmp_path: Path) -> None:
    """Lines in another order are the same content, and no file is left beside the data."""
    (tmp_path / "a").write_bytes(b"two\none")
    store = FileSystemDataStore(str(tmp_path))

    assert DataFile("a", store).sorted_content == b"one\ntwo"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_forms_of_records(used: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTML's long form is one list of definition lists; a form that a format lacks is an AttributeError."""
    from sumatra.projects import load_project

    monkeypatch.chdir(used.path)
    records = load_project().find_records()
    page = ElementTree.fromstring(HTMLFormatter(records).long())  # noqa: S314 - it is ours

    assert page.tag == "dl" and [term.text for term in page.findall("dt")] == ["two", "one"]
    assert all(entry.find("dl") is not None for entry in page.findall("dd"))
    with pytest.raises(AttributeError, match="'foo'"):
        TextFormatter(records).format("foo")


def test_parameter_sets_in_their_corners(tmp_path: Path) -> None:
    """Empty texts, nested differences, text in INI files, JSON for NeuroTools, NUL, and the copy before saving."""
    assert dict(JSONParameterSet("")) == dict(SimpleParameterSet("")) == {}
    one, two = NTParameterSet({"y": {"a": 1, "c": 5}, "z": 0}), NTParameterSet({"y": {"a": 1, "c": 55}, "z": 0})
    assert one.diff(two) == ({"y": {"c": 5}}, {"y": {"c": 55}})
    assert NTParameterSet('{"on": true, "off": false, "none": null}').as_dict() == {"on": True, "off": False,
                                                                                  "none": None}  # fmt: skip
    settings = ConfigParserParameterSet("[a]\nb: 3\n")
    settings.update({"a.b": 5, "c": 1})
    assert settings.as_dict() == {"a": {"b": "5"}, "sumatra": {"c": "1"}}
    with pytest.raises(SyntaxError, match="NUL"):
        SimpleParameterSet("foo=\0\na=3\n")
    (tmp_path / "p.param").write_text("x = 2\n")
    SimpleParameterSet({"x": 3}).save(str(tmp_path / "p.param"))
    assert (tmp_path / "p.param.orig").read_text() == "x = 2\n"


def test_repositories_by_address(notebook: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An address stays as it was given; exists looks at files; without an address it is the repository here."""
    monkeypatch.chdir(notebook.path)
    odd = f"{notebook.path}/../{notebook.path.name}"

    assert GitRepository(odd).url == odd
    assert GitRepository(f"file://{notebook.path}").exists and not GitRepository(f"file://{tmp_path}").exists
    assert not SubversionRepository("file:///nowhere").exists
    for name in ("db", "hooks", "format"):
        (tmp_path / "svn" / name).mkdir(parents=True)
    assert isinstance(get_repository(f"file://{tmp_path}/svn"), SubversionRepository)
    assert get_repository().url == str(notebook.path)


def test_status_by_kind(notebook: Any) -> None:
    """Six kinds, of which the unchanged files are "clean"."""
    notebook.write("sub/new.py", "")
    notebook.write("main.py", "1\n")

    status = get_working_copy(notebook.path).status()

    assert status == {"modified": {"main.py"}, "unknown": {"sub/new.py"}, "clean": {"default.param"}, "added": set(),
                      "removed": set(), "missing": set()}  # fmt: skip


def test_dependency_finders_by_language(tmp_path: Path) -> None:
    """A language's module comes with the package; versions from attributes and EGG-INFO; a stranger is warned of."""
    finder = sumatra.dependency_finder.python
    (tmp_path / "EGG-INFO").mkdir()
    (tmp_path / "EGG-INFO" / "PKG-INFO").write_text("Name: main\nVersion: 1.2.3egg\n")
    (tmp_path / "main.py").write_text("")
    dependency = finder.Dependency("main", str(tmp_path / "main.py"))

    sumatra.dependency_finder.find_versions([dependency], [finder.find_versions_from_egg])

    assert (dependency.version, dependency.source) == ("1.2.3egg", "egg-info")
    assert finder.Dependency.from_module(pytest).name == "pytest"
    assert finder.find_version_by_attribute(pytest) == pytest.__version__
    perl = type("Perl", (), {"name": "Perl", "path": "perl"})()
    with pytest.warns(UserWarning, match="'Perl'"):
        sumatra.dependency_finder.find_dependencies(str(tmp_path / "main.py"), perl)
    with pytest.raises(AttributeError, match="cobol"):
        _ = sumatra.dependency_finder.cobol


def test_a_singleton_is_made_once() -> None:
    """Components of 0.8 that are singletons stay so."""

    class Only(metaclass=SingletonType):
        """One of its kind."""

    assert Only() is Only()


CAPTURED = """\
import sys
from sumatra.decorators import capture
from sumatra.parameters import build_parameters

@capture
def main(parameters):
    open(f"Data/{parameters['sumatra_label']}.dat", "w").close()

@capture
def plain(x, y=2):
    return x + y

main(build_parameters("default.param"))
main(parameters={"n": 3})
assert plain(1, y=5) == 6
"""


def test_capture_tells_the_label(notebook: Any) -> None:
    """As in the documentation of 0.8: the label is in the parameters; other arguments are parameters by themselves."""
    notebook.write("cap.py", CAPTURED)
    notebook.write("Data/.keep", "")
    notebook.commit()

    done = subprocess.run([sys.executable, "cap.py"], cwd=notebook.path, env=notebook.environment, check=True,
                          capture_output=True, text=True)  # fmt: skip

    assert done.stderr == ""
    first, second, third = json.loads(notebook.smt("list", "--json"))["items"][::-1]
    assert f"{first['label']}.dat" in {entry["path"] for entry in first["output_data"]}
    assert second["parameters"] == {"n": 3, "sumatra_label": second["label"]}
    assert third["parameters"] == {"arg0": 1, "y": 5, "sumatra_label": third["label"]}


def test_nested_parameters_are_changed_by_attribute_and_by_item(tmp_path: Path) -> None:
    """What NeuroTools' scripts write into a section is in the set, its text and its file."""
    p = NTParameterSet({"cell": {"range": {"pas": {"g": 1.0}}, "file": None}, "sim": {"tStop": 300.0}, "n": 2})

    p.sim.tStop = 250.0
    p.cell.range.pas.g = 5.0
    p["cell"]["range"]["Ca"] = {"a": 1}
    p["cell"]["range"]["Ca"].a = 2
    p["sim.dt"] = 0.025
    p.n = 3
    p.new = {"inside": {"x": 1}}
    p.new.inside.x = 4
    del p["cell"]["file"]
    expected = {"cell": {"range": {"pas": {"g": 5.0}, "Ca": {"a": 2}}}, "sim": {"tStop": 250.0, "dt": 0.025}, "n": 3,
                "new": {"inside": {"x": 4}}}  # fmt: skip
    copies = [NTParameterSet(p), p.tree_copy(), copy.deepcopy(p), pickle.loads(pickle.dumps(p))]  # noqa: S301 - ours
    p.save(str(tmp_path / "cell.param"))

    assert p.as_dict() == expected and type(p.as_dict()["cell"]) is dict
    assert NTParameterSet(p.pretty()).as_dict() == expected
    assert build_parameters(tmp_path / "cell.param").as_dict() == expected
    assert p.flatten()["cell.range.pas.g"] == 5.0 and p.cell.range.flatten() == {"pas.g": 5.0, "Ca.a": 2}
    for made in copies:
        made.sim.tStop = 1.0
    assert p.sim.tStop == 250.0 and [made.as_dict()["sim"]["tStop"] for made in copies] == [1.0] * 4
    with pytest.raises(AttributeError):
        p.sim.nothing  # noqa: B018


def test_a_value_changed_in_its_place_is_in_the_text() -> None:
    """``parameters["cell"]["g"] = 2`` of a JSON set is what is saved, too."""
    parameters = JSONParameterSet({"cell": {"g": 1}, "list": [1]})
    parameters["cell"]["g"] = 2
    parameters["list"].append(2)

    assert JSONParameterSet(parameters.pretty()).as_dict() == {"cell": {"g": 2}, "list": [1, 2]}


def test_nested_parameters_may_be_called_param(notebook: Any) -> None:
    """A NeuroTools mapping in a file ``.param``: values change on the command line, and the record keeps them."""
    notebook.write("cell.param", "# a cell\n{'sim': {'tStop': 300.0}, 'n': 2}\n")
    notebook.write("main.py", "import sys\nfrom sumatra.parameters import build_parameters\n"
                   "print('stops at', build_parameters(sys.argv[1]).sim.tStop)\n")  # fmt: skip
    notebook.commit()

    assert "stops at 250.0" in notebook.smt("run", "--label=one", "cell.param", "sim.tStop=250.0")
    assert "stops at 250.0" in notebook.smt("repeat", "one")
    assert "one" in notebook.smt("search", "sim.tStop=250.0").split()
