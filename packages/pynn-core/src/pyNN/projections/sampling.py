"""Values of synapses over time, such as the weights of a plastic projection: sampled by the core as the run goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array

from pyNN.errors import InvalidValueError, NothingRecordedError

if TYPE_CHECKING:
    from pyNN.projections.projection import Projection


@dataclass
class Series:
    """One variable of all synapses, every ``every`` steps from step ``start`` on; a row of ``rows`` is a sample."""

    variable: str
    every: int
    start: int
    rows: list[Array] = field(default_factory=list)

    def due(self) -> int:
        """The step of the next sample."""
        return self.start + len(self.rows) * self.every


class SynapseRecorder:
    """The recordings of one projection: a list of series for each run between resets."""

    def __init__(self, projection: Projection) -> None:
        self.projection = projection
        self.segments: list[list[Series]] = [[]]

    def record(self, variables: str | Sequence[str] | None, interval: float | None) -> None:
        """Record these variables from now on; None ends all recording."""
        if variables is None:
            self.segments[-1] = [Series(s.variable, 0, s.start, s.rows) for s in self.segments[-1]]
            return
        simulator = self.projection.simulator
        step = simulator.timestep
        steps = 1 if interval is None else round(float(interval) / step)
        if steps < 1 or (interval is not None and abs(steps * step - interval) > 1e-6 * step):
            allowed = f"a multiple of the timestep, {step:g} ms"
            raise InvalidValueError(self.projection.label, "sampling_interval", interval, allowed)
        names = [variables] if isinstance(variables, str) else list(variables)
        for name in names:
            self.projection.require_attribute(name)
            self.segments[-1].append(Series(name, steps, round(simulator.time / step)))
        self.sample()

    def next_due(self) -> float:
        """When the next sample is to be taken, ms; inf where nothing is recorded."""
        dues = [series.due() for series in self.segments[-1] if series.every]
        return min(dues) * self.projection.simulator.timestep if dues else float("inf")

    def sample(self) -> None:
        """Take the samples that are due now."""
        now = round(self.projection.simulator.time / self.projection.simulator.timestep)
        for series in self.segments[-1]:
            if series.every and series.due() == now:
                series.rows.append(self.projection.values_in_rows(series.variable))

    def end_segment(self) -> None:
        """After a reset, the same variables go on from time 0."""
        going_on = [Series(series.variable, series.every, 0) for series in self.segments[-1] if series.every]
        self.segments.append(going_on)

    def block(self, variables: str | Sequence[str]) -> Any:
        """A Neo Block: a signal for each variable, shape (n_samples, n_connections), in each segment."""
        import neo
        import quantities as pq

        names = None if variables == "all" else [variables] if isinstance(variables, str) else list(variables)
        known = {series.variable for segment in self.segments for series in segment}
        for name in names or ():
            if name not in known:
                raise NothingRecordedError(self.projection.label, name)
        projection, step = self.projection, self.projection.simulator.timestep
        pre, post = projection.indices()
        block = neo.Block(name=projection.label, **projection.annotations)
        for number, recorded in enumerate(self.segments):
            segment = neo.Segment(name=f"segment{number:03d}", index=number)
            for series in recorded:
                if names is not None and series.variable not in names:
                    continue
                values = np.array(series.rows).reshape(len(series.rows), len(pre))
                signal = neo.AnalogSignal(
                    values, units=projection.units_of(series.variable) or pq.dimensionless,
                    t_start=series.start * step * pq.ms, sampling_period=max(series.every, 1) * step * pq.ms,
                    name=series.variable, array_annotations={"presynaptic_index": pre, "postsynaptic_index": post},
                )  # fmt: skip
                segment.analogsignals.append(signal)
            block.segments.append(segment)
        return block
