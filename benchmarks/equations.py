"""Cells from equations beside the built-in kernels of the embedded engine: the same cells, compiled and in NumPy.

First cells alone under a constant current, ns for each cell and step of 0.1 ms; then COBA and CUBA of Brette et al.
(2007), Journal of Computational Neuroscience 23, 349, CPU seconds of the run. All in this process, in turns, one
thread; median and range.

    python benchmarks/equations.py
    python benchmarks/equations.py --cells 4000 --repeats 7
"""

from __future__ import annotations

import argparse
from typing import Any

from brette2007 import DELAY, NETWORKS, STEP, rate, seconds, spread
from pyNN.equations import CellEquations
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.solved import ADAPTIVE, CHANNELS, CONDUCTANCE, CURRENT_BASED, DELTA, SIMPLE

PAIRS: dict[str, tuple[CellEquations, dict[str, float]]] = {
    "IF_cond_exp": (CONDUCTANCE, {"i_offset": 0.7}),
    "IF_curr_exp": (CURRENT_BASED, {"i_offset": 0.7}),
    "IF_curr_delta": (DELTA, {"i_offset": 0.7}),
    "Izhikevich": (SIMPLE, {}),
    "EIF_cond_exp_isfa_ista": (ADAPTIVE, {"i_offset": 0.3}),
    "HH_cond_exp": (CHANNELS, {"i_offset": 0.9}),
}
ALONE_MS = {"built in": 400.0, "compiled": 400.0, "numpy": 20.0}


def celltype(sim: Simulator, model: str, way: str, parameters: dict[str, float]) -> Any:
    """The standard cell, or the same from equations."""
    kind = sim.names[model] if way == "built in" else sim.native_cell_type(PAIRS[model][0])
    return kind(**parameters)


def simulator(way: str) -> Simulator:
    """The embedded engine, which solves equations this way."""
    return Simulator("native", timestep=STEP, seed=1, equations="compiled" if way == "built in" else way)


def alone(model: str, way: str, size: int) -> float:
    """ns for each cell and step."""
    with simulator(way) as sim:
        sim.Population(size, celltype(sim, model, way, PAIRS[model][1]))
        sim.run(STEP)
        taken, _ = seconds(lambda: sim.run(ALONE_MS[way]))
    return taken / size / (ALONE_MS[way] / STEP) * 1e9


def network(name: str, way: str, size: int, duration: float) -> tuple[float, str]:
    """CPU seconds of the run, and the mean rate."""
    model, parameters, weights = NETWORKS[name]
    with simulator(way) as sim:
        start = RandomDistribution("uniform", (-60.0, -50.0))
        cells = sim.Population(size, celltype(sim, model, way, parameters), initial_values={"v": start})
        sides = cells[: size * 4 // 5], cells[size * 4 // 5 :]
        some = sim.FixedProbabilityConnector(80.0 / size)
        for side, weight, receptor in zip(sides, weights, ("excitatory", "inhibitory"), strict=True):
            sim.Projection(side, cells, some, sim.StaticSynapse(weight=weight, delay=DELAY), receptor_type=receptor)
        cells.record("spikes")
        sim.run(STEP)
        taken, _ = seconds(lambda: sim.run(duration))
        spikes = sum(map(len, cells.get_data().segments[0].spiketrains))
    return taken, rate(spikes, size, duration)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=1000.0, help="of the networks, ms")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    ways = tuple(ALONE_MS)
    print(f"{options.cells} cells alone, ns for each cell and step")
    for model in PAIRS:
        rounds = [[alone(model, way, options.cells) for way in ways] for _ in range(options.repeats)]
        built, *others = ([row[k] for row in rounds] for k in range(len(ways)))
        print(f"    {model}: built in {spread(built)}", end="")
        for way, taken in zip(ways[1:], others, strict=True):
            ratio = spread([x / y for x, y in zip(taken, built, strict=True)])
            print(f", {way} {spread(taken)}, ratio {ratio}", end="")
        print(flush=True)
    for name in NETWORKS:
        sizes = options.cells, options.duration
        runs = [[network(name, way, *sizes) for way in ways[:2]] for _ in range(options.repeats)]
        built, own = ([row[k][0] for row in runs] for k in range(2))
        print(f"{name}, {options.cells} cells, {options.duration:g} ms, {runs[0][0][1]} and {runs[0][1][1]}")
        ratio = spread([x / y for x, y in zip(own, built, strict=True)])
        print(f"    built in {spread(built)} s, compiled {spread(own)} s, ratio {ratio}", flush=True)


if __name__ == "__main__":
    main()
