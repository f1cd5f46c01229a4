"""D1, D3, R6: files that nobody expects, changes of every kind, and places where nothing may be written."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

LONG = "CAWAN_ENDURANCE" in os.environ
ODD = """\
import os, socket
os.chdir(os.environ["SMT_OUTPUT"])
os.symlink("loop", "loop"); os.symlink("nothing", "dangling"); os.symlink("/etc", "folder"); os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
for name in (b"new\\nline", b"caf\\xff\\xfe", b"-rf", b" ", b"quote'\\"", "naïve".encode(), b"a" * 255):
    open(name, "wb").write(name)
os.mkdir("empty"); os.mkdir("closed"); open("closed/in", "w").write("x"); os.chmod("closed", 0)
open("secret", "w").write("x"); os.chmod("secret", 0)
"""


def row_of(notebook: Any, label: str) -> dict[str, Any]:
    """The record, as JSON."""
    found: dict[str, Any] = json.loads(notebook.smt("show", "--json", label))["items"][0]
    return found


def test_odd_files_are_recorded_or_left_out(notebook: Any) -> None:
    """Loops, dangling links, pipes, sockets, unreadable files and names of any bytes: nothing hangs, nothing fails."""
    notebook.write("main.py", ODD)
    notebook.commit()

    notebook.smt("run", "--label=odd")
    row = row_of(notebook, "odd")
    names = {entry["path"].removeprefix("odd/") for entry in row["output_data"]}
    notebook.smt("list", "-l"), notebook.smt("list", "-f", "json"), notebook.smt("verify", "odd")
    (notebook.path / "Data" / "odd" / "closed").chmod(0o755)

    assert row["status"] == "finished"
    assert {"loop", "dangling", "folder", "new\nline", "-rf", " ", "quote'\"", "naïve", "a" * 255} <= names
    assert {"pipe", "socket"}.isdisjoint(names)
    assert sum(os.fsencode(name) == b"caf\xff\xfe" or "caf" in name for name in names) == 1


def test_many_files_are_listed(notebook: Any) -> None:
    """1000 files here, 100 000 in endurance, which prints the memory: all are recorded, with digests."""
    count = 100_000 if LONG else 1000
    notebook.write("main.py", f"""\
import os
os.chdir(os.environ["SMT_OUTPUT"])
for k in range({count}):
    if k % 1000 == 0:
        os.mkdir(f"d{{k // 1000}}")
    with open(f"d{{k // 1000}}/f{{k}}", "w") as file:
        file.write(str(k))
""")
    notebook.commit()

    notebook.smt("run", "--label=many")

    row = row_of(notebook, "many")
    assert len(row["output_data"]) == count and all(entry["digest"] for entry in row["output_data"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{count} files, largest process {peak:.0f} MB")
    notebook.smt("list")


def test_changes_of_every_kind_come_back(notebook: Any) -> None:
    """10 MB of change, binary, renamed, mode, line ends, link, quotes in names: smt open lays out the very bytes."""
    notebook.write("big.txt", "".join(f"line {k}\n" for k in range(200_000)))
    (notebook.path / "bin.dat").write_bytes(bytes(range(256)) * 100)
    notebook.write("tool.sh", "#!/bin/sh\n")
    notebook.write("dos.txt", "a\r\nb\r\n")
    notebook.write("old name.py", "x = 1\n")
    (notebook.path / "link").symlink_to("big.txt")
    notebook.commit()
    notebook.smt("configure", "--on-changed=store-diff")
    notebook.write("big.txt", "".join(f"other {k} {'é' * 20}\n" for k in range(200_000)))
    (notebook.path / "bin.dat").write_bytes(os.urandom(100_000) + b"\0\r\n")
    (notebook.path / "tool.sh").chmod(0o755)
    (notebook.path / "dos.txt").write_bytes(b"a\nb\r\nc\r")
    (notebook.path / "old name.py").rename(notebook.path / "new 'name\".py")
    (notebook.path / "link").unlink()
    (notebook.path / "link").symlink_to("dos.txt")
    subprocess.run(["git", "add", "-A"], cwd=notebook.path, env=notebook.environment, check=True)
    wanted = files(notebook.path)

    notebook.smt("run", "--label=one", "--main=default.param", "--executable=cat")
    subprocess.run(["git", "reset", "-q", "--hard"], cwd=notebook.path, env=notebook.environment, check=True)
    opened = notebook.path.parent / "opened"
    notebook.smt("open", "--into", str(opened), "one")

    assert files(opened) == wanted
    assert "  output: same\n  console: same" in notebook.smt("repeat", "one", code=3)
    assert "new 'name" in notebook.smt("list", "-l", "one") or "new 'name" in notebook.smt("show", "one")


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a tree, with its executable bit and bytes; of links, where they point."""
    found = {}
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if inside.parts[0] in (".git", ".smt", "Data") or path.is_dir():
            continue
        content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
        found[str(inside)] = (path.lstat().st_mode & 0o111, content)
    return found


@pytest.mark.parametrize("gone", ["HOME", "USER", "both", "home that is not there", "home without permission"])
def test_no_home_and_no_name(gone: str, notebook: Any) -> None:
    """Without a home, a user name or a cache that can be written, runs are recorded and listed all the same."""
    environment = {**notebook.environment, "USER": "ada", "LOGNAME": "ada"}
    for name in {"HOME": ["HOME"], "USER": ["USER", "LOGNAME"], "both": ["HOME", "USER", "LOGNAME"]}.get(gone, []):
        environment.pop(name)
    if gone == "home that is not there":
        environment["HOME"] = "/proc/nowhere"
    if gone == "home without permission":
        environment |= {"HOME": "/proc", "XDG_CACHE_HOME": "/proc/cache"}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull}
    notebook.write("main.py", "print('done')\n")
    notebook.commit()
    for words in (["run", "--label=one", "default.param"], ["list"], ["show", "one"], ["repeat", "one"]):
        done = subprocess.run([sys.executable, "-m", "sumatra", *words], cwd=notebook.path, env=environment,
                              check=False, capture_output=True, text=True)  # fmt: skip
        assert done.returncode == 0, (words, done.stderr)
        assert len(done.stderr.splitlines()) <= 3


