"""The nine methods on NEURON."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from cawan.errors import Stopped
from cawan.logs import logger
from cawan.simulator import (
    Block,
    Index,
    NativeModel,
    Places,
    Pulse,
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

from pynn_neuron import building
from pynn_neuron.adjusters import Adjusted, Adjuster, connect_adjusted
from pynn_neuron.cells import Cells, tell_ports
from pynn_neuron.compartments import CHANNELS, SYNAPSES, Compartments, check_parts, make_compartments, make_spots
from pynn_neuron.currents import Current
from pynn_neuron.fans import Fan, connect_static
from pynn_neuron.gif import GifCells
from pynn_neuron.kernel import Place, hoc, many_objects, parallel, silence
from pynn_neuron.membranes import Membranes
from pynn_neuron.models import MODELS, point_neuron
from pynn_neuron.native import Artificial, OfSections, begin_natives, describe, make_native
from pynn_neuron.plastic import Processes, connect_plastic
from pynn_neuron.ranks import Ranks
from pynn_neuron.recordings import Probe, SpikeLog, Tap
from pynn_neuron.sources import Source, make_source
from pynn_neuron.synapses import Static

BEAT_S = 0.15
_MOST_STEPS = 1_000_000  # at a time: NEURON adds up its time step by step, with the rounding of each

_log = logger(__name__)


class NeuronBackend(SimulatorBackend):
    """NEURON, from its wheel; one network for each process."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "NEURON"
    models: ClassVar[Mapping[str, NativeModel]] = MODELS
    one_per_process: ClassVar[bool] = True
    exports: ClassVar[Mapping[str, str]] = {
        "h": "pynn_neuron.exports:h",
        "random": "pynn_neuron.random",
        "load_mechanisms": "pynn_neuron.building:load_mechanisms",
        "NativeCellType": "pynn_neuron.classes:NativeCellType",
        **{name: f"pynn_neuron.exports:{name}" for name in ("IntFire1", "IntFire2", "IntFire4")},
    }

    def __init__(self) -> None:
        self._place: Place | None = None
        self._forget()

    def _forget(self) -> None:
        self._blocks: list[Cells | Source | Current] = []
        self._synapses: list[Static | Fan | Processes | Adjusted] = []
        self._probes: list[Probe] = []
        self._logs: dict[int, SpikeLog] = {}
        self._far = Membranes()

    def setup(self, settings: Settings) -> None:
        """A new, empty network.

        Raises
        ------
        PyNNError
            Several processes were launched, and NEURON or mpi4py cannot reach the others.
        """
        if settings.threads > 1:
            _log.info("setup(threads=%d) means nothing on NEURON: use mpiexec for several processes.", settings.threads)
        self.end()
        self._timestep = settings.timestep
        self._ranks = Ranks()
        self._ranks.check()
        self._place = Place(settings)
        with silence():
            self._ranks.begin(settings.timestep)
        self._step = 0
        self._begun = False
        self._grown = False
        self._per_beat = 10

    def end(self) -> None:
        """Delete everything, and what sends before what receives: NEURON crashes over a NetCon without a target."""
        for listener in (*self._synapses, *self._logs.values(), *self._probes):
            listener.release()
        if self._place is not None:
            self._ranks.end()
        for block in reversed(self._blocks):
            block.release()
        self._forget()
        if self._place is not None:
            self._place.close()
            self._place = None

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._step * self._timestep

    # -- processes ------------------------------------------------------------------------------------------------

    @property
    def rank(self) -> int:
        """Number of this process."""
        return self._ranks.rank

    @property
    def size(self) -> int:
        """Processes in all."""
        return self._ranks.size

    def local(self, block: Block) -> Index:
        """The rows that this process computes; of sources, which all have, a share of its own."""
        if isinstance(block, Source):
            return self._ranks.share(block.size)
        if isinstance(block, Cells):
            return np.array(block.rows_here(), dtype=np.int64)
        raise TypeError("only cells and sources are shared between processes")

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Cells, a spike source, or a current."""
        segment = self._there().segment
        self._grown = True
        if isinstance(model.details, Artificial | OfSections):
            self._not_begun(model.name)
            return self._keep(make_native(model, size, values, tag.stream, self._ranks.own(size)))
        if model.name == "MultiCompartmentNeuron":
            self._not_begun("cells of many compartments")
            with many_objects():
                return self._keep(make_compartments(model, size, values, tag.stream, self._ranks.own(size)))
        building.load(model.name, _standard_name(model))
        with many_objects():
            return self._keep(self._make(model, size, values, tag.stream, segment))

    def _not_begun(self, what: str) -> None:
        if self._begun:
            raise PyNNError(f"NEURON begins {what} at time 0. Make these before the first run().")

    def place(self, cells: Block, places: Places) -> Block:
        """Places on cells of many compartments."""
        if not isinstance(cells, Compartments):
            raise TypeError("only cells of many compartments have places")
        if places.receptor:
            self._not_begun("receptors in sections")
        self._grown = True
        return self._keep(make_spots(cells, places))

    def _make(
        self, model: NativeModel, size: int, values: Mapping[str, Values], stream: int, segment: Any
    ) -> Cells | Source | Current:
        if model.name == "CawanCurrent":
            current = Current(segment)
            current.assign(values, self.time)
            return current
        if model.name in ("CawanSource", "CawanPoisson"):
            return make_source(model, size, values, self._timestep, stream)
        make, mine = getattr(hoc(), model.name), self._ranks.own(size)
        kind = GifCells if model.name == "CawanGIF" else Cells
        here = np.ones(size, dtype=bool) if mine is None else mine
        cells = kind(model, [make(segment) if own else None for own in here], stream, mine=mine)
        tell_ports(cells)
        if isinstance(cells, GifCells):
            cells.number()
        cells.change(values, None)
        return cells

    def _keep(self, block: Cells | Source | Current) -> Block:
        self._blocks.append(block)
        return block

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses, or the targets of a current."""
        if not isinstance(post, Cells):
            raise TypeError("only cells receive")
        if isinstance(pre, Current):
            for edges in wiring.chunks():
                pre.attach(post, edges.post)
            return None
        if not isinstance(pre, Cells | Source):
            raise TypeError("only cells and sources fire")
        self._grown = True
        for end in (pre, post) if model.symmetric else (pre,):
            if isinstance(end, Cells):
                self._ranks.announce(end)
        if isinstance(model.details, Adjuster):
            self._not_begun("mechanisms of your own")
        elif model.name != "NetCon":
            building.load(model.name, _standard_name(model))
        made: Static | Fan | Processes | Adjusted
        segment = self._there().segment
        with many_objects():
            if model.name == "NetCon":
                made = connect_static(pre, post, receptor, wiring, self._timestep)
            elif isinstance(model.details, Adjuster):
                made = connect_adjusted(model, pre, post, receptor, wiring, self._timestep, segment)
            else:
                made = connect_plastic(
                    model, pre, post, receptor, wiring, self._timestep, segment, tag.stream, self._far
                )
        self._synapses.append(made)
        return made

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, that of a PointNeuron, or of a cell of many compartments."""
        if name == "MultiCompartmentNeuron":
            row = compartments_row(parts, (*CHANNELS, *SYNAPSES), self.name)
            check_parts(dict(part.split("=") for part in parts))
            return row
        if name == "PointNeuron" and parts:
            return point_neuron(parts)
        return super().resolve(name, parts)

    def describe(self, spec: object) -> NativeModel:
        """An artificial cell or a mechanism that adjusts weights, by its name, or a Python class of cells."""
        return describe(spec)

    def handles(self, block: Block, index: Index | None = None) -> list[Any]:
        """NEURON's objects: point processes of cells, artificial cells of sources, NetCons of static synapses."""
        if isinstance(block, Fan):
            with many_objects():
                found = block.plain(self.time)
        elif isinstance(block, Cells | Source | Static | Processes | Adjusted):
            found = block.netcons if isinstance(block, Static) else block.objects
        else:
            raise PyNNError("A current has no object of its own to reach.")
        return list(found) if index is None else [found[row] for row in index.tolist()]

    def _there(self) -> Place:
        if self._place is None:
            raise TypeError("setup() comes first")
        return self._place

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        if isinstance(block, Cells | Static | Fan | Processes | Adjusted):
            return block.read(names, index)
        raise TypeError("a source has no state")

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        if isinstance(block, Static | Fan):
            block.assign(values, index, self.time if self._begun else -1.0)
            self._grown = True
        elif isinstance(block, Cells):
            block.change(values, index)
        elif isinstance(block, Processes | Adjusted):
            block.assign(values, index)
        elif isinstance(block, Current):
            block.assign(values, self.time)
        elif isinstance(block, Source):
            block.assign(values, index, self.time if self._begun else -1.0)

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        if not isinstance(block, Cells | Source):
            raise TypeError("only cells and sources are recorded")
        index = np.asarray(index, dtype=np.int64)
        if variable == "spikes":
            log = self._logs.setdefault(id(block), SpikeLog(block, self._timestep))
            return log.tap(index)
        if not isinstance(block, Cells):
            raise TypeError("a source has spikes alone")
        building.load("CawanProbe", f"recorder of {variable!r}")
        every = max(1, round(interval / self._timestep))
        probe = Probe(block, variable, index, every, self._step, self._timestep, self._there().segment)
        self._probes.append(probe)
        return probe

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new."""
        if not isinstance(recording, Tap | Probe) or recording not in (*self._probes, *self._taps()):
            raise TypeError("This is no recording of this simulation, or it was stopped.")
        found = recording.read(self._step)
        if stop:
            recording.stop()
            if isinstance(recording, Probe):
                self._probes.remove(recording)
        return found

    def _taps(self) -> list[Tap]:
        return [tap for log in self._logs.values() for tap in log.taps]

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, until: float, pulse: Pulse) -> None:
        """In slices of about a sixth of a second."""
        goal = round(until / self._timestep)
        if goal <= self._step:
            return
        with interrupts_wait():
            self._begin()
        beat = time.monotonic()
        while self._step < goal:
            going = True
            self._slice(min(self._per_beat, goal - self._step))
            if time.monotonic() - beat > BEAT_S:
                going = pulse()
                beat = time.monotonic()
            going, self._per_beat = self._ranks.agree(going, self._per_beat)
            if not going:
                raise Stopped(self.time)

    def _begin(self) -> None:
        """Tell NEURON what is new, and take the samples of now, which may have been set since."""
        for probe in self._probes:
            probe.look(self._step)
        if self._grown:
            self._there().settle()
            self._far.settle()
            self._grown = False
        if not self._begun:
            begin_natives((*self._blocks, *self._synapses), lambda: self._ranks.begin(self._timestep))
        for block in self._blocks:
            if isinstance(block, Source):
                block.tell(self.time)
        self._begun = True

    def _slice(self, steps: int) -> None:
        began = time.monotonic()
        with interrupts_wait():
            if self._far.needed:
                self._step_by_step(steps)
            else:
                self._solve(steps)
        spent = time.monotonic() - began
        self._per_beat = int(min(max(1, steps * BEAT_S / max(spent, 1e-6)), 4 * self._per_beat, _MOST_STEPS))


    def _solve(self, steps: int) -> None:
        hoc().t = self.time  # NEURON adds up steps, and with them their rounding
        parallel().psolve(self.time + (steps + 0.25) * self._timestep)
        self._step += steps

    def _step_by_step(self, steps: int) -> None:
        for _ in range(steps):
            self._far.exchange()
            self._solve(1)


def _standard_name(model: NativeModel) -> str:
    """PyNN's name of a row."""
    return next((name for name, row in MODELS.items() if row is model), model.name)
