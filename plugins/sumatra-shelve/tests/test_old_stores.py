"""Old stores are read: every field comes along, and nothing in them is ever run."""

from __future__ import annotations

import dbm.dumb
import os
import pickle
import sqlite3
import sys
import types
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cawan.records import StoreFormatError, StoreNotFoundError, StoreReadOnlyError
from sumatra.projects import load_project
from sumatra.upgrading import upgrade
from sumatra_shelve import OldRecordStore
from sumatra_shelve._pickles import Thing, read_pickle

WHEN = datetime(2012, 3, 4, 5, 6, 7, 89000, tzinfo=UTC)
PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


@pytest.fixture
def old_classes() -> Iterator[types.ModuleType]:
    """Classes like those that old shelves hold."""
    module = types.ModuleType("old_sumatra")
    for name in ("Record", "PythonExecutable", "GitRepository", "SimpleParameterSet", "SerialLaunchMode",
                 "FileSystemDataStore", "DataKey", "Dependency", "PlatformInformation"):  # fmt: skip
        body = {"__init__": lambda self, **state: vars(self).update(state), "__module__": "old_sumatra"}
        setattr(module, name, type(name, (), body))
    sys.modules["old_sumatra"] = module
    yield module
    del sys.modules["old_sumatra"]


def shelf(folder: Path, old: Any, protocol: int) -> Path:
    """A shelf with one record, pickled with this protocol."""
    record = old.Record(
        label="one", timestamp=WHEN, reason="a try", outcome="fine", duration=1.5, main_file="main.py", version="abc",
        executable=old.PythonExecutable(path="/usr/bin/python", version="2.7.3", name="Python", options=""),
        repository=old.GitRepository(url="/home/ada/code", upstream=None), script_arguments="<parameters> x",
        parameters=old.SimpleParameterSet(_values={"a": 1, "b": "x"}, types={"a": int}, comments={"a": " ms"}),
        launch_mode=old.SerialLaunchMode(working_directory="/w", options=None), diff="", user="ada",
        datastore=old.FileSystemDataStore(root="/data"), input_datastore=old.FileSystemDataStore(root="/"),
        output_data=[old.DataKey(path="o.txt", digest="d" * 40, creation=WHEN, metadata={"size": 2})],
        input_data=[], tags={"good", "_finished_"}, stdout_stderr="hello\n", repeats=None,
        dependencies=[old.Dependency(name="numpy", path="/np", version="1.6", diff="", source="egg")],
        platforms=[old.PlatformInformation(system_name="Linux", processor="x86")],
    )  # fmt: skip
    with dbm.dumb.open(str(folder / "records"), "n") as file:
        file["gamma"] = pickle.dumps({"one": record}, protocol)
    return folder / "records.dat"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_shelves_of_every_protocol(protocol: int, tmp_path: Path, old_classes: Any) -> None:
    """Every field comes along, whichever protocol the shelf was written with."""
    (fields,) = OldRecordStore.read_old(shelf(tmp_path, old_classes, protocol), "gamma")

    assert (fields["label"], fields["outcome"], fields["duration"]) == ("one", "fine", 1.5)
    assert fields["timestamp"] == WHEN.isoformat()
    assert fields["executable"] == {"path": "/usr/bin/python", "version": "2.7.3", "name": "Python", "options": "",
                                    "type": "PythonExecutable"}  # fmt: skip
    assert fields["parameters"] == {"type": "SimpleParameterSet", "content": "a = 1 # ms\nb = 'x'"}
    assert fields["output_data"][0]["digest"] == "d" * 40 and fields["tags"] == ["_finished_", "good"]
    assert fields["dependencies"][0]["name"] == "numpy" and fields["platforms"][0]["system_name"] == "Linux"


