"""The nine methods."""

import time

import numpy as np
from cawan.errors import Stopped
from cawan.simulator import Samples, SimulatorBackend, Spikes
from pyNN.interrupts import interrupts_wait

from pynn_mysim.models import MODELS


class Neurons:
    """Cells: state and parameters in arrays, input by the step at which it arrives."""

    def __init__(self, size, values):
        self.size, self.input = size, {}
        self.values = {name: np.zeros(size) for name in ("E", "I0", "I1", "wait", "clamp")}
        self.assign(values)

    def assign(self, values, rows=slice(None)):
        for name, value in values.items():
            self.values.setdefault(name, np.zeros(self.size))[rows] = value

    def step(self, number, h):
        """One exact step of h ms; gives the cells that fire at its end."""
        v = self.values
        membrane = np.exp(-h / v["tau"])
        steady = 1e-3 * (v["bias"] + v["clamp"]) * v["tau"] / v["cap"]
        new = v["E_rest"] + (v["E"] - v["E_rest"]) * membrane + steady * (1 - membrane)
        for k in ("0", "1"):
            rate = 1 / v["tau" + k] - 1 / v["tau"]
            same = np.abs(rate) < 1e-9
            kernel = np.where(same, h, -np.expm1(-rate * h) / np.where(same, 1.0, rate))
            new += 1e-3 * v["I" + k] / v["cap"] * membrane * kernel
            v["I" + k] = v["I" + k] * np.exp(-h / v["tau" + k])
        free = v["wait"] <= 0
        v["E"] = np.where(free, new, v["E"])
        v["wait"] = np.where(free, 0, v["wait"] - 1)
        for port, amount in self.input.pop(number, ()):
            v[f"I{port}"] = v[f"I{port}"] + amount
        fired = np.flatnonzero(free & (v["E"] >= v["E_fire"]))
        v["E"][fired] = v["E_reset"][fired]
        v["wait"][fired] = np.rint(v["dead_time"][fired] / h)
        return fired


class Player:
    """A spike source."""

    def __init__(self, size):
        self.size, self.rows = size, [np.empty(0)] * size

    def step(self, number, h):
        """The rows that fire, each as often as it does."""
        return np.repeat(np.arange(self.size), [int((np.rint(row / h) == number).sum()) for row in self.rows])


class Wires:
    """Synapses, one row each."""

    def __init__(self, model, pre, post, port, wiring):
        self.source, self.target, self.port = pre, post, port
        chunks = list(wiring.chunks())
        self.pre = np.concatenate([np.empty(0, int), *(edges.pre for edges in chunks)])
        self.post = np.concatenate([np.empty(0, int), *(edges.post for edges in chunks)])
        self.values = {name: np.full(len(self.pre), value) for name, value in wiring.common.items()}
        for name in {native.name for native in model.parameters.values()} - set(wiring.common):
            self.values[name] = np.concatenate([np.empty(0), *(edges.values[name] for edges in chunks)])

    def send(self, fired, number, h):
        spikes = np.bincount(fired, minlength=self.source.size)[self.pre]
        rows = np.flatnonzero(spikes)
        delays = np.rint(self.values["delay"][rows] / h).astype(int)
        for delay in np.unique(delays):
            due = rows[delays == delay]
            amount = np.bincount(self.post[due], spikes[due] * self.values["weight"][due], self.target.size)
            self.target.input.setdefault(number + delay, []).append((self.port, amount))


class Steps:
    """A piecewise-constant current."""

    def __init__(self):
        self.times, self.amplitudes, self.targets = np.empty(0), np.empty(0), []

    def at(self, now):
        place = np.searchsorted(self.times, now + 1e-9, side="right")
        return self.amplitudes[place - 1] if place else 0.0


class Tap:
    """One recording."""

    def __init__(self, block, variable, index, every, step):
        self.block, self.variable, self.index, self.every, self.next = block, variable, index, every, step
        self.found = []

    def look(self, step):
        if self.every and step == self.next:
            self.found.append((step, self.block.values[self.variable][self.index]))
            self.next += self.every


