"""What the core computes while a simulation runs: spikes of random sources, and currents, from keyed streams.

Backends get spike times and piecewise-constant currents, so that both are the same on every simulator, however a run
is cut into pieces.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from cawan.simulator import Block, Edges, Index, NativeModel, Ragged, Tag, Values, Wiring

from pyNN.errors import NotInjectableError, PyNNError, StaleObjectError
from pyNN.standardmodels.cells import RandomSource, SpikeSourceArray
from pyNN.trains import WINDOW_MS, Trains, floor_to, make_trains, ragged, up_to_grid

if TYPE_CHECKING:
    from pyNN.populations.group import Group
    from pyNN.populations.population import Population
    from pyNN.random.streams import Identity
    from pyNN.simulator import Simulator
    from pyNN.standardmodels.electrodes import StandardCurrentSource

_EVENTS = 1_000_000  # spikes or current steps computed ahead; a longer run is cut into pieces of about this many
_NOISE_MS = 1000.0


class CurrentSource(Protocol):
    """What can be attached to cells."""

    identity: Identity

    @property
    def endless(self) -> bool:
        """Whether it changes without end, so that it is computed piece by piece."""
        ...

    def draw_anew(self) -> None:
        """Another trial begins."""
        ...


class Injections(ABC):
    """One current source and the cells it is attached to."""

    def __init__(self, simulator: Simulator, source: CurrentSource) -> None:
        self.simulator, self.source = simulator, source
        self._groups: list[tuple[Group, Any]] = []
        self._block: Block = None
        self._made = False
        self._until = 0.0
        self._generation = simulator.generation
        self.timestep = simulator.timestep
        self._ended: float | None = None

    def now(self) -> float:
        """The time, ms; that at which it ended, of a simulation that is over."""
        return self.simulator.time if self._ended is None else self._ended

    def freeze(self) -> None:
        """The simulation is about to end."""
        self._ended = self.now()

    def attach(self, cells: Any, location: Any = None) -> None:
        """Let the current flow into these cells from now on, at a place on them."""
        from pyNN.populations import ID, Group

        self.simulator.require("Injecting a current")
        groups: Iterable[Any] = [cells.as_view()] if isinstance(cells, ID) else [cells]
        if not isinstance(cells, Group | ID):
            groups = [cell.as_view() if isinstance(cell, ID) else cell for cell in cells]
        for group in groups:
            self._check(group)
            for population, index in group.parts() if location is not None else ():
                population.places.at(location, index)
            if not self._made:
                self._create()
            self._connect(group, location)
            self._groups.append((group, location))

    def _check(self, group: Any) -> None:
        from pyNN.populations import Group

        if not isinstance(group, Group) or not group.injectable:
            what = group.label if isinstance(group, Group) else repr(group)
            raise NotInjectableError(what)
        if self.simulator.generation != self._generation:
            raise StaleObjectError("The current source", type(self.source).__name__)
        for population, _ in group.parts():
            population.require("Injecting a current")
            if population.simulator is not self.simulator:
                raise PyNNError(f"{population.label!r} lives in another simulation than this current source.")

    def known(self) -> tuple[float, float]:
        """From now until when the current is known, ms."""
        now = self.simulator.time
        return now, max(self._until, self._horizon(now)) if self._made else self._horizon(now)

    def changed(self) -> None:
        """The source has new parameters from now on."""
        if self._made:
            self._until = self.simulator.time
            self._send(self._horizon(self.simulator.time))

    def build(self) -> None:
        """Make the source and its connections again."""
        self._made = False
        self.source.draw_anew()
        if self._groups:
            self._create()
            for group, location in self._groups:
                self._connect(group, location)

    def feed(self, until: float) -> None:
        """Compute the current up to ``until``."""
        if self._made and self.source.endless and until > self._until:
            self._send(self._horizon(until))

    def _horizon(self, until: float) -> float:
        return floor_to(until, _NOISE_MS) + _NOISE_MS if self.source.endless else inf

    @abstractmethod
    def row(self) -> NativeModel:
        """What the backend makes of it."""

    @abstractmethod
    def values(self, until: float) -> Mapping[str, Values]:
        """Native values of the source, which hold up to ``until``."""

    def _send(self, until: float) -> None:
        self.simulator.backend.set(self._block, self.values(until))

    def _create(self) -> None:
        values = self.values(self._horizon(self.simulator.time))
        tag = Tag(type(self.source).__name__, self.source.identity.nth)
        self._block = self.simulator.backend.create(self.row(), 1, values, tag)
        self._made = True

    def _connect(self, group: Group, location: Any) -> None:
        for population, index in group.parts():
            if location is None:
                self._join(population.block, np.sort(index))
                continue
            for placement in population.places.at(location, index):
                self._join(placement.block, placement.of(np.sort(index))[0])

    def _join(self, block: Block, rows: Index) -> None:
        edges = Edges(np.zeros(len(rows), np.int64), rows)

        def chunks() -> Iterator[Edges]:
            yield edges

        wiring = Wiring(chunks, {}, size=len(rows))
        backend = self.simulator.backend
        backend.connect(backend.resolve("CurrentInjection"), self._block, block, "", wiring, Tag("injection", 0))


class StepInjections(Injections):
    """A standard current source, as a piecewise-constant current."""

    def __init__(self, simulator: Simulator, source: StandardCurrentSource) -> None:
        super().__init__(simulator, source)
        self._standard = source

    def row(self) -> NativeModel:
        """What the backend makes of it."""
        return self.simulator.backend.resolve("StepCurrentSource")

    def values(self, until: float) -> Mapping[str, Values]:
        """Native values of the source, which hold up to ``until``."""
        from pyNN.translation import to_native

        now, timestep = self.simulator.time, self.simulator.timestep
        times, amplitudes = self._standard.waveform(now, until, timestep)
        times = up_to_grid(times, timestep)
        last = np.append(np.diff(times) > 0.5 * timestep, True)  # of several in one step, the last
        self._until = until
        self._standard.remember(times[last], amplitudes[last])
        splits = np.array([0, int(last.sum())], dtype=np.int64)
        steps = {"times": Ragged(times[last], splits), "amplitudes": Ragged(amplitudes[last], splits)}
        return to_native(self.row(), steps)


class Feeders:
    """All that is fed to the backend while it runs."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.trains: dict[int, Trains] = {}
        self._told: dict[int, int] = {}  # the streams that the backend draws itself, by population
        self.injections: list[Injections] = []

    def feeds(self, population: Population) -> bool:
        """Whether the core makes this population's spikes."""
        own = isinstance(population.celltype, RandomSource)
        return own and "spike_times" in population.model_row.parameters

    def values_of(self, population: Population) -> Mapping[str, Values]:
        """A population's parameters as its backend block takes them."""
        if self.feeds(population):
            if id(population) not in self.trains:
                self.trains[id(population)] = make_trains(population)
            return {"spike_times": Ragged(np.empty(0), np.zeros(population.size + 1, np.int64))}
        times = population.values.get("spike_times")
        if isinstance(population.celltype, SpikeSourceArray) and isinstance(times, Ragged):
            off_grid = self.simulator.settings.options.get("spike_precision") == "off_grid"
            given = times.data if off_grid else up_to_grid(times.data, self.simulator.timestep)
            rows = np.repeat(np.arange(len(times)), np.diff(times.splits))
            return {"spike_times": ragged(len(times), rows, given)}
        return population.values

    def before_change(self, population: Population, values: Mapping[str, Values]) -> None:
        """A random source gets new parameters from now on."""
        if self.feeds(population):
            self.trains[id(population)].begin(self.simulator.time, values)

    def rebuild(self) -> None:
        """Begin again at time 0."""
        for trains in self.trains.values():
            trains.rebuild()

    def horizon(self, until: float) -> float:
        """How far to feed and run in one piece."""
        per_ms = sum(trains.per_ms() for trains in self.trains.values() if not self._drives(trains))
        per_ms += sum(1 / self.simulator.timestep for injection in self.injections if injection.source.endless)
        ahead = max(WINDOW_MS, _EVENTS / per_ms) if per_ms else inf
        return min(until, self.simulator.time + ahead)

    def feed(self, until: float) -> None:
        """Hand over everything that happens up to ``until``."""
        now = self.simulator.time
        for trains in self.trains.values():
            if self._drives(trains):
                self._tell(trains)
                continue
            times = trains.after(now, until, self.simulator.timestep)
            if times is not None and trains.population.size:
                name = trains.population.model_row.parameters["spike_times"].name
                self.simulator.backend.set(trains.population.block, {name: times})
        for injection in self.injections:
            injection.feed(until)

    def _drives(self, trains: Trains) -> bool:
        """Whether the backend draws these trains itself."""
        return trains.stream is not None and self.simulator.driver is not None

    def _tell(self, trains: Trains) -> None:
        """Let the backend draw them, if they are new."""
        driver = self.simulator.driver
        if driver is None or trains.stream is None or self._told.get(id(trains)) == trains.stream:
            return
        driver.drive(trains.population.block, trains.drive())
        self._told[id(trains)] = trains.stream
