"""Mechanisms are compiled once, where they belong, with whatever tools there are."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest
from pyNN.errors import PyNNError
from pynn_neuron import building

LONG = pytest.mark.skipif("CAWAN_LONG" not in os.environ, reason="compiles mechanisms: set CAWAN_LONG=1")
RELAY = """
NEURON { ARTIFICIAL_CELL %s  RANGE x }
PARAMETER { x = 3 }
NET_RECEIVE(w) { net_event(t) }
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("CAWAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_key_depends_on_every_source(tmp_path: Path) -> None:
    """Another byte in a mechanism or in what it includes gives another library."""
    keys = set()
    for text in ("a", "b"):
        for name in ("x.mod", "y.inc", "z.hpp"):
            (tmp_path / name).write_text(text, encoding="utf-8")
            keys.add(building.key(tmp_path))

    assert len(keys) == 6


def test_without_a_compiler_the_model_and_the_tool_are_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names the model, what is missing, and what works without it."""
    monkeypatch.setenv("PATH", str(cache))
    monkeypatch.delenv("CXX", raising=False)

    with pytest.raises(PyNNError, match=r"IF_cond_exp.*a C\+\+ compiler \(g\+\+\) and make.*native_cell_type"):
        building.library(building.folder_of()["CawanLIF"], wanted_for="IF_cond_exp")


@LONG
def test_mechanisms_of_a_folder_are_compiled_and_loaded(cache: Path, tmp_path: Path) -> None:
    """load_mechanisms makes a user's own mechanism known, compiles into the cache alone, and once."""
    folder = tmp_path / "mod"
    folder.mkdir()
    (folder / "relay.mod").write_text(RELAY % "CawanTestRelay", encoding="utf-8")

    building.load_mechanisms(folder)
    built = building.library(folder, wanted_for="a test")
    stamp = built.stat().st_mtime_ns
    building.load_mechanisms(str(folder))

    assert building.hoc().CawanTestRelay().x == 3.0
    assert cache in built.parents
    assert not any(Path(place) in built.parents for place in site.getsitepackages())
    assert built.stat().st_mtime_ns == stamp
    assert sorted(path.name for path in built.parent.iterdir()) == ["libnrnmech.so", "lock"]
    assert sorted(path.name for path in folder.iterdir()) == ["relay.mod"]


def test_what_does_not_compile_is_shown(cache: Path, tmp_path: Path) -> None:
    """The compiler's own words are in the error, and nothing stays in the cache that could be taken for a library."""
    (tmp_path / "wrong.mod").write_text("NEURON { POINT_PROCESS Wrong } BREAKPOINT { x = }", encoding="utf-8")

    with pytest.raises(PyNNError, match=r"(?s)do not compile.*wrong\.mod"):
        building.load_mechanisms(tmp_path)

    assert not list(cache.rglob("*.so"))


def test_a_folder_without_mechanisms_is_refused(tmp_path: Path) -> None:
    """The folder is named."""
    with pytest.raises(PyNNError, match=r"is no folder with NMODL files"):
        building.load_mechanisms(tmp_path)


@LONG
def test_two_processes_compile_once(cache: Path, tmp_path: Path) -> None:
    """Two that begin together wait for each other, with nrnivmodl in no folder of PATH."""
    (tmp_path / "relay.mod").write_text(RELAY % "CawanTestRelay2", encoding="utf-8")
    script = (
        "import sys; from pathlib import Path; from pynn_neuron.building import library\n"
        "print(library(Path(sys.argv[1]), wanted_for='a test').stat().st_ino)"
    )
    environment = {**os.environ, "PATH": "/usr/bin:/bin"}
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], env=environment, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    found = {process.communicate()[0] for process in running}

    assert [process.returncode for process in running] == [0, 0]
    assert len(found) == 1
