"""A recorded pyNN script on another simulator, typed into a real shell: the diversity of simulators as a check."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

NETWORK = """\
import pyNN.native as sim

sim.setup(timestep=0.1, seed=3)
cells = sim.Population(30, sim.IF_curr_exp(tau_syn_E=5.0), label="cells")
noise = sim.Population(30, sim.SpikeSourcePoisson(rate=1500.0), label="noise")
sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.35, delay=0.1))
cells.record("spikes")
sim.run(200.0)
cells.write_data("Data/spikes.txt")
"""
OWN = {
    "sim.mock_rate": "pyNN.native.mock_rate belongs to native alone",
    'sim.native_cell_type("iaf")': "The cell model 'iaf' belongs to native alone",
}


@pytest.fixture(autouse=True)
def _needed() -> None:
    pytest.importorskip("pyNN", reason="pynn-core is not installed, so there is no simulator")
    pytest.importorskip("pynn_native", reason="pynn-native is not installed, so there is no second simulator")


def commit(repository: Path, environment: dict[str, str], text: str) -> None:
    """Make this the script of the repository."""
    (repository / "net.py").write_text(text)
    author = ["-c", "user.name=Brian", "-c", "user.email=brian@example.org"]
    for words in (["add", "net.py"], [*author, "commit", "-q", "-m", "Network"]):
        subprocess.run(["git", *words], cwd=repository, env=environment, check=True)


def test_a_record_is_repeated_on_another_simulator(
    shell: Any, repository: Path, environment: dict[str, str]
) -> None:
    """The script is unchanged; the reference gives the same spikes, and made-up ones do not pass for the same."""
    commit(repository, environment, NETWORK)
    shown, code = shell.type("smt run --label=first python net.py")
    assert code == 0 and "cells.rate" in shown

    shown, code = shell.type("smt repeat first --on reference --label=second")
    assert code == 0, shown
    assert "pyNN.native is reference in this run, as smt repeat --on reference asked." in shown
    assert "Verdict: same within tolerance" in shown and "cells: the same spikes to one timestep; rate" in shown

    shown, code = shell.type("smt repeat first --on mock")
    assert code == 1, shown
    assert "Verdict: differs" in shown and "first diverging spike: cell" in shown

    shown, code = shell.type("smt verify first second")
    assert code == 0, shown
    assert "native" in (repository / "net.py").read_text()


@pytest.mark.parametrize("line", OWN)
def test_what_only_its_own_simulator_has_is_refused(
    shell: Any, repository: Path, environment: dict[str, str], line: str
) -> None:
    """The sentence names it, both simulators, and what to do; the verdict does not call that a result."""
    commit(repository, environment, NETWORK + f"try:\n    {line}\nexcept (AttributeError, sim.errors.PyNNError):\n"
           "    if sim.simulator.name != 'native':\n        raise\n")  # fmt: skip
    assert shell.type("smt run --label=first python net.py")[1] == 0

    shown, code = shell.type("smt repeat first --on reference")

    assert code == 1 and OWN[line] in shown and "Verdict: differs" in shown
