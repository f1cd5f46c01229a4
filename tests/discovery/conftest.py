"""Distributions that were never installed: a folder with a ``.dist-info`` on ``sys.path``."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

GOOD_BACKEND = """
    from pyNN._reference import ReferenceBackend
    class FakeBackend(ReferenceBackend):
        interface = 1
        name = "fake"
"""


@dataclass
class Site:
    """A folder like site-packages, first on ``sys.path`` of this process and of those it starts."""

    folder: Path
    good_backend: str = GOOD_BACKEND

    def install(
        self, distribution: str, module: str, source: str, *, name: str = "fake", group: str = "pynn.backends",
        attribute: str = "FakeBackend", version: str = "0.1", summary: str = "A fake simulator",
    ) -> None:  # fmt: skip
        """Put a distribution there, with one module and one entry point."""
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\nSummary: {summary}\n", encoding="utf-8"
        )
        value = f"{module}:{attribute}" if attribute else module
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n", encoding="utf-8")
        self.write(module, source)
        importlib.invalidate_caches()

    def write(self, module: str, source: str) -> None:
        """Write a module, or write it anew."""
        (self.folder / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of this Python that sees the folder."""
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "CAWAN_CACHE": str(self.folder / ".cache")}
        command = [sys.executable, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty site whose modules are forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setenv("CAWAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - before:
        if (getattr(sys.modules[name], "__file__", None) or "").startswith(str(folder)) or name.startswith("pyNN.fake"):
            del sys.modules[name]
