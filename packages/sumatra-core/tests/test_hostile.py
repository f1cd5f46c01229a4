"""S1, S3, S4, S5, G2: nothing that is read is executed, nothing is read or written outside, whatever a file says."""

from __future__ import annotations

import io
import json
import os
import pickle
import subprocess
import sys
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cawan.data import DataError
from cawan.records import StoreFormatError
from sumatra.crates import unpack
from sumatra.datastore import ArchivingFileSystemDataStore, DataKey, FileSystemDataStore
from sumatra.local.archives import Archive
from sumatra.local.files import safe_join
from sumatra.parameters import build_parameters
from sumatra.recordstore import serialization
from sumatra.tolerating import by_hook, largest_difference

PYTHON = "__import__('os').system('touch {0}')"
PARAMETERS = {
    "call.param": "a = {py}\n", "list.param": "a = [{py}]\n", "lambda.param": "a = (lambda: {py})()\n",
    "format.param": "a = '{{0.__class__}}'.format({py})\n", "plain": "x={py}\n", "data.csv": "x={py}\n",
    "call.json": '{{"a": "{py}", "__class__": "os.system"}}',
    "reduce.json": '{{"py/reduce": [{{"py/function": "os.system"}}, ["{sh}"]]}}',
    "apply.yaml": 'a: !!python/object/apply:os.system ["{sh}"]\n',
    "new.yaml": 'a: !!python/object/new:os.system ["{sh}"]\n',
    "name.yaml": "a: !!python/name:os.system\nb: {py}\n", "exec.yaml": 'a: !!python/object/apply:exec ["{py}"]\n',
    "merge.yml": "<<: !!python/module:os\n", "call.toml": 'a = "{py}"\n', "raw.toml": "a = {py}\n",
    "call.ini": "[s]\na = {py}\n", "interpolate.cfg": "[s]\na = %(b)s\nb = {py}\n", "env.cfg": "[s]\na = $({sh})\n",
    "call.ntparameterset": "{{'a': {py}}}", "url.ntparameterset": "{{'a': url('file:///etc/passwd')}}",
    "set.ntparameterset": "ParameterSet({{'a': {py}}})", "range.ntparameterset": "{{'a': ParameterRange({py})}}",
}  # fmt: skip


