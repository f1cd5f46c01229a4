"""How long building and reading networks takes in the core alone, beside PyNN 0.13, both on their ``pyNN.mock``.

With ``--simulator native`` our side builds on the embedded engine, which makes the rows of rules itself. With
``--simulator neuron --peer-simulator neuron`` both build on NEURON, whose mechanisms for PyNN 0.13 were compiled there
(``nrnivmodl`` in its folder ``pyNN/neuron/nmodl``).

Each side runs in a process of its own, in turns; PyNN 0.13 in an environment made for it (or the one named). Both build
the same network: the numbers of connections are checked. CPU seconds, median and range of the runs; memory is the
peak above that before building, per synapse.

    python benchmarks/building.py                          # everything
    python benchmarks/building.py --peer /path/to/python   # PyNN 0.13 is installed there already
    python benchmarks/building.py --only fixed_probability --repeats 5
    python benchmarks/building.py --peer /path/to/python --simulator neuron --peer-simulator neuron --only from_array
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# What both sides run; {side} is told to the script as its argument. It uses names that both have.
CASE = r"""
import importlib, json, resource, sys, time
import numpy as np
from pyNN.random import NumpyRNG
case, sim = sys.argv[1], importlib.import_module("pyNN." + sys.argv[2])
sim.setup(timestep=0.1, min_delay=0.1, max_delay=1000.0)
rng = NumpyRNG(seed=1)

def lines(n, m):
    return sim.Population(n, sim.IF_cond_exp()), sim.Population(m, sim.IF_cond_exp())

def prepare():
    if case == "fixed_probability":
        connector = sim.FixedProbabilityConnector(0.02, rng=rng)
        return (*lines(4000, 4000), connector, sim.StaticSynapse(weight=0.01, delay=1.0))
    if case == "all_to_all_distances":
        return (*lines(500, 500), sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay="0.2+0.01*d"))
    if case == "distance_dependent":
        connector = sim.DistanceDependentProbabilityConnector("0.5/(1+d/100)", rng=rng)
        return (*lines(2000, 2000), connector, sim.StaticSynapse(weight=0.01, delay=1.0))
    table = np.column_stack([np.random.RandomState(1).randint(0, 4000, (10**6, 2)), np.full((10**6, 2), 0.5)])
    rows = [tuple(row) for row in table.tolist()] if case == "from_list" else table
    return (*lines(4000, 4000), sim.FromListConnector(rows), sim.StaticSynapse())

pre, post, connector, synapse = prepare()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
made = sim.Projection(pre, post, connector, synapse)
seconds = time.process_time() - start
memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
start = time.process_time()
weights = made.get("weight", format="list") if len(made) <= 1_100_000 else []
reading = time.process_time() - start
print(json.dumps({"seconds": seconds, "bytes": memory, "synapses": len(made), "reading": reading}))
"""
# Ours alone: how time and memory grow, and how long a million spikes take to hand over.
GROWTH = r"""
import json, resource, sys, time
import pyNN.mock as sim
n = int(sys.argv[1])
sim.setup(timestep=0.1)
cells = sim.Population(n, sim.IF_curr_exp())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
connector = sim.FixedNumberPreConnector(1000, with_replacement=True)
made = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=0.1))
seconds = time.process_time() - start
print(json.dumps({"seconds": seconds, "synapses": len(made),
                  "peak": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024}))
