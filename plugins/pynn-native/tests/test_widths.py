"""The width of a processor's vectors changes nothing but the time it takes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from native_networks import result_of, sparse
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pynn_native import NativeBackend

# Every membrane that has a kernel of its own, and conductances at which cells are stiff.
NETWORKS = (
    ("IF_curr_exp", (0.9, -2.0)), ("IF_curr_alpha", (5.0, -8.0)), ("IF_curr_delta", (5.0, -5.0)),
    ("IF_cond_exp", (0.016, 0.05)), ("IF_cond_exp", (3.0, 9.0)), ("IF_cond_alpha", (0.02, 0.05)),
    ("EIF_cond_exp_isfa_ista", (0.02, 0.05)), ("Izhikevich", (0.01, -0.01)), ("HH_cond_exp", (0.02, 0.05)),
    ("HH_cond_exp", (9.0, 9.0)),
)  # fmt: skip


def network(sim: Simulator, model: str, weights: tuple[float, float], *, own: bool) -> Any:
    """100 cells under strong input, with a current of its own for each where ``own``."""
    current = np.linspace(0.0, 0.01, 100) if own else 0.0
    start = RandomDistribution("uniform", (-65.0, -55.0))
    cells = sim.Population(100, sim.names[model](i_offset=current), initial_values={"v": start})
    noise = sim.Population(50, sim.SpikeSourcePoisson(rate=100.0))
    few = sim.FixedNumberPreConnector(8)
    for weight, receptor in zip(weights, ("excitatory", "inhibitory"), strict=True):
        synapse = sim.StaticSynapse(weight=weight, delay=RandomDistribution("uniform", (0.5, 2.0)) if own else 1.0)
        sim.Projection(noise, cells, few, synapse, receptor_type=receptor)
    cells.record(["spikes", "v"])
    return cells


def digest() -> str:
    """Spikes and traces of all networks, in a few digits."""
    found = hashlib.sha256()
    cases = [(precision, *each) for precision in ("double", "single") for each in NETWORKS]
    for precision, model, weights in cases:
        for own in (False, True):
            with Simulator(NativeBackend, timestep=0.1, seed=5, precision=precision) as sim:
                cells = network(sim, model, weights, own=own)
                sim.run(30.0)
                result = result_of(cells)
            assert np.ptp(result.v) > 1.0, model
            found.update(repr(result.spikes).encode() + np.ascontiguousarray(result.v).tobytes())
    with Simulator(NativeBackend, timestep=0.1, seed=5) as sim:
        cells = sparse(sim, "IF_curr_exp", (0.03, -1.0))
        sim.run(30.0)
        counts = cells.get_spike_counts()
    assert sum(counts.values()) > 1000
    found.update(repr(sorted(counts.items())).encode())
    return found.hexdigest()


@pytest.mark.parametrize("bits", [128, 256])
def test_results_do_not_depend_on_the_width_of_vectors(bits: int) -> None:
    """Vectors of 128 and of 256 bits give the spikes and traces of the widest there are, bit for bit."""
    found = subprocess.run(
        [sys.executable, "-c", "import test_widths; print(test_widths.digest())"],
        cwd=Path(__file__).parent,
        env={**os.environ, "PYNN_NATIVE_VECTOR_BITS": str(bits)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout.split()[-1] == digest()
