"""The Vogels-Abbott networks: Brette et al. (2007), J. Comput. Neurosci. 23, 349, benchmarks 1 to 3."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator

TIMESTEP = 0.1  # ms
IN_DEGREE = 80  # 2 % of 4000
STIMULUS = 50.0  # ms of strong Poisson input that wakes the network


@dataclass(frozen=True)
class Network:
    """A cell type with its parameters, and the weights of its two kinds of synapses (µS or nA)."""

    cell: str
    parameters: Mapping[str, float]
    excitatory: float
    inhibitory: float
    stimulus: float
    plastic: bool = False


_CELL = {
    "cm": 0.2, "tau_m": 20.0, "v_reset": -60.0, "v_thresh": -50.0, "tau_refrac": 5.0, "tau_syn_E": 5.0,
    "tau_syn_I": 10.0,
}  # fmt: skip
NETWORKS = {
    "coba": Network("IF_cond_exp", {**_CELL, "v_rest": -60.0, "e_rev_E": 0.0, "e_rev_I": -80.0}, 0.006, 0.067, 0.1),
    "cuba": Network("IF_curr_exp", {**_CELL, "v_rest": -49.0}, 0.0162, -0.09, 0.1),
    "stdp": Network("IF_curr_exp", {**_CELL, "v_rest": -49.0}, 0.0162, -0.09, 0.1, plastic=True),
    "hh": Network("HH_cond_exp", {"e_rev_leak": -60.0, "tau_syn_E": 5.0, "tau_syn_I": 10.0}, 0.006, 0.067, 0.1),
}


@dataclass(frozen=True)
class Timing:
    """One run: seconds of wall clock and of CPU for one biological second, and the mean rate in Hz."""

    wall: float
    cpu: float
    rate: float


@dataclass(frozen=True)
class Built:
    """All cells, whose spikes are recorded; excitatory, inhibitory and stimulating synapses; the stimulus."""

    cells: Any
    projections: tuple[Any, Any, Any]
    stimulus: Any


def build(sim: Simulator, network: Network, size: int, delay: float) -> Built:
    """The network of ``size`` cells, 80 % of them excitatory."""
    celltype = sim.names[network.cell](**network.parameters)
    start = RandomDistribution("uniform", (-60.0, -50.0))
    exc = sim.Population(size * 4 // 5, celltype, initial_values={"v": start}, label="excitatory")
    inh = sim.Population(size - exc.size, celltype, initial_values={"v": start}, label="inhibitory")
    cells = exc + inh
    some = sim.FixedProbabilityConnector(IN_DEGREE / size, allow_self_connections=False)
    made = []
    for pre, receptor, weight in ((exc, "excitatory", network.excitatory), (inh, "inhibitory", network.inhibitory)):
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        if network.plastic and receptor == "excitatory":
            pairs = sim.SpikePairRule(A_plus=1e-3, A_minus=1e-3)
            bounds = sim.AdditiveWeightDependence(w_max=2 * weight)
            synapse = sim.STDPMechanism(pairs, bounds, weight=weight, delay=delay)
        made.append(sim.Projection(pre, cells, some, synapse, receptor_type=receptor))
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=STIMULUS), label="stimulus")
    strong = sim.StaticSynapse(weight=network.stimulus, delay=delay)
    kicks = sim.Projection(noise, exc, sim.FixedProbabilityConnector(0.01), strong, receptor_type="excitatory")
    cells.record("spikes")
    return Built(cells, (made[0], made[1], kicks), noise)
