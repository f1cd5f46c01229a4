"""The cortical microcircuit of Potjans and Diesmann on the embedded engine beside plain NEST, simulation phase only.

Potjans & Diesmann (2014), Cerebral Cortex 24, 785: eight populations under 1 mm² of surface, 77 169 cells and 300
million synapses at full scale, with weights and delays of their own and a Poisson drive for each cell. ``--scale`` is
that of cells and of in-degrees, so synapses go with its square. As in NEST's version of the model, weights then grow
by the square root and a constant current makes up for the mean input that is missing (van Albada, Helias & Diesmann
2015, PLoS Computational Biology 11, e1004490). Both sides run in this process, in turns, as in ``brunel.py``.

    python benchmarks/microcircuit.py                    # scale 0.1: 7717 cells, 3 million synapses
    python benchmarks/microcircuit.py --scale 0.3
    python benchmarks/microcircuit.py --scale 1 --sides native --duration 100 --repeats 1    # in 3.5 GB
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import log, sqrt

from brunel import Run, compare, timed
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from simulating import TIMESTEP, vector_width

NAMES = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
CELLS = (20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948)
EXTERNAL = (1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100)  # in-degrees, of sources of 8 Hz
RATES = (0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523)  # at full scale, Hz
PROBABILITIES = (  # onto each of the eight, from each of the eight
    (0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0),
    (0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0),
    (0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0),
    (0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0),
    (0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0),
    (0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0),
    (0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252),
    (0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443),
)
BACKGROUND, TAU_SYN, TAU_M, C_M = 8.0, 0.5, 10.0, 0.25  # Hz, ms, ms, nF
WEIGHT, G, SPREAD = 0.0878, -4.0, 0.1  # nA; inhibition over excitation; standard deviation over mean
DELAYS = (1.5, 0.75)  # excitatory and inhibitory, ms; standard deviation half of that
MEMBRANE = {
    "cm": C_M, "tau_m": TAU_M, "v_rest": -65.0, "v_reset": -65.0, "v_thresh": -50.0, "tau_refrac": 2.0,
    "tau_syn_E": TAU_SYN, "tau_syn_I": TAU_SYN,
}  # fmt: skip


@dataclass(frozen=True)
class Path:
    """Synapses of one population onto another: how many, their mean weight in nA and mean delay in ms."""

    pre: int
    post: int
    synapses: int
    weight: float
    delay: float


@dataclass(frozen=True)
class Circuit:
    """What was asked for, and what follows at this scale."""

    scale: float
    duration: float
    threads: int
    seed: int

    @property
    def sizes(self) -> list[int]:
        """Cells of each population."""
        return [round(cells * self.scale) for cells in CELLS]

    @property
    def weight(self) -> float:
        """Of the drive, nA."""
        return WEIGHT / sqrt(self.scale)

    def drive(self, post: int) -> float:
        """Rate of the source of each cell, Hz."""
        return EXTERNAL[post] * self.scale * BACKGROUND

    def paths(self, scale: float) -> Iterator[Path]:
        """Who is connected to whom, at this scale of the in-degrees."""
        for post, row in enumerate(PROBABILITIES):
            for pre, probability in enumerate(row):
                pairs = CELLS[pre] * CELLS[post]
                full = log(1.0 - probability) / log(1.0 - 1.0 / pairs) if probability else 0.0
                double = 2.0 if (NAMES[pre], NAMES[post]) == ("L4E", "L23E") else 1.0
                weight = WEIGHT * (G if pre % 2 else double) / sqrt(scale)
                if number := round(full * scale * self.scale):
                    yield Path(pre, post, number, weight, DELAYS[pre % 2])

    def current(self, post: int) -> float:
        """What the synapses that are missing would bring on average, nA."""
        mean = EXTERNAL[post] * BACKGROUND * WEIGHT
        for path in self.paths(1.0):
            if path.post == post:
                mean += path.synapses / self.sizes[post] * path.weight * RATES[path.pre]
        return TAU_SYN / 1000.0 * (1.0 - sqrt(self.scale)) * mean


def on_native(circuit: Circuit) -> Run:
    """The PyNN script on the embedded engine."""
    cpu = time.process_time()
    with Simulator("native", timestep=TIMESTEP, seed=circuit.seed, threads=circuit.threads) as sim:
        start = RandomDistribution("normal", (-58.0, 10.0))
        populations = [
            sim.Population(size, sim.IF_curr_exp(**MEMBRANE, i_offset=circuit.current(k)), label=NAMES[k],
                           initial_values={"v": start})
            for k, size in enumerate(circuit.sizes)
        ]  # fmt: skip
        for k, cells in enumerate(populations):
            noise = sim.Population(cells.size, sim.SpikeSourcePoisson(rate=circuit.drive(k)), label=f"to {NAMES[k]}")
            driving = sim.StaticSynapse(weight=circuit.weight, delay=DELAYS[0])
            sim.Projection(noise, cells, sim.OneToOneConnector(), driving, receptor_type="excitatory")
        for path in circuit.paths(circuit.scale):
            low, high = (0.0, float("inf")) if path.weight > 0 else (float("-inf"), 0.0)
            weight = RandomDistribution("normal_clipped", (path.weight, SPREAD * abs(path.weight), low, high))
            delay = RandomDistribution("normal_clipped", (path.delay, 0.5 * path.delay, TIMESTEP, 10.0 * path.delay))
            sim.Projection(
                populations[path.pre], populations[path.post],
                sim.FixedTotalNumberConnector(path.synapses, with_replacement=True),
                sim.StaticSynapse(weight=weight, delay=delay),
                receptor_type="excitatory" if path.weight > 0 else "inhibitory",
            )  # fmt: skip
        for cells in populations:
            cells.record("spikes")
        total = sum(circuit.sizes)

        def count() -> float:
            return sum(float(cells.mean_spike_count()) * cells.size for cells in populations) / total

        return timed(time.process_time() - cpu, sim.run, count, circuit.duration)


def on_nest(circuit: Circuit) -> Run:
    """The same through PyNEST, in pF and pA."""
    import nest

    cpu = time.process_time()
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.set(resolution=TIMESTEP, local_num_threads=circuit.threads, rng_seed=circuit.seed, print_time=False)
    membrane = {
        "C_m": 1000.0 * C_M, "tau_m": TAU_M, "E_L": -65.0, "V_reset": -65.0, "V_th": -50.0, "t_ref": 2.0,
        "tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN,
    }  # fmt: skip
    recorder = nest.Create("spike_recorder")
    populations = []
    for k, size in enumerate(circuit.sizes):
        cells = nest.Create("iaf_psc_exp", size, params={**membrane, "I_e": 1000.0 * circuit.current(k)})
        cells.V_m = nest.random.normal(-58.0, 10.0)
        noise = nest.Create("poisson_generator", params={"rate": circuit.drive(k)})
        nest.Connect(noise, cells, "all_to_all", {"weight": 1000.0 * circuit.weight, "delay": DELAYS[0]})
        nest.Connect(cells, recorder)
        populations.append(cells)
    for path in circuit.paths(circuit.scale):
        weight = nest.random.normal(1000.0 * path.weight, 1000.0 * SPREAD * abs(path.weight))
        low, high = (0.0, float("inf")) if path.weight > 0 else (float("-inf"), 0.0)
        delay = nest.random.normal(path.delay, 0.5 * path.delay)
        synapse = {
            "weight": nest.math.redraw(weight, min=low, max=high),
            "delay": nest.math.redraw(delay, min=TIMESTEP, max=10.0 * path.delay),
        }
        nest.Connect(
            populations[path.pre], populations[path.post], {"rule": "fixed_total_number", "N": path.synapses}, synapse
        )
    building, total = time.process_time() - cpu, sum(circuit.sizes)
    return timed(building, nest.Simulate, lambda: recorder.n_events / total, circuit.duration)


SIDES = {"native": on_native, "nest": on_nest}


def main() -> None:
    """Compare the sides that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES), help="the first against each other")
    parser.add_argument("--duration", type=float, default=200.0, help="ms")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    circuit = Circuit(options.scale, options.duration, options.threads, options.seed)
    synapses = sum(path.synapses for path in circuit.paths(circuit.scale))
    print(f"Microcircuit, scale {circuit.scale:g}: {sum(circuit.sizes)} cells, {synapses} synapses, {circuit.threads} "
          f"thread(s), double precision; {platform.machine()}, {vector_width()}", flush=True)  # fmt: skip
    compare({side: partial(SIDES[side], circuit) for side in options.sides}, options.repeats)


if __name__ == "__main__":
    main()
