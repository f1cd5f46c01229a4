"""What the tests of the kit are written with: a small network on the bare backend, in PyNN's names and units."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.kit import Kit
from cawan.simulator import (
    Array,
    Block,
    Edges,
    NativeModel,
    Ragged,
    Samples,
    Settings,
    SimulatorBackend,
    Spikes,
    Tag,
    Values,
    Wiring,
)

from pyNN.installed import has_model
from pyNN.parameters import Sequence as Times
from pyNN.simulator import Simulator
from pyNN.standardmodels.base import CellType, ModelType, SynapseType
from pyNN.standardmodels.catalogue import CELL_TYPES, SYNAPSE_TYPES
from pyNN.translation import defaults, to_native, to_pynn

STEP = 0.1  # ms
Chunk = tuple[Sequence[int], Sequence[int], Mapping[str, Sequence[float]]]


def ragged(*rows: Sequence[float]) -> Ragged:
    """Rows of numbers."""
    splits = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return Ragged(np.concatenate([np.empty(0), *(np.array(row, dtype=float) for row in rows)]), splits)


def go_on() -> bool:
    """A pulse that never stops."""
    return True


class Bench:
    """One backend that is set up, driven through its nine methods."""

    def __init__(self, backend: SimulatorBackend, timestep: float) -> None:
        self.backend, self.timestep = backend, timestep
        self._rows: dict[int, tuple[NativeModel, float]] = {}
        self._kept: list[Block] = []

    def cells(self, name: str | CellType, size: int = 1, stream: int = 1, **values: Any) -> Block:
        """Cells with PyNN's default parameters but these; ``v`` and other variables are initial values.

        ``name``: a standard model's, or an instance whose parameters are numbers.
        """
        celltype: Any = CELL_TYPES[name] if isinstance(name, str) else name
        model = self._resolve(name)
        own = {} if isinstance(name, str) else {key: _value(value) for key, value in name.given.items()}
        state = {key: value for key, value in values.items() if key in celltype.variables}
        given = {key: _value(value) for key, value in values.items() if key not in state}
        full: dict[str, Values] = {**{key: _value(p.default) for key, p in celltype.parameters.items()}, **own, **given}
        if not celltype.parameters or "spike_times" in celltype.parameters:
            full = {"spike_times": ragged(*([[]] * size)), **given}
        native = {**defaults(model), **to_native(model, full)}
        block = self._keep(self.backend.create(model, size, native, Tag(model.name, stream)), model)
        start = {**_starts(celltype, model, full), **{key: _value(value) for key, value in state.items()}}
        if start and size:
            self.backend.set(
                block, {model.variables[k].name: _scaled(v, model.variables[k].scale) for k, v in start.items()}
            )
        return block

    def source(self, *rows: Sequence[float]) -> Block:
        """A SpikeSourceArray with one row of spike times each."""
        return self.cells("SpikeSourceArray", len(rows), spike_times=ragged(*rows))

    def connect(
        self, pre: Block, post: Block, chunks: Sequence[Chunk], receptor: str = "excitatory",
        synapse: str | SynapseType = "StaticSynapse", passing: list[weakref.ref[Any]] | None = None,
        stream: int = 2, **common: float,
    ) -> Block:  # fmt: skip
        """Synapses from chunks of (pre, post, values of each row), and values that all rows share.

        ``synapse``: a standard type's name, or an instance whose parameters are numbers. ``passing`` gets a weak
        reference to every array that is handed over, each made when its chunk is asked for.
        """
        model = self._resolve(synapse)
        cell, _ = self._rows[id(post)]
        scale = cell.receptors[receptor].weight_scale
        if isinstance(synapse, str):
            shared = {key: p.default for key, p in SYNAPSE_TYPES[synapse].parameters.items() if p.default is not None}
        else:
            shared = {key: value for key, value in synapse.given.items() if value is not None}
        given = {name for _, _, values in chunks for name in values}
        shared = {key: value for key, value in {**shared, **common}.items() if key not in given}
        native = {**defaults(model), **to_native(model, shared, scale)}

        def iterate() -> Iterator[Edges]:
            for i, j, values in chunks:
                rows = {k: np.array(v, dtype=np.float64) for k, v in values.items()}
                edges = Edges(_index(i), _index(j), to_native(model, rows, scale))  # type: ignore[arg-type]  # arrays in, arrays out
                if passing is not None:
                    passing.extend(weakref.ref(array) for array in (edges.pre, edges.post, *edges.values.values()))
                del rows
                yield edges
                del edges

        wiring = Wiring(iterate, native, size=sum(len(i) for i, _, _ in chunks))  # type: ignore[arg-type]  # numbers
        block = self.backend.connect(model, pre, post, receptor, wiring, Tag(model.name, stream))
        return self._keep(block, model, scale)

    def inject(self, post: Block, index: Sequence[int], times: Sequence[float], amplitudes: Sequence[float]) -> Block:
        """A piecewise-constant current (ms, nA) into these cells."""
        model = self._resolve("StepCurrentSource")
        native = to_native(model, {"times": ragged(times), "amplitudes": ragged(amplitudes)})
        block = self._keep(self.backend.create(model, 1, native, Tag("current", 3)), model)
        self.attach(block, post, index)
        return block

    def attach(self, current: Block, post: Block, index: Sequence[int]) -> None:
        """One more group of targets for a current."""
        edges = Edges(np.zeros(len(index), np.int64), _index(index))
        wiring = Wiring(lambda: iter([edges]), {}, size=len(index))
        self._keep(
            self.backend.connect(self._resolve("CurrentInjection"), current, post, "", wiring, Tag("injection", 4))
        )

    def set(self, block: Block, index: Sequence[int] | None = None, **values: Any) -> None:
        """Change parameters or variables, in PyNN's names and units."""
        model, scale = self._rows[id(block)]
        given: dict[str, Values] = {key: _value(value) for key, value in values.items()}
        native = to_native(model, given, scale)
        self.backend.set(block, native, None if index is None else _index(index))

    def get(self, block: Block, name: str, index: Sequence[int] | None = None) -> Array:
        """One variable or synapse parameter of each row, PyNN's unit."""
        model, scale = self._rows[id(block)]
        row = model.variables.get(name) or model.parameters.get(name)
        native = name if row is None else row.name
        found = self.backend.get(block, [native], None if index is None else _index(index))[native]
        value = found if row is None else to_pynn(row, found, scale)
        return np.atleast_1d(np.asarray(value, dtype=np.float64))

    def record(self, block: Block, variable: str, index: Sequence[int] = (0,), interval: float | None = None) -> Any:
        """Begin a recording; gives a function that reads what is new, in PyNN's units."""
        model, _ = self._rows[id(block)]
        spikes = variable == "spikes"
        native = "spikes" if spikes else model.variables[variable].name
        every = 0.0 if spikes else self.timestep if interval is None else interval
        handle = self.backend.record(block, native, _index(index), every)
        scale = 1.0 if spikes else model.variables[variable].scale

        def read(stop: bool = False) -> Any:
            found = self.backend.read(handle, stop)
            if isinstance(found, Samples):
                return Samples(found.index, found.start, found.interval, np.asarray(found.values) / scale, found.times)
            return found

        return read

    def variables(self, block: Block) -> frozenset[str]:
        """What can be recorded of a block, PyNN's names."""
        return frozenset(self._rows[id(block)][0].variables)

    def advance(self, until: float, pulse: Callable[[], bool] = go_on) -> None:
        """Run."""
        self.backend.advance(until, pulse)

    def _resolve(self, model: str | ModelType) -> NativeModel:
        name, parts = (model, ()) if isinstance(model, str) else model.composition
        try:
            return self.backend.resolve(name, parts)
        except LookupError:
            pytest.skip(f"{self.backend.name} has no {'+'.join((name, *parts))}")

    def _keep(self, block: Block, model: NativeModel | None = None, scale: float = 1.0) -> Block:
        self._kept.append(block)  # an object that lives keeps its id
        if model is not None:
            self._rows[id(block)] = model, scale
        return block


