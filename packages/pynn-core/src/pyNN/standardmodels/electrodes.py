"""The standard current sources: each is turned into a piecewise-constant current (nA) here, the same everywhere.

A source gives all its targets the same current. Times between two steps of the clock move up to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import Array, Index, Ragged

from pyNN.errors import InvalidValueError, PyNNError, UnknownParameterError
from pyNN.legacy.arguments import of_old_source
from pyNN.parameters import Parameter, check_range, evaluate
from pyNN.random.streams import generator
from pyNN.standardmodels.base import ModelType

if TYPE_CHECKING:
    from pyNN.simulator import Simulator

FOR_EVER = 1e12
_WINDOW = 1000  # samples of noise drawn from one substream


class StandardCurrentSource(ModelType):
    """A source of current; attach it with ``inject_into``, any number of times.

    Sources are made bound to a simulator (``sim.DCSource(...)``).
    """

    simulator: ClassVar[Simulator | None] = None

    def __init__(self, *old: Any, **parameters: Any) -> None:
        from pyNN.feeders import StepInjections

        super().__init__(**of_old_source(type(self).__name__, tuple(self.parameters), old, parameters))
        if self.simulator is None:
            raise PyNNError(f"{type(self).__name__} belongs to a simulator. Make it as sim.{type(self).__name__}(...).")
        self._values = self._evaluated(dict(self.given))
        self.identity = self.simulator.identity("current source", None)
        self._key = self.identity.key("amplitudes")
        self._recorded_since: float | None = None
        self._pieces: list[tuple[Array, Array]] = []
        self._targets = StepInjections(self.simulator, self)
        self.simulator.add_source(self._targets)

    def inject_into(self, cells: Any, location: Any = None) -> None:
        """Attach to a population, a view, an assembly, a cell or a list of cells, from now on.

        Parameters
        ----------
        location
            Where on cells of many compartments: a section's name, or a place of :mod:`pyNN.morphology`. By default
            where the cell fires.
        """
        self._targets.attach(cells, location)

    def record(self) -> None:
        """Keep the current from now on, for :meth:`get_data`."""
        self._recorded_since = self._targets.simulator.time
        self._pieces = [self.waveform(*self._targets.known(), self._targets.simulator.timestep)]

    def get_data(self) -> Any:
        """The current since :meth:`record`, a Neo AnalogSignal with one sample a step, nA.

        Raises
        ------
        PyNNError
            record() was not called.
        """
        import neo
        import quantities as pq

        if self._recorded_since is None:
            raise PyNNError(f"The current of this {type(self).__name__} was not recorded. Call record() before run().")
        step = self._targets.timestep
        count = round((self._targets.now() - self._recorded_since) / step) + 1
        times = self._recorded_since + np.arange(count) * step
        values = np.zeros(count)
        for changes, amplitudes in self._pieces:
            place = np.searchsorted(changes - 1e-9, times, side="right")
            values = np.where(place > 0, np.asarray(amplitudes)[np.maximum(place - 1, 0)], values)
        return neo.AnalogSignal(
            values[:, None], units=pq.nA, t_start=self._recorded_since * pq.ms,
            sampling_period=step * pq.ms, name=type(self).__name__,
        )  # fmt: skip

    def remember(self, times: Array, amplitudes: Array) -> None:
        """A piece of the waveform that flows from ``times[0]`` on, in place of what was known for then."""
        if self._recorded_since is not None:
            self._pieces.append((times, amplitudes))

    def set_parameters(self, copy: bool = True, **parameters: Any) -> None:
        """Change the source from now on; what has flowed already stays."""
        for name in parameters:
            if name not in self.parameters:
                raise UnknownParameterError(name, type(self).__name__, self.parameters)
        self._values = self._evaluated({**self._values, **parameters})
        self._targets.changed()

    def get_parameters(self) -> dict[str, Any]:
        """The parameters as they are now."""
        return dict(self._values)

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("_values", {})
        if name in values:
            return values[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.parameters:
            self.set_parameters(**{name: value})
        else:
            super().__setattr__(name, value)

    def draw_anew(self) -> None:
        """Take a new stream, for another trial after ``reset``; what was recorded of the one before is forgotten."""
        if self._recorded_since is not None:
            self._recorded_since, self._pieces = 0.0, []
        self._key = self.identity.key("amplitudes")

    def waveform(self, start: float, stop: float, timestep: float) -> tuple[Array, Array]:
        """The current in [start, stop), ms, as times of change and the nA from then on; the first is at ``start``."""
        raise NotImplementedError(f"{type(self).__name__} must define waveform().")

    @property
    def endless(self) -> bool:
        """Whether the waveform changes without end, so that it is computed piece by piece."""
        return False

    def _evaluated(self, given: Mapping[str, object]) -> dict[str, Any]:
        owner = type(self).__name__
        result: dict[str, Any] = {}
        for name, parameter in self.parameters.items():
            value = evaluate(owner, name, parameter, given[name], 1, no_draw)
            result[name] = value.data if isinstance(value, Ragged) else float(np.asarray(value).ravel()[0])
        if "stop" in result and result["stop"] < result["start"]:
            raise InvalidValueError(owner, "stop", result["stop"], f"start = {result['start']:g} ms or later")
        return result


def no_draw(value: object) -> Array:
    """Refuse a distribution: a source takes numbers."""
    raise PyNNError(f"A current source takes numbers, not {value!r}. Draw the value first: value.next().")


def _window(values: Mapping[str, float], start: float, stop: float) -> tuple[float, float]:
    return max(start, values["start"]), min(stop, values["stop"])


def _between(start: float, stop: float, on: Array, amplitudes: Array, off: float) -> tuple[Array, Array]:
    """Piecewise current that is 0 outside ``on`` … ``off``."""
    if not len(on):
        return np.array([start]), np.array([0.0])
    lead = on[0] > start
    tail = off < stop
    times = np.concatenate([[start] if lead else [], on, [off] if tail else []])
    return times, np.concatenate([[0.0] if lead else [], amplitudes, [0.0] if tail else []])


class DCSource(StandardCurrentSource):
    """A constant current of ``amplitude`` from ``start`` to ``stop``."""

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "amplitude": Parameter(1.0, "nA"),
        "start": Parameter(0.0, "ms", "nonnegative"),
        "stop": Parameter(FOR_EVER, "ms", "nonnegative"),
    }

    def waveform(self, start: float, stop: float, timestep: float) -> tuple[Array, Array]:
        """One step up, one down."""
        on, off = _window(self._values, start, stop)
        inside = np.array([on] if off > on else [])
        return _between(start, stop, inside, np.full(len(inside), self._values["amplitude"]), off)


class StepCurrentSource(StandardCurrentSource):
    """A current of ``amplitudes[k]`` from ``times[k]`` on; 0 before the first."""

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "times": Parameter((), "ms"),
        "amplitudes": Parameter((), "nA"),
    }

    def _evaluated(self, given: Mapping[str, object]) -> dict[str, Any]:
        values = super()._evaluated(given)
        times, amplitudes = values["times"], values["amplitudes"]
        owner = type(self).__name__
        if len(times) != len(amplitudes):
            allowed = f"as many as times ({len(times)})"
            raise InvalidValueError(owner, "amplitudes", np.asarray(amplitudes).tolist(), allowed)
        check_range(owner, "times", "nonnegative", times)
        back = np.flatnonzero(np.diff(times) <= 0)
        if len(back):
            first = int(back[0]) + 1
            raise InvalidValueError(
                owner, "times", float(times[first]), f"later than the time before it, {times[first - 1]:g} ms",
                index=f"position {first}", count=len(back),
            )  # fmt: skip
        return values

    def waveform(self, start: float, stop: float, timestep: float) -> tuple[Array, Array]:
        """The steps in this window, led by the current that flows when it opens."""
        times, amplitudes = self._values["times"], self._values["amplitudes"]
        before = int(np.searchsorted(times, start, side="right"))
        inside = (times > start) & (times < stop)
        lead = amplitudes[before - 1] if before else 0.0
        return np.concatenate([[start], times[inside]]), np.concatenate([[lead], amplitudes[inside]])


class ACSource(StandardCurrentSource):
    """A sine: offset + amplitude sin(2π frequency (t - start) + phase), from ``start`` to ``stop``.

    ``frequency`` in Hz, ``phase`` in degrees. Each step of the clock has the value at its beginning.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "amplitude": Parameter(1.0, "nA"),
        "start": Parameter(0.0, "ms", "nonnegative"),
        "stop": Parameter(FOR_EVER, "ms", "nonnegative"),
        "frequency": Parameter(10.0, "Hz", "nonnegative"),
        "offset": Parameter(0.0, "nA"),
        "phase": Parameter(0.0, "degrees"),
    }

    @property
    def endless(self) -> bool:
        """A sine changes in every step."""
        return True

    def waveform(self, start: float, stop: float, timestep: float) -> tuple[Array, Array]:
        """One value for each step of the clock."""
        on, off = _window(self._values, start, stop)
        steps = np.arange(np.ceil(on / timestep - 1e-9), np.ceil(off / timestep - 1e-9), dtype=np.float64)
        times, v = steps * timestep, self._values
        angle = 2e-3 * np.pi * v["frequency"] * (times - v["start"]) + np.pi / 180 * v["phase"]
        return _between(start, stop, times, v["offset"] + v["amplitude"] * np.sin(angle), off)


