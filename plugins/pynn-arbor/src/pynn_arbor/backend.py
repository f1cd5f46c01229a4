"""The nine methods on Arbor."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from cawan.errors import Stopped
from cawan.simulator import (
    Block,
    Index,
    NativeModel,
    Places,
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
from pyNN.compartments import compartments_row
from pyNN.errors import PyNNError
from pyNN.interrupts import interrupts_wait
from pyNN.parallel import launched
from pyNN.recipes import point_neuron_row

from pynn_arbor.building import library
from pynn_arbor.cable_network import CableNetwork, CableTap
from pynn_arbor.cables import CHANNELS, SYNAPSES, CableSynapses, Compartments, Spots, check_parts, join
from pynn_arbor.cells import Cells
from pynn_arbor.currents import Current, Mixture, mixtures
from pynn_arbor.models import MODELS
from pynn_arbor.native import POINTS, Cable, NativeCells, describe
from pynn_arbor.network import Network
from pynn_arbor.recordings import SampleTap, SpikeTap, drain
from pynn_arbor.sources import Source
from pynn_arbor.synapses import Gaps, Synapses, make_gaps, make_synapses

BEAT_S = 0.15
_AT_ONCE = 4_000_000  # numbers handed over or sampled in one slice


class ArborBackend(SimulatorBackend):
    """Arbor, from its wheel: one compartment for each cell, with a mechanism of our own."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "Arbor"
    models: ClassVar[Mapping[str, NativeModel]] = MODELS
    grows: ClassVar[bool] = False
    exports: ClassVar[Mapping[str, str]] = {"arbor": "arbor"}

    def __init__(self) -> None:
        self._network: Network | None = None
        self._forget(Settings())

    def _forget(self, settings: Settings) -> None:
        if self._network is not None:
            self._network.close()
        self._network = None
        self._cables = CableNetwork(settings.timestep, settings.threads)
        self._timestep, self._threads = settings.timestep, settings.threads
        self._step = 0
        self._per_beat = 10
        self._blocks: list[Cells | Source] = []
        self._synapses: list[Synapses] = []
        self._gaps: list[Gaps] = []
        self._longest = 0
        self._currents: list[Current] = []
        self._mixtures: list[Mixture] | None = None
        self._spike_taps: list[SpikeTap] = []
        self._sample_taps: list[SampleTap] = []

    def setup(self, settings: Settings) -> None:
        """A new, empty network.

        Raises
        ------
        PyNNError
            Several processes were launched, and Arbor's wheel has no MPI.
        """
        if launched() > 1:
            raise PyNNError(
                f"{launched()} processes were launched, but Arbor's wheel has no MPI: each would compute the whole "
                "network. Start the script without mpiexec, and use setup(threads=…)."
            )
        self._forget(settings)

    def end(self) -> None:
        """Free everything."""
        self._forget(Settings(timestep=self._timestep))

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._step * self._timestep

    @property
    def _done(self) -> int:
        """The last step that was taken; -1 before the first advance."""
        return self._step if self._network is not None or self._cables.begun else -1

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Cells, spike sources, or a current."""
        if model.name == "StepCurrentSource":
            current = Current(self._timestep)
            current.assign(values, self.time)
            self._currents.append(current)
            return current
        if model.name == "MultiCompartmentNeuron":
            check_parts(dict(model.details))  # type: ignore[call-overload]  # name → kind
            cells = Compartments(model, size, values)
            self._cables.blocks.append(cells)
            return cells
        if isinstance(model.details, Cable) or model.name in POINTS:
            own = NativeCells(model, size)
            own.assign(values, None)
            self._cables.blocks.append(own)
            return own
        if model.name != "SpikeSourceArray":
            library(tag.label)
        block: Cells | Source
        if model.name == "SpikeSourceArray":
            block = Source(size, self._timestep)
            block.replace(_times(values), None, -1)
        else:
            block = Cells(model, size, tag.stream)
            block.assign(values, None)
        self._blocks.append(block)
        return block

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses, or the targets of a current."""
        if isinstance(post, Compartments | Spots | NativeCells):
            return self._connect_cable(model, pre, post, receptor, wiring)
        if not isinstance(post, Cells):
            raise TypeError("only cells receive")
        if isinstance(pre, Current):
            pre.targets += [(post, edges.post) for edges in wiring.chunks()]
            self._mixtures = None
            return None
        if model.symmetric:
            if not isinstance(pre, Cells):
                raise TypeError("a gap junction joins two cells with membranes")
            joined = make_gaps(pre, post, wiring)
            self._gaps.append(joined)
            return joined
        port = post.model.receptors[receptor].port
        if not isinstance(pre, Cells | Source) or not isinstance(port, int):
            raise TypeError("only cells and sources send, and a receptor's port is its number")
        made = make_synapses(model, pre, post, port, wiring, tag.stream)
        self._synapses.append(made)
        return made

    def _connect_cable(
        self, model: NativeModel, pre: Block, post: Compartments | Spots | NativeCells, receptor: str, wiring: Wiring
    ) -> Block:
        if isinstance(pre, Current):
            self._cables.not_begun("inject a current into a new place")
            self._cables.currents += [(pre, post, edges.post) for edges in wiring.chunks()]
            return None
        if not isinstance(pre, Source | Compartments | Spots | NativeCells):
            raise PyNNError("On Arbor, cells that it moves itself get input from spike sources and from each other.")
        made = join(model, pre, post, receptor, wiring)
        self._cables.synapses.append(made)
        return made

    def place(self, cells: Block, places: Places) -> Block:
        """Places on cells of many compartments."""
        if not isinstance(cells, Compartments):
            raise TypeError("only cells of many compartments have places")
        self._cables.not_begun("make a new place")
        spots = Spots(cells, places, f"spot{len(self._cables.spots)}")
        self._cables.spots.append(spots)
        return spots

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, that of a PointNeuron, or of a cell of many compartments."""
        if name == "MultiCompartmentNeuron":
            check_parts(dict(part.split("=") for part in parts))
            return compartments_row(parts, (*CHANNELS, *SYNAPSES), self.name)
        if name == "PointNeuron" and parts:
            return point_neuron_row(parts)
        return super().resolve(name, parts)

    def describe(self, spec: object) -> NativeModel:
        """``lif_cell``, ``adex_cell``, or a density mechanism, or a tuple of several, in one compartment."""
        return describe(spec)

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        if isinstance(block, Synapses) and block.kind.number:
            self._settle_now(block)
        if isinstance(block, Cells | Synapses | Gaps | CableSynapses):
            return block.read(names, index)
        if isinstance(block, Compartments | NativeCells):
            raise PyNNError("Arbor does not tell the state of cells that it moves itself: record it before the run.")
        raise TypeError("a source has no state")

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        if isinstance(block, Synapses):
            self._settle_now(block)
        if isinstance(block, Compartments | CableSynapses | NativeCells):
            self._cables.not_begun("change parameters, state or synapses")
        elif isinstance(block, Current | Source) and self._cables.begun:
            self._change_cables(block)
        if isinstance(block, Cells | Synapses | Gaps | Compartments | CableSynapses | NativeCells):
            block.assign(values, index)
        elif isinstance(block, Current):
            block.assign(values, self.time)
        elif isinstance(block, Source):
            block.replace(_times(values), index, self._done)

    def _change_cables(self, block: Current | Source) -> None:
        if isinstance(block, Source):
            self._cables.dirty = True
        elif any(current is block for current, _, _ in self._cables.currents):
            self._cables.not_begun("change a current, or go on with an AC or noisy one, into places")

    def _settle_now(self, block: Synapses) -> None:
        if self._network is not None:
            block.settle(self._network.world, self._step)

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        index = np.asarray(index, dtype=np.int64)
        if isinstance(block, Compartments | Spots | NativeCells) and variable != "spikes":
            self._cables.not_begun("record more")
            cable_tap = CableTap(block, variable, index, max(1, round(interval / self._timestep)), 0, self._timestep)
            self._cables.taps.append(cable_tap)
            return cable_tap
        if variable == "spikes" and isinstance(block, Cells | Source | Compartments | NativeCells):
            tap = SpikeTap(block, index, self._done, self._timestep)
            self._spike_taps.append(tap)
            if self._network is not None and not isinstance(block, Compartments | NativeCells):
                self._network.world.log(block.number)
            return tap
        if not isinstance(block, Cells):
            raise TypeError("only cells have variables to record")
        every = max(1, round(interval / self._timestep))
        samples = SampleTap(block, variable, index, every, self._step, self._timestep)
        self._sample_taps.append(samples)
        return samples

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new."""
        if isinstance(recording, SpikeTap) and recording in self._spike_taps:
            if self._network is not None and not isinstance(recording.block, Compartments | NativeCells):
                same = [tap for tap in self._spike_taps if tap.block is recording.block]
                drain(self._network.world, recording.block, same)
            if stop:
                self._spike_taps.remove(recording)
            return recording.read()
        if isinstance(recording, CableTap) and recording in self._cables.taps:
            if stop:
                self._cables.taps.remove(recording)
            return recording.read()
        if isinstance(recording, SampleTap) and recording in self._sample_taps:
            if stop:
                self._sample_taps.remove(recording)
            return recording.read(self._step)
        raise TypeError("This is no recording of this simulation, or it was stopped.")

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, until: float, pulse: Pulse) -> None:
        """In slices of about a sixth of a second."""
        goal = round(until / self._timestep)
        if goal <= self._step:
            return
        if self._cables:
            self._advance_cables(goal, pulse)
            return
        with interrupts_wait():
            network = self._network or self._begin()
            self._settle(network)
        beat = time.monotonic()
        while self._step < goal:
            began, before = time.monotonic(), self._step
            with interrupts_wait():
                self._slice(network, min(goal, self._step + self._steps_at_once()))
            taken, spent = self._step - before, time.monotonic() - began
            self._per_beat = int(min(max(1, taken * BEAT_S / max(spent, 1e-6)), 4 * self._per_beat, 10_000_000))
            if time.monotonic() - beat > BEAT_S:
                if not pulse():
                    raise Stopped(self.time)
                beat = time.monotonic()

    def _advance_cables(self, goal: int, pulse: Pulse) -> None:
        if any(isinstance(block, Cells) and block.size for block in self._blocks):
            raise PyNNError(
                "On Arbor a network has cells that Arbor itself moves, of many compartments or native ones, or PyNN's "
                "point cells, not both. Make two simulations, or choose another simulator."
            )
        cables, beat = self._cables, time.monotonic()
        while self._step < goal:
            began, before = time.monotonic(), self._step
            with interrupts_wait():
                if not cables.begun:
                    cables.begin()
                last = min(goal, self._step + self._per_beat)
                cables.run(last)
                self._hear_sources(before if cables.passed >= 0 else -1, last)
                self._step, cables.passed = last, last
                cables.collect(last, self._spike_taps)
            taken, spent = self._step - before, time.monotonic() - began
            self._per_beat = int(min(max(1, taken * BEAT_S / max(spent, 1e-6)), 4 * self._per_beat, 1_000_000))
            if time.monotonic() - beat > BEAT_S:
                if not pulse():
                    raise Stopped(self.time)
                beat = time.monotonic()

    def _hear_sources(self, after: int, last: int) -> None:
        """Spikes of sources that are recorded, which Arbor sees as events alone."""
        for tap in self._spike_taps:
            if isinstance(tap.block, Source):
                for row, steps in enumerate(tap.block.rows):
                    mine = steps[(steps > after) & (steps <= last)]
                    tap.take(mine, np.full(len(mine), row))

    def _begin(self) -> Network:
        network = Network(self._blocks, self._synapses, self._gaps, self._timestep, self._threads)
        for tap in self._spike_taps:
            if not isinstance(tap.block, Compartments | NativeCells):
                network.world.log(tap.block.number)
        self._longest = max((int(made.delay.max()) for made in self._synapses if len(made)), default=0)
        for block in self._blocks:
            if isinstance(block, Source):
                block.longest = self._longest
        self._network = network
        return network

    def _settle(self, network: Network) -> None:
        """Tell the mechanism what was changed since the last advance."""
        first = self._step if self._step else -1
        for block in self._blocks:
            if isinstance(block, Cells):
                block.prepare(network.world)
            else:
                block.tell(network.world, first)
        network.look()
        if self._mixtures is None:
            self._mixtures = mixtures(self._currents)

    def _steps_at_once(self) -> int:
        """How many steps a slice may have, so that it lasts about a beat and its numbers fit."""
        numbers = [sum(len(tap.index) for tap in self._sample_taps), *(len(m.shares) for m in self._mixtures or ())]
        return min(self._per_beat, max(1, _AT_ONCE // max(1, *numbers)))

    def _slice(self, network: Network, last: int) -> None:
        for mixture in self._mixtures or ():
            mixture.tell(network.world, self._step, last, self._timestep)
        plans: dict[int, list[tuple[np.ndarray, np.ndarray, int, int, int, np.ndarray]]] = {}
        for tap in self._sample_taps:
            tap.look(self._step)
            plan = tap.plan(last)
            plans.setdefault(tap.block.number, []).extend([plan] if plan else [])
        for block in self._blocks:
            network.world.taps(block.number, plans.get(block.number, []))
        network.run(last)
        self._step = last
        for made in self._synapses:
            if made.kind.learns:
                made.settle(network.world, last)
        network.world.forget(last - self._longest - 1)
        for tap in self._sample_taps:
            tap.keep()


def _times(values: Mapping[str, Values]) -> Ragged:
    times = values["spike_times"]
    if not isinstance(times, Ragged):
        raise TypeError("spike_times is Ragged")
    return times