class KitTests(Kit):
    """Base of all tests: where the backend under test comes from."""

    backend: ClassVar[type[SimulatorBackend]]

    @staticmethod
    def expect_failure(reason: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """pytest's strict expected failure."""
        return pytest.mark.xfail(reason=reason, strict=True)

    @contextmanager
    def bench(self, timestep: float = STEP, **settings: Any) -> Iterator[Bench]:
        """A backend that is set up, and ended afterwards."""
        backend = self.backend()
        backend.setup(self.settings(timestep, **settings))
        try:
            yield Bench(backend, timestep)
        finally:
            backend.end()

    def settings(self, timestep: float = STEP, **settings: Any) -> Settings:
        """Settings with the backend's default options."""
        options = {name: option.default for name, option in self.backend.options.items()}
        return Settings(timestep=timestep, options=options, **settings)

    def simulator(self, **settings: Any) -> Simulator:
        """PyNN on the backend, for ``with``."""
        return Simulator(self.backend, **{"timestep": STEP, **settings})

    def needs(self, *models: str) -> None:
        """Skip where the table lacks a model."""
        for name in models:
            if not has_model(self.backend.models, name):
                pytest.skip(f"{self.backend.name} has no {name}")


def times_of(found: Spikes, row: int | None = None) -> Array:
    """Sorted spike times, of one row or of all, ms."""
    time = np.asarray(found.time, dtype=np.float64)
    return np.sort(time if row is None else time[np.asarray(found.index) == row])


def times(*values: float) -> Times:
    """Spike times as a script gives them."""
    return Times(values)


def _starts(celltype: Any, model: NativeModel, parameters: Mapping[str, Values]) -> dict[str, Values]:
    """Each variable at time 0 that the backend lets anybody set."""
    starts: dict[str, Values] = {}
    for key, variable in celltype.variables.items():
        if key in model.variables and variable.initial is not None:
            starts[key] = parameters[variable.initial] if isinstance(variable.initial, str) else variable.initial
    return starts


def _index(values: Sequence[int]) -> Any:
    return np.array(values, dtype=np.int64)


def _value(value: Any) -> Any:
    if isinstance(value, float | Ragged) or value is None:
        return value
    if isinstance(value, tuple):
        return ragged(value)
    return float(value) if np.ndim(value) == 0 else np.array(value, float)


def _scaled(value: Values, scale: float) -> Values:
    return value * scale if not isinstance(value, Ragged) else value
