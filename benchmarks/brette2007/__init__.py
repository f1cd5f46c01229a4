"""COBA and CUBA on a simulator through PyNN, beside a script of its own that is given the same rows.

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA, here with the resting potential
of CUBA, so that it fires without a stimulus) and 2 (CUBA).
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator

CELL = {"cm": 0.2, "tau_m": 20.0, "v_reset": -60.0, "v_thresh": -50.0, "v_rest": -49.0, "tau_refrac": 5.0,
        "tau_syn_E": 5.0, "tau_syn_I": 10.0}  # fmt: skip
NETWORKS = {
    "coba": ("IF_cond_exp", {**CELL, "e_rev_E": 0.0, "e_rev_I": -80.0}, (0.006, 0.067)),
    "cuba": ("IF_curr_exp", CELL, (0.0162, -0.09)),
}
DELAY = 1.5  # ms
STEP = 0.1  # ms


@dataclass(frozen=True)
class Simulated:
    """What PyNN took and made: CPU seconds, rows of (source, target, weight) by side, potentials, spikes by cell."""

    building: float
    running: float
    rows: list[Any]
    first: Any
    trains: list[Any]


Own = Callable[[str, int, float, Simulated], tuple[float, float]]


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and the result."""
    gc.collect()
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def rate(spikes: int, size: int, duration: float) -> str:
    """Spikes a second and cell."""
    return f"{spikes / size / duration * 1000.0:.2f} Hz"


def with_pynn(simulator: str, name: str, size: int, duration: float, *, built_by_a_step: bool) -> Simulated:
    """The network through PyNN; ``built_by_a_step`` where the simulator is told of it when it first runs."""
    model, parameters, weights = NETWORKS[name]
    with Simulator(simulator, timestep=STEP, seed=1) as before:  # compiles and loads what is needed
        before.Population(1, before.names[model]())
    with Simulator(simulator, timestep=STEP, seed=1) as sim:

        def build() -> Any:
            start = RandomDistribution("uniform", (-60.0, -50.0))
            cells = sim.Population(size, sim.names[model](**parameters), initial_values={"v": start})
            sides = cells[: size * 4 // 5], cells[size * 4 // 5 :]
            some = sim.FixedProbabilityConnector(80.0 / size)
            made = [
                sim.Projection(side, cells, some, sim.StaticSynapse(weight=weight, delay=DELAY), receptor_type=receptor)
                for side, weight, receptor in zip(sides, weights, ("excitatory", "inhibitory"), strict=True)
            ]
            if built_by_a_step:
                cells.record("spikes")
                sim.run(STEP)
            return cells, made

        building, (cells, made) = seconds(build)
        first = np.array(cells.get("v"))
        rows = [np.array(p.get("weight", "list"), dtype=float) for p in made]
        if not built_by_a_step:
            cells.record("spikes")
            sim.run(STEP)
        running, _ = seconds(lambda: sim.run(duration))
        trains = [np.asarray(train.magnitude) for train in cells.get_data().segments[0].spiketrains]
    print(f"    PyNN: {rate(sum(map(len, trains)), size, duration)}", flush=True)
    return Simulated(building, running, rows, first, trains)


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def compare(
    simulator: str, own: Own, description: str, networks: Sequence[str] = tuple(NETWORKS), *,
    built_by_a_step: bool = False,
) -> None:  # fmt: skip
    """Read the command line, measure both in turns, print seconds and ratios."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=networks, action="append", help="all by default")
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=300.0, help="ms")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    for name in options.network or networks:
        ours, theirs = [], []
        for _ in range(options.repeats):
            found = with_pynn(simulator, name, options.cells, options.duration, built_by_a_step=built_by_a_step)
            ours.append((found.building, found.running))
            theirs.append(own(name, options.cells, options.duration, found))
        print(f"{name}, {options.cells} cells, {sum(map(len, found.rows))} synapses, {options.duration:g} ms")
        for k, what in enumerate(("build", "run")):
            mine, other = [row[k] for row in ours], [row[k] for row in theirs]
            ratio = spread([x / y for x, y in zip(mine, other, strict=True)])
            print(f"    {what}: PyNN {spread(mine)} s, {simulator} {spread(other)} s, ratio {ratio}")