def test_upgrade_from_a_shelf(tmp_path: Path, old_classes: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records are today's; twice is once, a cut shelf changes nothing, and the shelf stays as it was."""
    monkeypatch.setenv("HOME", str(tmp_path))
    project = tmp_path / "project"
    (project / ".smt").mkdir(parents=True)
    path = shelf(project / ".smt", old_classes, 2)
    before = path.read_bytes()
    (project / ".smt" / "project").write_text('{"name": "gamma", "default_main_file": "main.py"}')

    assert upgrade(project) == (1, "gamma") and upgrade(project) == (1, "gamma")

    record = load_project(project).get_record("one")
    assert (record.timestamp, record.tags, record.stdout_stderr) == (WHEN, {"good", "_finished_"}, "hello\n")
    assert record.parameters.as_dict() == {"a": 1, "b": "x"} and record.datastore.root == "/data"
    assert path.read_bytes() == before and load_project(project).get_labels() == ["one"]
    path.write_bytes(before[: len(before) // 2])
    with pytest.raises(StoreFormatError):
        upgrade(project)
    assert load_project(project).get_labels() == ["one"]


SCHEMA = """
CREATE TABLE django_store_project(id TEXT, name TEXT, description TEXT);
CREATE TABLE django_store_record(label TEXT, db_id INTEGER, reason TEXT, duration REAL, main_file TEXT, version TEXT,
 outcome TEXT, timestamp TEXT, tags TEXT, diff TEXT, user TEXT, script_arguments TEXT, stdout_stderr TEXT, repeats TEXT,
 datastore_id INTEGER, executable_id INTEGER, input_datastore_id INTEGER, launch_mode_id INTEGER,
 parameters_id INTEGER, project_id TEXT, repository_id INTEGER);
CREATE TABLE django_store_executable(id INTEGER, path TEXT, name TEXT, version TEXT, options TEXT);
CREATE TABLE django_store_repository(id INTEGER, type TEXT, url TEXT, upstream TEXT);
CREATE TABLE django_store_launchmode(id INTEGER, type TEXT, parameters TEXT);
CREATE TABLE django_store_datastore(id INTEGER, type TEXT, parameters TEXT);
CREATE TABLE django_store_parameterset(id INTEGER, type TEXT, content TEXT);
CREATE TABLE django_store_datakey(id INTEGER, path TEXT, digest TEXT, creation TEXT, metadata TEXT,
 output_from_record_id INTEGER);
CREATE TABLE django_store_record_input_data(id INTEGER, record_id INTEGER, datakey_id INTEGER);
INSERT INTO django_store_record VALUES ('one', 1, 'why', 0.5, 'main.py', 'abc', '',
 '2019-01-02 03:04:05.678', 'x,y', '',
 'ada', '<parameters>', 'hi', NULL, 1, 1, 2, 1, 1, 'gamma', 1);
INSERT INTO django_store_executable VALUES (1, '/usr/bin/python3', 'Python', '3.6', '');
INSERT INTO django_store_repository VALUES (1, 'GitRepository', '/code', NULL);
INSERT INTO django_store_launchmode VALUES (1, 'SerialLaunchMode', '{}');
INSERT INTO django_store_datastore VALUES (1, 'FileSystemDataStore', '{''root'': ''/data''}');
INSERT INTO django_store_datastore VALUES (2, 'FileSystemDataStore', '{''root'': ''/''}');
INSERT INTO django_store_parameterset VALUES (1, 'JSONParameterSet', '{"a": {"b": 1}}');
INSERT INTO django_store_datakey VALUES (1, 'o.txt', 'd', '2019-01-02 03:04:06', '{"size": 3}', 1);
INSERT INTO django_store_datakey VALUES (2, 'i.txt', 'e', '2019-01-01 00:00:00', '{}', NULL);
INSERT INTO django_store_record_input_data VALUES (1, 1, 2);
"""


def test_a_database_of_django(tmp_path: Path) -> None:
    """By the names of its columns, also where a version had fewer; as events they are the same every time."""
    path = tmp_path / "records"
    connection = sqlite3.connect(path)
    connection.executescript(SCHEMA)
    connection.close()

    store = OldRecordStore.open(f"shelve:{path}")
    events = [event for _, event in store.read("gamma")]

    assert store.projects() == ["gamma"] and [event.kind for event in events] == ["created", "captured", "finished"]
    assert events[0].body["tags"] == ["x", "y"] and events[0].body["parameters"] == {"a": {"b": 1}}
    assert [key["path"] for key in events[0].body["input_data"]] == ["i.txt"]
    assert [key["path"] for key in events[1].body["output_data"]] == ["o.txt"]
    assert events == [event for _, event in OldRecordStore.open(str(path)).read("gamma")]
    with store.fetch("gamma", events[1].body["stdout"]["digest"]) as file:
        assert file.read() == b"hi"
    with pytest.raises(StoreReadOnlyError):
        store.append("gamma", events)
    with pytest.raises(StoreNotFoundError):
        OldRecordStore.open(str(tmp_path / "nowhere"))


class Evil:
    """Runs a command when it is unpickled, as an attacker would have it."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_hostile_pickle_runs_nothing(protocol: int, tmp_path: Path) -> None:
    """What it wants to call stays a name."""
    found = read_pickle(pickle.dumps({"one": Evil(tmp_path / "marker")}, protocol))

    assert isinstance(found["one"], Thing) and found["one"].class_name == "system"
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_values_are_as_python_reads_them(protocol: int) -> None:
    """Numbers, text, bytes, containers, times: equal to what pickle itself gives."""
    value = {"a": [1, 2.5, -3, 10**30, None, True], "t": (1, "é"), "s": {1, 2}, "when": WHEN,
             "zone": datetime(2020, 1, 1, tzinfo=timezone(timedelta(hours=2))), "again": [[]] * 2}  # fmt: skip

    assert read_pickle(pickle.dumps(value, protocol)) == value


@pytest.mark.parametrize("data", [b"", b"garbage", b"\x80\x04K", b"(", b".", pickle.dumps({"a": 1})[:-3]])
def test_what_is_no_pickle_is_said(data: bytes) -> None:
    """A cut or foreign file is an error in a sentence."""
    with pytest.raises(StoreFormatError):
        read_pickle(data)
