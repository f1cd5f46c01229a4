"""Recordings: NEURON notes who fires; a mechanism of ours takes samples, also when it is made in mid-run."""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Samples, Spikes

from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc
from pynn_neuron.sources import Source


@dataclass(eq=False)
class Tap:
    """One recording of spikes, and what it did not hand over yet."""

    log: SpikeLog
    index: Index
    rows: list[Index] = field(default_factory=list)
    times: list[Array] = field(default_factory=list)

    def read(self, step: int) -> Spikes:
        """What is new."""
        self.log.deal()
        found = Spikes(np.concatenate([np.empty(0, np.int64), *self.rows]), np.concatenate([np.empty(0), *self.times]))
        self.rows, self.times = [], []
        return found

    def stop(self) -> None:
        """Record no more."""
        self.log.drop(self)


class SpikeLog:
    """All spikes of one block that anybody records, dealt out to its taps."""

    def __init__(self, block: Cells | Source, timestep: float) -> None:
        self.block, self.timestep = block, timestep
        self.taps: list[Tap] = []
        self._times, self._rows = hoc().Vector(), hoc().Vector()

    def tap(self, index: Index) -> Tap:
        """One more recording, of what fires from now on."""
        self.deal()
        for row in index.tolist():
            if row not in self.block.watched:
                netcon = self.block.netcon(row, None, 0.0, 0.0)
                netcon.record(self._times, self._rows, row)
                self.block.watched[row] = netcon
        made = Tap(self, index)
        self.taps.append(made)
        return made

    def drop(self, tap: Tap) -> None:
        """End a recording; after the last one NEURON notes nothing more."""
        self.taps.remove(tap)
        if not self.taps:
            self.release()

    def release(self) -> None:
        """Let NEURON note nothing more."""
        for netcon in self.block.watched.values():
            netcon.record()  # else NEURON goes on for as long as the cell is there
        self.block.watched.clear()
        self._times.resize(0)
        self._rows.resize(0)

    def deal(self) -> None:
        """Take what NEURON noted, and give each tap its share."""
        if not len(self._times):
            return
        times = np.array(self._times.as_numpy())
        if self.block.takes != "exact":
            times = np.rint(times / self.timestep) * self.timestep
        rows = np.array(self._rows.as_numpy()).astype(np.int64)
        self._times.resize(0)
        self._rows.resize(0)
        for tap in self.taps:
            mine = np.isin(rows, tap.index)
            tap.rows.append(rows[mine])
            tap.times.append(times[mine])


class Probe:
    """One variable of some cells, every ``every`` steps from step ``first`` on."""

    def __init__(
        self, cells: Cells, variable: str, index: Index, every: int, first: int, timestep: float, segment: Any
    ) -> None:
        self.index, self.every, self.timestep = index, every, timestep
        self._read = first  # the step of the first sample that was not read
        self._vector = hoc().Vector()
        self.process: Any = hoc().CawanProbe(segment)
        self.process.every, self.process.begins = every, first
        for reference in cells.references(variable, index):
            self.process.add(reference)

    def look(self, step: int) -> None:
        """Take the sample of this step from what is set now."""
        self.process.look(step)

    def read(self, step: int) -> Samples:
        """What is new."""
        self.look(step)
        due = int(self.process.due())
        begin = int(self.process.fetch(self._vector))
        if len(self.index):
            values = np.array(self._vector.as_numpy()).reshape(-1, len(self.index))
        else:  # the cells are in other processes: as many empty rows as there
            values, begin = np.empty(((due - self._read) // self.every, 0)), self._read
        self._read = due
        start = begin if len(values) else due
        return Samples(self.index, start * self.timestep, self.every * self.timestep, values)

    def stop(self) -> None:
        """Record no more."""
        self.process = None

    def release(self) -> None:
        """Let NEURON delete the mechanism."""
        self.process = None
