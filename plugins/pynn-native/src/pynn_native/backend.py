"""The nine methods on the embedded engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from cawan.errors import Stopped, listing
from cawan.fast_dataclasses import dataclass, field, replace
from cawan.logs import logger
from cawan.simulator import (
    Block,
    Drive,
    Index,
    NativeModel,
    Option,
    Pulse,
    Ragged,
    Recording,
    Rule,
    Samples,
    Settings,
    SimulatorBackend,
    Spikes,
    Tag,
    Values,
    Wiring,
)
from pyNN.equations import CheckedCell
from pyNN.errors import InvalidValueError, NotFiniteError, PyNNError, RunawayError
from pyNN.parallel import communicator, rank_and_size
from pyNN.recipes import point_neuron_row

from pynn_native._engine import Arriving, Engine, Outcome, SampleTap, SpikeTap
from pynn_native.arrays import floats, integers
from pynn_native.drives import start_drive
from pynn_native.kernels import expanded
from pynn_native.models import MODELS, kind_of
from pynn_native.ranks import Exchange, share
from pynn_native.rules import can_be_procedural, engine_draw, engine_rule, expandable, halves

if TYPE_CHECKING:
    from pynn_native.custom_stepping import NumpyStep

_log = logger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """A block of cells: its number in the engine."""

    number: int
    model: NativeModel
    terms: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """A block of spike sources: its number in the engine."""

    number: int
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Current:
    """A current source: its number in the engine."""

    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Synapses:
    """A block of synapses: its number in the engine."""

    number: int
    procedural: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """A block of gap junctions: its number in the engine."""

    number: int


@dataclass(slots=True, eq=False)
class Tap:
    """One recording: the engine's, until it is stopped."""

    index: Index
    interval: float
    engine: SpikeTap | SampleTap | None = field(repr=False)


