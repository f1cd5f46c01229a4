"""A network of most models on any number of processes; ``outcome`` runs it under mpiexec and gives what came out.

``python -m pyNN.testing.processes SIMULATOR SCALE`` builds it and prints one digest of spikes, traces, state and
weights. A simulator that shares cells between processes (``SupportsRanks``) prints the same with any number of them.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np

from pyNN.random import RandomDistribution


@dataclass(frozen=True)
class Outcome:
    """What one run gave: a digest of all numbers, the spikes of one population, its cells, and those of process 0."""

    digest: str
    spikes: int
    processes: int
    cells: int
    local: int


def outcome(simulator: str, processes: int, scale: int = 1) -> Outcome:
    """Run the network on so many processes; 0: one without MPI."""
    from pyNN.testing.launching import on_processes  # which the processes themselves need not load

    digest, *numbers = on_processes(processes, "-m", "pyNN.testing.processes", simulator, str(scale)).split()
    return Outcome(digest, *map(int, numbers))


def check_same(simulator: str, processes: int, scale: int = 1) -> None:
    """The network on so many processes has the digest of one process without MPI, and each owns some of the cells."""
    alone, together = outcome(simulator, 0, scale), outcome(simulator, processes, scale)

    assert alone.spikes > 100
    assert (together.digest, together.spikes, together.cells) == (alone.digest, alone.spikes, alone.cells)
    assert together.processes == processes
    assert together.local < alone.local


def build(sim: Any, scale: int) -> tuple[Any, Any, Any, Any]:
    """Both populations, 11 and 7 cells times ``scale``, the plastic projection, and that of gap junctions."""
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=80.0), label="noise")
    times = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 3.0, 9.0]), label="times")
    celltype = sim.IF_cond_exp(tau_m=RandomDistribution("uniform", (10.0, 20.0)))
    cells = sim.Population(11 * scale, celltype, label="cells")
    others = sim.Population(7 * scale, sim.IF_curr_exp(i_offset=0.6), label="others")
    fixed = sim.StaticSynapse(weight=0.02, delay=RandomDistribution("uniform", (0.1, 2.0)))
    sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5), fixed)
    rule = sim.STDPMechanism(
        sim.SpikePairRule(A_plus=0.02, A_minus=0.02), sim.AdditiveWeightDependence(w_max=0.05), weight=0.01, delay=1.0
    )
    plastic = sim.Projection(noise, cells, sim.FixedNumberPreConnector(6), rule)
    chance = sim.SimpleStochasticSynapse(weight=1.5, p=0.5, delay=0.5)
    sim.Projection(cells, others, sim.FixedNumberPostConnector(3), chance)
    sim.Projection(times, others, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=1.0, delay=0.3))
    sim.Projection(others, others, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.2, delay=1.0))
    pairs = sim.FromListConnector([(0, 7 * scale - 1), (1, 4 * scale)])
    gaps = sim.Projection(others, others, pairs, sim.ElectricalSynapse(weight=0.002))
    one = sim.FromListConnector([(2, 3, 0.001)], column_names=["weight"])  # which not every process has
    sim.Projection(others, others, one, sim.ElectricalSynapse())
    current = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=2.0, stop=25.0, dt=0.5)
    current.inject_into(cells[::2])
    return cells, others, plastic, gaps


def main(simulator: str, scale: int) -> None:
    """Build, run, change in mid-run, run on, and print."""
    sim: Any = importlib.import_module(f"pyNN.{simulator}")
    sim.setup(timestep=0.1, seed=7)
    cells, others, plastic, gaps = build(sim, scale)
    (cells + others).record(["spikes", "v"])
    sim.run(20.0)
    cells[3:7].set(i_offset=0.3)
    gaps.set(weight=[0.003, 0.001])
    others.record("v", sampling_interval=0.5)
    sim.run(30.0)

    digest = hashlib.sha256()
    state, counts, weights = cells.get("v", gather=True), cells.get_spike_counts(), plastic.get("weight", "list")
    block = (cells + others).get_data()
    if sim.rank() == 0:
        for train in block.segments[0].spiketrains:
            digest.update(_bytes(train.magnitude))
        for signal in block.segments[0].analogsignals:
            digest.update(_bytes(signal.magnitude))
        digest.update(_bytes(state) + _bytes(sorted(counts.items())) + _bytes(weights))
        spikes, local = sum(counts.values()), len(list(cells))
        sys.stdout.write(f"{digest.hexdigest()} {spikes} {sim.num_processes()} {cells.size} {local}\n")
    sim.end()


def _bytes(values: object) -> bytes:
    """Numbers to the bit."""
    return np.ascontiguousarray(np.asarray(values, dtype=np.float64)).tobytes()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
