"""How much faster several threads are than one, on the embedded engine, and what this machine allows.

The same network is built once for each side, and all sides are alive in this process: they take turns of a few
milliseconds of biological time, so that what else the machine does meets all alike. Three sides: one thread, several
threads, and as many single threads at once, each with a network of its own, which share nothing. What the last ones get
done in the time of one is the most that threads could reach here: clocks, caches and memory are shared by cores.

    python benchmarks/threads.py                             # CUBA 20 000, two threads
    python benchmarks/threads.py --network coba --cells 20000
    python benchmarks/threads.py --network delta             # Brunel's, 12 500 cells
    python benchmarks/threads.py --busy                      # beside a process that keeps one core busy
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import brunel
import vogels_abbott
from pyNN.simulator import Simulator
from simulating import describe, vector_width

BEGIN = 200.0  # ms before the first turn


def networks(options: argparse.Namespace) -> Callable[[Simulator], Any]:
    """What builds the network that was asked for."""
    if options.network in vogels_abbott.NETWORKS:
        network = vogels_abbott.NETWORKS[options.network]
        return lambda sim: vogels_abbott.build(sim, network, options.cells or 20000, 1.5).cells
    exponential = options.network == "exp"
    sizes = brunel.Network(options.cells or 12500, exponential, False, options.turn, options.threads, options.seed)
    return lambda sim: brunel.build(sim, sizes)


def started(stack: ExitStack, threads: int, options: argparse.Namespace) -> tuple[Simulator, Any]:
    """A simulation on so many threads that has begun; gives its cells too."""
    sim = stack.enter_context(Simulator("native", timestep=0.1, seed=options.seed, threads=threads))
    cells = networks(options)(sim)
    sim.run(BEGIN)
    return sim, cells


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Wall clock and CPU, s."""
    wall, cpu = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - cpu


@contextmanager
def neighbour(wanted: bool) -> Iterator[None]:
    """A process that does nothing but keep a core busy."""
    if not wanted:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def report(label: str, ratios: Sequence[float]) -> None:
    """Print a ratio: the median of all turns, and the middle half of them."""
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"{label}: {middle:.2f} times (half of the turns: {low:.2f} to {high:.2f})", flush=True)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=[*sorted(vogels_abbott.NETWORKS), "delta", "exp"], default="cuba")
    parser.add_argument("--cells", type=int, help="20 000, or 12 500 of Brunel's networks")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turn", type=float, default=30.0, help="ms of biological time")
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--busy", action="store_true", help="beside a process that keeps one core busy")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Let all sides take turns, and compare them."""
    options = arguments()
    with ExitStack() as stack:
        one, cells = started(stack, 1, options)
        several, same = started(stack, options.threads, options)
        apart = [started(stack, 1, options)[0] for _ in range(options.threads)]
        pool = stack.enter_context(ThreadPoolExecutor(options.threads))
        sides = {
            "one": lambda: one.run(options.turn),
            "several": lambda: several.run(options.turn),
            "apart": lambda: list(pool.map(lambda sim: sim.run(options.turn), apart)),
        }
        stack.enter_context(neighbour(options.busy))
        turns = [{side: timed(run) for side, run in sides.items()} for _ in range(options.turns)]
        if cells.get_spike_counts() != same.get_spike_counts():
            raise SystemExit("spikes depend on the number of threads")
    per_second = 1000.0 / options.turn
    print(f"{options.network}, {options.threads} threads; {vector_width()}")
    for side in ("one", "several"):
        print(f"{side:>8}: wall {describe([turn[side][0] * per_second for turn in turns])}, "
              f"CPU {describe([turn[side][1] * per_second for turn in turns])} per biological second")  # fmt: skip
    report("several threads are faster than one", [turn["one"][0] / turn["several"][0] for turn in turns])
    report("and take more CPU", [turn["several"][1] / turn["one"][1] for turn in turns])
    alone = [options.threads * turn["one"][0] / turn["apart"][0] for turn in turns]
    report("networks that share nothing, one to a thread, would be faster", alone)


if __name__ == "__main__":
    main()
