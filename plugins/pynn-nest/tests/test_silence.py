"""NEST says nothing that nobody asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "use", ["sim.setup(); sim.Population(2, sim.IF_curr_exp()); sim.run(1.0); sim.end()", "sim.nest.Create"]
)
def test_nothing_is_printed(use: str) -> None:
    """By a network, or by asking for NEST's own module, which shows a banner where it is imported first."""
    code = f"import pyNN.nest as sim\n{use}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)

    assert (done.stdout, done.stderr) == ("", "")
