"""The Python API of Sumatra 0.8, with its names and those of 2010, as third-party scripts use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sumatra.commands
from cawan.records import LabelTakenError
from sumatra.core import component, get_registered_components
from sumatra.datastore import ArchivingFileSystemDataStore, DataKey, FileSystemDataStore, get_data_store
from sumatra.formatting import HTMLFormatter, TextFormatter, fields, get_formatter, human_readable_duration
from sumatra.launch import DistributedLaunchMode, SerialLaunchMode, SlurmMPILaunchMode, get_launch_mode
from sumatra.parameters import (
    ConfigParserParameterSet,
    JSONParameterSet,
    NTParameterSet,
    SimpleParameterSet,
    YAMLParameterSet,
    build_parameters,
)
from sumatra.programs import Executable, NEURONSimulator, PythonExecutable, get_executable
from sumatra.projects import Project, load_project, load_simulation_project
from sumatra.records import Record
from sumatra.recordstore import RecordStore, get_record_store, serialization
from sumatra.versioncontrol import UncommittedModificationsError, VersionControlError, get_working_copy


@pytest.fixture
def here(notebook: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The project of the tests, as the current directory."""
    monkeypatch.chdir(notebook.path)
    for name, value in notebook.environment.items():
        monkeypatch.setenv(name, value)
    return notebook


def test_the_script_of_2010(here: Any) -> None:
    """A script that loads its project, runs itself, and adds its own record, as in the talk of 2010."""
    project = load_simulation_project()
    record = project.new_record(
        parameters=build_parameters("default.param"), main_file=str(here.path / "main.py"), reason="a test"
    )
    Path(record.datastore.root, "result.txt").write_text("42")
    record.duration = 1.5
    record.data_key = record.datastore.find_new_files(record.timestamp)
    record.outcome = "works fine"
    record.tags = {"good"}
    project.add_record(record)
    project.save()

    stored = load_project().get_record(record.label)
    assert stored.tags == {"good", "_finished_"}
    assert (stored.duration, stored.outcome, stored.reason) == (1.5, "works fine", "a test")
    assert [key.path for key in stored.output_data] == ["result.txt"]
    assert stored.main_file == "main.py" and stored.parameters["tau_m"] == 20.0
    assert here.smt("list") == f"{record.label}\n"
    assert "tau_m = 20.0" in here.smt("list", "-l")


def test_parameters_may_be_a_text(here: Any) -> None:
    """A script that looks at a folder gives its name as the parameters; the record keeps it."""
    project = load_project()
    project.add_record(project.new_record(parameters="results of March", label="scan"))

    assert load_project().get_record("scan").parameters == {"text": "results of March"}
    assert "results of March" in here.smt("list", "-l", "scan")


def test_a_record_without_a_duration_is_shown(here: Any) -> None:
    """A script may add its record and never say how long it took; lists and pages work."""
    project = load_project()
    project.add_record(project.new_record(label="early"))

    for words in (("list", "-l"), ("show", "early"), ("view", "early"), ("list", "-T"), ("list", "-f", "html", "-l")):
        assert "early" in here.smt(*words)


def test_a_value_added_to_json_warns_of_no_comments(caplog: pytest.LogCaptureFixture) -> None:
    """@capture adds the label to the parameters; only where that loses a comment is it worth a warning."""
    JSONParameterSet('{"n": 10}').update({"sumatra_label": "one"})
    assert caplog.text == ""

    YAMLParameterSet("n: 10  # cells\n").update({"sumatra_label": "one"})
    assert "its comments are not in the copy" in caplog.text


def test_label_in_the_data_root(here: Any) -> None:
    """datastore.root = … creates the folder, and files are looked for there."""
    record = load_project().new_record(label="mine")
    record.datastore.root = os.path.join(record.datastore.root, record.label)
    Path(record.datastore.root, "x.dat").write_text("1")

    assert [key.path for key in record.datastore.find_new_data(record.timestamp)] == ["x.dat"]
    assert record.label == "mine"


def test_two_who_tag_one_record_both_win(here: Any) -> None:
    """Each saves what it changed, so neither takes the other's tag away."""
    here.smt("run", "--label=one", "default.param")
    first, second = load_project(), load_project()
    one, other = first.get_record("one"), second.get_record("one")
    one.tags.add("a")
    other.tags = {*other.tags, "b"}
    first.save_record(one)
    second.save_record(other)
    first.add_comment("one", "fine")
    second.add_comment("one", "really")

    stored = load_project().get_record("one")
    assert stored.tags == {"_finished_", "a", "b"}
    assert stored.outcome == "fine\nreally"
    second.remove_tag("one", "a")
    assert load_project().get_record("last").tags == {"_finished_", "b"}


