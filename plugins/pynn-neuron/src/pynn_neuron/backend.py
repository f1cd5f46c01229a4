"""The nine methods on NEURON."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from cawan.errors import Stopped
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
from pyNN.parallel import launched

from pynn_neuron import building
from pynn_neuron.cells import Cells, tell_ports
from pynn_neuron.compartments import CHANNELS, SYNAPSES, Compartments, check_parts, make_compartments, make_spots
from pynn_neuron.currents import Current
from pynn_neuron.gif import GifCells
from pynn_neuron.kernel import Place, hoc, many_objects, parallel
from pynn_neuron.models import MODELS, point_neuron
from pynn_neuron.native import Artificial, OfSections, begin_natives, describe, make_native
from pynn_neuron.plastic import Processes, connect_plastic
from pynn_neuron.recordings import Probe, SpikeLog, Tap
from pynn_neuron.sources import Source, make_source
from pynn_neuron.synapses import Static, connect_static

BEAT_S = 0.15
_MOST_STEPS = 1_000_000  # at a time: NEURON adds up its time step by step, with the rounding of each

_log = logging.getLogger(__name__)


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
        self._synapses: list[Static | Processes] = []
        self._probes: list[Probe] = []
        self._logs: dict[int, SpikeLog] = {}

    def setup(self, settings: Settings) -> None:
        """A new, empty network.

        Raises
        ------
        PyNNError
            Several processes were launched, and each would compute the whole network.
        """
        if launched() > 1:
            raise PyNNError(
                f"{launched()} processes were launched, but pynn-neuron computes a network in one. Start the script "
                "without mpiexec."
            )
        if settings.threads > 1:
            _log.info("setup(threads=%d) means nothing on NEURON: the network is computed by one.", settings.threads)
        self.end()
        self._timestep = settings.timestep
        self._place = Place(settings)
        self._step = 0
        self._begun = False
        self._grown = False
        self._per_beat = 10

    def end(self) -> None:
        """Delete everything, and what sends before what receives: NEURON crashes over a NetCon without a target."""
        for block in (*self._synapses, *self._logs.values(), *self._probes, *reversed(self._blocks)):
            block.release()
        self._forget()
        if self._place is not None:
            self._place.close()
            self._place = None

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._step * self._timestep

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Cells, a spike source, or a current."""
        segment = self._there().segment
        self._grown = True
        if isinstance(model.details, Artificial | OfSections):
            self._not_begun(model.name)
            return self._keep(make_native(model, size, values, tag.stream))
        if model.name == "MultiCompartmentNeuron":
            self._not_begun("cells of many compartments")
            with many_objects():
                return self._keep(make_compartments(model, size, values, tag.stream))
        building.load(model.name, _standard_name(model))
        with many_objects():
            return self._keep(self._make(model, size, values, tag.stream, segment))

    def _not_begun(self, what: str) -> None:
        if self._begun:
            raise PyNNError(f"NEURON begins {what} at time 0. Make these cells before the first run().")

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
        make = getattr(hoc(), model.name)
        kind = GifCells if model.name == "CawanGIF" else Cells
        cells = kind(model, [make(segment) for _ in range(size)], stream)
        tell_ports(cells)
        if isinstance(cells, GifCells):
            cells.number()
        cells.assign(values, None)
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
        if model.name != "NetCon":
            building.load(model.name, _standard_name(model))
        made: Static | Processes
        with many_objects():
            if model.name == "NetCon":
                made = connect_static(pre, post, receptor, wiring, self._timestep)
            else:
                segment = self._there().segment
                made = connect_plastic(model, pre, post, receptor, wiring, self._timestep, segment, tag.stream)
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
        """One of NEURON's artificial cells by its name, or a Python class of cells."""
        return describe(spec)

    def handles(self, block: Block, index: Index | None = None) -> list[Any]:
        """NEURON's objects: point processes of cells, artificial cells of sources, NetCons of static synapses."""
        if not isinstance(block, Cells | Source | Static | Processes):
            raise PyNNError("A current has no object of its own to reach.")
        found = block.netcons if isinstance(block, Static) else block.objects
        return list(found) if index is None else [found[row] for row in index.tolist()]

    def _there(self) -> Place:
        if self._place is None:
            raise TypeError("setup() comes first")
        return self._place

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        if isinstance(block, Cells | Static | Processes):
            return block.read(names, index)
        raise TypeError("a source has no state")

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        if isinstance(block, Static):
            block.assign(values, index, self.time if self._begun else -1.0)
        elif isinstance(block, Cells | Processes):
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
            self._slice(min(self._per_beat, goal - self._step))
            if time.monotonic() - beat > BEAT_S:
                if not pulse():
                    raise Stopped(self.time)
                beat = time.monotonic()

    def _begin(self) -> None:
        """Tell NEURON what is new, and take the samples of now, which may have been set since."""
        for probe in self._probes:
            probe.look(self._step)
        if self._grown:
            self._there().settle()
            self._grown = False
        if not self._begun:
            begin_natives(self._blocks)
        for block in self._blocks:
            if isinstance(block, Source):
                block.tell(self.time)
        self._begun = True

    def _slice(self, steps: int) -> None:
        began = time.monotonic()
        with interrupts_wait():
            hoc().t = self.time  # NEURON adds up steps, and with them their rounding
            parallel().psolve(self.time + (steps + 0.25) * self._timestep)
            self._step += steps
        spent = time.monotonic() - began
        self._per_beat = int(min(max(1, steps * BEAT_S / max(spent, 1e-6)), 4 * self._per_beat, _MOST_STEPS))


def _standard_name(model: NativeModel) -> str:
    """PyNN's name of a row."""
    return next((name for name, row in MODELS.items() if row is model), model.name)
