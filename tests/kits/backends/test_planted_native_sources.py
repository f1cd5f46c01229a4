"""Simulators that draw Poisson spikes themselves, each with a planted bug: the kit must fail, by just these tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import Native, NativeModel, Ragged, Settings, Spikes, Wiring
from pyNN._reference import ReferenceBackend
from pyNN._reference.models import MODELS
from pyNN.testing import BackendKit

UNTIL = 600.0  # ms, longer than any test of the kit runs such sources
DEFAULTS = {"rate": 1.0, "start": 0.0, "duration": 1e10, "tau_refrac": 0.0}


def row(name: str, *parameters: str) -> NativeModel:
    """A source that is drawn from the simulator's own generator."""
    return NativeModel(name, {key: Native(key) for key in parameters}, keyed=False)


OWN = MappingProxyType(
    {
        **MODELS,
        "SpikeSourcePoisson": row("poisson", "rate", "start", "duration"),
        "SpikeSourcePoissonRefractory": row("renewal", "rate", "start", "duration", "tau_refrac"),
    }
)


class Drawn:
    """A population of such sources: what it was told, and the array that fires for it."""

    def __init__(self, size: int, array: Any) -> None:
        self.size, self.array = size, array
        self.values = {name: np.full(size, value) for name, value in DEFAULTS.items()}


class NativePoisson(ReferenceBackend):
    """No bug: the reference, with trains drawn ahead from one generator for all."""

    interface: ClassVar[int] = 1
    models: ClassVar[Mapping[str, NativeModel]] = OWN

    def setup(self, settings: Settings) -> None:
        """A generator of its own."""
        super().setup(settings)
        self.seed, self.own = settings.seed, None

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """An array that fires as it was drawn."""
        if model.name not in ("poisson", "renewal"):
            return super().create(model, size, values, tag)
        if self.own is None:
            self.own = self.generator(tag.stream)
        none = Ragged(np.empty(0), np.zeros(size + 1, np.int64))
        drawn = Drawn(size, super().create(MODELS["SpikeSourceArray"], size, {"spike_times": none}, tag))
        self._owned[id(drawn)] = self._owned[id(drawn.array)]
        self.set(drawn, values)
        return drawn

    def generator(self, stream: int) -> np.random.Generator:
        """From the seed, and anew in each trial."""
        return np.random.default_rng([self.seed, stream])

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """New trains from now on for these rows, whose process has no memory."""
        if not isinstance(block, Drawn):
            super().set(block, values, index)
            return
        rows = np.arange(block.size) if index is None else index
        for name, value in values.items():
            block.values[name][rows] = value
        trains = [self.train(*(block.values[name][k] for name in DEFAULTS)) for k in rows]
        splits = np.cumsum([0, *map(len, trains)], dtype=np.int64)
        times = Ragged(np.concatenate([np.empty(0), *trains]), splits)
        super().set(block.array, {"spike_times": times}, rows)

    def train(self, rate: float, start: float, duration: float, dead: float) -> Any:
        """One train from now on."""
        begin, end = max(start, self.time), min(start + duration, UNTIL)
        if rate <= 0 or end <= begin:
            return np.empty(0)
        if not dead:
            return self.on_clock(self.own.uniform(begin, end, self.own.poisson(rate * (end - begin) / 1000.0)))
        count = int(2 * rate * (end - begin) / 1000.0) + 50
        times = begin + np.cumsum(dead + self.own.exponential(1000.0 / rate - dead, count))
        return self.on_clock(times[times < end])

    def on_clock(self, times: Any) -> Any:
        """Up to the next step."""
        return np.sort(np.ceil(times / self.timestep) * self.timestep)

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """From the array."""
        return super().connect(model, getattr(pre, "array", pre), post, receptor, wiring, tag)

    def record(self, block: Any, variable: str, index: Any, interval: float) -> Any:
        """Of the array."""
        return super().record(getattr(block, "array", block), variable, index, interval)


class TestNativePoisson(BackendKit):
    """Nothing to catch: those below differ from this one by what they do wrong alone."""

    backend = NativePoisson


class RateTenPercentHigh(NativePoisson):
    """Fires too often."""

    def train(self, rate: float, start: float, duration: float, dead: float) -> Any:
        """One train of a higher rate."""
        return super().train(1.1 * rate, start, duration, dead)


class TestRateTenPercentHigh(BackendKit):
    """Rate x 1.1."""

    backend = RateTenPercentHigh
    known_failures = {
        "test_native_poisson_has_its_rate_and_variance": "must catch: rate x 1.1",
        "test_native_poisson_with_dead_time_has_rate_and_intervals": "must catch: rate x 1.1",
    }


class OneNativeSpikeAStep(NativePoisson):
    """Fires once in a step, or not, as a comparison with a uniform number does."""

    def on_clock(self, times: Any) -> Any:
        """Each step once."""
        steps = np.unique(np.rint(super().on_clock(times) / self.timestep))
        return steps * self.timestep