class Runs:
    """A pickle that runs a command when it is loaded."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.marker}",)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_file_is_text(name: str, tmp_path: Path) -> None:
    """Whatever stands in a parameter file is a value or a syntax error, and never runs."""
    marker = tmp_path / "marker"
    text = PARAMETERS[name].format(py=PYTHON.format(marker), sh=f"touch {marker}")
    (tmp_path / name).write_text(text)

    try:
        parameters = build_parameters(tmp_path / name)
        str(parameters), parameters.as_dict(), parameters.pretty()
        tagged = f"!!python/object/apply:os.system ['touch {marker}']"
        for value in (PYTHON.format(marker), f"$(touch {marker})", tagged):
            parameters.parse_command_line_parameter(f"{next(iter(parameters), 'a')}={value}")
    except (SyntaxError, ValueError) as error:
        assert len(str(error)) < 500

    assert not marker.exists()


def test_the_control_runs(tmp_path: Path) -> None:
    """The control: where such values are evaluated, or such pickles loaded, the marker appears."""
    marker = tmp_path / "marker"
    eval(PYTHON.format(marker))  # noqa: S307 - the bug that the other tests must see
    assert marker.exists()
    marker.unlink()
    pickle.loads(pickle.dumps(Runs(marker)))  # noqa: S301 - likewise
    assert marker.exists()


def _pickled(path: Path, marker: Path) -> None:
    path.write_bytes(pickle.dumps(Runs(marker)))


def _array(path: Path, marker: Path) -> None:
    import numpy as np

    np.save(path, np.array([Runs(marker)], dtype=object), allow_pickle=True)


def _settings(path: Path, marker: Path) -> None:
    path.write_text(json.dumps({
        "name": "evil", "default_executable": {"type": "subprocess.Popen", "args": [f"touch {marker}"], "shell": True},
        "record_store": {"type": "os.system", "command": f"touch {marker}"}, "plugins": ["evil"],
    }))  # fmt: skip


HOSTILE_FILES: dict[str, Callable[[Path, Path], None]] = {
    "data.pkl": _pickled, "data.npy": _array, "records": _pickled, "project": _settings,
    "records_export.json": lambda path, marker: path.write_text(json.dumps([{
        "label": "x", "parameters": {"type": "dict", "content": PYTHON.format(marker)},
        "timestamp": "2010-01-01 00:00:00",
        "datastore": {"type": "os.system", "parameters": PYTHON.format(marker)}, "launch_mode": {
            "type": "SerialLaunchMode", "parameters": PYTHON.format(marker)}, "tags": PYTHON.format(marker),
    }])),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE_FILES)
def test_a_project_of_a_stranger_runs_nothing(name: str, notebook: Any) -> None:
    """With this file in ``.smt`` or the project, reading, upgrading, running and comparing leave no marker."""
    marker = notebook.path.parent / "marker"
    (notebook.path / "evil.py").write_text(f"open({str(marker)!r}, 'w')\n")
    for folder in (notebook.path / ".smt", notebook.path):
        HOSTILE_FILES[name](folder / name, marker)

    for words in (["info"], ["list", "-l"], ["upgrade", ".smt"], ["upgrade"], ["sync", name], ["list", "-f", "json"]):
        notebook.smt(*words, code=None)
    notebook.smt("configure", "--on-changed=store-diff")
    notebook.smt("run", "--label=one", "default.param", name, code=None)
    notebook.smt("whence", name, code=None)
    notebook.smt("repeat", "one", "--tolerance=0.1", code=None)

    assert not marker.exists()


@pytest.mark.parametrize("name", ["spikes.pkl", "spikes.npy", "spikes.npz", "spikes.mat", "spikes.h5", "spikes.nix"])
def test_output_that_is_a_pickle_runs_nothing(name: str, tmp_path: Path) -> None:
    """With a tolerance, output files are read as numbers or by the hook for Neo; no object in them is made."""
    marker = tmp_path / "marker"
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (_array if name.endswith("npy") else _pickled)(tmp_path / folder / name, marker)

    by_hook(tmp_path / "a" / name, tmp_path / "b" / name, 0.1)
    largest_difference((tmp_path / "a" / name).read_bytes(), (tmp_path / "b" / name).read_bytes())

    assert not marker.exists()


def test_records_from_json_run_nothing(tmp_path: Path) -> None:
    """Where 0.3 evaluated a text, it is a literal or nothing."""
    marker = tmp_path / "marker"
    for field in ("tags", "input_data", "parameters", "platforms", "launch_mode", "datastore", "executable"):
        text = json.dumps([{"label": "x", "timestamp": "2010-01-01 00:00:00", field: PYTHON.format(marker)}])
        try:
            serialization.decode_records(text)
        except (KeyError, ValueError, TypeError, AttributeError):
            continue
    assert not marker.exists()


WORDS = (
    "; touch {0}", "$(touch {0})", "`touch {0}`", "| touch {0}", "&& touch {0}", "> {0}", "a b", "a'b", 'a"b', "\\",
    "*", "?", "~", "$HOME", "!!", "#x", "new\nline", "tab\t", "%s", "%n", "{{x}}", "é", "\u202e", "--flag", "-",
    "--", "=", "a=b=c", "x\udcffy", " ",
)  # fmt: skip


def test_arguments_reach_the_program_as_they_are(notebook: Any) -> None:
    """Thirty words that a shell would take apart arrive byte for byte, are recorded, repeated, and run nothing."""
    marker = notebook.path.parent / "marker"
    notebook.write("main.py", "import sys, os\nsys.stdout.buffer.write(b'\\0'.join(map(os.fsencode, sys.argv[1:])))\n")
    notebook.commit()
    notebook.smt("configure", "--plain")
    words = [word.format(marker) for word in WORDS]

    process = notebook.start("run", "--label=w", "--", *words)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert b"\0".join(map(os.fsencode, words)) in out
    notebook.smt("repeat", "w")
    for form in ("text", "shell", "json", "html", "latex", "csv"):
        notebook.smt("list", "-l", "-f", form)
    script = notebook.path.parent / "again.sh"
    script.write_bytes(notebook.start("list", "-f", "shell", "w").communicate(timeout=60)[0])
    clone = notebook.path.parent / "clone"
    subprocess.run(["git", "clone", "-q", notebook.path, clone], env=notebook.environment, check=True)
    done = subprocess.run(["sh", script], cwd=clone, env=notebook.environment, capture_output=True, check=True)
    assert b"\0".join(map(os.fsencode, words)) in done.stdout
    assert not marker.exists()


@pytest.mark.parametrize("option", ["--label={0}", "--main={0}", "--executable={0}", "--reason={0}", "--tag={0}"])
def test_options_of_smt_run_nothing(option: str, notebook: Any) -> None:
    """Label, script, program, reason and tag are text: used, or refused in a sentence."""
    marker = notebook.path.parent / "marker"
    for word in WORDS[:6]:
        notebook.smt("run", option.format(word.format(marker)), "default.param", code=None)
    with pytest.raises(ValueError, match="null byte"):
        notebook.start("run", "--label=a\0b")

    notebook.smt("list", "-l")
    assert not marker.exists()


KEYS = (
    "../up", "../../up", "a/../../up", "/etc/passwd", "//etc/passwd", "", ".", "..", "a/..", "./../up", "a\0b",
    "..\\up", "a\\..\\..\\up", "C:/up", "C:\\up", "link/secret", "link/../up", "chain/secret", "deep/link/secret",
)  # fmt: skip
HARMLESS = ("%2e%2e%2fup", "a#b", "a?b", "...", "..a", "~")  # odd, and below the root all the same


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A data folder with links out of it, and a secret beside it."""
    folder = tmp_path / "Data"
    (folder / "deep").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (tmp_path / "up").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "chain").symlink_to("link")
    (folder / "deep" / "link").symlink_to("../../outside")
    return folder


