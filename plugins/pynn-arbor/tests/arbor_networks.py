"""What the tests build on Arbor and on the reference, and how they compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from cawan.simulator import Array
from pyNN._reference import ReferenceBackend
from pyNN.simulator import Simulator
from pynn_arbor import ArborBackend

ROUNDING = 1e-9  # mV; 16 digits of about 65 mV, times some thousand operations
Build = Callable[[Simulator], Any]


@dataclass(frozen=True)
class Result:
    """Spikes as (cell, step), sorted, and samples of shape (n_samples, n_cells) by variable."""

    spikes: list[tuple[int, int]]
    samples: Mapping[str, Array]


def result_of(population: Any, timestep: float) -> Result:
    """What was recorded from a population in its last segment."""
    segment = population.get_data().segments[-1]
    spikes = [(k, round(float(t) / timestep)) for k, train in enumerate(segment.spiketrains) for t in train]
    samples = {signal.name: np.asarray(signal.magnitude) for signal in segment.analogsignals}
    return Result(sorted(spikes), samples)


def on_both(build: Build, duration: float, timestep: float = 0.1) -> tuple[Result, Result]:
    """What the population that ``build`` returns does on Arbor and on the reference."""
    found = []
    for backend in (ArborBackend, ReferenceBackend):
        with Simulator(backend, timestep=timestep, seed=3) as sim:
            cells = build(sim)
            sim.run(duration)
            found.append(result_of(cells, timestep))
    return found[0], found[1]


def difference(ours: Result, theirs: Result, variable: str) -> float:
    """The largest deviation of one variable."""
    return float(np.abs(ours.samples[variable] - theirs.samples[variable]).max())