class NativeBackend(SimulatorBackend):
    """PyNN's embedded engine, in C++; any number of simulations in one process."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "native"
    models: ClassVar[Mapping[str, NativeModel]] = MODELS
    options: ClassVar[Mapping[str, Option]] = MappingProxyType(
        {
            "max_rate": Option(
                1000.0,
                "Mean rate over 100 ms, Hz, that stops a run, of ten cells or more that send to themselves, directly "
                "or not; float('inf'): none does.",
            ),
            "precision": Option(
                "double",
                "State and input of cells in 64 bits, or in 32.",
                ("double", "single"),
            ),
            "weights": Option(
                "double", "How static synapses keep weights that differ: in 8 bytes, or in 4.", ("double", "single")
            ),
            "connectivity": Option(
                "stored", "Whether static synapses are stored, or made anew at each use.", ("stored", "procedural")
            ),
            "equations": Option(
                "auto",
                "How cells from equations are solved; auto: compiled where there is a C++ compiler.",
                ("auto", "compiled", "numpy"),
            ),
        }
    )

    def __init__(self) -> None:
        self.setup(Settings())

    def setup(self, settings: Settings) -> None:
        """A new engine; the one before is released."""
        self._timestep = settings.timestep
        self._procedural = settings.options.get("connectivity") == "procedural"
        self._single = settings.options.get("precision") == "single"
        self._max_rate = _rate(settings.options.get("max_rate", inf))
        found = communicator()
        self._exchange = None if found is None else Exchange(found)
        self._rank, self._ranks = rank_and_size()
        self._engine = Engine(
            settings.timestep,
            settings.threads,
            self._max_rate,
            single_weights=settings.options.get("weights") == "single",
            single_state=self._single,
            rank=self._rank,
            ranks=self._ranks,
            exchange=self._exchange,
        )
        self._labels: list[str] = []
        self._equations = str(settings.options.get("equations", "auto"))
        self._steps: list[NumpyStep] = []  # of the engine that is now

    def end(self) -> None:
        """Release memory and threads."""
        self.setup(Settings(timestep=self._timestep))

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._engine.step * self._timestep

    # -- processes ------------------------------------------------------------------------------------------------

    @property
    def rank(self) -> int:
        """Number of this process."""
        return self._rank

    @property
    def size(self) -> int:
        """Processes in all."""
        return self._ranks

    def local(self, block: Block) -> Index:
        """The rows that this process computes; of sources, which all know, a share of its own."""
        if isinstance(block, Cells):
            return np.arange(*self._engine.local(block.number), dtype=np.int64)
        if isinstance(block, Sources):
            return share(block.size, self._rank, self._ranks)
        raise TypeError("Only cells and sources are shared between processes.")

    # -- network --------------------------------------------------------------------------------------------------

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """A block of cells or of sources, or one current."""
        if self._single and isinstance(model.details, CheckedCell):
            from pynn_native.custom_counting import counted

            model = replace(model, details=counted(model.details))
        block: Cells | Sources | Current
        if model.name == "StepCurrentSource" and model.details is None:
            block = Current(self._engine.create_current())
        elif model.name == "SpikeSourceArray" and model.details is None:
            block = Sources(self._engine.create_sources(size), size)
        else:
            block = Cells(self._create_cells(model, size), model)
            self._engine.seed_cells(block.number, *halves(tag.stream))
            self._labels.append(tag.label)
        self.set(block, values)
        if isinstance(model.details, CheckedCell) and isinstance(block, Cells) and not values:
            self._derive(block.number, model.details)  # of constants alone
        return block

    def _create_cells(self, model: NativeModel, size: int) -> int:
        if not isinstance(model.details, CheckedCell):
            return self._engine.create_cells(kind_of(model), size)
        from pynn_native.custom_cells import create, numpy_step  # 8 ms, in the import of every script

        step = numpy_step(model.details, self._equations, self._single)
        if step is not None:
            self._steps.append(step)
        return create(self._engine, model.details, size, self._timestep, step, self._single)

    def _derive(self, number: int, cell: CheckedCell) -> None:
        from pynn_native.custom_cells import derive

        derive(self._engine, number, cell, self._timestep)

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses, or the targets of a current."""
        if not isinstance(post, Cells):
            raise TypeError("Only cells receive.")
        if isinstance(pre, Current):
            for edges in wiring.chunks():
                self._engine.inject(pre.number, post.number, integers(edges.post))
            return None
        if not isinstance(pre, Cells | Sources) or (model.symmetric and not isinstance(pre, Cells)):
            raise TypeError("Only cells and sources send, and only cells have gap junctions.")
        port = 0 if model.symmetric else post.model.receptors[receptor].port
        if not isinstance(port, int):
            raise TypeError("A receptor's port is its number.")
        arriving = Arriving(self._engine, isinstance(pre, Sources), pre.number, post.number, port)
        rule = wiring.rule
        if rule is not None and expandable(rule) and not model.symmetric:
            return self._follow(rule, arriving, model, wiring, tag)
        for edges in wiring.chunks():
            columns = {name: floats(value) for name, value in edges.values.items()}
            arriving.add(integers(edges.pre), integers(edges.post), columns)
        if model.symmetric:
            return Gaps(arriving.connect_gaps(dict(wiring.common)))
        return Synapses(arriving.connect(model.name, dict(wiring.common), *halves(tag.stream)))

    def _follow(self, rule: Rule, arriving: Arriving, model: NativeModel, wiring: Wiring, tag: Tag) -> Synapses:
        """Synapses that a rule makes: now, or anew each time."""
        draws = [engine_draw(name, draw) for name, draw in rule.draws.items()]
        common = dict(wiring.common)
        if self._procedural and model.name == "StaticSynapse":
            if can_be_procedural(rule):
                return Synapses(arriving.procedural(engine_rule(rule), draws, common), procedural=True)
            drawn = f" with drawn {listing(rule.draws)}" if rule.draws else ""
            _log.warning("%s: synapses of %s%s are stored, not procedural.", tag.label, rule.kind, drawn)
        return Synapses(arriving.expand(model.name, engine_rule(rule), draws, common, *halves(tag.stream)))

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, or that of a PointNeuron."""
        if name == "PointNeuron" and parts:
            return point_neuron_row(parts)
        return super().resolve(name, parts)

    def describe(self, spec: object) -> NativeModel:
        """The row of a user's equations."""
        from pyNN.equations import equations_row

        return equations_row(spec)

    # -- state ----------------------------------------------------------------------------------------------------

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        rows = None if index is None else integers(index)
        if isinstance(block, Cells):
            return {name: self._engine.get_cells(block.number, name, rows) for name in names}
        if isinstance(block, Synapses):
            return {name: self._engine.get_synapses(block.number, name, rows) for name in names}
        if isinstance(block, Gaps):
            return {name: self._engine.get_gaps(block.number, name, rows) for name in names}
        raise TypeError("Only cells and synapses have values to read.")

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        rows = None if index is None else integers(index)
        if isinstance(block, Current):
            self._engine.set_current(block.number, _series(values["times"]).data, _series(values["amplitudes"]).data)
        elif isinstance(block, Sources):
            for value in values.values():
                times = _series(value)
                self._engine.set_spike_times(block.number, times.data, times.splits, rows)
        elif isinstance(block, Cells):
            for name, value in expanded(self._engine, block.number, block.model, block.terms, values, rows).items():
                self._engine.set_cells(block.number, name, floats(value), rows)
            if isinstance(block.model.details, CheckedCell) and block.model.details.parameters.keys() & values.keys():
                self._derive(block.number, block.model.details)
        elif isinstance(block, Synapses):
            self._set_synapses(block, values, rows)
        elif isinstance(block, Gaps):
            for name, value in values.items():
                self._engine.set_gaps(block.number, name, floats(value), rows)

    def _set_synapses(self, block: Synapses, values: Mapping[str, Values], rows: Index | None) -> None:
        for name, value in values.items():
            column = floats(value)
            if block.procedural and (rows is not None or len(column) != 1):
                raise PyNNError(
                    f"{name} of procedural synapses is one value for all, or drawn by their rule: what is made "
                    "anew each time cannot have values of its own. Use setup(connectivity='stored')."
                )
            self._engine.set_synapses(block.number, name, column, rows)

    def drive(self, sources: Block, drive: Drive) -> None:
        """Draw the spikes of these sources while the clock runs."""
        if not isinstance(sources, Sources):
            raise TypeError("Only sources are driven.")
        start_drive(self._engine, sources.number, drive, self._timestep)

    # -- recording ------------------------------------------------------------------------------------------------

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        rows = integers(index)
        if variable == "spikes" and isinstance(block, Cells | Sources):
            return Tap(rows, 0.0, self._engine.record_spikes(isinstance(block, Sources), block.number, rows))
        if not isinstance(block, Cells):
            raise TypeError("Only cells have variables to record.")
        every = max(1, round(interval / self._timestep))
        tap = self._engine.record_samples(block.number, variable, rows, every)
        return Tap(rows, every * self._timestep, tap)

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new."""
        if not isinstance(recording, Tap) or recording.engine is None:
            raise TypeError("This is no recording of this simulation, or it was stopped.")
        tap = recording.engine
        found: Spikes | Samples
        if isinstance(tap, SpikeTap):
            found = Spikes(*self._engine.read_spikes(tap))
        else:
            first, values = self._engine.read_samples(tap)
            found = Samples(recording.index, first * self._timestep, recording.interval, values)
        if stop:
            recording.engine = None
            if isinstance(tap, SpikeTap):
                self._engine.stop_spikes(tap)
            else:
                self._engine.stop_samples(tap)
        return found

    # -- the clock ------------------------------------------------------------------------------------------------

    def advance(self, until: float, pulse: Pulse) -> None:
        """To the step nearest to ``until``."""
        outcome = self._advance(round(until / self._timestep), pulse)
        if outcome == Outcome.stopped:
            raise Stopped(self.time)
        if outcome == Outcome.trouble:
            runaway, block, row, value, since = self._engine.trouble()
            label, times = self._labels[block], (since * self._timestep, self.time)
            if runaway:
                raise RunawayError(label, value, self._max_rate, *times)
            raise NotFiniteError(label, row, "v", value, *times)


    def _advance(self, goal: int, pulse: Pulse) -> Outcome:
        if not self._steps:
            return self._engine.advance(goal, pulse)
        from pynn_native.custom_stepping import raise_again

        def beat() -> bool:
            raise_again(self._steps)
            return pulse()

        try:
            return self._engine.advance(goal, beat)
        finally:
            raise_again(self._steps)


def _rate(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise InvalidValueError("setup", "max_rate", value, "a rate above 0 Hz; float('inf') for no limit")
    return float(value)


def _series(values: Values) -> Ragged:
    if not isinstance(values, Ragged):
        raise TypeError("A number is given here where a time series is needed.")
    return Ragged(floats(values.data), integers(values.splits))
