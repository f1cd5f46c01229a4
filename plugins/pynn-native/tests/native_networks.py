"""Small networks that the tests build on several engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from cawan.simulator import Array
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator


@dataclass(frozen=True)
class Result:
    """Spikes as (cell, time in ms), sorted, and membrane potentials of shape (n_samples, n_cells) in mV."""

    spikes: list[tuple[int, float]]
    v: Array


def result_of(population: Any) -> Result:
    """What was recorded from a population in its last segment."""
    segment = population.get_data().segments[-1]
    spikes = [(k, float(time)) for k, train in enumerate(segment.spiketrains) for time in train]
    return Result(sorted(spikes), np.asarray(segment.analogsignals[0].magnitude))


def check_threads(run: Callable[[int], Result], least: int) -> None:
    """1, 2 and 4 threads give the same spikes, more than so many, and the same traces, bit for bit."""
    one = run(1)
    assert len(one.spikes) > least
    for threads in (2, 4):
        several = run(threads)
        assert several.spikes == one.spikes
        assert np.array_equal(several.v, one.v)


def balanced(sim: Simulator, model: str, weights: tuple[float, float], *, size: int = 100, drawn: bool = True) -> Any:
    """Excitatory and inhibitory cells under Poisson input, all recorded; delays differ where ``drawn``."""
    celltype = sim.names[model](tau_refrac=2.0)
    start = RandomDistribution("uniform", (-65.0, -51.0))
    cells = sim.Population(size, celltype, initial_values={"v": start}, label="cells")
    noise = sim.Population(50, sim.SpikeSourcePoisson(rate=40.0), label="noise")
    delay = RandomDistribution("uniform", (0.5, 2.0)) if drawn else 1.5
    excite, inhibit = sim.StaticSynapse(weight=weights[0], delay=1.0), sim.StaticSynapse(weight=weights[1], delay=delay)
    few = sim.FixedNumberPreConnector(8)
    sim.Projection(noise, cells, few, excite, receptor_type="excitatory", label="drive")
    sim.Projection(cells[: size * 4 // 5], cells, few, excite, receptor_type="excitatory", label="exc")
    sim.Projection(cells[size * 4 // 5 :], cells, few, inhibit, receptor_type="inhibitory", label="inh")
    cells.record(["spikes", "v"])
    return cells


def sparse(sim: Simulator, model: str, weights: tuple[float, float], *, size: int = 3500) -> Any:
    """Cells whose spikes alone are recorded, with rows of about 1, 20 and 100 targets, and a counted drive."""
    start = RandomDistribution("uniform", (-65.0, -51.0))
    cells = sim.Population(size, sim.names[model](tau_refrac=2.0), initial_values={"v": start}, label="cells")
    noise = sim.Population(50, sim.SpikeSourcePoisson(rate=200.0), label="noise")
    excite, inhibit = sim.StaticSynapse(weight=weights[0], delay=1.5), sim.StaticSynapse(weight=weights[1], delay=1.5)
    strong = sim.StaticSynapse(weight=10 * weights[0], delay=1.5)
    fire, hush = cells[: size * 4 // 5], cells[size * 4 // 5 :]
    sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.05), strong, receptor_type="excitatory")
    sim.Projection(fire, cells, sim.FixedProbabilityConnector(0.03), excite, receptor_type="excitatory")
    sim.Projection(fire, cells, sim.FixedNumberPreConnector(1), strong, receptor_type="excitatory")
    sim.Projection(hush, cells, sim.FixedNumberPreConnector(4), inhibit, receptor_type="inhibitory")
    drive, weak = sim.Population(size, sim.SpikeSourcePoisson(rate=5000.0)), sim.StaticSynapse(weight=0.05 * weights[0])
    sim.Projection(drive, cells, sim.OneToOneConnector(), weak, receptor_type="excitatory")
    cells.record("spikes")
    return cells


WEIGHTS = {"IF_curr_exp": (0.9, -2.0), "IF_curr_alpha": (5.0, -8.0), "IF_cond_exp": (0.016, 0.05)}
