"""Recorded data as Neo objects, and their files. Neo is imported when the first data are asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass, replace
from cawan.simulator import Array, Index

from pyNN.errors import NothingRecordedError, RecordingError
from pyNN.parallel import to_first
from pyNN.recording.gathering import check_ending, get_io
from pyNN.recording.recorder import Segment, Track

if TYPE_CHECKING:
    from pyNN.populations.group import Group
    from pyNN.populations.population import Population


def make_block(
    group: Group, variables: str | Sequence[str], *, gather: bool = True, clear: bool = False,
    annotations: Mapping[str, Any] | None = None,
) -> Any:  # fmt: skip
    """A Neo Block of what was recorded from these cells, with one segment for each run between resets."""
    import neo

    names = None if variables in ("all", ["all"]) else [variables] if isinstance(variables, str) else list(variables)
    _check(group, names)
    block = neo.Block(name=group.label, **_block_annotations(group), **dict(annotations or {}))
    histories = [(population, index, population.recorder.segments()) for population, index in group.parts()]
    if gather and group.simulator.num_processes() > 1:
        histories = [(population, index, gathered(history)) for population, index, history in histories]
    count = max((len(history) for _, _, history in histories), default=0)
    for number in range(count):
        parts = [(p, index, history[number]) for p, index, history in histories if number < len(history)]
        segment = neo.Segment(name=f"segment{number:03d}", description=block.description, index=number)
        for _, _, stretch in parts:
            segment.annotate(**stretch.annotations)
        segment.rec_datetime = _now()
        segment.analogsignalarrays = segment.analogsignals  # the name of Neo's early versions, in scripts of PyNN 0.8
        _fill(segment, group, parts, names)
        block.segments.append(segment)
        segment.block = block
    if clear:
        for population, _, _ in histories:
            population.recorder.clear()
    return block


def _fill(
    segment: Any, group: Group, parts: Sequence[tuple[Population, Any, Segment]], names: list[str] | None
) -> None:
    """Put the trains and signals of these populations, in one stretch between resets, into a Neo segment."""
    trains: list[Any] = []
    pieces: list[Piece] = []
    for population, index, stretch in parts:
        wanted = [track for track in stretch.tracks if names is None or track.is_of(names)]
        spikes = [track for track in wanted if track.variable == "spikes"]
        trains += _trains(population, index, spikes, stretch) if spikes else []
        pieces += _pieces(group, population, index, [track for track in wanted if track.variable != "spikes"])
    _add_signals(segment, group, pieces)
    segment.spiketrains.extend(trains)  # at once: Neo looks through all that it has for each single one


def gathered(history: list[Segment]) -> list[Segment]:
    """The segments of all processes in one, on the first process; on the others, their own."""
    plain = [
        [(t.variable, t.index, t.interval, t.start, None, list(t.pieces), t.quantity, t.nth) for t in segment.tracks]
        for segment in history
    ]
    found = to_first(plain)
    if found is None:
        return history
    merged = []
    for number, segment in enumerate(history):
        made = tuple(Track(*track) for share in found for track in share[number])
        merged.append(replace(segment, tracks=made))
    return merged


def at_places(block: Any, locations: Any) -> Any:
    """A Block with the spikes, and of the signals those at places of these names."""
    names = [locations] if isinstance(locations, str) else list(locations)
    for segment in block.segments:
        segment.analogsignals = [s for s in segment.analogsignals if any(s.name.startswith(f"{n}.") for n in names)]
    return block


def _now() -> datetime:
    """The time now; where ``SOURCE_DATE_EPOCH`` is set, that time, so that a repeated run writes the same bytes.

    Neo's files take local time without a zone. https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch)) if epoch.isdecimal() else datetime.now()


def check_file(io: Any) -> None:
    """Refuse a file name that cannot be written, before a long run rather than after it."""
    if isinstance(io, str | os.PathLike):
        check_ending(io)


def write_block(block: Any, io: Any) -> None:
    """Write to a file name, whose ending tells the format, or to a Neo IO."""
    target = get_io(io) if isinstance(io, str | os.PathLike) else io
    if hasattr(target, "write_block"):
        target.write_block(block)
    else:
        target.write(block)
    close = getattr(target, "close", None)
    if isinstance(io, str | os.PathLike) and callable(close):
        close()


def _check(group: Group, names: list[str] | None) -> None:
    """Refuse names that these cells cannot record, and names that nothing was recorded of."""
    populations = [population for population, _ in group.parts()]
    for name in names or ():
        found = False
        for population in populations:
            celltype, recorded = population.celltype, _is_recorded(population, name)
            if not recorded and not celltype.can_record(name):
                raise RecordingError(name, f"{type(celltype).__name__} {population.label!r}", celltype.recordable)
            found = found or recorded
        if not found:
            raise NothingRecordedError(group.label, name)


