"""How long connection rules take in compiled code: the embedded engine beside NEST's own rules, and how it grows.

The network is Brunel's (2000, Journal of Computational Neuroscience 8, 183) at 12 500 cells with 15.6 million
synapses, all of one weight and delay. Each side runs in a process of its own, in turns, one thread each; NEST through
PyNEST, ours through ``pyNN.native``, from a script's ``Projection(...)`` to its end. CPU seconds, median and range of
the runs, and bytes for each synapse: what the process holds more than before, and the peak on the way there.

    python benchmarks/expanding.py                  # everything; the largest network takes 10^8 synapses
    python benchmarks/expanding.py --largest 1e7 --repeats 5
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from typing import Any

from building import run, spread

# What every process prints: CPU seconds, and bytes that it holds more (now, and at the peak) than before.
MEASURE = r"""
import json, resource, sys, time

def held():
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

def report(build):
    before, peak = held(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    size = build()
    cpu, wall, after = time.process_time() - cpu, time.perf_counter() - wall, held()
    most = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) * 1024
    print(json.dumps({"seconds": cpu, "wall": wall, "synapses": size() if callable(size) else size,
                      "kept": after - before, "peak": most}))
"""
NATIVE = (
    MEASURE
    + r"""
import pyNN.native as sim
from pyNN.random import RandomDistribution
rule, weights, cells, degree, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
sim.setup(timestep=0.1, threads=threads, weights="single" if weights == "single" else "double")
group = sim.Population(cells, sim.IF_curr_delta())
distributed = RandomDistribution("normal_clipped", (0.1, 0.02), low=0.0)
synapse = sim.StaticSynapse(weight=0.1 if weights == "one" else distributed, delay=1.5)
fixed, some = sim.FixedNumberPreConnector(degree), sim.FixedProbabilityConnector(degree / cells)
connector = fixed if rule == "fixed_indegree" else some

def build():
    made = sim.Projection(group, group, connector, synapse, receptor_type="excitatory")
    return cells * degree if rule == "fixed_indegree" or cells * degree > 1e8 else lambda: len(made)

report(build)
"""
)
NEST = (
    MEASURE
    + r"""
import nest
rule, _, cells, degree, threads = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
nest.set_verbosity("M_ERROR")
nest.local_num_threads = threads
group = nest.Create("iaf_psc_delta", cells)
how = {"rule": rule, "indegree": degree} if rule == "fixed_indegree" else {"rule": rule, "p": degree / cells}

def build():
    nest.Connect(group, group, how, {"synapse_model": "static_synapse", "weight": 0.1, "delay": 1.5})
    return nest.num_connections

report(build)
"""
)


def compare(cells: int, degree: int, repeats: int) -> None:
    """Both rules on both sides: seconds, their ratio, bytes."""
    for rule in ("fixed_indegree", "pairwise_bernoulli"):
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(run(sys.executable, NATIVE, rule, "one", str(cells), str(degree), "1"))
            theirs.append(run(sys.executable, NEST, rule, "one", str(cells), str(degree), "1"))
        ratios = [b["seconds"] / a["seconds"] for a, b in zip(ours, theirs, strict=True)]
        print(
            f"{rule}: {ours[0]['synapses']} synapses (NEST: {theirs[0]['synapses']})\n"
            f"    seconds {spread([a['seconds'] for a in ours])}, NEST {spread([b['seconds'] for b in theirs])}, "
            f"ratio {spread(ratios)}\n    {memory(ours)}; NEST {memory(theirs)}",
            flush=True,
        )


def memory(found: list[dict[str, Any]]) -> str:
    """Median bytes for each synapse, kept and at the peak."""
    kept, peak = (statistics.median(f[key] / f["synapses"] for f in found) for key in ("kept", "peak"))
    return f"{kept:.2f} bytes a synapse, {peak:.2f} at the peak"


def grow(largest: float, degree: int) -> None:
    """Fixed in-degree from 10^4 synapses on, with one weight and with one each, in 64 and in 32 bits."""
    for weights in ("one", "distributed", "single"):
        size = 10_000
        while size <= largest:
            each = min(degree, size // 1000)
            found = run(sys.executable, NATIVE, "fixed_indegree", weights, str(size // each), str(each), "1")
            print(f"{weights} weight(s), {size:.0e} synapses: {found['seconds']:.3f} s, "
                  f"{found['seconds'] / size * 1e9:.1f} ns each, {memory([found])}", flush=True)  # fmt: skip
            size *= 10


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=12_500)
    parser.add_argument("--degree", type=int, default=1250)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--largest", type=float, default=1e8, help="synapses of the largest network of the growth")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; CPU seconds")
    compare(options.cells, options.degree, options.repeats)
    for weights, threads in (("distributed", "1"), ("single", "1"), ("one", "2")):
        arguments = [weights, str(options.cells), str(options.degree), threads]
        found = [run(sys.executable, NATIVE, "fixed_indegree", *arguments) for _ in range(options.repeats)]
        print(f"fixed_indegree, {weights} weight(s), {threads} thread(s): CPU {spread([f['seconds'] for f in found])}, "
              f"wall {spread([f['wall'] for f in found])} s, {memory(found)}")  # fmt: skip
    grow(options.largest, 500)


if __name__ == "__main__":
    main()