class MySimBackend(SimulatorBackend):
    """MySim, as PyNN sees it."""

    interface = 1
    name = "MySim"
    models = MODELS

    # -- life -----------------------------------------------------------------------------------------------------

    def setup(self, settings):
        self.h, self.steps, self.begun = settings.timestep, 0, False
        self.blocks, self.wires, self.currents, self.taps = [], [], [], []

    def end(self):
        self.blocks, self.wires, self.currents, self.taps = [], [], [], []

    @property
    def time(self):
        return self.steps * self.h

    def advance(self, until, pulse):
        goal, beat = round(until / self.h), time.monotonic()
        if not self.begun and goal > 0:
            with interrupts_wait():
                self.begun = True
                self._fire(Player)  # what fires at time 0
        while self.steps < goal:
            with interrupts_wait():
                self._step()
            if time.monotonic() - beat > 0.2:
                beat = time.monotonic()
                if not pulse():
                    raise Stopped(self.time)

    def _step(self):
        for tap in self.taps:
            tap.look(self.steps)
        for block in self.blocks:
            if isinstance(block, Neurons):
                block.values["clamp"][:] = 0
        for current in self.currents:
            for block, index in current.targets:
                np.add.at(block.values["clamp"], index, current.at(self.time))
        self.steps += 1
        self._fire((Neurons, Player))

    def _fire(self, kind):
        for block in self.blocks:
            if isinstance(block, kind):
                fired = block.step(self.steps, self.h)
                for tap in self.taps:
                    if tap.block is block and not tap.every:
                        tap.found += [(self.steps, row) for row in fired if row in tap.index]
                for wires in self.wires:
                    if wires.source is block:
                        wires.send(fired, self.steps, self.h)

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model, size, values, tag):
        if model.name == "steps":
            block = Steps()
            self.currents.append(block)
        else:
            block = Player(size) if model.name == "player" else Neurons(size, values)
            self.blocks.append(block)
        if not isinstance(block, Neurons):
            self.set(block, values)
        return block

    def connect(self, model, pre, post, receptor, wiring, tag):
        if isinstance(pre, Steps):
            pre.targets += [(post, edges.post) for edges in wiring.chunks()]
            return None
        port = MODELS["IF_curr_exp"].receptors[receptor].port
        self.wires.append(Wires(model, pre, post, port, wiring))
        return self.wires[-1]

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block, names, index=None):
        rows = slice(None) if index is None else index
        ends = {"i": block.pre, "j": block.post} if isinstance(block, Wires) else {}
        return {name: (ends[name] if name in ends else block.values[name])[rows].astype(float) for name in names}

    def set(self, block, values, index=None):
        now = self.time if self.begun else -1.0
        if isinstance(block, Player):
            for k, row in enumerate(range(block.size) if index is None else index):
                old, new = block.rows[row], values["times"].row(k)
                block.rows[row] = np.concatenate([old[old <= now], new[new > now]])
        elif isinstance(block, Steps):
            kept = block.times < self.time - 1e-9
            block.times = np.concatenate([block.times[kept], values["times"].data])
            block.amplitudes = np.concatenate([block.amplitudes[kept], values["amplitudes"].data])
        elif isinstance(block, Neurons):
            block.assign(values, slice(None) if index is None else index)
        else:
            for name, value in values.items():
                block.values[name][slice(None) if index is None else index] = value

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block, variable, index, interval):
        every = 0 if variable == "spikes" else max(1, round(interval / self.h))
        self.taps.append(Tap(block, variable, index, every, self.steps))
        return self.taps[-1]

    def read(self, recording, stop=False):
        if recording not in self.taps:
            raise TypeError("This is no recording of this simulation, or it was stopped.")
        recording.look(self.steps)
        found, recording.found = recording.found, []
        if stop:
            self.taps.remove(recording)
        steps = np.array([step for step, _ in found], dtype=float)
        if not recording.every:
            return Spikes(np.array([row for _, row in found], dtype=np.int64), steps * self.h)
        values = np.array([row for _, row in found]).reshape(len(found), len(recording.index))
        start = steps[0] if found else recording.next
        return Samples(recording.index, start * self.h, recording.every * self.h, values)
