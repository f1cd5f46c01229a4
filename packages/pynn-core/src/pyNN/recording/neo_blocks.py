"""Recorded data as Neo objects, and their files. Neo is imported when the first data are asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Index

from pyNN.errors import NothingRecordedError, RecordingError
from pyNN.recording.gathering import check_ending, get_io
from pyNN.recording.recorder import Segment, Track

if TYPE_CHECKING:
    from pyNN.populations.group import Group
    from pyNN.populations.population import Population


def make_block(
    group: Group, variables: str | Sequence[str], *, clear: bool, annotations: Mapping[str, Any] | None
) -> Any:
    """A Neo Block of what was recorded from these cells, with one segment for each run between resets."""
    import neo

    names = None if variables in ("all", ["all"]) else [variables] if isinstance(variables, str) else list(variables)
    _check(group, names)
    block = neo.Block(name=group.label, **_block_annotations(group), **dict(annotations or {}))
    histories = [(population, index, population.recorder.segments()) for population, index in group.parts()]
    count = max((len(history) for _, _, history in histories), default=0)
    for number in range(count):
        segment = neo.Segment(name=f"segment{number:03d}", description=block.description, index=number)
        segment.rec_datetime = _now()
        trains: list[Any] = []
        for population, index, history in histories:
            if number < len(history):
                trains += _fill(segment, population, index, history[number], names)
        segment.spiketrains.extend(trains)  # at once: Neo looks through all that it has for each single one
        block.segments.append(segment)
        segment.block = block
    if clear:
        for population, _, _ in histories:
            population.recorder.clear()
    return block


def _now() -> datetime:
    """The time now; where ``SOURCE_DATE_EPOCH`` is set, that time, so that a repeated run writes the same bytes.

    Neo's files take local time without a zone. https://reproducible-builds.org/specs/source-date-epoch/
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch)) if epoch.isdecimal() else datetime.now()


def check_file(io: Any) -> None:
    """Refuse a file name that cannot be written, before a long run rather than after it."""
    if isinstance(io, str | Path):
        check_ending(io)


def write_block(block: Any, io: Any) -> None:
    """Write to a file name, whose ending tells the format, or to a Neo IO."""
    target = get_io(io) if isinstance(io, str | Path) else io
    if hasattr(target, "write_block"):
        target.write_block(block)
    else:
        target.write(block)
    close = getattr(target, "close", None)
    if isinstance(io, str | Path) and callable(close):
        close()


def _check(group: Group, names: list[str] | None) -> None:
    for population, _ in group.parts():
        celltype = population.celltype
        for name in names or ():
            if not celltype.can_record(name):
                raise RecordingError(name, f"{type(celltype).__name__} {population.label!r}", celltype.recordable)
    for name in names or ():
        tracks = [t.variable for population, _ in group.parts() for t in population.recorder.tracks]
        past = [t.variable for p, _ in group.parts() for segment in p.recorder.past for t in segment.tracks]
        if name not in tracks and name not in past:
            raise NothingRecordedError(group.label, name)


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


def _fill(
    segment: Any, population: Population, index: Index, data: Segment, names: list[str] | None
) -> list[Any]:  # fmt: skip
    """Add the signals of one population; gives its spike trains."""
    wanted = [track for track in data.tracks if names is None or track.variable in names]
    spikes = [track for track in wanted if track.variable == "spikes"]
    merged: dict[tuple[str, float, float], list[Track]] = {}
    for track in wanted:
        if track.variable != "spikes":
            start = track.samples()[0]
            merged.setdefault((track.variable, track.interval, start), []).append(track)
    for (variable, interval, start), tracks in merged.items():
        _add_signal(segment, population, index, variable, interval, start, tracks)
    return _trains(population, index, spikes, data) if spikes else []


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
    for row, first, last in zip(recorded, firsts, lasts, strict=True):
        number = population.first_number + int(row)
        train = neo.SpikeTrain(
            times[first:last], t_start=data.start, t_stop=data.stop, units=pq.ms, source_population=population.label,
            source_id=number, channel_id=number, source_index=int(row),
        )  # fmt: skip
        found.append(train)
    return found


def _add_signal(
    segment: Any, population: Population, index: Index, variable: str, interval: float, start: float,
    tracks: list[Track],
) -> None:  # fmt: skip
    import neo
    import quantities as pq

    channels = np.concatenate([track.index for track in tracks])
    values = np.concatenate([track.samples()[1] for track in tracks], axis=1)
    position = {int(row): k for k, row in enumerate(channels)}
    rows = [int(row) for row in index if int(row) in position]
    if not rows:
        return
    scale = population.native.variables[variable].scale
    signal = neo.AnalogSignal(
        values[:, [position[row] for row in rows]] / scale,
        units=population.celltype.units[variable], t_start=start * pq.ms, sampling_period=interval * pq.ms,
        name=variable, source_population=population.label, source_ids=population.first_number + np.array(rows),
        array_annotations={"channel_index": np.array(rows)},
    )  # fmt: skip
    signal.segment = segment
    segment.analogsignals.append(signal)