"""
SPIKES = r"""
import json, time
import numpy as np
import pyNN.reference as sim
sim.setup(timestep=0.1)
times = np.arange(1000) * 1.0
cells = sim.Population(1000, sim.SpikeSourceArray(spike_times=times))
cells.record("spikes")
sim.run(1000.0)
import neo
start = time.process_time()
block = cells.get_data()
print(json.dumps({"seconds": time.process_time() - start, "spikes": sum(map(len, block.segments[0].spiketrains))}))
"""
IMPORT = "import time, sys; s = time.process_time(); import {module}; print(time.process_time() - s)"
CASES = ("fixed_probability", "all_to_all_distances", "distance_dependent", "from_list", "from_array")


def peer(given: str | None, folder: Path) -> str:
    """A Python with PyNN 0.13: the one given, or a new environment."""
    if given:
        return given
    uv = Path(sys.executable).parent / "uv"
    program = str(uv) if uv.exists() else "uv"
    subprocess.run([program, "venv", "--quiet", str(folder / "peer")], check=True)
    python = str(folder / "peer" / "bin" / "python")
    packages = ["pynn==0.13.0", "numpy==2.0.2"]
    subprocess.run([program, "pip", "install", "--quiet", "--python", python, *packages], check=True)
    return python


def run(python: str, code: str, *arguments: str) -> dict[str, Any]:
    """One process; what it printed last, as JSON."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, "-W", "ignore", "-c", code, *arguments], capture_output=True, text=True, check=True, env=environment
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3g} ({min(values):.3g}-{max(values):.3g})"


def compare(python: str, cases: list[str], repeats: int, simulator: str, peer_simulator: str) -> None:
    """A line for each case: seconds of both sides, their ratio, memory, and reading the weights as a list."""
    for case in cases:
        ours, theirs = [], []
        for _ in range(repeats):
            ours.append(run(sys.executable, CASE, case, simulator))
            theirs.append(run(python, CASE, case, peer_simulator))
        ratio = [b["seconds"] / a["seconds"] for a, b in zip(ours, theirs, strict=True)]
        memory = [a["bytes"] / max(a["synapses"], 1) for a in ours]
        print(
            f"{case}: {ours[0]['synapses']} synapses (PyNN 0.13: {theirs[0]['synapses']})\n"
            f"    seconds {spread([a['seconds'] for a in ours])}, PyNN 0.13 {spread([b['seconds'] for b in theirs])}, "
            f"ratio {spread(ratio)}\n    bytes a synapse at the peak {spread(memory)}; "
            f"get('weight', 'list') {spread([a['reading'] for a in ours])} s, "
            f"PyNN 0.13 {spread([b['reading'] for b in theirs])} s",
            flush=True,
        )


def grow(largest: int) -> None:
    """Seconds and peak memory from 10^4 synapses on."""
    cells = 10
    while cells * 1000 <= largest:
        found = run(sys.executable, GROWTH, str(cells))
        each = found["seconds"] / found["synapses"] * 1e6
        print(f"{found['synapses']:.0e} synapses: {found['seconds']:.2f} s, {each:.3f} µs each, "
              f"peak {found['peak'] / 2**20:.0f} MiB", flush=True)  # fmt: skip
        cells *= 10


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", help="a Python in which PyNN 0.13 is installed")
    parser.add_argument("--only", choices=CASES, action="append", help="these cases; all by default")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--simulator", default="mock", help="what our side builds on")
    parser.add_argument("--peer-simulator", default="mock", help="what PyNN 0.13 builds on")
    parser.add_argument("--largest", type=float, default=1e8, help="synapses of the largest network of the growth")
    options = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}; CPU seconds")
    imports = {module: [float(run_plain(IMPORT.format(module=module))) for _ in range(5)] for module in
               ("numpy", "pyNN", "pyNN.mock")}  # fmt: skip
    print("import: " + ", ".join(f"{module} {spread(times)} s" for module, times in imports.items()))
    with tempfile.TemporaryDirectory() as folder:
        cases = list(options.only or CASES)
        compare(peer(options.peer, Path(folder)), cases, options.repeats, options.simulator, options.peer_simulator)
    if not options.only:
        grow(int(options.largest))
        found = run(sys.executable, SPIKES)
        print(f"get_data() of {found['spikes']} spikes: {found['seconds']:.2f} s")


def run_plain(code: str) -> str:
    """What a process prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
