"""Spikes at given times."""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.simulator import Index, Ragged

from pynn_brian2.quiet import brian2
from pynn_brian2.taps import SpikeTap


class Source:
    """Rows of spike times; a row may fire more than once in a step, which no group of Brian's can."""

    def __init__(self, size: int, times: Ragged, timestep: float, clock: Any) -> None:
        self.size, self.timestep = size, timestep
        # Synapses of Brian have a group at either end. This one is never run: the backend sends the spikes.
        self.group = brian2.SpikeGeneratorGroup(size, [], [] * brian2.ms, clock=clock, name="source*") if size else None
        self._steps, self._rows = np.empty(0, np.int64), np.empty(0, np.int64)
        self.taps: list[SpikeTap] = []
        self.outgoing: list[Any] = []
        self.replace(times, None, -1)

    def replace(self, times: Ragged, index: Index | None, done: int) -> None:
        """These rows fire at these times from now on: all that lies after the step ``done``."""
        chosen = np.arange(self.size) if index is None else np.asarray(index)
        if len(times) == len(chosen):
            rows, data = np.repeat(chosen, np.diff(times.splits)), times.data
        else:  # one row for all of them
            rows, data = np.repeat(chosen, len(times.data)), np.tile(times.data, len(chosen))
        steps = np.rint(data / self.timestep).astype(np.int64)
        stay = (self._steps > done) & ~np.isin(self._rows, chosen)
        new = steps > done
        rows = np.concatenate([self._rows[stay], rows[new]])
        steps = np.concatenate([self._steps[stay], steps[new]])
        order = np.lexsort((rows, steps))
        self._steps, self._rows = steps[order], rows[order]

    def firing(self, step: int) -> Index:
        """The rows that fire at the end of ``step`` (time step × timestep), a row as often as it fires."""
        first, last = np.searchsorted(self._steps, [step, step + 1])
        return self._rows[first:last]
