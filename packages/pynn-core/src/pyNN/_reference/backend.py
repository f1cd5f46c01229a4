"""The NumPy backend: nine methods over blocks of cells, synapses, currents and recordings."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from cawan.errors import Stopped
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import (
    Array,
    Block,
    Index,
    NativeModel,
    Pulse,
    Ragged,
    Recording,
    Samples,
    Settings,
    SimulatorBackend,
    Spikes,
    Tag,
    Values,
    Wiring,
)

from pyNN._reference.arrays import ArraySource
from pyNN._reference.cells import Cells, CondExp, CurrAlpha, CurrDelta, CurrExp
from pyNN._reference.gaps import Gaps
from pyNN._reference.membranes import MEMBRANES
from pyNN._reference.models import MODELS
from pyNN._reference.plasticity import Plastic
from pyNN._reference.solved import Solved
from pyNN._reference.stochastic import Quantal, Stochastic
from pyNN._reference.synapses import Synapses, TsodyksMarkram
from pyNN.equations import CheckedCell
from pyNN.interrupts import interrupts_wait
from pyNN.parallel import communicator
from pyNN.recipes import Recipe, point_neuron_row

PULSE_INTERVAL_S = 0.2
EXACT: Mapping[str, type[Cells]] = {
    "IF_curr_exp": CurrExp, "IF_curr_alpha": CurrAlpha, "IF_curr_delta": CurrDelta, "IF_cond_exp": CondExp,
}  # fmt: skip
SYNAPSES: Mapping[str, type[Synapses]] = {
    "StaticSynapse": Synapses, "TsodyksMarkramSynapse": TsodyksMarkram, "SimpleStochasticSynapse": Stochastic,
    "StochasticTsodyksMarkramSynapse": Quantal, "MultiQuantalSynapse": Quantal, "ElectricalSynapse": Gaps,
    "STDPMechanism": Plastic,
}  # fmt: skip


@dataclass
class Current:
    """A piecewise-constant current and its targets."""

    times: Array
    amplitudes: Array
    targets: list[tuple[Cells, Index]] = field(default_factory=list)

    def at(self, now: float) -> float:
        """The current that flows from ``now`` on, nA."""
        place = int(np.searchsorted(self.times, now + 1e-9, side="right"))
        return float(self.amplitudes[place - 1]) if place else 0.0


@dataclass(eq=False)
class Tap:
    """One recording and what it holds that was not read yet."""

    block: Any
    variable: str
    index: Index
    every: int
    next: int
    first: int
    rows: list[Any] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)


class ReferenceBackend(SimulatorBackend):
    """The executable definition of the standard models, in NumPy."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "reference"
    models: ClassVar[Mapping[str, NativeModel]] = MappingProxyType(MODELS)

    def __init__(self) -> None:
        self.setup(Settings())

    def setup(self, settings: Settings) -> None:
        """Forget everything."""
        self.timestep = settings.timestep
        self._step = 0
        self._begun = False
        self._cells: list[Cells | ArraySource] = []
        self._models: dict[int, NativeModel] = {}
        self._synapses: list[Synapses] = []
        self._currents: list[Current] = []
        self._taps: list[Tap] = []
        self._communicator = communicator()
        self._created = 0
        self._owned: dict[int, Index] = {}

    def end(self) -> None:
        """Forget everything."""
        self.setup(Settings(timestep=self.timestep))

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._step * self.timestep

    # -- processes ------------------------------------------------------------------------------------------------

    @property
    def rank(self) -> int:
        """Number of this process."""
        return 0 if self._communicator is None else int(self._communicator.Get_rank())

    @property
    def size(self) -> int:
        """Processes in all."""
        return 1 if self._communicator is None else int(self._communicator.Get_size())

    def local(self, block: Block) -> Index:
        """Every ``size``-th cell of all, counted over blocks; the others are kept too, but do not count."""
        return self._owned[id(block)]

    def _own(self, block: Cells | ArraySource) -> None:
        rows = np.arange(block.size, dtype=np.int64)
        self._owned[id(block)] = rows[(rows + self._created) % self.size == self.rank]
        self._created += block.size

    def _exchange(self, fired: list[Index]) -> list[Index]:
        """The cells of each block that fired anywhere, increasing."""
        if self._communicator is None:
            return fired
        mine = [f[np.isin(f, self._owned[id(block)])] for f, block in zip(fired, self._neurons(), strict=True)]
        shares = self._communicator.allgather(mine)
        return [np.sort(np.concatenate(parts)) for parts in zip(*shares, strict=True)]

    def _share_potentials(self) -> None:
        """Membranes at gap junctions have the potential that their owner knows."""
        if self._communicator is None:
            return
        for block in {id(b): b for s in self._synapses if isinstance(s, Gaps) for b in (s.first, s.second)}.values():
            rows = self._owned[id(block)]
            for places, values in self._communicator.allgather((rows, block.values["v"][rows])):
                block.values["v"][places] = values

    def _neurons(self) -> list[Cells]:
        return [block for block in self._cells if isinstance(block, Cells)]

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """A block of cells, of a source, or one current."""
        if model.name == "StepCurrentSource" and model.details is None:
            current = Current(np.empty(0), np.empty(0))
            self._currents.append(current)
            self.set(current, values)
            return current
        block: Cells | ArraySource
        if model.name == "SpikeSourceArray" and model.details is None:
            times = values["spike_times"]
            if not isinstance(times, Ragged):
                raise TypeError("spike_times must be Ragged")
            block = ArraySource(size, times, self.timestep)
        elif isinstance(model.details, CheckedCell):
            block = Solved(size, values, self.timestep, model.details)
        elif isinstance(model.details, Recipe):
            recipe = model.details
            block = MEMBRANES[recipe.membrane](size, values, self.timestep, tag.stream, recipe)
        else:
            block = EXACT[model.name](size, values, self.timestep)
        self._own(block)
        self._cells.append(block)
        self._models[id(block)] = model
        return block

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses, or the targets of a current."""
        if not isinstance(post, Cells):
            raise TypeError("only cells receive")
        if isinstance(pre, Current):
            for edges in wiring.chunks():
                pre.targets.append((post, edges.post))
            return None
        port = self._models[id(post)].receptors[receptor].port if model.name != "ElectricalSynapse" else 0
        if not isinstance(port, int):
            raise TypeError("a receptor's port is its number")
        kind = SYNAPSES[model.name.partition("+")[0]]
        made = kind(model, wiring, pre, post, port, self.timestep, tag.stream)
        self._synapses.append(made)
        return made

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, or that of a PointNeuron."""
        if name == "PointNeuron" and parts:
            return point_neuron_row(parts)
        return super().resolve(name, parts)

    def describe(self, spec: object) -> NativeModel:
        """The row of a user's equations."""
        from pyNN.equations import equations_row  # 8 ms, in the import of this simulator

        return equations_row(spec)

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        rows = slice(None) if index is None else index
        found: dict[str, Values] = {}
        for name in names:
            if isinstance(block, Synapses) and name in ("i", "j"):
                found[name] = (block.pre if name == "i" else block.post)[rows].astype(np.float64)
            elif isinstance(block, Synapses | Cells):
                found[name] = block.values[name][rows].copy()
            else:
                raise KeyError(name)
        return found

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        if isinstance(block, Current):
            self._set_current(block, values)
        elif isinstance(block, ArraySource):
            times = values["spike_times"]
            if isinstance(times, Ragged):
                block.replace(times, index, self.time if self._begun else 0.0)
        elif isinstance(block, Cells | Synapses):
            block.assign(values, index)

    def _set_current(self, block: Current, values: Mapping[str, Values]) -> None:
        new = {name: value.data for name, value in values.items() if isinstance(value, Ragged)}
        before = block.times < self.time - 1e-9
        lead = block.at(self.time) if not len(new["times"]) else None
        block.times = np.concatenate([block.times[before], new["times"]])
        block.amplitudes = np.concatenate([block.amplitudes[before], new["amplitudes"]])
        if lead is not None:
            block.times, block.amplitudes = np.append(block.times, self.time), np.append(block.amplitudes, lead)

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        every = 0 if variable == "spikes" else max(1, round(interval / self.timestep))
        tap = Tap(block, variable, np.asarray(index, dtype=np.int64), every, self._step, self._step)
        self._taps.append(tap)
        return tap

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new."""
        if not isinstance(recording, Tap) or recording not in self._taps:
            raise TypeError("This is no recording of this simulation, or it was stopped.")
        self._sample(recording)
        rows, steps = recording.rows, recording.steps
        recording.rows, recording.steps = [], []
        if stop:
            self._taps.remove(recording)
        if recording.every == 0:
            counts = [len(row) for row in rows]
            times = np.repeat(np.array(steps, dtype=np.float64) * self.timestep, counts)
            return Spikes(np.concatenate([np.empty(0, np.int64), *rows]).astype(np.int64), times)
        start = (steps[0] if steps else recording.next) * self.timestep
        values = np.array(rows) if rows else np.empty((0, len(recording.index)))
        return Samples(recording.index, start, recording.every * self.timestep, values)

    def _sample(self, tap: Tap) -> None:
        if tap.every and tap.next == self._step:
            tap.rows.append(tap.block.values[tap.variable][tap.index])
            tap.steps.append(self._step)
            tap.next += tap.every

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, until: float, pulse: Pulse) -> None:
        """Step by step."""
        goal = round(until / self.timestep)
        beat = time.monotonic()
        if not self._begun and goal > 0:
            with interrupts_wait():
                self._begun = True
                self._fire_sources()
        while self._step < goal:
            with interrupts_wait():
                self._one_step()
            if time.monotonic() - beat > PULSE_INTERVAL_S:
                beat = time.monotonic()
                if not pulse():
                    raise Stopped(self.time)

    def _one_step(self) -> None:
        for tap in self._taps:
            self._sample(tap)
        for block in self._cells:
            if isinstance(block, Cells):
                block.current[:] = 0.0
        for current in self._currents:
            flowing = current.at(self.time)
            for target, index in current.targets:
                np.add.at(target.current, index, flowing)
        self._share_potentials()
        for synapse in self._synapses:
            if isinstance(synapse, Gaps):
                synapse.flow()
        self._step += 1
        for synapse in self._synapses:
            synapse.begin(self._step)
        neurons = self._neurons()
        fired = self._exchange([block.advance(self._step) for block in neurons])
        for block, rows in zip(neurons, fired, strict=True):
            self._spike(block, rows)
        self._fire_sources()

    def _fire_sources(self) -> None:
        for block in self._cells:
            if isinstance(block, ArraySource):
                self._spike(block, block.firing(self._step))

    def _spike(self, block: Any, fired: Index) -> None:
        if not len(fired):
            return
        for tap in self._taps:
            if tap.every == 0 and tap.block is block:
                tap.rows.append(fired[np.isin(fired, tap.index)])
                tap.steps.append(self._step)
        for synapse in self._synapses:
            if synapse.pre_block is block:
                synapse.send(fired, self._step)
            if synapse.post_block is block:
                synapse.hear(fired, self._step)
