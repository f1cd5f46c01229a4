"""Memory of synapses on NEST, and reading plastic weights back.

    python benchmarks/synapses_on_nest.py                  # 5 million synapses, 300 000 plastic ones
    python benchmarks/synapses_on_nest.py --synapses 1e7

Each case is a process of its own. Bytes are what the process holds more, once it is built and has run 1 ms, than with
the cells alone, for each synapse; beside it plain NEST, given ready rows 65 536 and a million at a time. Reading:
processor seconds of ``Projection.get("weight")`` of synapses with STDP, median and range, and what the peak of the
process grows by.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

DEGREE = 1000
PLAIN = {"NEST, rows 65 536 at a time": 1 << 16, "NEST, rows a million at a time": 10**6}
OURS = ("one weight", "drawn weights", "a list")


def held() -> float:
    """Bytes of memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def plain(synapses: int, at_once: int) -> float:
    """Bytes for each synapse of NEST alone."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    size = synapses // DEGREE
    nest.Create("iaf_psc_exp", size)
    rng = np.random.default_rng(1)
    before = held()
    for first in range(0, synapses, at_once):
        post = np.arange(first, min(first + at_once, synapses)) // DEGREE + 1
        weight, delay = rng.random(len(post)), np.full(len(post), 1.5)
        spec = {"synapse_model": "static_synapse", "weight": weight, "delay": delay}
        nest.Connect(rng.integers(1, size + 1, len(post)), post, "one_to_one", spec)
    nest.Simulate(1.0)
    return (held() - before) / synapses


def ours(synapses: int, case: str) -> float:
    """Bytes for each synapse through PyNN."""
    import pyNN.nest as sim
    from pyNN.random import RandomDistribution

    size = synapses // DEGREE
    sim.setup(timestep=0.1)
    cells = sim.Population(size, sim.IF_curr_exp())
    weight: Any = RandomDistribution("uniform", low=0.0, high=1.0) if case == "drawn weights" else 0.5
    connector = sim.FixedNumberPreConnector(DEGREE, with_replacement=True)
    if case == "a list":
        pre, post = np.random.default_rng(1).integers(0, size, synapses), np.repeat(np.arange(size), DEGREE)
        connector = sim.FromListConnector(np.column_stack([pre, post, np.full((synapses, 2), 1.5)]))
    before = held()
    sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=weight, delay=1.5))
    sim.run(1.0)
    return (held() - before) / synapses


def reading(count: int) -> str:
    """Seconds of reading so many plastic weights, and MiB."""
    import pyNN.nest as sim

    sim.setup(timestep=0.1)
    cells = sim.Population(count // DEGREE, sim.IF_curr_exp())
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(), weight=0.1, delay=1.0
    )
    made = sim.Projection(cells, cells, sim.FixedNumberPreConnector(DEGREE, with_replacement=True), rule)
    sim.run(1.0)
    before, seconds = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, []
    for _ in range(5):
        begun = time.process_time()
        found = made.get("weight", "list", with_address=False)
        seconds.append(time.process_time() - begun)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    spread = f"{statistics.median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
    return f"reading {len(found)} plastic weights: {spread}, peak {grown:.0f} MiB above"


def main() -> None:
    """One line for each case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synapses", type=float, default=5e6)
    parser.add_argument("--case", help="one case, in this process")
    asked = parser.parse_args()
    synapses = int(asked.synapses)
    if asked.case == "reading":
        print(reading(300_000))
    elif asked.case:
        found = plain(synapses, PLAIN[asked.case]) if asked.case in PLAIN else ours(synapses, asked.case)
        print(f"{asked.case:32} {found:.1f} bytes a synapse")
    else:
        for case in (*PLAIN, *OURS, "reading"):
            command = [sys.executable, __file__, "--synapses", str(synapses), "--case", case]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(done.stdout.splitlines()[-1], flush=True)


if __name__ == "__main__":
    main()