def _is_recorded(population: Population, name: str) -> bool:
    """Whether a variable is or was recorded from any of these cells."""
    segments = [population.recorder.tracks, *(segment.tracks for segment in population.recorder.past)]
    return any(track.is_of([name]) for tracks in segments for track in tracks)


def _block_annotations(group: Group) -> dict[str, Any]:
    cells = group.all_cells
    return {
        "description": group.describe(),
        "label": group.label,
        "size": group.size,
        "first_id": int(cells[0]) if len(cells) else None,
        "last_id": int(cells[-1]) if len(cells) else None,
        "simulator": group.simulator.name,
        "dt": next((population.timestep for population, _ in group.parts()), group.simulator.timestep),
        "mpi_processes": group.simulator.num_processes(),
        **group.annotations,
    }


@dataclass(frozen=True)
class Piece:
    """Samples of one variable of one population: a column of ``values`` for each of the cells ``numbers``."""

    variable: str
    interval: float
    start: float
    units: str
    values: Array
    numbers: Index
    rows: Index
    population: str
    nth: int = 0

    @property
    def key(self) -> tuple[str, float, float, str, int]:
        """What pieces of one signal have in common."""
        return self.variable, self.interval, self.start, self.units, len(self.values)


def _pieces(group: Group, population: Population, index: Index, tracks: list[Track]) -> list[Piece]:
    """The samples of these cells of one population, in the order of the group's cells."""
    alike: dict[tuple[str, float, float, int], list[Track]] = {}
    for track in tracks:
        alike.setdefault((track.variable, track.interval, track.samples()[0], track.nth), []).append(track)
    found = []
    for (variable, interval, start, nth), several in alike.items():
        channels = np.concatenate([track.index for track in several])
        parts = [track.samples()[1] for track in several]
        values = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        position = {int(row): k for k, row in enumerate(channels)}
        rows = np.array([int(row) for row in index if int(row) in position], dtype=np.int64)
        if len(rows):
            columns = [position[int(row)] for row in rows]
            quantity = several[0].quantity
            wanted = values if columns == list(range(values.shape[1])) else values[:, columns]
            scale = population.model_row.variables[quantity].scale
            scaled = wanted if scale == 1.0 else wanted / scale  # as it is, where it may lie on disk
            units = population.celltype.units[quantity]
            numbers = population.first_number + rows
            found.append(Piece(variable, interval, start, units, scaled, numbers, rows, population.label, nth))
    return found


def _add_signals(segment: Any, group: Group, pieces: list[Piece]) -> None:
    """One Neo signal for each variable, interval and start, of all cells together."""
    import neo
    import quantities as pq

    alike: dict[Any, list[Piece]] = {}
    for piece in pieces:
        alike.setdefault(piece.key, []).append(piece)
    for (variable, interval, start, units, _), several in alike.items():
        numbers = np.concatenate([piece.numbers for piece in several])
        one = len(several) == 1
        same = len({piece.nth for piece in several}) == len(several)  # places on the cells of one population
        rows = np.concatenate([piece.rows for piece in several])
        signal = neo.AnalogSignal(
            several[0].values if one else np.concatenate([piece.values for piece in several], axis=1),
            units=units, t_start=start * pq.ms, sampling_period=interval * pq.ms, name=variable,
            source_population=several[0].population if same else group.label, source_ids=numbers,
            array_annotations={"channel_index": rows if same else np.asarray(group.id_to_index(numbers))},
        )  # fmt: skip
        signal.segment = segment
        segment.analogsignals.append(signal)


def _trains(population: Population, index: Index, tracks: list[Track], data: Segment) -> list[Any]:
    """One Neo SpikeTrain for each recorded cell, in the order of rows."""
    import neo
    import quantities as pq

    recorded = index[np.isin(index, np.concatenate([track.index for track in tracks]))]
    rows, times = (np.concatenate(parts) for parts in zip(*(track.spikes() for track in tracks), strict=True))
    order = np.lexsort((times, rows))
    rows, times = rows[order], times[order]
    found: list[Any] = []
    firsts, lasts = np.searchsorted(rows, recorded, "left"), np.searchsorted(rows, recorded, "right")
    # Each train is a piece of one: Neo checks units and bounds of each that is made, ten times as long as it takes.
    whole = neo.SpikeTrain(times, t_start=data.start, t_stop=data.stop, units=pq.ms)
    for row, first, last in zip(recorded.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
        number, train = population.first_number + row, whole[first:last]
        train.annotations = {
            "source_population": population.label, "source_id": number, "channel_id": number, "source_index": row,
        }  # fmt: skip
        found.append(train)
    return found
