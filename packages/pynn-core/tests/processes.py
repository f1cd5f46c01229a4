"""A network of most models, run by ``test_processes.py`` under mpiexec; prints one digest of all that came out."""

from __future__ import annotations

import hashlib
import sys

import numpy as np
import pyNN.reference as sim
from pyNN.random import RandomDistribution


def rounded(values: object) -> bytes:
    """Numbers as bytes, to the bit."""
    return np.ascontiguousarray(np.asarray(values, dtype=np.float64)).tobytes()


def main() -> None:
    """Build, run, change in mid-run, run on, and print."""
    sim.setup(timestep=0.1, seed=7)
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=80.0), label="noise")
    times = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 3.0, 9.0]), label="times")
    cells = sim.Population(11, sim.IF_cond_exp(tau_m=RandomDistribution("uniform", (10.0, 20.0))), label="cells")
    others = sim.Population(7, sim.IF_curr_exp(i_offset=0.6), label="others")
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
    gaps = sim.FromListConnector([(0, 6), (1, 4)])
    sim.Projection(others, others, gaps, sim.ElectricalSynapse(weight=0.002))
    current = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=2.0, stop=25.0, dt=0.5)
    current.inject_into(cells[::2])
    (cells + others).record(["spikes", "v"])
    sim.run(20.0)
    cells[3:7].set(i_offset=0.3)
    others.record("v", sampling_interval=0.5)
    sim.run(30.0)

    digest = hashlib.sha256()
    state, counts, weights = cells.get("v", gather=True), cells.get_spike_counts(), plastic.get("weight", "list")
    block = (cells + others).get_data()
    if sim.rank() == 0:
        for train in block.segments[0].spiketrains:
            digest.update(rounded(train.magnitude))
        for signal in block.segments[0].analogsignals:
            digest.update(rounded(signal.magnitude))
        digest.update(rounded(state) + rounded(sorted(counts.items())) + rounded(weights))
        spikes = sum(counts.values())
        local = len(list(cells))
        sys.stdout.write(f"{digest.hexdigest()} {spikes} {sim.num_processes()} {cells.size} {local}\n")
    sim.end()


main()