def test_a_taken_label_is_refused(here: Any) -> None:
    """The first record stays as it was."""
    project = load_project()
    project.add_record(project.new_record(label="one", reason="first"))

    with pytest.raises(LabelTakenError):
        project.add_record(project.new_record(label="one", reason="second"))
    assert project.get_record("one").reason == "first"


def test_two_records_of_one_second_are_two(here: Any) -> None:
    """Labels made from the time get a suffix where they are taken; a label that was given does not."""
    project = load_project()
    records = [project.new_record(timestamp_format="%Y") for _ in range(3)]
    for record in records:
        project.add_record(record)

    labels = project.get_labels()
    assert len(set(labels)) == 3 and labels == [record.label for record in reversed(records)]


def test_launch_is_smt_run(here: Any) -> None:
    """project.launch runs and records, with parameters as an object or a mapping; the record can be repeated."""
    project = load_project()

    label = project.launch({"tau_m": 5.0}, executable=PythonExecutable(sys.executable), main_file="main.py",
                           script_args="<parameters> more", label="one", reason="why")  # fmt: skip

    record = project.get_record(label)
    assert (record.label, record.reason, record.parameters["tau_m"]) == ("one", "why", 5.0)
    assert record.stdout_stderr.startswith("done ") and "more" in record.script_arguments
    assert project.most_recent().label == "one" and project.record_store.most_recent(project) == "one"
    here.write("main.py", "changed")
    with pytest.raises(UncommittedModificationsError):
        project.launch(main_file="main.py")
    with pytest.raises(UncommittedModificationsError):
        project.new_record()


def test_compare_and_show(here: Any) -> None:
    """Differences by attribute, and as text."""
    here.smt("run", "--label=one", "default.param")
    here.smt("run", "--label=two", "default.param", "n=5")
    project = load_project()

    difference = project.compare("one", "two")

    assert difference and difference.parameters_differ and difference.output_data_differ
    assert not difference.code_differs and not difference.input_data_differ
    assert difference.parameter_differences == ({"n": 4}, {"n": 5})
    assert "Parameters differ       : yes" in project.show_diff("one", "two")
    assert "n: 4 and 5" in project.show_diff("one", "two", mode="long")
    assert project.get_labels() == ["two", "one"] and project.get_labels(reverse=True) == ["one", "two"]
    assert [record.label for record in project.find_records(parameters="n=5")] == ["two"]
    assert {key.path for key in project.find_data()} == {"one/result.txt", "two/result.txt"}
    assert project.delete_by_tag("nothing") == 0
    project.delete_record("one")
    with pytest.raises(KeyError):
        project.get_record("one")


def test_formatters(here: Any) -> None:
    """The formats by name and by class; fields in their order; HTML is escaped."""
    here.smt("run", "--label=one", "--reason=<b>", "default.param")
    records = load_project().find_records()

    assert fields[:3] == ["label", "timestamp", "reason"] and len(fields) == 17
    assert "&lt;b&gt;" in HTMLFormatter(records).format("table")
    assert TextFormatter(records).short() == "one" and records[0].describe().startswith("-" * 80)
    assert json.loads(get_formatter("json")(records).format("long"))[0]["label"] == "one"
    assert human_readable_duration(93784.5) == "1d 2h 3m 4.50s"
    assert load_project().format_records("text", "short") == "one"


def test_threads(here: Any) -> None:
    """Several threads each load the project and add records; none is lost."""
    errors: list[BaseException] = []

    def work(k: int) -> None:
        try:
            project = load_project()
            for j in range(3):
                project.add_record(project.new_record(label=f"{k}-{j}"))
        except BaseException as error:  # noqa: BLE001 - it is raised again below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not errors
    assert len(load_project().get_labels()) == 12


CAPTURED = """\
import sys
from pathlib import Path
from sumatra.decorators import capture
from sumatra.parameters import build_parameters

@capture
def main(parameters, factor=1):
    print("tau_m is", parameters["tau_m"])
    Path("Data/out.txt").write_text("x")
    if factor == 0:
        raise ZeroDivisionError("no factor")
    return parameters["tau_m"] * factor

print(main(build_parameters("default.param"), factor=int(sys.argv[1])))
"""


