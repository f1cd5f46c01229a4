"""A simulation on one backend: the clock, and everything that was built on it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, isfinite
from types import MappingProxyType
from typing import Any

import numpy as np
from cawan.logs import logger
from cawan.simulator import (
    Block,
    Index,
    NativeModel,
    Settings,
    SimulatorBackend,
    SupportsDelays,
    SupportsDrive,
    SupportsRanks,
)

from pyNN.errors import (
    BackendBusyError,
    CallbackError,
    FixedNetworkError,
    NoSimulatorError,
    PyNNError,
    TimeError,
    UnavailableModelError,
)
from pyNN.feeders import Feeders, Injections
from pyNN.installed import has_model, simulators_with
from pyNN.namespace import bound_names
from pyNN.options import read_native_sources, read_recordings, read_settings
from pyNN.parallel import fail_together
from pyNN.populations import Group, Population
from pyNN.progress import RunProgress
from pyNN.projections import Projection
from pyNN.projections.singly import SingleValues
from pyNN.random.streams import Identity, StreamCounts
from pyNN.recording.spool import Recordings
from pyNN.refusals import chosen
from pyNN.reporting import report_activity, report_network, report_setup
from pyNN.standardmodels import ModelType
from pyNN.standardmodels.cells import RandomSource
from pyNN.state import State

_log = logger(__name__)
_live: weakref.WeakValueDictionary[type[SimulatorBackend], Simulator] = weakref.WeakValueDictionary()

Callback = Callable[[float], float]


class Simulator:
    """One simulation: ``setup`` begins it, ``end`` releases it. Its names are those of ``pyNN.<simulator>``.

    Parameters
    ----------
    backend
        The backend's class, or the name of an installed one.
    settings
        What ``setup`` takes; used by ``with Simulator(...) as sim:``, which sets up and ends.
    """

    def __init__(self, backend: type[SimulatorBackend] | str, **settings: Any) -> None:
        if isinstance(backend, str):
            from pyNN._importer import backends

            backend = backends().load(backend)
        self.backend_class = backend
        self.name = backend.name
        self.instead_of = ""  # the name that the script imported, where the notebook gave it another simulator
        self._arguments = settings
        self._backend: SimulatorBackend | None = None
        self._ask()
        self.generation = 0
        self.settings = Settings()
        self.names: Mapping[str, Any] = MappingProxyType(bound_names(self))
        self._forget()

    def _ask(self) -> None:
        """Note what the backend can do, once it is set up: to ask takes 25 µs each time, and is of use in each step."""
        self._ranks = self._backend if isinstance(self._backend, SupportsRanks) else None
        self.driver = self._backend if isinstance(self._backend, SupportsDrive) else None

    def _forget(self) -> None:
        self._counts = StreamCounts()
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.feeders = Feeders(self)
        self.unwritten: dict[int, SingleValues] = {}  # of connections, set one by one since the last step
        self._files: list[tuple[Group, Any, Any]] = []
        self._cells = 0
        self.started = False
        self._calling = False
        self._progress = RunProgress(0.0, 0.0)
        self.segment_counter = 0
        self.native_sources: frozenset[str] = frozenset()  # random sources that the simulator draws itself
        self.recordings = Recordings()

    # -- life -----------------------------------------------------------------------------------------------------

    def setup(
        self, timestep: float = 0.1, min_delay: float | str | None = "auto", max_delay: float | str | None = "auto",
        **extra_params: Any,
    ) -> int:  # fmt: skip
        """Begin a new simulation; everything of the one before is forgotten.

        Parameters
        ----------
        timestep, min_delay, max_delay
            ms; "auto" for the delays: from one timestep, without an upper bound.
        extra_params
            ``seed`` (0), ``threads`` (1), ``native_poisson`` (False; True: the simulator draws the spikes of random
            sources that it has itself, others than elsewhere), ``recordings`` ("memory"; "disk" or a folder: what is
            recorded waits in files, and is read from there), and the backend's options.

        Returns
        -------
        int
            The number of this process.
        """
        self._not_in_callback("setup()")
        settings = read_settings(timestep, min_delay, max_delay, extra_params, self.backend_class.options, self.name)
        native_sources = read_native_sources(extra_params, self.backend_class.models, self.name)
        recordings = Recordings(read_recordings(extra_params))
        if self.backend_class.one_per_process:
            other = _live.get(self.backend_class)
            if other is not None and other is not self and other._backend is not None:
                raise BackendBusyError(self.name)
            _live[self.backend_class] = self
        self._close()
        self._forget()
        self.native_sources, self.recordings = native_sources, recordings
        self.settings = settings
        if self._backend is None:
            self._backend = self.backend_class()
        self._backend.setup(settings)
        self._ask()
        fail_together()
        report_setup(self)
        return self.rank()

    def end(self, compatible_output: bool = True) -> None:
        """Write the files that ``record(to_file=…)`` asked for, and release the simulator."""
        self._not_in_callback("end()")
        if self._backend is None:
            return
        for group, variables, io in self._files:
            group.write_data(io, variables)
        self._files = []
        report_network(self)
        self._close()
        backend, self._backend = self._backend, None
        self._ask()
        backend.end()

    def _close(self) -> None:
        """This simulation is over: fetch what was recorded, so that it can be read later; nothing can be changed."""
        if self._backend is not None:
            for injections in self.feeders.injections:
                injections.freeze()
            for population in self.populations:
                try:
                    population.recorder.freeze()
                except Exception as error:  # noqa: BLE001 - a broken simulator must not keep the next from starting
                    _log.warning("What was recorded from %r last cannot be read: %s", population.label, error)
            report_activity(self)
        self.generation += 1

    def report_unended(self) -> None:
        """Tell the notebook what was recorded by a script that did not call ``end()``."""
        if self._backend is not None:
            report_activity(self)

    def __enter__(self) -> Simulator:
        self.setup(**self._arguments)
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def backend(self) -> SimulatorBackend:
        """The backend of the simulation that is set up."""
        if self._backend is None:
            raise NoSimulatorError("This", self.name)
        return self._backend

    def require(self, what: str) -> None:
        """Refuse what needs a simulation where there is none."""
        if self._backend is None:
            raise NoSimulatorError(what, self.name)

    # -- the clock ------------------------------------------------------------------------------------------------

    @property
    def time(self) -> float:
        """Simulated time, ms."""
        return self.backend.time

    @property
    def state(self) -> State:
        """The same as plain attributes: ``state.t``, ``state.dt``, ``state.num_processes`` …"""
        return State(self)

    @property
    def timestep(self) -> float:
        """The step of the clock, ms."""
        return self.settings.timestep

    def run(self, simtime: float, callbacks: Sequence[Callback] | Callback | None = None) -> float:
        """Simulate for ``simtime`` ms; gives the time then.

        Parameters
        ----------
        callbacks
            Each is called with the time at the beginning and whenever the time it last returned has come.
        """
        return self.run_until(self.time + self._duration("simtime", simtime), callbacks)

    run_for = run

    def run_until(self, time_point: float, callbacks: Sequence[Callback] | Callback | None = None) -> float:
        """Simulate until ``time_point`` (ms); gives the time then."""
        now = self.time
        self._not_in_callback("run()")
        goal = self._duration("time_point", time_point)
        if goal < now - 0.5 * self.timestep:
            raise TimeError("time_point", time_point, f"{now:g} ms, the present, or later")
        goal = self._on_grid("The end of the run", goal)
        if not self.started:
            report_network(self)
        waiting = [(now, callback) for callback in _several(callbacks)]
        with RunProgress(now, goal) as self._progress:
            while waiting:
                waiting.sort(key=lambda item: item[0])
                due, callback = waiting.pop(0)
                if due > goal + 1e-9:
                    break
                self._advance(due)
                following = self._call(callback)
                if following is not None and following > due:
                    waiting.append((self._round(following), callback))
            self._advance(goal)
        return self.time

    def _call(self, callback: Callback) -> float | None:
        self._calling = True
        try:
            return callback(self.time)
        finally:
            self._calling = False

    def _not_in_callback(self, what: str) -> None:
        if self._calling:
            raise CallbackError(what)

    def _advance(self, until: float) -> None:
        """Go there, and stop on the way where values of synapses are to be sampled."""
        recorders = [projection.recorder for projection in self.projections if projection.recorder.segments[-1]]
        while recorders:
            due = min(recorder.next_due() for recorder in recorders)
            if due > until + 1e-9:
                break
            self._go(self._round(due))
            for recorder in recorders:
                recorder.sample()
        self._go(until)

    def _go(self, until: float) -> None:
        slack = 1e-6 * self.timestep
        while self.time < until - slack:
            self.started = True
            piece = self._round(self.feeders.horizon(self._before_recordings_are_many(until)))
            self.feeders.feed(piece)
            for values in list(self.unwritten.values()):
                values.write()
            if self.recordings.on_disk:  # now, since what was set after the last step is in the sample of its time
                for population in self.populations:
                    population.recorder.flush()
            self.backend.advance(piece, self._pulse)

    def _before_recordings_are_many(self, until: float) -> float:
        """Then what was recorded must be fetched, if it is kept on disk."""
        if not self.recordings.on_disk:
            return until
        recorded = sum(population.recorder.bytes_per_ms() for population in self.populations)
        return min(until, self.time + max(self.timestep, self.recordings.span(recorded)))

    def _pulse(self) -> bool:
        self._progress.show(self.time)
        return True  # Ctrl-C arrives here, in Python, and ends the advance

    def _duration(self, what: str, value: Any) -> float:
        if hasattr(value, "rescale"):
            value = float(value.rescale("ms"))
        if isinstance(value, str | bool) or value is None or not isfinite(float(value)) or float(value) < 0:
            raise TimeError(what, value, "a finite time, 0 or more")
        return float(value)

    def _round(self, time: float) -> float:
        return inf if time == inf else round(time / self.timestep) * self.timestep

    def _on_grid(self, what: str, time: float) -> float:
        rounded = self._round(time)
        if abs(rounded - time) > 1e-6 * self.timestep:
            _log.warning("%s, %g ms, lies between two steps of the clock; %g ms is used.", what, time, rounded)
        return rounded

    def reset(self, annotations: Mapping[str, Any] | None = None) -> None:
        """Go back to time 0 with the network as it stands: parameters stay, state and weights begin anew.

        Recorded data stay too, each run in its own segment; ``annotations`` are those of the segment that ends here.
        Random input is drawn anew.
        """
        self.require("reset()")
        self._not_in_callback("reset()")
        stop = self.time
        for population in self.populations:
            population.recorder.end_segment(stop, annotations or {})
        self.segment_counter += 1
        self.feeders.rebuild()
        backend = self.backend
        backend.setup(self.settings)
        self.started = False
        for population in self.populations:
            population.build()
        for injections in self.feeders.injections:
            injections.build()
        for projection in self.projections:
            projection.build()
            projection.recorder.end_segment()
            projection.recorder.sample()
        for population in self.populations:
            population.recorder.restart()

    # -- what a script asks ---------------------------------------------------------------------------------------

    def get_current_time(self) -> float:
        """Simulated time, ms."""
        return self.time

    get_time = get_current_time

    def get_time_step(self) -> float:
        """The step of the clock, ms."""
        self.require("get_time_step()")
        return self.timestep

    def get_min_delay(self) -> float:
        """The shortest delay that a synapse may have, ms; with "auto", that of the network once it runs."""
        self.require("get_min_delay()")
        if self.started and self.settings.min_delay is None:
            shortest = min((projection.delay_range()[0] for projection in self.projections), default=inf)
            if shortest < inf:
                return shortest
        return self.delay_limits()[0]

    def get_max_delay(self) -> float:
        """The longest delay that a synapse may have, ms; without a bound, the longest so far."""
        self.require("get_max_delay()")
        high = self.delay_limits()[1]
        if high is not None:
            return high
        return max([self.get_min_delay(), *(projection.delay_range()[1] for projection in self.projections)])

    def num_processes(self) -> int:
        """Processes that share the simulation."""
        return 1 if self._ranks is None else self._ranks.size

    def rank(self) -> int:
        """Number of this process, from 0."""
        return 0 if self._ranks is None else self._ranks.rank

    def local_rows(self, block: Block, size: int) -> Index:
        """Rows of a block that this process owns, increasing."""
        if self._ranks is not None and self._ranks.size > 1:
            return self._ranks.local(block)
        return np.arange(size, dtype=np.int64)

    def list_standard_models(self) -> list[str]:
        """Names of the standard cell types and spike sources that this simulator has."""
        from pyNN.standardmodels.catalogue import CELL_TYPES

        return sorted(name for name in CELL_TYPES if self.has_model(name))

    def has_model(self, name: str) -> bool:
        """Whether this simulator has a standard model, or the core makes it from one that it has."""
        return has_model(self.backend_class.models, name)

    # -- what is built --------------------------------------------------------------------------------------------

    def identity(self, kind: str, label: str | None) -> Identity:
        """Who a new object is, for its random streams."""
        return self._counts.identity(self.settings.seed, kind, label)

    def count_population(self) -> int:
        """Number of the next population without a label."""
        return len(self.populations)

    def number_cells(self, size: int) -> int:
        """The number of the first of ``size`` new cells."""
        self._cells += size
        return self._cells - size

    def add_population(self, population: Population) -> None:
        """Build a new population."""
        self._may_grow("add a Population")
        population.build()
        self._counts.made(population.identity)
        self.populations.append(population)

    def add_projection(self, projection: Projection) -> None:
        """Build a new projection."""
        self._may_grow("add a Projection")
        projection.build()
        self._counts.made(projection.identity)
        self.projections.append(projection)

    def add_source(self, injections: Injections) -> None:
        """Keep a new current source."""
        self.require("A current source")
        self._counts.made(injections.source.identity)
        self.feeders.injections.append(injections)

    def _may_grow(self, what: str) -> None:
        if self.started and not self.backend.grows:
            raise FixedNetworkError(what, self.name)

    def delay_limits(self) -> tuple[float, float | None]:
        """Shortest and longest (None: no bound) delay of a new synapse, ms."""
        low = self.settings.min_delay or self.timestep
        high = self.settings.max_delay
        if self.started and isinstance(self._backend, SupportsDelays):
            lowest, highest = self._backend.delay_range()
            low = max(low, lowest)
            if highest < inf:
                high = highest if high is None else min(high, highest)
        return low, high

    def resolve(self, model: ModelType) -> NativeModel:
        """The backend's row of a model.

        Raises
        ------
        UnavailableModelError
            Naming the installed simulators that have it.
        """
        own = getattr(type(model), "native_model", None)
        if own is not None:
            return own  # type: ignore[no-any-return]  # what the backend described
        name, parts = model.composition
        if isinstance(model, RandomSource) and name not in self.native_sources:
            name, parts = "SpikeSourceArray", ()
        try:
            row = self.backend.resolve(name, parts)
            check_fixed(model, row, self.name, name)
            return model.complete(row)
        except LookupError as error:
            wanted = "+".join((name, *parts))
            reason = "" if isinstance(error, KeyError) else str(error)  # a KeyError is a name that a table lacks
            told = wanted if parts and not reason else f"This {name}" if parts else type(model).__name__
            raise UnavailableModelError(told, self.name, simulators_with(wanted), reason) from error

    def write_at_end(self, group: Group, variables: Any, io: Any) -> None:
        """Write these data when the simulation ends."""
        from pyNN.recording.neo_blocks import check_file

        check_file(io)
        self._files.append((group, variables, io))

    def __getattr__(self, name: str) -> Any:
        names = self.__dict__.get("names", {})
        if name in names:
            return names[name]
        raise AttributeError(f"A Simulator has no attribute {name!r}.")


def check_fixed(model: ModelType, row: NativeModel, simulator: str, name: str) -> None:
    """Refuse a value of what a simulator does not let anybody set: a parameter without a row, the rest as it is."""
    if name == "SpikeSourceArray" or row.computed is not None:
        return
    for parameter in chosen(model.given, model.parameters):
        if parameter not in row.parameters:
            value, default = model.given[parameter], model.parameters[parameter].default
            raise PyNNError(
                f"{parameter!r} of {name} is {value!r}. On {simulator} it is always {default!r}: leave it out, "
                "or choose another simulator."
            )


def _several(callbacks: Sequence[Callback] | Callback | None) -> Iterable[Callback]:
    if callbacks is None:
        return ()
    if callable(callbacks):
        return (callbacks,)
    for callback in callbacks:
        if not callable(callback):
            raise PyNNError(f"A callback is {callback!r}. It must be a function of the time.")
    return callbacks