class NoisyCurrentSource(StandardCurrentSource):
    """White noise: a new normal value of ``mean`` and ``stdev`` every ``dt``, the same for all targets.

    Value k is value k mod 1000 of substream k // 1000 of the source's stream, so that a run in pieces, or on another
    simulator, sees the same current.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "mean": Parameter(0.0, "nA"),
        "stdev": Parameter(1.0, "nA", "nonnegative"),
        "start": Parameter(0.0, "ms", "nonnegative"),
        "stop": Parameter(FOR_EVER, "ms", "nonnegative"),
        "dt": Parameter(0.1, "ms", "positive"),
    }

    @property
    def endless(self) -> bool:
        """Noise changes every ``dt``."""
        return True

    def waveform(self, start: float, stop: float, timestep: float) -> tuple[Array, Array]:
        """The values whose time lies in this window, led by the one that flows when it opens."""
        on, off = _window(self._values, start, stop)
        if off <= on:
            return np.array([start]), np.array([0.0])
        v = self._values
        interval = max(1, round(v["dt"] / timestep)) * timestep
        first = int(np.floor((on - v["start"]) / interval + 1e-9))
        last = int(np.ceil((off - v["start"]) / interval - 1e-9))
        k = np.arange(first, last, dtype=np.int64)
        times = np.maximum(v["start"] + k * interval, on)
        return _between(start, stop, times, v["mean"] + v["stdev"] * self._normal(k), off)

    def _normal(self, k: Index) -> Array:
        windows: Iterable[int] = range(int(k[0]) // _WINDOW, int(k[-1]) // _WINDOW + 1)
        drawn = np.concatenate([generator(self._key, w).standard_normal(_WINDOW) for w in windows])
        return drawn[k - int(k[0]) // _WINDOW * _WINDOW]
