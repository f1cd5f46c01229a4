"""Cells that take several steps strip by strip do what cells do that take each step together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from native_networks import Result, result_of, sparse
from pyNN.simulator import Simulator
from pynn_native import NativeBackend

MODELS = {"IF_curr_exp": (0.03, -1.0), "IF_cond_exp": (0.0006, 0.02)}


def run(model: str, *, size: int = 3500, sampled: bool = False, cut: bool = False, **setup: Any) -> Result:
    """Where potentials are sampled, or steps are single, cells take each step together; v is that of the end."""
    with Simulator(NativeBackend, timestep=0.1, seed=5, **setup) as sim:
        cells = sparse(sim, model, MODELS[model], size=size)
        if sampled:
            cells.record("v")
        for _ in range(300 if cut else 1):
            sim.run(0.1 if cut else 30.0)
        cells.record("v")
        sim.run(0.1)
        result = result_of(cells)
        return Result(result.spikes, result.v[-1:])


@pytest.mark.parametrize("model", MODELS)
def test_strips_change_nothing(model: str) -> None:
    """Strips, whole steps, single steps and two threads give the same spikes and potentials, bit for bit."""
    found = run(model)

    assert len(found.spikes) > 1000
    for other in (run(model, sampled=True), run(model, cut=True), run(model, threads=2)):
        assert other.spikes == found.spikes
        assert np.array_equal(other.v, found.v)


@pytest.mark.parametrize("precision", ["double", "single"])
def test_helpers_change_nothing(precision: str) -> None:
    """Four threads on fewer cores, which take strips of each other, give what one thread gives, bit for bit."""
    found = run("IF_curr_exp", size=20000, precision=precision)

    assert len(found.spikes) > 1000
    for threads in (2, 4):
        other = run("IF_curr_exp", threads=threads, size=20000, precision=precision)
        assert other.spikes == found.spikes
        assert np.array_equal(other.v, found.v)
