"""What ``setup(precision="single")`` of the embedded engine costs in exactness, and what it saves.

For each model, 100 cells under Poisson input for 1 s, in 64 bits and in 32, once calm and once firing: the largest and
the root-mean-square distance of v, mV, and the spikes of each. Then cells alone under a constant current, ns for each
cell and step of 0.1 ms, one thread, in turns: median and range, and the same of the ratio.

    python benchmarks/precision.py
    python benchmarks/precision.py --models HH_cond_exp Channels --cells 4000 --repeats 9
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from typing import Any

import numpy as np
from brette2007 import STEP, seconds, spread
from pyNN.equations import CellEquations
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.solved import ADAPTIVE, CHANNELS, CONDUCTANCE, CURRENT_BASED, DELTA, SIMPLE

PRECISIONS = ("double", "single")
EQUATIONS = {cell.name: cell for cell in (CURRENT_BASED, CONDUCTANCE, DELTA, ADAPTIVE, SIMPLE, CHANNELS)}
DURATION = 1000.0  # ms, of what is compared
ALONE = 200.0  # ms, of what is timed


@dataclass(frozen=True)
class Input:
    """Weights of 50 sources of 60 Hz, eight a cell, and the largest of the cells' currents, nA."""

    weights: tuple[float, float]
    current: float


# Calm, and firing.
ADAPTING = Input((0.001, 0.003), 0.1), Input((0.01, 0.02), 0.5)
QUADRATIC = Input((0.3, -0.5), 0.001), Input((1.0, -1.0), 0.01)
CHANNELLED = Input((0.001, 0.003), 0.02), Input((0.01, 0.01), 0.6)
CURRENTS = Input((0.1, -0.2), 0.3), Input((0.9, -0.2), 0.7)
CONDUCTANCES = Input((0.004, 0.01), 0.3), Input((0.016, 0.01), 0.7)
MODELS: dict[str, tuple[Input, Input]] = {
    "IF_curr_exp": CURRENTS,
    "IF_cond_exp": CONDUCTANCES,
    "EIF_cond_exp_isfa_ista": ADAPTING,
    "EIF_cond_alpha_isfa_ista": ADAPTING,
    "Izhikevich": QUADRATIC,
    "HH_cond_exp": CHANNELLED,
    "CurrentBased": CURRENTS,
    "Conductance": CONDUCTANCES,
    "Delta": (Input((0.3, -0.5), 0.3), Input((2.0, -0.5), 0.7)),
    "Adaptive": ADAPTING,
    "Simple": QUADRATIC,
    "Channels": CHANNELLED,
}


def population(sim: Simulator, model: str, size: int, current: Any) -> Any:
    """Cells, standard ones or from equations."""
    equations: CellEquations | None = EQUATIONS.get(model)
    kind = sim.native_cell_type(equations) if equations else sim.names[model]
    return sim.Population(size, kind(i_offset=current))


def trace(model: str, given: Input, precision: str) -> tuple[Any, int]:
    """v, shape (n_samples, 100), mV, and the number of spikes."""
    with Simulator("native", timestep=STEP, seed=5, precision=precision) as sim:
        cells = population(sim, model, 100, np.linspace(0.0, given.current, 100))
        noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0))
        few = sim.FixedNumberPreConnector(8)
        for weight, receptor in zip(given.weights, ("excitatory", "inhibitory"), strict=True):
            sim.Projection(noise, cells, few, sim.StaticSynapse(weight=weight, delay=1.0), receptor_type=receptor)
        cells.record(["v", "spikes"])
        sim.run(DURATION)
        segment = cells.get_data().segments[0]
        return np.asarray(segment.analogsignals[0].magnitude), sum(map(len, segment.spiketrains))


def alone(model: str, precision: str, size: int) -> float:
    """ns for each cell and step."""
    with Simulator("native", timestep=STEP, seed=1, precision=precision) as sim:
        cells = population(sim, model, size, MODELS[model][1].current)
        cells.initialize(v=RandomDistribution("uniform", (-70.0, -60.0)))
        sim.run(STEP)
        taken, _ = seconds(lambda: sim.run(ALONE))
    return taken / size / (ALONE / STEP) * 1e9


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=5, help="of what is timed; 0: nothing is")
    options = parser.parse_args()
    for model in options.models:
        print(model)
        for name, given in zip(("calm", "firing"), MODELS[model], strict=True):
            (double, spikes), (single, others) = (trace(model, given, precision) for precision in PRECISIONS)
            error = np.abs(single - double)
            largest, mean = error.max(), np.sqrt((error**2).mean())
            reach = f"v from {double.min():.0f} to {double.max():.0f} mV, {spikes} and {others} spikes"
            print(f"    {name}: {reach}, at most {largest:.1e} mV off, {mean:.1e} in the root mean square", flush=True)
        rounds = [[alone(model, each, options.cells) for each in PRECISIONS] for _ in range(options.repeats)]
        if rounds:
            wide, narrow = ([row[k] for row in rounds] for k in range(2))
            ratio = spread([x / y for x, y in zip(narrow, wide, strict=True)])
            print(f"    alone: 64 bits {spread(wide)} ns, 32 bits {spread(narrow)} ns, ratio {ratio}", flush=True)


if __name__ == "__main__":
    main()