@pytest.mark.parametrize("key", KEYS)
def test_no_key_leads_outside(key: str, root: Path) -> None:
    """Reading, deleting, archiving and copying by such a key touch nothing outside the data folder."""
    before = {path: path.read_bytes() for path in (root.parent / "up", root.parent / "outside" / "secret")}
    try:
        assert safe_join(root, key).resolve().is_relative_to(root.resolve())
    except DataError:
        pass
    named = DataKey(key, "0" * 40, datetime.now(UTC))
    for store in (FileSystemDataStore(str(root)), ArchivingFileSystemDataStore(str(root), str(root.parent / "arch"))):
        for use in (store.get_content, store.delete):
            try:
                assert use(named) in (None, b""), key
            except (DataError, KeyError, OSError, ValueError, NotImplementedError):
                continue
    assert {path: path.read_bytes() for path in before} == before


def test_a_check_of_the_text_alone_is_seen(root: Path) -> None:
    """The control: a path that is checked as text leaves the folder by a link."""
    text = "link/secret"
    assert ".." not in text and not text.startswith("/")
    assert (root / text).read_text() == "secret"


@pytest.mark.parametrize("key", HARMLESS)
def test_odd_names_are_names(key: str, root: Path) -> None:
    """Nothing is decoded: such a file is a file of the folder."""
    assert safe_join(root, key) == root.resolve() / key


def test_a_hard_link_is_deleted_alone(root: Path) -> None:
    """The other name of the same file stays."""
    os.link(root.parent / "up", root / "hard")
    store = FileSystemDataStore(str(root))
    store.delete(*store.generate_keys("hard"))
    assert (root.parent / "up").read_text() == "secret" and not (root / "hard").exists()


def _member(archive: zipfile.ZipFile, name: str, data: bytes, mode: int = 0o100644) -> None:
    info = zipfile.ZipInfo(name)
    info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
    archive.writestr(info, data)


CRATES: dict[str, Callable[[zipfile.ZipFile], object]] = {
    "up": lambda crate: _member(crate, "../slipped", b"x"),
    "deep": lambda crate: _member(crate, "code/../../slipped", b"x"),
    "absolute": lambda crate: _member(crate, f"{os.sep}tmp/slipped-{os.getpid()}", b"x"),
    "backslash": lambda crate: _member(crate, "..\\slipped", b"x"),
    "drive": lambda crate: _member(crate, "C:slipped", b"x"),
    "link": lambda crate: _member(crate, "code/link", b"/etc/passwd", 0o120777),
    "through": lambda crate: _member(crate, "code/d", b"..", 0o120777) or _member(crate, "code/d/slipped", b"x"),
    "bomb": lambda crate: _member(crate, "code/zeros", bytes(50_000_000)),
    "many": lambda crate: any(_member(crate, f"code/{k}", bytes(1_000_000)) for k in range(40)),
}  # fmt: skip


def places(folder: Path) -> set[Path]:
    """What lies in a folder, and what an absolute name would have left."""
    return {*folder.iterdir(), *Path(os.sep, "tmp").glob("slipped*")}


