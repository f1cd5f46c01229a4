"""Recordings: NEST's recorders, and what they lack: the first sample, and those of the last min_delay."""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Samples, Spikes

from pynn_nest.ahead import can_look_ahead, logged
from pynn_nest.blocks import Cells
from pynn_nest.kernel import nest
from pynn_nest.sources import Source

_SYNAPTIC = ("g_", "I_syn")  # conductances and currents, which are 0 before anything has arrived


def _forget_events(device: Any) -> None:
    """Empty a recorder: with a list of settings, as NEST reads all of its events first where it is given a mapping."""
    device.set([{"n_events": 0}])


@dataclass(eq=False)
class SpikeTap:
    """Spikes of neurons, through a spike recorder."""

    cells: Cells
    index: Index
    delay: float
    recorder: Any = None

    def __post_init__(self) -> None:
        if len(self.index):
            self.recorder = nest().Create("spike_recorder")
            nest().Connect(self.cells.nodes[self.index.tolist()], self.recorder, syn_spec={"delay": self.delay})

    def read(self, now: float) -> Spikes:
        """What is new."""
        if self.recorder is None:
            return Spikes(np.empty(0, np.int64), np.empty(0))
        events = self.recorder.get("events")
        _forget_events(self.recorder)
        rows = np.asarray(events["senders"], dtype=np.int64) - self.cells.first
        return Spikes(rows, np.asarray(events["times"], dtype=np.float64))

    def stop(self) -> None:
        """Record no more."""
        if self.recorder is not None:
            self.recorder.set({"stop": max(nest().biological_time, self.recorder.get("start"))})


@dataclass(eq=False)
class SourceTap:
    """Spikes of a source: what it was told."""

    source: Source
    index: Index
    since: float

    def read(self, now: float) -> Spikes:
        """What is new."""
        rows, times = self.source.between(self.since, now)
        self.since = max(now, self.since)
        chosen = np.isin(rows, self.index)
        return Spikes(rows[chosen], times[chosen])

    def stop(self) -> None:
        """Record no more."""
        self.since = float("inf")


@dataclass(eq=False)
class Meter:
    """One variable of some neurons, every ``every`` steps from step ``first`` on."""

    cells: Cells
    variable: str
    index: Index
    first: int
    every: int
    timestep: float
    delay: float
    device: Any = None
    looked: dict[int, Array] = field(default_factory=dict)
    next: int = 0
    stopped: bool = False
    shown: bool = True  # what NEST tells of its nodes; the rest only a multimeter has

    def __post_init__(self) -> None:
        self.next = self.first
        if len(self.index):
            self.shown = self.cells.shows(self.variable)
            params = {"record_from": [self.variable], "interval": self.timestep, "start": self.first * self.timestep}
            self.device = nest().Create("multimeter", params=params)
            nest().Connect(self.device, self.cells.nodes[self.index.tolist()], syn_spec={"delay": self.delay})

    def look(self, step: int) -> None:
        """Take the sample of this step from the neurons themselves."""
        if self.stopped or step < self.next or (step - self.first) % self.every:
            return
        if self.shown:
            self.looked[step] = np.asarray(self.cells.read([self.variable], self.index)[self.variable])
        elif step == 0 and self.variable.startswith(_SYNAPTIC):
            self.looked[step] = np.zeros(len(self.index))

    def read(self, now: float) -> Samples:
        """What is new: the multimeter's samples, and those that it does not have yet."""
        steps, values = self._fetched()
        if not self.shown:
            steps, values = self._completed(steps, values, round(now / self.timestep))
        known = set(steps.tolist())
        for step in known & self.looked.keys():  # the multimeter does not know what was set at that time
            values[np.searchsorted(steps, step)] = self.looked[step]
        late = sorted(step for step in self.looked if step >= self.next and step not in known)
        steps = np.concatenate([steps, np.array(late, dtype=np.int64)])
        values = np.concatenate([values, *(self.looked[step][None, :] for step in late)])
        order = np.argsort(steps, kind="stable")
        start = (int(steps.min()) if len(steps) else self.next) * self.timestep
        self.next = int(steps.max()) + self.every if len(steps) else self.next
        self.looked = {}
        return Samples(self.index, start, self.every * self.timestep, values[order])

    def _fetched(self) -> tuple[Index, Array]:
        """Steps and values, shape (n, n_channels), that the multimeter has and that were not read before."""
        if self.device is None:
            return np.empty(0, np.int64), np.empty((0, len(self.index)))
        events = self.device.get("events")
        if self.variable not in events:  # NEST names what it records when it first simulates
            return np.empty(0, np.int64), np.empty((0, len(self.index)))
        _forget_events(self.device)
        return self._arranged(np.array([events[name] for name in ("times", "senders", self.variable)]), self.next)

    def _completed(self, steps: Index, values: Array, now: int) -> tuple[Index, Array]:
        """With the samples up to step ``now`` that the nodes have logged and not handed over."""
        begin = int(steps[-1]) + self.every if len(steps) else max(self.next, self.first + 1)
        if self.device is None or begin > now or not can_look_ahead():
            return steps, values
        stretch = max(1, round(nest().min_delay / self.timestep))
        more, late = self._arranged(
            logged(self.device, self.variable, (stretch - now % stretch + 1) * self.timestep), begin
        )
        new = more <= now
        return np.concatenate([steps, more[new]]), np.concatenate([values, late[new]])

    def _arranged(self, events: Array, begin: int) -> tuple[Index, Array]:
        """Steps and values, shape (n, n_channels), of these times, senders and values, from step ``begin`` on."""
        steps = np.rint(events[0] / self.timestep).astype(np.int64)
        keep = (steps >= begin) & ((steps - self.first) % self.every == 0)
        steps, senders, values = steps[keep], events[1][keep], events[2][keep]
        order = np.lexsort((senders, steps))
        return np.unique(steps), values[order].reshape(-1, len(self.index))

    def stop(self) -> None:
        """Record no more."""
        self.stopped = True
        if self.device is not None:
            self.device.set({"stop": max(nest().biological_time, self.device.get("start"))})
