"""What 1000 Poisson sources cost: drawn by PyNN from its keyed streams, or by the simulator with native_poisson=True.

    python benchmarks/sources.py nest neuron

Processor seconds for each second of the model, one source to each of 1000 cells, over the same network with sources
of 0 Hz that PyNN draws; and the peak of the process's memory. Medians of several processes, lowest and highest in
brackets.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from statistics import median

REPEATS = 5
RATES = (10.0, 8000.0)  # Hz
SECONDS = 1.0


def simulated(name: str, rate: float, native: bool) -> tuple[float, float]:
    """Processor seconds of a run, and MiB; in this process."""
    sim = import_module(f"pyNN.{name}")
    sim.setup(timestep=0.1, min_delay=1.0, max_delay=1.0, seed=3, native_poisson=native)
    sources = sim.Population(1000, sim.SpikeSourcePoisson(rate=rate))
    cells = sim.Population(1000, sim.IF_curr_exp(v_thresh=1e6))
    sim.Projection(sources, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.001, delay=1.0))
    sim.run(1.0)
    begun = time.process_time()
    sim.run(1000.0 * SECONDS)
    spent = time.process_time() - begun
    sim.end()
    return spent / SECONDS, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(name: str, rate: float, native: bool) -> list[tuple[float, float]]:
    """Several processes."""
    command = [sys.executable, __file__, "--one", name, str(rate), str(int(native))]
    found = []
    for _ in range(REPEATS):
        words = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        found.append((float(words[-2]), float(words[-1])))
    return found


def main(names: Sequence[str]) -> None:
    """One line for each simulator and rate."""
    for name in names:
        idle = median(seconds for seconds, _ in measured(name, 0.0, False))
        for rate in RATES:
            for native in (False, True):
                seconds, memory = zip(*measured(name, rate, native), strict=True)
                over = sorted(value - idle for value in seconds)
                drawn = f"{name:8} {rate:6g} Hz, drawn by {'the simulator' if native else 'PyNN':13}"
                spread = f"({over[0]:.2f} to {over[-1]:.2f})"
                print(f"{drawn}: {median(over):6.2f} s {spread}, {median(memory):.0f} MiB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(*simulated(sys.argv[2], float(sys.argv[3]), sys.argv[4] == "1"))
    else:
        main(sys.argv[1:] or ["nest", "neuron"])
