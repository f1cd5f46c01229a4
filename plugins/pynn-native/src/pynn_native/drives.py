"""Poisson trains as the engine draws them."""

from __future__ import annotations

import numpy as np
from cawan.simulator import Drive
from pyNN.random.poisson import mean_counts, strong, thresholds

from pynn_native._engine import Engine
from pynn_native.arrays import floats
from pynn_native.rules import halves


def start_drive(engine: Engine, sources: int, drive: Drive, timestep: float) -> None:
    """Let the engine draw the spikes of these sources."""
    means = mean_counts(drive.rate, timestep)
    table = np.full(len(means), -1, dtype=np.int64)
    by_step = strong(means)
    distinct, table[by_step] = np.unique(means[by_step], return_inverse=True)
    engine.drive(
        sources,
        rate=floats(drive.rate),
        start=floats(drive.start),
        stop=floats(drive.stop),
        key=halves(drive.stream),
        since=drive.since,
        table=table,
        thresholds=[thresholds(float(mean)) for mean in distinct],
    )