@pytest.mark.parametrize("name", CRATES)
def test_a_hostile_crate_is_refused(name: str, notebook: Any) -> None:
    """Names that leave the folder, links and bombs: one sentence, nothing runs, nothing is written outside."""
    crate = notebook.path.parent / "crate.zip"
    with zipfile.ZipFile(crate, "w") as archive:
        _member(archive, "record.json", b'{"label": "x"}')
        CRATES[name](archive)
    before = places(notebook.path.parent)

    tracemalloc.start()
    with pytest.raises((StoreFormatError, DataError)):
        unpack(crate, notebook.path.parent / "into")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    process = notebook.start("repeat", str(crate))
    out, err = process.communicate(timeout=60)

    assert process.returncode == 65, (out, err)
    assert len(err.splitlines()) <= 3 and b"Traceback" not in err and b"Record label" not in out
    assert peak < 100e6
    assert places(notebook.path.parent) - {notebook.path.parent / "into"} == before


@pytest.mark.parametrize("name", ["up", "deep"])
def test_the_hostile_names_do_leave_a_folder_where_they_are_trusted(name: str, tmp_path: Path) -> None:
    """The crates are the attack that they claim to be: who joins folder and name writes outside."""
    crate, into = tmp_path / "crate.zip", tmp_path / "into"
    with zipfile.ZipFile(crate, "w") as archive:
        CRATES[name](archive)

    with zipfile.ZipFile(crate) as archive:
        for member in archive.infolist():
            (into / "code").mkdir(parents=True)
            (into / member.filename).write_bytes(archive.read(member))

    assert (tmp_path / "slipped").read_bytes() == b"x"


def test_a_hostile_archive_gives_nothing_away(tmp_path: Path) -> None:
    """Links, devices and odd names in a tar of the data store are never followed or unpacked."""
    (tmp_path / "secret").write_text("secret")
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as archive:
        for name, kind, target in (("link", tarfile.SYMTYPE, "../secret"), ("hard", tarfile.LNKTYPE, "../secret"),
                                   ("pipe", tarfile.FIFOTYPE, ""), ("null", tarfile.CHRTYPE, "")):  # fmt: skip
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
        member = tarfile.TarInfo("../up")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))

    for name in ("link", "hard", "pipe", "null", "../up", "/etc/passwd"):
        with pytest.raises((DataError, FileNotFoundError)), Archive(tmp_path / "a.tar.gz").open(name) as file:
            file.read()


def test_upgrade_of_hostile_archives_and_links(notebook: Any) -> None:
    """smt upgrade of something that is no store says so; a link in its place is read, not followed outside."""
    for name in ("old.zip", "old.tar.gz"):
        (notebook.path / name).write_bytes(b"PK\3\4" + bytes(100))
        process = notebook.start("upgrade", name)
        _, err = process.communicate(timeout=60)
        assert process.returncode in (65, 66) and len(err.splitlines()) <= 3 and b"Traceback" not in err, err


def test_a_hostile_repository_runs_nothing(notebook: Any) -> None:
    """G2: fsmonitor, hooks, filters and ext:: in a repository's own configuration: no command of smt runs them."""
    marker = notebook.path.parent / "marker"
    run = notebook.path.parent / "run.sh"
    run.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    run.chmod(0o755)
    notebook.write(".gitattributes", "*.py filter=evil diff=evil\n")
    notebook.commit()
    hooks = notebook.path / ".git" / "hooks"
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction"):
        (hooks / name).write_bytes(run.read_bytes())
        (hooks / name).chmod(0o755)
    for name in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
                 "diff.evil.textconv", "diff.external", "core.pager", "core.sshCommand", "core.editor"):  # fmt: skip
        subprocess.run(["git", "config", name, str(run)], cwd=notebook.path, env=notebook.environment, check=True)
    subprocess.run(["git", "config", "remote.origin.url", f"ext::{run}"], cwd=notebook.path, env=notebook.environment,
                   check=True)  # fmt: skip
    notebook.smt("configure", "--on-changed=store-diff")
    notebook.write("main.py", "print('changed')\n")
    marker.unlink(missing_ok=True)

    for words in (["info"], ["run", "--label=one", "default.param"], ["repeat", "one"], ["diff", "one", "last"],
                  ["open", "--into", str(notebook.path.parent / "opened"), "one"], ["list", "-l"],
                  ["view", "-s", "one"]):  # fmt: skip
        notebook.smt(*words, code=None)
    fresh = notebook.path.parent / "fresh"
    fresh.mkdir()
    subprocess.run([sys.executable, "-m", "sumatra", "init", "--repository", f"ext::{run}", "x"], cwd=fresh,
                   env=notebook.environment, check=False, capture_output=True)  # fmt: skip

    assert not marker.exists()
