"""A network of cells of many compartments, or of Arbor's own, as Arbor runs it: in ms, by its own equations.

Arbor takes a sample at the beginning of a step, and hands none over for the end of a run. So it is always one step
ahead: what it does in that step does not depend on anything that a script may still change, for that acts a step later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Samples
from pyNN.errors import PyNNError

from pynn_arbor.cables import CHANNELS, SYNAPSES, CableSynapses, Compartments, Spots, decor_of, policy_of, tree_of
from pynn_arbor.currents import Current
from pynn_arbor.kernel import arbor
from pynn_arbor.native import NativeCells, catalogue
from pynn_arbor.recipes import recipe
from pynn_arbor.recordings import SpikeTap
from pynn_arbor.sources import Source

_QUARTER = 0.25  # of a step: times lie inside the step that they are meant for, whatever their rounding


@dataclass(eq=False)
class CableTap:
    """A variable at some places, every ``every`` steps from step ``first`` on."""

    block: Compartments | Spots | NativeCells
    variable: str
    index: Index
    every: int
    first: int
    timestep: float
    next: int = 0
    planned: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    kept: list[Array] = field(default_factory=list)

    def plan(self, step: int) -> None:
        """Which samples are due up to a step."""
        self.planned = list(range(self.next, step + 1, self.every))
        self.next += self.every * len(self.planned)

    def probe(self, row: int, tag: str) -> Any:
        """Arbor's probe for a row."""
        module = arbor()
        if isinstance(self.block, NativeCells):
            return self.block.probe(row, self.variable, tag)
        _, where = self.block.spot(row)
        if self.variable == "v":
            return module.cable_probe_membrane_voltage(where, tag)
        part, _, name = self.variable.partition(".")
        cells = self.block.cells if isinstance(self.block, Spots) else self.block
        kind = cells.kinds[part]
        if kind in CHANNELS:
            mechanism, names = CHANNELS[kind]
            return module.cable_probe_density_state(where, mechanism, names[name], tag)
        if not isinstance(self.block, Spots) or name not in SYNAPSES[kind][1]:
            raise PyNNError(f"Arbor does not tell {name!r} of {kind}. Record v, or choose another receptor.")
        mechanism, names = SYNAPSES[kind]
        return module.cable_probe_point_state(f"{self.block.label}-{row}", mechanism, names[name], tag)

    def read(self) -> Samples:
        """What is new."""
        values = np.concatenate([np.empty((0, len(self.index))), *self.kept])
        start, self.first, self.kept = self.first, self.next, []
        return Samples(self.index, start * self.timestep, self.every * self.timestep, values)