def test_a_notebook_that_needs_a_home_is_seen(notebook: Any) -> None:
    """The control: where the index must have a cache folder, the test above fails."""
    notebook.plant("from sumatra.local import index\nindex._log.debug = index._log.warning = exit\n")
    with pytest.raises(AssertionError):
        test_no_home_and_no_name("home without permission", notebook)


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/usr/bin/setpriv").exists(), reason="gives up root by setpriv")
def test_a_project_of_somebody_else(notebook: Any, request: pytest.FixtureRequest) -> None:
    """R6: where nothing may be written reading commands work, and writing ones say so: exit code 73, one sentence."""
    notebook.smt("configure", "--executable=cat", "--main=default.param")
    notebook.smt("run", "--label=one")
    shared = Path(tempfile.mkdtemp(prefix="smt-theirs-"))  # pytest's own folders are closed to others
    request.addfinalizer(lambda: shutil.rmtree(shared))
    home = shared / "home"
    home.mkdir()
    shutil.copytree(notebook.path, shared / "project", symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX,go-w", shared], check=True)
    (home / ".gitconfig").write_text("[safe]\n\tdirectory = *\n")
    environment = {**notebook.environment, "HOME": str(home)}

    def smt(*words: str) -> subprocess.CompletedProcess[str]:
        nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return subprocess.run([*nobody, sys.executable, "-m", "sumatra", *words], cwd=shared / "project",
                              env=environment, check=False, capture_output=True, text=True)  # fmt: skip

    probe = smt("version")
    if probe.returncode:
        pytest.skip("this Python cannot be read by another user")
    for words in (["list"], ["list", "-l"], ["show", "one"], ["info"], ["verify"], ["search", "one"]):
        done = smt(*words)
        assert done.returncode == 0, (words, done.stderr)
    for words in (["run"], ["comment", "x"], ["tag", "x"], ["delete", "one"], ["export"],
                  ["configure", "-c", "error"], ["repeat", "one"]):  # fmt: skip
        done = smt(*words)
        assert done.returncode == 73, (words, done.returncode, done.stderr)
        assert len(done.stderr.splitlines()) <= 3 and "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0 or not Path("/usr/bin/setpriv").exists(), reason="gives up root by setpriv")
def test_a_refusal_of_the_system_as_it_is_is_seen(notebook: Any, request: pytest.FixtureRequest) -> None:
    """The control: without the sentence for a write that is not allowed, the test above fails."""
    notebook.plant("import contextlib\nfrom sumatra.local import durable\ndurable.writing = contextlib.nullcontext\n")
    with pytest.raises(AssertionError):
        test_a_project_of_somebody_else(notebook, request)
