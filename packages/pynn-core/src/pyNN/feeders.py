"""What the core computes while a simulation runs: spikes of Poisson sources, and currents, from keyed streams.

Backends get spike times and piecewise-constant currents, so that both are the same on every simulator, however a run
is cut into pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import ceil, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Array, Block, Edges, Index, Ragged, Tag, Values, Wiring

from pyNN.errors import PyNNError, StaleObjectError
from pyNN.random.streams import generator
from pyNN.standardmodels.cells import SpikeSourceArray, SpikeSourcePoisson

if TYPE_CHECKING:
    from pyNN.populations.group import Group
    from pyNN.populations.population import Population
    from pyNN.simulator import Simulator
    from pyNN.standardmodels.electrodes import StandardCurrentSource

WINDOW_MS = 100.0  # spikes of one window come from one substream: part of the format of the random streams
_EVENTS = 5_000_000  # spikes or current steps computed ahead; a longer run is cut into pieces of about this many
_NOISE_MS = 1000.0


def up_to_grid(times: Array, timestep: float) -> Array:
    """The first step of the clock that is not before each time."""
    return np.asarray(np.ceil(times / timestep - 1e-9) * timestep)


def ragged(size: int, rows: Index, times: Array) -> Ragged:
    """Rows of times from pairs of row and time."""
    order = np.lexsort((times, rows))
    splits = np.searchsorted(rows[order], np.arange(size + 1)).astype(np.int64)
    return Ragged(times[order], splits)


class PoissonTrains:
    """The spikes of one Poisson population: in window w of 100 ms, cell by cell, a Poisson number of uniform times.

    Substream w gives first the numbers for all cells, then the times; where parameters change, a new key begins.
    """

    def __init__(self, population: Population) -> None:
        self.population = population
        self.begin(0.0, population.values)

    def begin(self, now: float, values: Mapping[str, Values]) -> None:
        """Forget what lies after ``now``; from there on, these parameters."""
        self._key = self.population.identity.key("spike times")
        size = self.population.size
        self._rate, self._on, duration = (
            np.broadcast_to(np.asarray(values[name], dtype=np.float64), (size,))
            for name in ("rate", "start", "duration")
        )
        self._off = self._on + duration
        self._since = now
        self._until = floor_to(now, WINDOW_MS)
        self._rows, self._times = np.empty(0, np.int64), np.empty(0)

    def rebuild(self) -> None:
        """From time 0 again, with the parameters as they are and a new stream."""
        self.begin(0.0, self.population.values)

    def per_ms(self) -> float:
        """Expected spikes of all cells in one ms."""
        return float(self._rate.sum()) / 1000.0

    def after(self, now: float, until: float, timestep: float) -> Ragged | None:
        """All spikes after ``now`` that are known, once those up to ``until`` are; None where none is new."""
        if until <= self._until:
            return None
        rows, times = [self._rows], [self._times]
        for window in range(round(self._until / WINDOW_MS), ceil(until / WINDOW_MS - 1e-9)):
            new_rows, new_times = self._window(window)
            rows.append(new_rows)
            times.append(new_times)
            self._until = (window + 1) * WINDOW_MS
        all_rows, all_times = np.concatenate(rows), np.concatenate(times)
        keep = up_to_grid(all_times, timestep) > now + 1e-9
        self._rows, self._times = all_rows[keep], all_times[keep]
        return ragged(self.population.size, self._rows, up_to_grid(self._times, timestep))

    def _window(self, window: int) -> tuple[Index, Array]:
        source = generator(self._key, window)
        counts = source.poisson(self._rate * (WINDOW_MS / 1000.0))
        rows = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        times = window * WINDOW_MS + WINDOW_MS * source.random(len(rows))
        inside = (times > max(self._since, 0.0)) & (times >= self._on[rows]) & (times < self._off[rows])
        return rows[inside], times[inside]


class Injections:
    """One current source and the cells it is attached to."""

    def __init__(self, simulator: Simulator, source: StandardCurrentSource) -> None:
        self.simulator, self.source = simulator, source
        self._groups: list[Group] = []
        self._block: Block = None
        self._made = False
        self._until = 0.0
        self._generation = simulator.generation

    def attach(self, cells: Any) -> None:
        """Let the current flow into these cells from now on."""
        from pyNN.populations import ID, Group

        self.simulator.require("Injecting a current")
        groups: Iterable[Any] = [cells.as_view()] if isinstance(cells, ID) else [cells]
        if not isinstance(cells, Group | ID):
            groups = [cell.as_view() if isinstance(cell, ID) else cell for cell in cells]
        for group in groups:
            self._check(group)
            if not self._made:
                self._create()
            self._connect(group)
            self._groups.append(group)

    def _check(self, group: Any) -> None:
        from pyNN.populations import Group

        if not isinstance(group, Group) or not group.injectable:
            what = group.label if isinstance(group, Group) else repr(group)
            raise PyNNError(f"A current cannot be injected into {what!r}. Inject into cells with a membrane.")
        if self.simulator.generation != self._generation:
            raise StaleObjectError("The current source", type(self.source).__name__)
        for population, _ in group.parts():
            population.require("Injecting a current")
            if population.simulator is not self.simulator:
                raise PyNNError(f"{population.label!r} lives in another simulation than this current source.")

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
            for group in self._groups:
                self._connect(group)

    def feed(self, until: float) -> None:
        """Compute the current up to ``until``."""
        if self._made and self.source.endless and until > self._until:
            self._send(self._horizon(until))

    def _horizon(self, until: float) -> float:
        return floor_to(until, _NOISE_MS) + _NOISE_MS if self.source.endless else inf

    def _values(self, until: float) -> dict[str, Values]:
        now, timestep = self.simulator.time, self.simulator.timestep
        times, amplitudes = self.source.waveform(now, until, timestep)
        times = up_to_grid(times, timestep)
        last = np.append(np.diff(times) > 0.5 * timestep, True)  # of several in one step, the last
        self._until = until
        splits = np.array([0, int(last.sum())], dtype=np.int64)
        return {"times": Ragged(times[last], splits), "amplitudes": Ragged(amplitudes[last], splits)}

    def _send(self, until: float) -> None:
        self.simulator.backend.set(self._block, self._native(self._values(until)))

    def _native(self, values: dict[str, Values]) -> dict[str, Values]:
        from pyNN.translation import to_native

        return to_native(self.simulator.backend.resolve("StepCurrentSource"), values)

    def _create(self) -> None:
        backend, model = self.simulator.backend, self.simulator.backend.resolve("StepCurrentSource")
        values = self._native(self._values(self._horizon(self.simulator.time)))
        self._block = backend.create(model, 1, values, Tag(type(self.source).__name__, self.source.identity.nth))
        self._made = True

    def _connect(self, group: Group) -> None:
        backend = self.simulator.backend
        for population, index in group.parts():
            edges = Edges(np.zeros(len(index), np.int64), np.sort(index))

            def chunks(edges: Edges = edges) -> Iterator[Edges]:
                yield edges

            wiring = Wiring(chunks, {}, size=len(index))
            model = backend.resolve("CurrentInjection")
            backend.connect(model, self._block, population.block, "", wiring, Tag("injection", 0))


class Feeders:
    """All that is fed to the backend while it runs."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.trains: dict[int, PoissonTrains] = {}
        self.injections: list[Injections] = []

    def feeds(self, population: Population) -> bool:
        """Whether the core makes this population's spikes."""
        own = isinstance(population.celltype, SpikeSourcePoisson)
        return own and "spike_times" in population.native.parameters

    def values_of(self, population: Population) -> Mapping[str, Values]:
        """A population's parameters as its backend block takes them."""
        if self.feeds(population):
            if id(population) not in self.trains:
                self.trains[id(population)] = PoissonTrains(population)
            return {"spike_times": Ragged(np.empty(0), np.zeros(population.size + 1, np.int64))}
        times = population.values.get("spike_times")
        if isinstance(population.celltype, SpikeSourceArray) and isinstance(times, Ragged):
            on_grid = up_to_grid(times.data, self.simulator.timestep)
            rows = np.repeat(np.arange(len(times)), np.diff(times.splits))
            return {"spike_times": ragged(len(times), rows, on_grid)}
        return population.values

    def before_change(self, population: Population, values: Mapping[str, Values]) -> None:
        """A Poisson population gets new parameters from now on."""
        if self.feeds(population):
            self.trains[id(population)].begin(self.simulator.time, values)

    def rebuild(self) -> None:
        """Begin again at time 0."""
        for trains in self.trains.values():
            trains.rebuild()

    def horizon(self, until: float) -> float:
        """How far to feed and run in one piece."""
        per_ms = sum(trains.per_ms() for trains in self.trains.values())
        per_ms += sum(1 / self.simulator.timestep for injection in self.injections if injection.source.endless)
        ahead = max(WINDOW_MS, _EVENTS / per_ms) if per_ms else inf
        return min(until, self.simulator.time + ahead)

    def feed(self, until: float) -> None:
        """Hand over everything that happens up to ``until``."""
        now = self.simulator.time
        for trains in self.trains.values():
            times = trains.after(now, until, self.simulator.timestep)
            if times is not None and trains.population.size:
                name = trains.population.native.parameters["spike_times"].name
                self.simulator.backend.set(trains.population.block, {name: times})
        for injection in self.injections:
            injection.feed(until)


def floor_to(time: float, period: float) -> float:
    """The last multiple of ``period`` that is not after ``time``."""
    return float(np.floor(time / period + 1e-9) * period)
