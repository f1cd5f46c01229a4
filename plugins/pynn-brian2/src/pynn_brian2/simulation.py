"""One network on Brian: its blocks, what passes between them, and its recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Block, Index, NativeModel, Pulse, Ragged, Recording, Samples, Spikes, Tag, Values, Wiring
from pyNN.equations import CheckedCell
from pyNN.errors import PyNNError
from pyNN.interrupts import interrupts_wait

from pynn_brian2.blocks import Neurons
from pynn_brian2.cells import Cells
from pynn_brian2.clockwork import Clockwork
from pynn_brian2.currents import Current, Currents
from pynn_brian2.drawn import Drawn
from pynn_brian2.gaps import Gaps
from pynn_brian2.gif import GifCells
from pynn_brian2.models import DRAWN, Kind
from pynn_brian2.native import BrianCell, NativeCells
from pynn_brian2.passing import Passing
from pynn_brian2.plastic import Plastic
from pynn_brian2.quiet import brian2
from pynn_brian2.solved import SolvedCells
from pynn_brian2.sources import Source
from pynn_brian2.synapses import Synapses
from pynn_brian2.taps import SampleTap, SpikeTap


class Simulation:
    """What ``setup`` begins."""

    def __init__(self, timestep: float, codegen: str) -> None:
        self.timestep = timestep
        self._code = _code_class(codegen)
        self.clockwork = Clockwork(timestep)
        self._begun = False
        self._cells: list[Neurons] = []
        self._sources: list[Source] = []
        self._currents = Currents()
        self._spike_taps: list[tuple[SpikeTap, Neurons | Source]] = []
        self._sample_taps: list[SampleTap] = []
        self.clockwork.every_step("start", -1, self._sample)
        self.clockwork.every_step("start", 0, lambda: self._currents.flow(self.clockwork.step))
        self.clockwork.every_step("end", 0, self._spread)

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self.clockwork.step * self.timestep

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Cells, a spike source, or a current."""
        name = "" if isinstance(model.details, CheckedCell) else model.name  # a user's cell may be called anything
        if name == "StepCurrentSource":
            current = Current(self.timestep)
            current.assign(values, 0)
            self._currents.sources.append(current)
            return current
        if name == "SpikeSourceArray":
            times = values["spike_times"]
            if not isinstance(times, Ragged):
                raise TypeError("spike_times is Ragged")
            return self._with_source(Source(size, times, self.timestep, self.clockwork.clock))
        if name in DRAWN:
            return self._with_source(Drawn(size, values, self.clockwork, tag.stream))
        cells: Neurons
        if isinstance(model.details, BrianCell):
            cells = NativeCells(model, size, values, self.clockwork.clock, self._code)
        elif isinstance(model.details, CheckedCell):
            cells = SolvedCells(model, size, values, self.timestep, self.clockwork.clock, self._code)
        elif model.name == "GIF_cond_exp":
            cells = GifCells(model, size, values, self.clockwork, self._code, tag.stream)
        else:
            cells = Cells(model, size, values, self.timestep, self.clockwork.clock, self._code)
        self.clockwork.network.add(*cells.parts)
        self.clockwork.network.rows += size
        self._cells.append(cells)
        return cells

    def _with_source(self, source: Source) -> Source:
        self._sources.append(source)
        if source.group is not None:
            self.clockwork.network.adopt(source.group)
        return source

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses, gap junctions, or the targets of a current."""
        if not isinstance(post, Neurons):
            raise TypeError("only cells receive")
        if isinstance(pre, Current):
            post.inject(np.empty(0, np.int64), 0.0)  # cells that take no current say so
            pre.targets += [(post, edges.post) for edges in wiring.chunks()]
            self._currents.changed()
            return None
        if not isinstance(pre, Neurons | Source) or not isinstance(model.details, Kind):
            raise TypeError("only cells and sources send, over synapses")
        if model.details.name == "gap":
            if isinstance(pre, NativeCells | Source) or isinstance(post, NativeCells):
                raise PyNNError(
                    "Gap junctions join standard cells and CellEquations on Brian2. "
                    "Write those of a BrianCell into its equations."
                )
            gaps = Gaps(wiring, pre, post)
            self._currents.gaps.append(gaps)
            return gaps
        if isinstance(pre, NativeCells):
            pre.require_spikes()
        if model.details.name in ("stdp", "vogels"):
            return Plastic(model, wiring, pre, post, receptor, self.clockwork, self._code)
        return Passing(model, wiring, pre, post, receptor, self.clockwork, self._code, tag.stream)

    def handles(self, block: Block, index: Index | None) -> Any:
        """Brian's own objects."""
        if isinstance(block, Synapses):
            return block.brian
        if not isinstance(block, Neurons | Source):
            raise PyNNError("Currents and gap junctions are no objects of Brian's: the backend adds them to each step.")
        if index is None or block.group is None:
            return block.group
        first, last = int(index[0]), int(index[-1]) + 1
        if last - first != len(index):
            raise PyNNError("Brian has groups of neighbours alone. Take a view of neighbours, or the population.")
        return block.group[first:last]

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None) -> Mapping[str, Values]:
        """Values of these rows."""
        if isinstance(block, Neurons | Synapses | Gaps | Drawn):
            return block.read(names, index)
        raise TypeError("a source has no state")

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None) -> None:
        """Change these rows from now on."""
        if isinstance(block, Neurons | Synapses | Gaps):
            block.assign(values, index)
        elif isinstance(block, Current):
            block.assign(values, self.clockwork.step)
            self._currents.changed()
        elif isinstance(block, Drawn):
            block.change(values, index, self.clockwork.step)
        elif isinstance(block, Source):
            times = values["spike_times"]
            if not isinstance(times, Ragged):
                raise TypeError("spike_times is Ragged")
            block.replace(times, index, self.clockwork.step if self._begun else -1)

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        if not isinstance(block, Neurons | Source):
            raise TypeError("only cells and sources are recorded")
        if variable == "spikes":
            spikes = SpikeTap(index, block.size, self.timestep)
            block.taps.append(spikes)
            self._spike_taps.append((spikes, block))
            return spikes
        if not isinstance(block, Neurons):
            raise TypeError("a source has no state")
        every = max(1, round(interval / self.timestep))
        tap = SampleTap(lambda: block.column(variable), index, self.clockwork.step, every, self.timestep)
        self._sample_taps.append(tap)
        return tap

    def read(self, recording: Recording, stop: bool) -> Spikes | Samples:
        """What is new."""
        if isinstance(recording, SampleTap) and recording in self._sample_taps:
            if stop:
                self._sample_taps.remove(recording)
            return recording.read(self.clockwork.step)
        for known, block in self._spike_taps:
            if known is recording:
                if stop:
                    block.taps.remove(known)
                    self._spike_taps.remove((known, block))
                return known.read()
        raise TypeError("This is no recording of this simulation, or it was stopped.")

    def _sample(self) -> None:
        for tap in self._sample_taps:
            tap.sample(self.clockwork.step)

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, until: float, pulse: Pulse) -> None:
        """To ``until``, in one run of Brian's."""
        goal = round(until / self.timestep)
        if goal <= self.clockwork.step:
            return
        if not self._begun:
            with interrupts_wait():
                self._begun = True
                self._fire_sources(0)
        self.clockwork.advance(goal, pulse)

    def _spread(self) -> None:
        """The spikes of this step set out, and are recorded."""
        step = self.clockwork.step + 1
        fired = [(cells, cells.end_step()) for cells in self._cells]
        for cells, rows in fired:
            if len(rows):
                _spike(cells, rows, step)
                for synapses in cells.incoming:
                    synapses.hear(rows, step)
        self._fire_sources(step)

    def _fire_sources(self, step: int) -> None:
        for source in self._sources:
            rows = source.firing(step)
            if len(rows):
                _spike(source, rows, step)


def _spike(block: Neurons | Source, rows: Index, step: int) -> None:
    for tap in block.taps:
        tap.add(rows, step)
    for synapses in block.outgoing:
        synapses.send(rows, step)


def _code_class(codegen: str) -> type[Any]:
    """Brian's class for generated code; given to each object, so that Brian's own preferences stay as they are."""
    runtime = brian2.codegen.runtime
    found: type[Any] = runtime.cython_rt.CythonCodeObject if codegen == "cython" else runtime.numpy_rt.NumpyCodeObject
    return found
