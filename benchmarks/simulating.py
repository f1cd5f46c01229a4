"""How long one biological second takes on several simulators: the Vogels-Abbott networks, simulation phase only.

Every simulator runs the same network (the connections and the stimulus are the same bit for bit) in this process, in
turns, so that what else the machine does meets all alike. One first step is not timed: it lets simulators prepare.

    python benchmarks/simulating.py                        # COBA 4000 on the embedded engine and on NEST
    python benchmarks/simulating.py --network cuba --cells 20000 --threads 2 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA), 2 (CUBA) and 3 (HH); "stdp" is
CUBA whose excitatory synapses learn from every pair of spikes.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
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


def build(sim: Simulator, network: Network, size: int, delay: float) -> Any:
    """The network of ``size`` cells, 80 % of them excitatory; gives all cells, whose spikes are recorded."""
    celltype = sim.names[network.cell](**network.parameters)
    start = RandomDistribution("uniform", (-60.0, -50.0))
    exc = sim.Population(size * 4 // 5, celltype, initial_values={"v": start}, label="excitatory")
    inh = sim.Population(size - exc.size, celltype, initial_values={"v": start}, label="inhibitory")
    cells = exc + inh
    some = sim.FixedProbabilityConnector(IN_DEGREE / size, allow_self_connections=False)
    for pre, receptor, weight in ((exc, "excitatory", network.excitatory), (inh, "inhibitory", network.inhibitory)):
        synapse = sim.StaticSynapse(weight=weight, delay=delay)
        if network.plastic and receptor == "excitatory":
            pairs = sim.SpikePairRule(A_plus=1e-3, A_minus=1e-3)
            bounds = sim.AdditiveWeightDependence(w_max=2 * weight)
            synapse = sim.STDPMechanism(pairs, bounds, weight=weight, delay=delay)
        sim.Projection(pre, cells, some, synapse, receptor_type=receptor)
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=STIMULUS), label="stimulus")
    strong = sim.StaticSynapse(weight=network.stimulus, delay=delay)
    sim.Projection(noise, exc, sim.FixedProbabilityConnector(0.01), strong, receptor_type="excitatory")
    cells.record("spikes")
    return cells


def measure(backend: str, network: Network, options: argparse.Namespace) -> Timing:
    """Build, take one step, then time the rest."""
    with Simulator(backend, timestep=TIMESTEP, seed=options.seed, threads=options.threads) as sim:
        cells = build(sim, network, options.cells, options.delay)
        sim.run(TIMESTEP)
        wall, cpu = time.perf_counter(), time.process_time()
        sim.run(options.duration)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        rate = cells.mean_spike_count() / options.duration * 1000.0
    per_second = 1000.0 / options.duration
    return Timing(wall * per_second, cpu * per_second, rate)


def describe(values: Sequence[float], unit: str = "s") -> str:
    """Median and range."""
    return f"{statistics.median(values):.3g} {unit} ({min(values):.3g} to {max(values):.3g})"


def vector_width() -> str:
    """Widest vectors that the processor has, as Linux tells it."""
    info = Path("/proc/cpuinfo")
    flags = set(info.read_text(encoding="ascii", errors="replace").split()) if info.exists() else set()
    for flag, bits in (("avx512f", 512), ("avx2", 256), ("sse2", 128), ("asimd", 128)):
        if flag in flags:
            return f"{flag}, {bits} bits"
    return "unknown"


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=sorted(NETWORKS), default="coba")
    parser.add_argument("--backends", nargs="+", default=["native", "nest"], help="the first against each other")
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=1000.0, help="ms")
    parser.add_argument("--delay", type=float, default=1.5, help="of all synapses, ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Run all in turns and print medians, ranges and ratios."""
    options = arguments()
    network = NETWORKS[options.network]
    print(f"{options.network} {options.cells}, delay {options.delay:g} ms, {options.threads} thread(s); "
          f"{platform.machine()}, {vector_width()}")  # fmt: skip
    timings: dict[str, list[Timing]] = {backend: [] for backend in options.backends}
    for _ in range(options.repeats):
        for backend in options.backends:
            timings[backend].append(measure(backend, network, options))
    for backend, found in timings.items():
        rate = statistics.median(timing.rate for timing in found)
        wall, cpu = describe([t.wall for t in found]), describe([t.cpu for t in found])
        print(f"{backend:>10}: wall {wall}, CPU {cpu} per biological second; {rate:.2f} Hz")
    first, *others = options.backends
    for other in others:
        for clock in ("wall", "cpu"):
            pairs = zip(timings[first], timings[other], strict=True)
            ratios = [getattr(theirs, clock) / getattr(ours, clock) for ours, theirs in pairs]
            print(f"{other} / {first}, {clock}: {describe(ratios, 'times')}")


if __name__ == "__main__":
    main()