def test_capture(here: Any) -> None:
    """The function's value comes back, an exception is recorded and raised again, text is shown and kept."""
    here.write("decorated.py", CAPTURED)
    here.commit()
    command = [sys.executable, "decorated.py"]
    well = subprocess.run([*command, "2"], capture_output=True, text=True, cwd=here.path, check=False)
    badly = subprocess.run([*command, "0"], capture_output=True, text=True, cwd=here.path, check=False)

    assert well.stdout == "tau_m is 20.0\n40.0\n", well.stderr
    assert badly.returncode == 1 and "ZeroDivisionError: no factor" in badly.stderr
    latest, first = load_project().find_records()
    assert (first.main_file, first.stdout_stderr, first.tags) == ("decorated.py", "tau_m is 20.0\n", {"_finished_"})
    assert [key.path for key in first.output_data] == ["out.txt"]
    assert "_failed_" in latest.tags and "ZeroDivisionError" in latest.outcome


def test_commands_as_functions(here: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """sumatra.commands.<verb>(argv) does what smt does."""
    sumatra.commands.run(["--label=one", "default.param", "n=7"])
    sumatra.commands.comment(["one", "fine"])
    sumatra.commands.tag(["a tag"])
    capsys.readouterr()
    sumatra.commands.list(["a tag"])

    assert capsys.readouterr().out == "one\n"
    with pytest.raises(SystemExit) as caught:
        sumatra.commands.delete(["two"])
    assert caught.value.code == 66
    with pytest.warns(UserWarning, match="'new=1'"):
        (parameters,), inputs, rest = sumatra.commands.parse_arguments(
            ["default.param", "main.py", "n=9", "new=1", "--flag"], FileSystemDataStore(str(here.path))
        )
    assert parameters["n"] == 9 and rest == "<parameters> main.py --flag"
    assert [key.path for key in inputs] == ["main.py"]


def test_parameter_sets(tmp_path: Path) -> None:
    """From files, texts and mappings; updates keep comments; nothing is evaluated."""
    simple = SimpleParameterSet('# first\na = 1\nb = 2.5 # ms\nc = "x"\nd = [1, 2]\n')
    assert simple.as_dict() == {"a": 1, "b": 2.5, "c": "x", "d": [1, 2]}
    simple.update({"a": 3, "new": 1})
    assert simple.pretty() == 'a = 3\nb = 2.5 # ms\nc = "x"\nd = [1, 2]\nnew = 1'
    name = simple.save(str(tmp_path / "x"), add_extension=True)
    assert name.endswith("x.param") and build_parameters(name) == simple
    assert simple.parse_command_line_parameter("b=7.5") == {"b": 7.5}
    with pytest.raises(ValueError, match="name=value"):
        simple.parse_command_line_parameter("b")
    with pytest.raises(ValueError, match="no parameter 'z'") as caught:
        simple.parse_command_line_parameter("z=2")
    assert caught.value.args == ("", "z", 2)
    assert simple.diff(SimpleParameterSet({"a": 3, "b": 1.0})) == (
        {"b": 2.5, "c": "x", "d": [1, 2], "new": 1}, {"b": 1.0},
    )  # fmt: skip
    assert (simple.pop("a"), simple.pop("a", 0)) == (3, 0)
    with pytest.raises(KeyError):
        simple.pop("a")
    with pytest.raises(SyntaxError):
        SimpleParameterSet("no parameters here")
    with pytest.raises(TypeError):
        SimpleParameterSet(42)  # type: ignore[arg-type]  # what the test is about
    assert JSONParameterSet('{"a": {"b": 1}}')["a.b"] == 1
    assert YAMLParameterSet("a: 1\nb: [1, 2]\n")["b"] == [1, 2]
    assert ConfigParserParameterSet("[s]\na = 1\n").as_dict()["s"]["a"] in (1, "1")
    nested = NTParameterSet("{'net': {'tau': 20.0, 'rate': ParameterRange([1, 2])}}")
    assert nested.net.tau == 20.0 and nested["net.rate"] == "ParameterRange([1, 2])"
    with pytest.raises(SyntaxError, match="not fetched"):
        NTParameterSet("{'a': url('http://example.org')}")
    marker = tmp_path / "marker"
    hostile = SimpleParameterSet(f"a = __import__('os').system('touch {marker}')\n")
    assert isinstance(hostile["a"], str) and not marker.exists()


def test_programs() -> None:
    """By path and by suffix; as text they say what, which version and where."""
    python = get_executable(sys.executable)
    assert isinstance(python, PythonExecutable) and python.version.startswith("3.")
    assert str(python) == f"Python (version: {python.version}) at {sys.executable}"
    assert isinstance(get_executable(script_file="x.py"), PythonExecutable)
    assert type(get_executable("/bin/cat")) is Executable
    with pytest.raises(ValueError, match="must be given"):
        get_executable()
    with pytest.raises(ValueError, match="No program is known"):
        get_executable(script_file="x.xyz")
    assert NEURONSimulator.executable_names == ("nrniv", "nrngui")
    assert get_registered_components(Executable)["Python"] is PythonExecutable


def test_launch_modes(tmp_path: Path) -> None:
    """The command lines that each generates."""
    program = Executable("/bin/echo", version="1", options="-n")
    assert SerialLaunchMode().generate_command(program, "a.py", "x y") == "/bin/echo -n a.py x y"
    mode = DistributedLaunchMode(4, "mpiexec", working_directory="/w")
    assert " -n 4 --wdir /w /bin/echo -n a.py" in mode.generate_command(program, "a.py", "")
    slurm = SlurmMPILaunchMode(2, working_directory="/w", options="--mem=1G")
    assert slurm.generate_command(program, "a.py", "").startswith("salloc -n 2 --mem=1G mpiexec --wdir /w")
    assert get_launch_mode("serial") is SerialLaunchMode and SerialLaunchMode() == SerialLaunchMode()
    serial = SerialLaunchMode(str(tmp_path))
    assert serial.run(program, None, "hello") == 0 and serial.stdout_stderr == "hello"
    with pytest.raises(OSError, match="does not exist"):
        serial.check_files(program, "no-such-script.py")
    assert serial.get_platform_information()[0].system_name


def test_data_stores(tmp_path: Path) -> None:
    """Keys by content; a changed file is not found any more; nothing outside the root is deleted."""
    store = FileSystemDataStore(str(tmp_path / "data"))
    (tmp_path / "data" / "a.txt").write_text("abc")
    key = store.generate_keys("a.txt")[0]
    assert key.digest == "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert (key.metadata["size"], key.metadata["mimetype"]) == (3, "text/plain")
    assert store.get_content(key) == b"abc" and store.contains_path("a.txt")
    assert key == DataKey("a.txt", key.digest, datetime.now(UTC)) and key != DataKey("a.txt", "1" * 40, None)
    (tmp_path / "data" / "a.txt").write_text("abcd")
    with pytest.raises(KeyError, match="Digests do not match"):
        store.get_data_item(key)
    (tmp_path / "outside").write_text("x")
    with pytest.raises(Exception, match=r"not name a file|does not exist"):
        store.delete(DataKey("../outside", "0" * 40, None))
    assert (tmp_path / "outside").exists()
    archiving = ArchivingFileSystemDataStore(str(tmp_path / "data"), str(tmp_path / "archive"))
    found = archiving.find_new_data(datetime.fromtimestamp(0, UTC))
    assert not (tmp_path / "data" / "a.txt").exists() and archiving.get_content(found[0]) == b"abcd"
    assert get_data_store("FileSystemDataStore", {"root": str(tmp_path / "data")}) == store
    with pytest.raises(KeyError, match="no data store"):
        get_data_store("subprocess.Popen", {"args": "touch"})


def test_working_copies(here: Any, tmp_path: Path) -> None:
    """Version, changes, content and author by upstream's names; changes are never thrown away."""
    copy = get_working_copy()
    assert type(copy).__name__ == "GitWorkingCopy" and copy.repository.vcs_type == "git"
    assert copy.contains("main.py") and not copy.contains("nowhere.py") and not copy.has_changed()
    assert copy.content(copy.current_version(), "main.py") == (here.path / "main.py").read_text()
    here.write("main.py", "changed\n")
    here.write("new.py", "")
    assert copy.has_changed() and "+changed" in copy.diff()
    assert copy.status()["modified"] == {"main.py"} and "new.py" in copy.status()["unknown"]
    with pytest.raises(UncommittedModificationsError):
        copy.use_version(copy.current_version())
    with pytest.raises(VersionControlError):
        copy.reset()
    with pytest.raises(VersionControlError, match="No working copy"):
        get_working_copy(tmp_path)


class OldStore(RecordStore):
    """A third-party store of 0.8's shape, in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    def list_projects(self) -> list[str]:
        """Names."""
        return list(self.kept)

    def save(self, project_name: str, record: Any) -> None:
        """Keep."""
        self.kept.setdefault(project_name, {})[record.label] = record

    def get(self, project_name: str, label: str) -> Any:
        """Give."""
        return self.kept[project_name][label]

    def list(self, project_name: str, tags: Any = None, **kwargs: Any) -> list[Any]:
        """All."""
        return list(self.kept[project_name].values())[::-1]

    def delete(self, project_name: str, label: str) -> None:
        """Forget."""
        del self.kept[project_name][label]

    def most_recent(self, project_name: str) -> str:
        """The last."""
        return str(list(self.kept[project_name])[-1])


def test_a_store_of_old_shape(here: Any) -> None:
    """A project with it works; records go from it into a store of events and back by sync, tags included."""
    component(OldStore)
    project = Project("old", record_store=OldStore(), path=here.path)
    record = project.new_record(label="one")
    record.add_tag("kept")
    project.add_record(record)

    events = get_record_store(here.path.parent / "events")
    assert project.record_store.sync(events, "old") == []
    assert events.get("old", "one").tags == {"kept", "_finished_"}
    assert json.loads(project.record_store.export("old"))[0]["label"] == "one"


OLD = {
    "label": "20100705-123045", "timestamp": "2010-07-05 12:30:45", "reason": "before", "outcome": None,
    "duration": 12.5, "executable": {"path": "/usr/bin/python", "version": "2.5.2", "name": "Python"},
    "repository": {"url": "/home/ada/code", "type": "MercurialRepository"}, "main_file": "main.py",
    "version": "abc123", "parameters": {"content": "a = 1\nb = 'x'\n", "type": "SimpleParameterSet"},
    "launch_mode": {"type": "SerialLaunchMode", "parameters": "{}"}, "data_key": "['a.dat', 'b/c.dat']",
    "datastore": {"type": "FileSystemDataStore", "parameters": "{'root': '/home/ada/Data'}"}, "diff": "",
    "tags": "good,figure 1", "dependencies": [], "platforms": [{"system_name": "Linux", "processor": ""}],
}  # fmt: skip


def test_records_of_old_versions() -> None:
    """What 0.1 to 0.8 wrote is read: text for lists, missing fields, times without a zone; nothing is evaluated."""
    record = serialization.build_record(OLD)

    assert record.timestamp == datetime(2010, 7, 5, 12, 30, 45, tzinfo=UTC)
    assert [key.path for key in record.output_data] == ["a.dat", "b/c.dat"]
    assert record.tags == {"good", "figure 1"} and record.parameters.as_dict() == {"a": 1, "b": "x"}
    assert record.datastore.root == "/home/ada/Data" and record.user == ""
    again = serialization.decode_record(serialization.encode_record(record))
    assert serialization.record2dict(again) == serialization.record2dict(record)
    hostile = {**OLD, "data_key": "__import__('os').system('false')"}
    assert [key.path for key in serialization.build_record(hostile).output_data] == [hostile["data_key"]]


def test_upgrade_takes_old_records_over(here: Any) -> None:
    """Twice is once, labels and tags come along; a cut file is an error that changes nothing."""
    old = here.path / "old"
    old.mkdir()
    (old / "records_export.json").write_text(json.dumps([OLD, {**OLD, "label": "a/b:c", "tags": ["_failed_"]}]))
    assert "2 records taken over" in here.smt("upgrade", str(old))
    here.smt("upgrade", str(old))

    assert sorted(here.smt("list").split()) == ["20100705-123045", "a/b:c"]
    assert here.smt("list", "figure 1") == "20100705-123045\n"
    assert "Duration         : 12.5" in here.smt("list", "-l", "20100705-123045")
    (old / "records_export.json").write_text(json.dumps([OLD])[:-40])
    here.smt("upgrade", str(old), code=65)
    assert len(here.smt("list").split()) == 2


def test_a_record_alone() -> None:
    """Without a project: from keywords, compared, with a command line."""
    program = PythonExecutable(sys.executable)
    one = Record(program, None, "main.py", "1", SerialLaunchMode(), None, {"a": 1}, script_arguments="x", label="one")
    two = Record(program, None, "main.py", "1", SerialLaunchMode(), None, {"a": 2}, script_arguments="x", label="two")

    assert one.command_line.split() == [sys.executable, "main.py", "x"]
    assert one != two and one.difference(two).parameters_differ
    assert repr(one) == "Record #one" and str(one) == "one"
