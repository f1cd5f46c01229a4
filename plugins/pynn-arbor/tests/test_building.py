"""The mechanism is compiled once, into the cache, and its absence is said in one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pyNN.errors import PyNNError
from pynn_arbor import building

LONG = pytest.mark.skipif("CAWAN_LONG" not in os.environ, reason="compiles mechanisms: set CAWAN_LONG=1")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("CAWAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_key_depends_on_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another byte in any file gives another library."""
    shutil.copytree(building.SOURCES, tmp_path / "mechanisms")
    monkeypatch.setattr(building, "SOURCES", tmp_path / "mechanisms")
    keys = {building.key()}
    files = sorted((tmp_path / "mechanisms").iterdir())
    for path in files:
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        keys.add(building.key())

    assert len(keys) == len(files) + 1


def test_without_a_compiler_the_model_and_the_tool_are_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence names what is wanted and what is missing."""
    monkeypatch.setenv("PATH", str(cache))
    monkeypatch.delenv("CXX", raising=False)

    with pytest.raises(PyNNError, match=r"C\+\+ compiler for IF_cond_exp.*None of c\+\+, g\+\+, clang\+\+"):
        building.library(wanted_for="IF_cond_exp")


def test_what_does_not_compile_is_shown(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The compiler's own words are in the error, and nothing stays in the cache that could be taken for a library."""
    sources = tmp_path / "wrong"
    sources.mkdir()
    (sources / "catalogue.cpp").write_text("int x = ;", encoding="utf-8")
    monkeypatch.setattr(building, "SOURCES", sources)

    with pytest.raises(PyNNError, match=r"(?s)could not compile.*cells.*error"):
        building.library(wanted_for="cells")
    assert not list(cache.rglob("*.so"))


@LONG
def test_two_processes_compile_once(cache: Path) -> None:
    """Two that begin together wait for each other; the library lies in the cache alone."""
    script = "from pynn_arbor.building import library; print(library().stat().st_ino, library())"
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    found = {process.communicate()[0] for process in running}

    assert [process.returncode for process in running] == [0, 0]
    assert len(found) == 1
    assert str(cache) in found.pop()
    assert sorted(path.name for path in next((cache / "arbor").iterdir()).iterdir()) == ["cawan-catalogue.so", "lock"]
