"""Building and running on Brian 2 through PyNN, beside a Brian script that is given the same rows.

Both are in this process, in turns, with Brian's NumPy code; CPU seconds, median and range. Brian's script integrates
COBA by exponential Euler, as its own examples do, where PyNN takes the Runge-Kutta method of order 4.

    python benchmarks/rows_on_brian2.py                            # COBA and CUBA of 4000 cells
    python benchmarks/rows_on_brian2.py --network coba --duration 1000 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA) and 2 (CUBA); v_rest is -49 mV
in both, so that the activity does not depend on whether a first kick is survived.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import brian2 as b
import numpy as np
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator

CELL = {"cm": 0.2, "tau_m": 20.0, "v_reset": -60.0, "v_thresh": -50.0, "tau_refrac": 5.0, "tau_syn_E": 5.0,
        "tau_syn_I": 10.0}  # fmt: skip
NETWORKS = {
    "coba": ("IF_cond_exp", {**CELL, "v_rest": -49.0, "e_rev_E": 0.0, "e_rev_I": -80.0}, (0.006, 0.067)),
    "cuba": ("IF_curr_exp", {**CELL, "v_rest": -49.0}, (0.0162, -0.09)),
}
EQUATIONS = {
    "coba": "dv/dt = ((-49 - v) / 20 + (ge * (0 - v) + gi * (-80 - v)) / 0.2) / ms : 1 (unless refractory)",
    "cuba": "dv/dt = ((-49 - v) / 20 + (ge + gi) / 0.2) / ms : 1 (unless refractory)",
}
DECAY = "\ndge/dt = -ge / (5 * ms) : 1\ndgi/dt = -gi / (10 * ms) : 1"
METHOD = {"coba": "exponential_euler", "cuba": "exact"}
DELAY = 1.5  # ms


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and the result."""
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def with_pynn(name: str, size: int, duration: float) -> tuple[float, float, list[Any], Any]:
    """Seconds of building and of running, the rows, and the initial potentials."""
    model, parameters, weights = NETWORKS[name]
    with Simulator("brian2", timestep=0.1, seed=1) as sim:

        def build() -> Any:
            start = RandomDistribution("uniform", (-60.0, -50.0))
            cells = sim.Population(size, sim.names[model](**parameters), initial_values={"v": start})
            sides = cells[: size * 4 // 5], cells[size * 4 // 5 :]
            some = sim.FixedProbabilityConnector(80.0 / size)
            return cells, [
                sim.Projection(side, cells, some, sim.StaticSynapse(weight=weight, delay=DELAY), receptor_type=receptor)
                for side, weight, receptor in zip(sides, weights, ("excitatory", "inhibitory"), strict=True)
            ]

        building, (cells, made) = seconds(build)
        cells.record("spikes")
        first = cells.get("v")
        rows = [np.array(p.get("weight", "list"), dtype=float) for p in made]
        sim.run(0.1)
        running, _ = seconds(lambda: sim.run(duration))
        print(f"    PyNN: {cells.mean_spike_count() / duration * 1000:.1f} Hz", flush=True)
    return building, running, rows, first


def with_brian(name: str, size: int, duration: float, rows: Sequence[Any], first: Any) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    clock = b.Clock(0.1 * b.ms)

    def build() -> Any:
        cells = b.NeuronGroup(
            size, EQUATIONS[name] + DECAY, threshold="v > -50", reset="v = -60", refractory=5 * b.ms,
            method=METHOD[name], clock=clock, codeobj_class=NumpyCodeObject, namespace={},
        )  # fmt: skip
        cells.v = first
        made = []
        for table, variable, shift in zip(rows, ("ge", "gi"), (0, size * 4 // 5), strict=True):
            synapses = b.Synapses(
                cells, cells, "w : 1", on_pre=f"{variable}_post += w", delay=DELAY * b.ms, clock=clock,
                codeobj_class=NumpyCodeObject, namespace={},
            )  # fmt: skip
            synapses.connect(i=table[:, 0].astype(int) + shift, j=table[:, 1].astype(int))
            synapses.w = table[:, 2]
            made.append(synapses)
        monitor = b.SpikeMonitor(cells)
        return b.Network(cells, monitor, *made), monitor

    building, (network, monitor) = seconds(build)
    network.run(0.1 * b.ms, namespace={})
    running, _ = seconds(lambda: network.run(duration * b.ms, namespace={}))
    print(f"    Brian: {monitor.num_spikes / size / duration * 1000:.1f} Hz", flush=True)
    return building, running


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=sorted(NETWORKS), action="append", help="both by default")
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=300.0, help="ms")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    for name in options.network or sorted(NETWORKS):
        ours, theirs = [], []
        for _ in range(options.repeats):
            building, running, rows, first = with_pynn(name, options.cells, options.duration)
            ours.append((building, running))
            theirs.append(with_brian(name, options.cells, options.duration, rows, first))
        print(f"{name}, {options.cells} cells, {sum(map(len, rows))} synapses, {options.duration:g} ms")
        for k, what in enumerate(("build", "run")):
            mine, other = [row[k] for row in ours], [row[k] for row in theirs]
            ratio = spread([x / y for x, y in zip(mine, other, strict=True)])
            print(f"    {what}: PyNN {spread(mine)} s, Brian {spread(other)} s, ratio {ratio}")


if __name__ == "__main__":
    main()
