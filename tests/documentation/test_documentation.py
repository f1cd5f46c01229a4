"""What the documentation tells users to type works as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("p*/*/README.md")])


def blocks(path: Path, language: str) -> list[str]:
    """The fenced blocks of one language, in order."""
    return [text for name, text in BLOCK.findall(path.read_text(encoding="utf-8")) if name == language]


def environment(home: Path) -> dict[str, str]:
    """A new user's: nothing but a path with our commands and the system's."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/local/bin:/usr/bin:/bin",
        "HOME": str(home),
        "OMP_WAIT_POLICY": "passive",
        "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@localhost",
        "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@localhost",
    }  # fmt: skip


def test_the_tutorial_can_be_typed(tmp_path: Path) -> None:
    """Every command of the first tutorial works in order; the repeated run is identical."""
    page = ROOT / "docs" / "tutorials" / "first-recorded-simulation.md"
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / "main.py").write_text(blocks(page, "python")[0], encoding="utf-8")
    (folder / "default.param").write_text(blocks(page, "ini")[0], encoding="utf-8")
    said: dict[str, str] = {}

    for line in "".join(blocks(page, "console")).splitlines():
        command = line.removeprefix("$ ")
        done = subprocess.run(
            shlex.split(command),
            cwd=folder,
            env=environment(home),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said[command] = done.stdout + done.stderr
        # `smt diff` of two runs with different parameters says so by exit code 1.
        assert done.returncode == (1 if command.startswith("smt diff") else 0), f"{command}\n{said[command]}"

    assert "spikes a cell" in said[next(c for c in said if c.startswith("smt run --label=first"))]
    assert said["smt list"].split() == ["slow", "first"]
    assert "tau_m" in said["smt diff --long first slow"]
    assert "identical" in said["smt repeat first"].lower()


def test_the_second_tutorial_can_be_typed(tmp_path: Path) -> None:
    """Every command of it works in a plain folder, in order, and finds what the page says."""
    page = ROOT / "docs" / "tutorials" / "find-it-again.md"
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    (folder / "main.py").write_text(blocks(page, "python")[0], encoding="utf-8")
    (folder / "default.param").write_text(blocks(page, "ini")[0], encoding="utf-8")
    said: dict[str, str] = {}
    for line in "".join(blocks(page, "console")).splitlines():
        command = line.removeprefix("$ ")
        done = subprocess.run(shlex.split(command), cwd=folder, env=environment(home), capture_output=True, text=True,
                              timeout=120, check=False)  # fmt: skip
        said[command] = done.stdout + done.stderr
        assert done.returncode == (1 if command == "smt verify" else 0), f"{command}\n{said[command]}"

    assert said['smt search "tau_m<10"'] == said['smt search "tag:figure 2" since:1h'] == "fast\n"
    assert said["smt search usual"] == "first\n"
    assert "made by fast" in said["smt whence mailed.svg"] and said["smt show --console fast"].startswith("half life")
    assert "slow/decay.svg" in said["smt verify"]
    assert "identical" in said["smt repeat fast"]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "packages" / "pynn-core" / "README.md"], ids=lambda p: p.parent.name
)
def test_the_code_of_the_readmes_runs(page: Path, tmp_path: Path) -> None:
    """The Python block of a README runs as it is."""
    code = blocks(page, "python")[0]

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_the_readme_begins_with_its_two_commands() -> None:
    """The first two fenced ``sh`` blocks are one line each: the main job, then the tests."""
    first, second = blocks(ROOT / "README.md", "sh")[:2]

    assert first.count("\n") == second.count("\n") == 1
    assert first.rstrip().endswith("demo") and second.rstrip().endswith("tests")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file of the repository."""
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))

    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_example_of_the_move_from_pynn_prints_what_the_page_says(tmp_path: Path) -> None:
    """The only script on that page, and the only output."""
    page = ROOT / "docs" / "how-to" / "move-from-pynn-0.13.md"
    done = subprocess.run(
        [sys.executable, "-c", blocks(page, "python")[0]],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == blocks(page, "text")[0]


@pytest.mark.parametrize("number", [0, 1])
def test_cells_from_equations_can_be_typed(number: int, tmp_path: Path) -> None:
    """Both scripts of that page print what it says, with an empty cache of compiled equations."""
    page = ROOT / "docs" / "how-to" / "custom-cell-models.md"
    script = blocks(page, "python")[number]

    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout == blocks(page, "text")[number]


@pytest.mark.parametrize("simulator", ["neuron", "arbor"])
def test_the_forked_cell_can_be_typed(simulator: str, tmp_path: Path) -> None:
    """The script of the page on cells of many compartments runs unchanged on both, and draws its figure."""
    for module in ("neuroml", "matplotlib", simulator):
        pytest.importorskip(module, reason=f"needs {module}")
    script = tmp_path / "fork.py"
    page = ROOT / "docs" / "how-to" / "cells-of-many-compartments.md"
    script.write_text(blocks(page, "python")[0], encoding="utf-8")

    command = [sys.executable, script, simulator]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[[], [61.45, 74.6]]"
    assert (tmp_path / f"fork_{simulator}.png").stat().st_size > 10_000