class TestOneNativeSpikeAStep(BackendKit):
    """One spike a step."""

    backend = OneNativeSpikeAStep
    known_failures = {"test_native_poisson_has_its_rate_and_variance": "must catch: one spike a step"}


class OneTrainForAll(NativePoisson):
    """Gives every source of a population the same train."""

    def train(self, rate: float, start: float, duration: float, dead: float) -> Any:
        """The same numbers for each source."""
        self.own = self.generator(7)
        return super().train(rate, start, duration, dead)


class TestOneTrainForAll(BackendKit):
    """One train for all."""

    backend = OneTrainForAll
    known_failures = {
        "test_native_poisson_has_its_rate_and_variance": "must catch: one train for all",
        "test_native_poisson_depends_on_the_seed": "must catch: one train for all",
    }


class WindowOneStepLate(NativePoisson):
    """Hears of start and end through a relay."""

    def train(self, rate: float, start: float, duration: float, dead: float) -> Any:
        """One train, a step late."""
        return super().train(rate, start, duration, dead) + self.timestep


class TestWindowOneStepLate(BackendKit):
    """Window one step late."""

    backend = WindowOneStepLate
    known_failures = {
        "test_native_poisson_keeps_to_its_window": "must catch: window one step late",
        "test_native_poisson_changes_from_that_step_on": "must catch: window one step late",
    }


class DurationIsEnd(NativePoisson):
    """Takes the duration for the time at which the window ends."""

    def train(self, rate: float, start: float, duration: float, dead: float) -> Any:
        """One train of a window that is too short."""
        return super().train(rate, start, max(duration - start, 0.0), dead)


class TestDurationIsEnd(BackendKit):
    """Duration is end."""

    backend = DurationIsEnd
    known_failures = {"test_native_poisson_keeps_to_its_window": "must catch: duration is end"}


class ViewChangesAll(NativePoisson):
    """A view's rate goes to the whole population."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """The first value to everybody."""
        if isinstance(block, Drawn) and index is not None:
            values, index = {name: float(np.ravel(value)[0]) for name, value in values.items()}, None
        super().set(block, values, index)


class TestViewChangesAll(BackendKit):
    """View changes all."""

    backend = ViewChangesAll
    known_failures = {
        "test_native_poisson_keeps_to_its_window": "must catch: view changes all",
        "test_native_poisson_changes_from_that_step_on": "must catch: view changes all",
    }


class TrainForEachTarget(NativePoisson):
    """Draws another train for each projection, as generators that are no cells do."""

    def connect(self, model: NativeModel, pre: Any, post: Any, receptor: str, wiring: Wiring, tag: Any) -> Any:
        """From an array of its own."""
        if isinstance(pre, Drawn):
            other = self.create(OWN["SpikeSourcePoisson"], pre.size, {}, tag)
            self.set(other, {name: value.copy() for name, value in pre.values.items()})
            pre = other
        return super().connect(model, pre, post, receptor, wiring, tag)


class TestTrainForEachTarget(BackendKit):
    """Train for each target."""

    backend = TrainForEachTarget
    known_failures = {
        "test_native_poisson_is_one_train_for_all_its_targets": "must catch: train for each target",
        "test_native_poisson_drives_plastic_synapses": "must catch: train for each target",
    }


class RecordedBeforeTheRelay(NativePoisson):
    """Records what the generator sends, a step before the relay fires."""

    def read(self, recording: Any, stop: bool = False) -> Any:
        """A step early."""
        found = super().read(recording, stop)
        return Spikes(found.index, found.time - self.timestep) if isinstance(found, Spikes) else found


class TestRecordedBeforeTheRelay(BackendKit):
    """Recorded before the relay."""

    backend = RecordedBeforeTheRelay
    known_failures = {
        "test_native_poisson_is_one_train_for_all_its_targets": "must catch: recorded before the relay",
        "test_native_poisson_drives_plastic_synapses": "must catch: recorded before the relay",
        "test_native_poisson_keeps_to_its_window": "must catch: recorded before the relay",
    }


class SeedIgnored(NativePoisson):
    """Draws from the same seed always."""

    def generator(self, stream: int) -> np.random.Generator:
        """Always the same."""
        return np.random.default_rng(1)


class TestSeedIgnored(BackendKit):
    """Seed ignored."""

    backend = SeedIgnored
    known_failures = {"test_native_poisson_depends_on_the_seed": "must catch: seed ignored"}


class DeadTimeForgotten(NativePoisson):
    """Fires at its rate, without dead time."""

    def train(self, rate: float, start: float, duration: float, dead: float) -> Any:
        """One train of plain Poisson spikes."""
        return super().train(rate, start, duration, 0.0)


class TestDeadTimeForgotten(BackendKit):
    """Dead time forgotten."""

    backend = DeadTimeForgotten
    known_failures = {
        "test_native_poisson_with_dead_time_has_rate_and_intervals": "must catch: dead time forgotten",
    }
