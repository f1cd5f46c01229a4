"""The wheels as users get them: built once by ``nox -s wheels``, installed into empty environments, and used."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("CAWAN_WHEELS", ""))
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif("CAWAN_WHEELS" not in os.environ, reason="needs built wheels: nox -s wheels")

MODULES = {
    "cawan": "cawan", "pynn-core": "pyNN", "pynn-native": "pynn_native", "pynn-nest": "pynn_nest",
    "pynn-neuron": "pynn_neuron", "pynn-brian2": "pynn_brian2", "pynn-arbor": "pynn_arbor",
    "sumatra-bazaar": "sumatra_bazaar",
    "sumatra-subversion": "sumatra_subversion",
    "sumatra-core": "sumatra", "sumatra-git": "sumatra_git", "sumatra-mercurial": "sumatra_mercurial",
    "sumatra-shelve": "sumatra_shelve",
}  # fmt: skip
SCRIPT = """
import pyNN
sim = pyNN.load("{name}")
sim.setup(timestep=0.1, seed=1)
cells = sim.Population(20, sim.IF_cond_exp())
noise = sim.Population(20, sim.SpikeSourcePoisson(rate=200.0))
sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5), sim.StaticSynapse(weight=0.02, delay=1.0))
cells.record("spikes")
sim.run(200.0)
print("spikes", sum(cells.get_spike_counts().values()))
sim.end()
"""


class Environment:
    """An empty virtual environment with some of our wheels and what they depend on."""

    def __init__(self, folder: Path, *names: str) -> None:
        self.folder = folder
        python = os.environ.get("CAWAN_PYTHON", sys.executable)
        subprocess.run(["uv", "venv", "--quiet", "--python", python, str(folder)], check=True)
        self.install("--find-links", str(FOLDER), *names)

    def install(self, *arguments: str) -> None:
        """uv pip install into it."""
        fresh = [word for name in MODULES for word in ("--refresh-package", name)]  # uv may hold last week's 0.1.0
        python = str(self.folder / "bin" / "python")
        command = ["uv", "pip", "install", "--quiet", "--python", python, *fresh, *arguments]
        subprocess.run(command, check=True)

    def run(self, program: str, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """A program of the environment, which need not be activated; HOME is empty."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        environment = {
            "PATH": f"{self.folder / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "OMP_WAIT_POLICY": "passive",
        }  # fmt: skip
        command = [str(self.folder / "bin" / program), *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=cwd or home, timeout=300, check=False
        )


@pytest.mark.parametrize("name", sorted(MODULES))
def test_every_wheel_imports_alone(name: str, tmp_path: Path) -> None:
    """A wheel with its own dependencies and nothing else imports, from any directory."""
    environment = Environment(tmp_path / "env", name)

    done = environment.run("python", "-c", f"import {MODULES[name]}")

    assert done.returncode == 0, done.stderr
    assert done.stdout == "" and done.stderr == ""


def test_no_two_wheels_own_one_file() -> None:
    """Every file belongs to one distribution, so that uninstalling one never breaks another."""
    wheels = sorted(FOLDER.glob("*.whl"))
    owned = Counter(name for wheel in wheels for name in zipfile.ZipFile(wheel).namelist())

    assert len(wheels) == len(MODULES)
    assert [name for name, count in owned.items() if count > 1] == []


def test_every_wheel_has_its_licence_and_its_readme() -> None:
    """Metadata name the licence, the licence file is in the wheel, and the description is not empty."""
    for wheel in sorted(FOLDER.glob("*.whl")):
        archive = zipfile.ZipFile(wheel)
        metadata = archive.read(next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))).decode()

        assert "License-Expression: BSD-3-Clause" in metadata, wheel.name
        assert any(n.endswith("LICENSE") for n in archive.namelist()), wheel.name
        assert len(metadata.partition("\n\n")[2].splitlines()) > 10, f"{wheel.name}: a description of its own"


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What the issue's user types, and the embedded engine."""
    folder = tmp_path_factory.mktemp("users") / "env"
    return Environment(folder, "pynn-core[testing]", "pynn-native", "pynn-nest", "pynn-neuron", "pynn-brian2",
                       "pynn-arbor", "sumatra-git")  # fmt: skip


@pytest.mark.parametrize("name", ["native", "nest", "neuron", "brian2", "arbor"])
def test_simulators_run_from_the_wheels(users: Environment, name: str) -> None:
    """A script runs on each simulator in an environment that holds only wheels; nothing else is printed."""
    done = users.run("python", "-c", SCRIPT.format(name=name))

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("spikes ") and int(done.stdout.split()[1]) > 100


def test_doctor_is_content_with_all_of_them(users: Environment) -> None:
    """``cawan doctor`` finds every plug-in well."""
    done = users.run("cawan", "doctor")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "BROKEN" not in done.stdout


def test_the_notebook_records_from_the_wheels(users: Environment, tmp_path: Path) -> None:
    """``smt run`` in a git repository, without init, records a simulation and what pyNN knows of it."""
    (tmp_path / "main.py").write_text(SCRIPT.format(name="native"), encoding="utf-8")
    subprocess.run("git init -q && git add main.py", cwd=tmp_path, shell=True, check=True)
    commit = ["git", "-c", "user.name=A", "-c", "user.email=a@localhost", "commit", "-qm", "first"]
    subprocess.run(commit, cwd=tmp_path, check=True)

    done = users.run("smt", "run", "python", "main.py", cwd=tmp_path)
    listed = users.run("smt", "list", "-l", cwd=tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "native" in listed.stdout and "finished" in listed.stdout


def test_a_strangers_backend_passes_the_kit_on_the_wheels(tmp_path: Path) -> None:
    """A backend outside the workspace, built and installed as its author would, passes the kit of the wheel."""
    environment = Environment(tmp_path / "env", "pynn-core[testing]")
    environment.install("--find-links", str(FOLDER), str(ROOT / "examples" / "pynn-mysim"))

    listed = environment.run("cawan", "plugins")
    kit = environment.run(
        "python", "-m", "pytest", str(ROOT / "examples" / "pynn-mysim" / "tests"), "-p", "no:cacheprovider"
    )

    assert "mysim" in listed.stdout
    assert kit.returncode == 0, kit.stdout[-3000:]
