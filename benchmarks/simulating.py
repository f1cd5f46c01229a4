"""How long one biological second takes on several simulators: the Vogels-Abbott networks, simulation phase only.

Every simulator runs the same network (the connections and the stimulus are the same bit for bit) in this process, in
turns, so that what else the machine does meets all alike. One first step is not timed: it lets simulators prepare.

    python benchmarks/simulating.py                        # COBA 4000 on the embedded engine and on NEST
    python benchmarks/simulating.py --network cuba --cells 20000 --threads 2 --repeats 5
    python benchmarks/simulating.py --backends native nest brian2-cpp

``brian2-cpp`` is a script of Brian 2 in C++ standalone mode, given the same rows and stimulus: its compiling, loading
and first step are left out. It has no ``stdp``. How exact each side is, ``benchmarks/errors.py`` tells.

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA), 2 (CUBA) and 3 (HH); "stdp"
is CUBA whose excitatory synapses learn from every pair of spikes.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from pyNN.simulator import Simulator
from vogels_abbott import NETWORKS, TIMESTEP, Network, Timing, build


def measure(backend: str, network: Network, options: argparse.Namespace) -> Timing:
    """Build, take one step, then time the rest."""
    with Simulator(backend, timestep=TIMESTEP, seed=options.seed, threads=options.threads) as sim:
        cells = build(sim, network, options.cells, options.delay).cells
        sim.run(TIMESTEP)
        wall, cpu = time.perf_counter(), time.process_time()
        sim.run(options.duration)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        rate = cells.mean_spike_count() / options.duration * 1000.0
    per_second = 1000.0 / options.duration
    return Timing(wall * per_second, cpu * per_second, rate)


def runner(backend: str, network: Network, options: argparse.Namespace) -> Callable[[], Timing]:
    """What runs a simulator once."""
    if backend != "brian2-cpp":
        return lambda: measure(backend, network, options)
    from vogels_abbott.brian2_standalone import Standalone

    return Standalone(network, options).measure


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
    runs = {backend: runner(backend, network, options) for backend in options.backends}
    timings: dict[str, list[Timing]] = {backend: [] for backend in options.backends}
    for _ in range(options.repeats):
        for backend, run in runs.items():
            timings[backend].append(run())
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
