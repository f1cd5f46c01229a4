"""What is recorded from one population, segment by segment, in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field, replace
from cawan.simulator import Array, Index, Recording, Samples, Spikes

from pyNN.errors import InvalidValueError, PyNNError, RecordingError
from pyNN.recording.spool import Spool

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pyNN.populations.places import Placement
    from pyNN.populations.population import Population


@dataclass
class Track:
    """One recording: a variable of some rows at one interval, since ``start`` (ms).

    ``variable``: its name in the data; ``quantity``: what it is of, another where it is recorded at a ``placement``,
    the ``nth`` of this name.
    """

    variable: str
    index: Index
    interval: float
    start: float
    handle: Recording = None
    pieces: list[Spikes | Samples] | Spool = field(default_factory=list)
    quantity: str = ""
    nth: int = 0
    placement: Placement | None = None

    def __post_init__(self) -> None:
        self.quantity = self.quantity or self.variable

    def is_of(self, names: Sequence[str]) -> bool:
        """Whether one of these names stands for it."""
        return self.variable in names or self.quantity in names

    def spikes(self) -> tuple[Index, Array]:
        """Rows and times (ms) of all spikes, in the order of time."""
        found = [piece for piece in self.pieces if isinstance(piece, Spikes)]
        index = _joined([np.empty(0, np.int64), *(piece.index for piece in found)])
        time = _joined([np.empty(0), *(piece.time for piece in found)])
        if np.all(time[1:] >= time[:-1]):
            return index, time
        order = np.argsort(time, kind="stable")
        return index[order], time[order]

    def samples(self) -> tuple[float, Array]:
        """Time of the first sample (ms) and all samples, shape (n, n_channels), native units."""
        found = [piece for piece in self.pieces if isinstance(piece, Samples) and len(piece.values)]
        if not found:
            return self.start, np.empty((0, len(self.index)))
        return found[0].start, _joined([piece.values for piece in found])


def _joined(parts: list[Any]) -> Any:
    """Arrays one after the other; one that is there alone as it is, be it in memory or on disk."""
    filled = [part for part in parts if len(part)]
    return np.concatenate(parts) if len(filled) != 1 else filled[0]


@dataclass(frozen=True)
class Segment:
    """What was recorded from ``start`` to ``stop`` (ms), between two resets, and what ``reset`` says of it."""

    tracks: tuple[Track, ...]
    start: float
    stop: float
    annotations: Mapping[str, Any] = field(default_factory=dict)


class Recorder:
    """The recordings of one population."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.tracks: list[Track] = []
        self.past: list[Segment] = []
        self.since = 0.0
        self._frozen: float | None = None

    def record(
        self, variables: str | Sequence[str] | None, index: Index, interval: float | None, locations: Any = None
    ) -> None:
        """Record these variables of these rows from now on, at places on the cells; None ends all recording."""
        self.population.require("Recording")
        simulator = self.population.simulator
        if variables is None:
            self.flush(stop=True)
            self.tracks = []
            return
        names = self._names(variables)
        step = self._interval(interval)
        for track in self._wanted(names, index, locations):
            track.interval, track.start = 0.0 if track.quantity == "spikes" else step, simulator.time
            alike = (track.variable, track.interval, track.nth)
            fresh = self._mask([track.index]) & self._mask([self.population.local_rows()])
            fresh &= ~self._mask([t.index for t in self.tracks if (t.variable, t.interval, t.nth) == alike])
            track.index = np.flatnonzero(fresh)
            if len(track.index) or simulator.num_processes() > 1:
                track.pieces = simulator.recordings.pieces(track.variable)
                self.start(track)
                self.tracks.append(track)

    def _wanted(self, names: Sequence[str], index: Index, locations: Any) -> list[Track]:
        """What is to be recorded: of the cells, or at each place on them."""
        if locations is None:
            return [track for name in names for track in self._of_cells(name, index)]
        if "spikes" in names:
            raise PyNNError("Spikes are those of a whole cell. Record them by themselves, without locations.")
        places, found = self.population.places, []
        for placement in places.at(locations, index):
            for name in names:
                part, _, _ = name.partition(".")
                at = places.receptors_in(part, placement) if part in places.receptors else placement
                cells = at.of(np.sort(index))[1]
                found.append(Track(f"{at.label}.{name}", cells, 0.0, 0.0, None, [], name, at.nth, at))
        return found

    def _of_cells(self, name: str, index: Index) -> list[Track]:
        part, _, _ = name.partition(".")
        if part in self.population.celltype.receptor_types and self.population.has_places:
            raise PyNNError(
                f"{name!r} of {self.population.label!r} is at places on the cell. Say which: "
                f"record({name!r}, locations=…)."
            )
        return [Track(name, index, 0.0, 0.0)]

    def start(self, track: Track) -> None:
        """Begin one recording on the backend."""
        population = self.population
        native = "spikes" if track.quantity == "spikes" else population.model_row.variables[track.quantity].name
        block, rows = population.block, track.index
        if track.placement is not None:
            block, rows = track.placement.block, track.placement.of(track.index)[0]
        track.handle = population.simulator.backend.record(block, native, rows, track.interval)

    def flush(self, *, stop: bool = False, samples: bool = True) -> None:
        """Fetch what is new from the backend: all of it, or spikes alone."""
        if self._frozen is None:
            for track in self.tracks:
                if track.interval and not samples:
                    continue
                piece = self.population.simulator.backend.read(track.handle, stop)
                if len(piece.time if isinstance(piece, Spikes) else piece.values):  # else many reads would fill it
                    track.pieces.append(piece)

    def restart(self) -> None:
        """Begin all recordings again, after the network was built anew."""
        for track in self.tracks:
            self.start(track)

    def end_segment(self, stop: float, annotations: Mapping[str, Any]) -> None:
        """Put what was recorded aside, with these annotations; the same variables go on at time 0."""
        self.flush()
        if stop > self.since:  # else nothing was simulated since the data were cleared, or since the last reset
            self.past.append(Segment(tuple(self.tracks), self.since, stop, dict(annotations)))
        self.since = 0.0
        kept = self.population.simulator.recordings
        self.tracks = [
            replace(track, start=0.0, handle=None, pieces=kept.pieces(track.variable)) for track in self.tracks
        ]

    def segments(self) -> list[Segment]:
        """All that was recorded, the present segment last."""
        self.flush()
        now = self._now()
        if self.past and now <= self.since:  # nothing was simulated after the last reset
            return list(self.past)
        return [*self.past, Segment(tuple(self.tracks), self.since, now)]

    def freeze(self) -> None:
        """The simulation is about to end: fetch everything that it holds."""
        if self._frozen is None:
            try:
                self.flush()
            finally:
                self._frozen = self.population.simulator.time

    def _now(self) -> float:
        return self.population.simulator.time if self._frozen is None else self._frozen

    def clear(self) -> None:
        """Forget what was recorded so far; recording goes on."""
        self.past = []
        self.since = self._now()
        for track in self.tracks:
            track.pieces = self.population.simulator.recordings.pieces(track.variable)
            track.start = self.since

    def bytes_per_ms(self) -> float:
        """About how much is recorded in each ms; of each cell 100 spikes a second."""
        sampled = sum(8.0 * len(track.index) / track.interval for track in self.tracks if track.interval)
        return sampled + sum(1.6 * len(track.index) for track in self.tracks if not track.interval)

    def recorded(self, variable: str) -> Index:
        """Rows from which a variable is recorded, increasing."""
        return np.flatnonzero(self._mask([track.index for track in self.tracks if track.variable == variable]))

    def _mask(self, several: Iterable[Index]) -> NDArray[np.bool_]:
        """Which rows are in one of these; ``np.unique`` would load ``numpy.ma``, which takes 15 ms."""
        mask = np.zeros(self.population.size, dtype=bool)
        for index in several:
            mask[index] = True
        return mask

    def spike_counts(self) -> Index:
        """Recorded spikes of each row since the last reset, shape (size,)."""
        self.flush(samples=False)  # which may still show what is set now
        counts = np.zeros(self.population.size, dtype=np.int64)
        for track in self.tracks:
            if track.variable == "spikes":
                counts += np.bincount(track.spikes()[0], minlength=len(counts))
        return counts

    def _names(self, variables: str | Sequence[str]) -> list[str]:
        names = [variables] if isinstance(variables, str) else list(variables)
        celltype = self.population.celltype
        available = {"spikes", *self.population.model_row.variables} & set(celltype.recordable)
        if names == ["all"]:  # that this simulator has
            names = [name for name in celltype.recordable if name in available]
        for name in names:
            if not isinstance(name, str) or name not in available:
                raise RecordingError(str(name), f"{type(celltype).__name__} {self.population.label!r}", available)
        return names

    def _interval(self, interval: float | None) -> float:
        timestep = self.population.simulator.timestep
        if interval is None:
            return timestep
        steps = round(float(interval) / timestep)
        if steps < 1 or abs(steps * timestep - interval) > 1e-6 * timestep:
            allowed = f"a multiple of the timestep, {timestep:g} ms"
            raise InvalidValueError(self.population.label, "sampling_interval", interval, allowed)
        return steps * timestep