class CableNetwork:
    """All that is known of such cells, and Arbor's simulation of them once it has begun."""

    def __init__(self, timestep: float, threads: int) -> None:
        self.timestep, self.threads = timestep, threads
        self.blocks: list[Compartments | NativeCells] = []
        self.spots: list[Spots] = []
        self.synapses: list[CableSynapses] = []
        self.currents: list[tuple[Current, Compartments | Spots | NativeCells, Index]] = []
        self.taps: list[CableTap] = []
        self.simulation: Any = None
        self.dirty = False
        self._recipe: Any = None
        self._late: tuple[Index, Index] = (np.empty(0, np.int64), np.empty(0, np.int64))

    def __bool__(self) -> bool:
        return bool(self.blocks)

    @property
    def begun(self) -> bool:
        """Whether Arbor has been told."""
        return self.simulation is not None

    def not_begun(self, what: str) -> None:
        """Refuse what must be said before the first step."""
        if self.begun:
            raise PyNNError(f"Arbor cannot {what} of cells that it moves itself after the first run(). Do it before.")

    def begin(self) -> None:
        """Tell Arbor all."""
        for synapses in self.synapses:
            if isinstance(synapses.pre, Source) and len(synapses.i):
                longest = round(float(synapses.columns["delay"].max()) / self.timestep)
                synapses.pre.longest = max(synapses.pre.longest, longest)
        first = 0
        for block in self.blocks:
            if isinstance(block, Compartments):
                block.check_gates()
            block.first, first = first, first + block.size
        module = arbor()
        context = module.context(threads=self.threads)
        self._recipe = recipe(self)
        self.simulation = module.simulation(self._recipe, context)
        self.simulation.record(module.spike_recording.local)

    def run(self, step: int) -> None:
        """Move on to a step, and one further."""
        ms = arbor().units.ms
        if self.dirty:
            self.simulation.update(self._recipe)
            self.dirty = False
        for number, tap in enumerate(self.taps):
            tap.plan(step)
            # Arbor takes these at the beginning of the step that they lie in; of its regular schedules it does not.
            schedule = arbor().explicit_schedule([(k + _QUARTER) * self.timestep * ms for k in tap.planned])
            cells = [self._gid(tap.block, row) for row in tap.index.tolist()] if tap.planned else []
            tap.handles = [self.simulation.sample(gid, f"{number}-{k}", schedule) for k, gid in enumerate(cells)]
        self.simulation.run((step + 1) * self.timestep * ms, dt=self.timestep * ms)

    def collect(self, step: int, spikes: Sequence[SpikeTap]) -> None:
        """Take samples and spikes up to this step; Arbor forgets them."""
        for tap in self.taps:
            if tap.handles:
                columns = [self.simulation.samples(handle)[0][0][:, 1] for handle in tap.handles]
                tap.kept.append(np.array(columns).T)
            for handle in tap.handles:
                self.simulation.remove_sampler(handle)
        found = self.simulation.spikes()
        gids = np.array([source[0] for source in found["source"]], dtype=np.int64)
        sources = np.array([source[1] for source in found["source"]], dtype=np.int64)
        steps = np.ceil(found["time"] / self.timestep - 1e-6).astype(np.int64)
        own = sources == 0  # the detector that was placed first, where the cell fires
        gids, steps = np.append(self._late[0], gids[own]), np.append(self._late[1], steps[own])
        now = steps <= step
        self._late = gids[~now], steps[~now]
        for spike_tap in spikes:
            block = spike_tap.block
            if isinstance(block, Compartments | NativeCells):
                mine = now & (gids >= block.first) & (gids < block.first + block.size)
                spike_tap.take(steps[mine], gids[mine] - block.first)
        self.simulation.clear_samplers()

    def close(self) -> None:
        """Free the memory."""
        self.simulation = self._recipe = None

    def _gid(self, block: Compartments | Spots | NativeCells, row: int) -> int:
        if isinstance(block, Spots):
            return block.cells.first + int(block.places.cell[row])
        return block.first + row

    # -- what the recipe asks -------------------------------------------------------------------------------------

    def size(self) -> int:
        """How many cells there are."""
        return sum(block.size for block in self.blocks)

    def kind(self, gid: int) -> Any:
        """Arbor's kind of a cell."""
        found, _ = self.cell(gid)
        return found.cell_kind if isinstance(found, NativeCells) else arbor().cell_kind.cable

    def catalogue(self) -> Any:
        """All of Arbor's own mechanisms."""
        return catalogue()

    def cell(self, gid: int) -> tuple[Compartments | NativeCells, int]:
        """The block and row of Arbor's cell."""
        block = next(b for b in self.blocks if b.first <= gid < b.first + b.size)
        return block, gid - block.first

    def description(self, gid: int) -> Any:
        """Arbor's cell."""
        module, (cells, row) = arbor(), self.cell(gid)
        clamps = [
            (block, k, self._clamp(current))
            for current, block, index in self.currents
            for k in index.tolist()
            if self._gid(block, k) == gid
        ]
        if isinstance(cells, NativeCells):
            return cells.description(row, [clamp for _, _, clamp in clamps])
        detected = [made.pre for made in self.synapses if isinstance(made.pre, Spots)]
        decor = decor_of(cells, row, self.spots, detected)
        for block, k, clamp in clamps:
            if not isinstance(block, NativeCells):
                decor.place(block.spot(k)[1], clamp)
        return module.cable_cell(tree_of(cells.shape), decor, None, policy_of(cells.shape))

    def _clamp(self, current: Current) -> Any:
        """The current, in steps; Arbor takes that of a step at its beginning."""
        units, early = arbor().units, _QUARTER * self.timestep
        envelope, before = [], 0.0
        for t, amplitude in zip(current.times.tolist(), current.amplitudes.tolist(), strict=True):
            at = max(t - early, 0.0) * units.ms
            if t > 0:
                envelope.append((at, before * units.nA))
            envelope.append((at, amplitude * units.nA))
            before = amplitude
        return arbor().i_clamp(envelope)

    def connections(self, gid: int) -> list[Any]:
        """From other cells."""
        module, made = arbor(), []
        for synapses in self.synapses:
            if isinstance(synapses.pre, Source):
                continue
            for i, j, weight, delay in self._onto(synapses, gid):
                label = f"{synapses.pre.label}-{i}-source" if isinstance(synapses.pre, Spots) else "source"
                source = module.cell_global_label(self._gid(synapses.pre, i), label)
                target = module.cell_local_label(synapses.target(j))
                made.append(module.connection(source, target, weight, delay * module.units.ms))
        return made

    def generators(self, gid: int) -> list[Any]:
        """Spikes of sources, as events at the receptors, those alone that Arbor has not passed."""
        module, made = arbor(), []
        ms = module.units.ms
        for synapses in self.synapses:
            if not isinstance(synapses.pre, Source):
                continue
            for i, j, weight, delay in self._onto(synapses, gid):
                steps = synapses.pre.rows[i] + round(delay / self.timestep)
                times = (steps[steps > self.passed] + _QUARTER) * self.timestep
                if len(times):
                    schedule = module.explicit_schedule([t * ms for t in times.tolist()])
                    target = module.cell_local_label(synapses.target(j))
                    made.append(module.event_generator(target, weight, schedule))
        return made

    passed = -1  # the last step whose events Arbor has had

    def _onto(self, synapses: CableSynapses, gid: int) -> Iterator[tuple[int, int, float, float]]:
        mine = synapses.onto(gid)
        columns = (synapses.i, synapses.j, synapses.columns["weight"], synapses.columns["delay"])
        yield from zip(*(column[mine].tolist() for column in columns), strict=True)

    def probes(self, gid: int) -> list[Any]:
        """What is recorded."""
        found = []
        for number, tap in enumerate(self.taps):
            for k, row in enumerate(tap.index.tolist()):
                if self._gid(tap.block, row) == gid:
                    found.append(tap.probe(row, f"{number}-{k}"))
        return found
