"""The nine methods on NEST."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import count
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from cawan.errors import Stopped
from cawan.simulator import (
    Block,
    Edges,
    Index,
    NativeModel,
    Option,
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
from pyNN.errors import PyNNError
from pyNN.interrupts import interrupts_wait

from pynn_nest.blocks import Cells, Synapses, kept_apart, make_cells
from pynn_nest.composed import Ports, point_neuron
from pynn_nest.currents import Current, make_up, restore
from pynn_nest.drawn import Drawn, make_drawn
from pynn_nest.extensions import require_known
from pynn_nest.kernel import draw_from, keep_delay, nest, release, reset
from pynn_nest.models import MODELS, PRECISE
from pynn_nest.native import NATIVE, changed_alone, describe
from pynn_nest.plastic import QUANTAL, columns, post_trace
from pynn_nest.recordings import Meter, SourceTap, SpikeTap
from pynn_nest.sources import Source

BEAT_S = 0.15
PRECISION = Option("on_grid", "where spikes lie: on the steps of the clock, or between", ("on_grid", "off_grid"))
OWN_MODELS = 300  # blocks of synapses with a model of their own; more share one of each kind
AT_ONCE = 1e-3  # ms, a time constant that stands for none


class NestBackend(SimulatorBackend):
    """NEST, from its wheel; one kernel for each process."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "NEST"
    models: ClassVar[Mapping[str, NativeModel]] = MODELS
    options: ClassVar[Mapping[str, Option]] = MappingProxyType({"spike_precision": PRECISION})
    one_per_process: ClassVar[bool] = True
    exports: ClassVar[Mapping[str, str]] = {"nest": "pynn_nest.module:nest", "nestml": "pynn_nest.nestml"}
    _precise = False

    def setup(self, settings: Settings) -> None:
        """A new, empty kernel."""
        reset(settings)
        self._settings = settings
        self._timestep = settings.timestep
        self._precise = settings.options.get("spike_precision") == "off_grid"
        self._begun = False
        self._step = 0
        self._names = count()
        self._per_beat = 10
        self._sources: list[Source] = []
        self._currents: list[Current] = []
        self._drawn: list[Drawn] = []
        self._draws = False
        self._meters: list[Meter] = []

    def end(self) -> None:
        """Empty the kernel."""
        release()

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._step * self._timestep

    def delay_range(self) -> tuple[float, float]:
        """What the kernel fixed at the first advance."""
        if not self._delays_are_fixed():
            return self._settings.min_delay or self._timestep, self._settings.max_delay or float("inf")
        return float(nest().min_delay), float(nest().max_delay)

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Neurons, a spike source, or a current."""
        self._draw(model, tag)
        if model.injects:
            return make_cells(model, size, values)
        if model.name == "step_current_generator":
            current = Current(self._shortest(), self._timestep)
            current.assign(values, self.time)
            self._currents.append(current)
            return current
        if model.details == "drawn":
            drawn = make_drawn(model, size, values, self._timestep, self._step)
            self._drawn.append(drawn)
            return drawn
        if model.name == "spike_generator":
            source = Source([np.empty(0)] * size, self._timestep, self._precise)
            self._set_times(source, values["spike_times"], None)
            self._sources.append(source)
            return source
        return make_cells(model, size, values)

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, or that of a PointNeuron."""
        if name == "PointNeuron" and parts:
            return point_neuron(parts)
        if self._precise and name in PRECISE and not parts:
            return PRECISE[name]
        return super().resolve(name, parts)

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses in a model of their own, or the targets of a current."""
        if not isinstance(post, Cells):
            raise TypeError("only neurons receive")
        if isinstance(pre, Current) or (isinstance(pre, Cells) and pre.model.injects):
            self._inject(pre, post, wiring)
            return None
        self._draw(model, tag)
        own, label = self._own_model(model, pre)
        plastic = model.name != "static_synapse"
        tau = _receptor_tau(model, post, receptor)
        link = pre.new_link(plastic) if isinstance(pre, Source) and pre.size and post.size else None
        first = link.first if link else pre.first if isinstance(pre, Cells) else 0
        for edges in wiring.chunks():
            _connect(model, own, label, first, post, edges, wiring.common, tau, receptor)
        generators = pre.nodes if isinstance(pre, Cells) and own == model.name else None
        since = nest().biological_time if model.name == QUANTAL and model.details != NATIVE else None
        made = Synapses(own, first, post.first, post, generators, since, label)
        if link:
            link.synapses = made
        return made

    def _draw(self, model: NativeModel, tag: Tag) -> None:
        """Let NEST draw from the stream of the first block that it draws for: another stream in each trial."""
        if not model.keyed and not self._draws:
            self._draws = True
            draw_from(self._settings.seed, tag.stream)

    def _inject(self, source: Current | Cells, post: Cells, wiring: Wiring) -> None:
        """Attach a current of PyNN's, or one of NEST's own generators."""
        for edges in wiring.chunks():
            if isinstance(source, Current):
                source.attach(post, edges.post, self.time)
            else:
                nest().Connect(source.nodes, post.nodes[edges.post.tolist()], syn_spec={"delay": self._shortest()})

    def _own_model(self, model: NativeModel, pre: Block) -> tuple[str, int | None]:
        """A synapse model for one block, or one that many share and the block's label in it.

        NEST has room for some 430 models, and takes long to find a few connections among many. A generator of NEST
        takes no other model than that of its recorder.
        """
        if isinstance(pre, Cells) and pre.is_device and model.name == "static_synapse":
            return model.name, None
        if model.details == NATIVE:
            require_known(model.name, nest().synapse_models)
        number, shared = next(self._names), f"{model.name}_lbl"
        if number >= OWN_MODELS and shared in nest().synapse_models:
            return shared, number
        own = f"{model.name}_{number}"
        nest().CopyModel(model.name, own)
        return own, None

    def _delays_are_fixed(self) -> bool:
        """Whether NEST takes no other bounds any more: since its first step, or because it was given both."""
        return self._begun or (self._settings.min_delay is not None and self._settings.max_delay is not None)

    def _shortest(self) -> float:
        """The delay of connections that are not the user's."""
        return float(nest().min_delay) if self._delays_are_fixed() else self._timestep

    def _recorder_delay(self) -> float:
        """The delay of recorders: 1 ms where it is free, so that the kernel need not exchange spikes more often."""
        free = max(1, round(1.0 / self._timestep)) * self._timestep
        return self._shortest() if self._delays_are_fixed() else free

    def describe(self, spec: object) -> NativeModel:
        """One of NEST's own models, by its name."""
        return describe(str(spec))

    def handles(self, block: Block, index: Index | None = None) -> Any:
        """The NodeCollection of neurons, the connections of synapses."""
        if isinstance(block, Cells):
            return block.nodes if index is None or block.nodes is None else block.nodes[index.tolist()]
        if isinstance(block, Synapses):
            return block.found()
        raise PyNNError("A spike source or current is several generators on NEST, one for each projection.")

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        if isinstance(block, Cells | Synapses):
            return block.read(names, index)
        raise TypeError("a source has no state")

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        if isinstance(block, Drawn):
            block.change(values, index, self._step)
        elif isinstance(block, Cells | Synapses):
            block.assign(values, index)
        elif isinstance(block, Current):
            block.assign(values, self.time)
        elif isinstance(block, Source):
            self._set_times(block, values["spike_times"], index)

    def _set_times(self, source: Source, times: Values, index: Index | None) -> None:
        if not isinstance(times, Ragged):
            raise TypeError("spike_times is Ragged")
        source.replace(times, index, self.time, self._begun)

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        index = np.asarray(index, dtype=np.int64)
        if isinstance(block, Source):
            return SourceTap(block, index, self.time if self._begun else -1.0)
        if not isinstance(block, Cells):
            raise TypeError("only neurons and sources are recorded")
        if variable == "spikes":
            return SpikeTap(block, index, self._recorder_delay())
        every = max(1, round(interval / self._timestep))
        meter = Meter(block, variable, index, self._step, every, self._timestep, self._recorder_delay())
        self._meters.append(meter)
        return meter

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new."""
        if not isinstance(recording, SpikeTap | SourceTap | Meter):
            raise TypeError("not a recording of this backend")
        if isinstance(recording, Meter):
            recording.look(self._step)
        found = recording.read(self.time if self._begun else -1.0)
        if stop:
            recording.stop()
            if isinstance(recording, Meter):
                self._meters.remove(recording)
        return found

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, until: float, pulse: Pulse) -> None:
        """In slices of about a sixth of a second; step by step where NEST needs a hand."""
        goal = round(until / self._timestep)
        if goal <= self._step:
            return
        with interrupts_wait():
            self._begin()
            for meter in self._meters:
                meter.look(self._step)
        last = max(1, round(nest().min_delay / self._timestep))
        try:
            self._run(goal, last, pulse)
        except BaseException:  # also Ctrl-C: what was simulated must be readable, the last min_delay of it too
            with interrupts_wait():
                self._run(self._step + last, last, None)
            raise

    def _run(self, goal: int, last: int, pulse: Pulse | None) -> None:
        """To ``goal``; the multimeters lack the last steps, so these are taken one by one and looked at."""
        beat = time.monotonic()
        while self._step < goal:
            before = goal - last - self._step
            # NEST draws cell by cell in stretches of min_delay: a beat that cut one would change what is drawn.
            whole = max((self._step + self._per_beat) // last, self._step // last + 1) * last - self._step
            self._slice(min(whole, before) if before > 0 else 1)
            if self._step > goal - last:
                for meter in self._meters:
                    meter.look(self._step)
            if pulse is not None and time.monotonic() - beat > BEAT_S:
                if not pulse():
                    raise Stopped(self.time + last * self._timestep)
                beat = time.monotonic()

    def _begin(self) -> None:
        if not self._begun:
            keep_delay(self._settings)
            for source in self._sources:
                source.begin(self._shortest())
            self._begun = True

    def _slice(self, steps: int) -> None:
        """Some steps at once, or one where currents need it."""
        helped = [current for current in self._currents if self.time < current.until - 1e-9]
        steps = 1 if helped else max(1, steps)
        began = time.monotonic()
        with interrupts_wait():
            steps = min([steps, *(drawn.tell(self._step) for drawn in self._drawn)])
            changed = make_up(helped, self.time)
            try:
                nest().Simulate(steps * self._timestep)
                self._step += steps
            except BaseException as error:
                self._step = round(nest().biological_time / self._timestep)
                if isinstance(error, nest().NESTErrors.NESTError):
                    raise PyNNError(f"NEST cannot go on at {self.time:g} ms. It says: {error}") from error
                raise
            finally:
                restore(changed)
        spent = time.monotonic() - began
        if steps > 1 or not helped:
            self._per_beat = int(min(max(1, steps * BEAT_S / max(spent, 1e-6)), 4 * max(self._per_beat, 1), 10_000_000))


def _receptor_tau(model: NativeModel, post: Cells, receptor: str) -> Any:
    """The time constant that a Tsodyks-Markram synapse of PyNN's takes over from each target; None for all others."""
    if model.name != "tsodyks_synapse" or model.details == NATIVE:
        return None
    port, ports = post.model.receptors[receptor].port, post.model.details
    if isinstance(ports, Ports) and isinstance(port, int):
        return post.lists[ports.decay][:, port - 1]
    if port is None:  # a weight that acts at once: what is active is inactive at once
        return np.full(post.size, AT_ONCE)
    return post.read([str(port)], None)[str(port)]


def _connect(
    model: NativeModel, own: str, label: int | None, first: int, post: Cells, edges: Edges,
    common: Mapping[str, float], tau: Any, receptor: str,
) -> None:  # fmt: skip
    """One chunk of rows."""
    if not len(edges.pre):
        return
    values = {
        name: np.array(np.broadcast_to(np.asarray(value, dtype=np.float64), edges.pre.shape))
        for name, value in changed_alone(model, {**common, **edges.values}).items()
    }
    trace = post_trace(model, values)
    if trace is not None:
        post.keep_trace(edges.post, trace)
    spec: dict[str, Any] = {"synapse_model": own, **columns(model, values)}
    if label is not None:
        spec["synapse_label"] = label
    port = post.model.receptors[receptor].port
    if isinstance(port, int):
        spec["receptor_type"] = port
    if tau is not None:
        spec["tau_psc"] = kept_apart(np.asarray(tau)[edges.post], spec["tau_rec"])
    nest().Connect(first + edges.pre, post.numbers(edges.post), "one_to_one", spec)
