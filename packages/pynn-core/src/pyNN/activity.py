"""The spikes of a simulation as plain arrays, as the notebook keeps them, and the numbers that describe them.

The file is a NumPy archive without objects, so that reading it runs nothing.
"""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array, Index

from pyNN.errors import UnreadableFileError

if TYPE_CHECKING:
    from pyNN.simulator import Simulator

MOST = 200_000
"""Spikes of a population that are kept, the earliest; statistics are of these."""
_FEWEST = 3  # spikes of a cell from which the variation of its intervals is taken
_SAMPLE = 50  # cells whose correlation is taken
_BIN = 5.0  # ms, for the correlation of spike counts


@dataclass(frozen=True, slots=True)
class Activity:
    """The spikes of one population between two resets.

    Attributes
    ----------
    label, segment
        Of the population; number of the segment, from 0.
    start, stop, timestep
        ms; ``stop`` is the time of the last kept spike where not all were kept.
    rows
        Cells whose spikes were recorded, increasing.
    index, time
        Row and time (ms) of each spike, in the order of time.
    """

    label: str
    segment: int
    start: float
    stop: float
    timestep: float
    rows: Index
    index: Index
    time: Array


def recorded(simulator: Simulator) -> list[Activity]:
    """What was recorded of every population, segment by segment."""
    found = []
    for population in simulator.populations:
        for number, segment in enumerate(population.recorder.segments()):
            tracks = [track for track in segment.tracks if track.variable == "spikes"]
            if not tracks:
                continue
            spikes = [track.spikes() for track in tracks]
            index = np.concatenate([rows for rows, _ in spikes])
            time = np.concatenate([times for _, times in spikes])
            order = np.lexsort((index, time))[:MOST]
            stop = segment.stop if len(time) <= MOST else float(time[order[-1]])
            rows = np.unique(np.concatenate([track.index for track in tracks]))
            found.append(Activity(population.label, number, segment.start, stop, simulator.timestep, rows,
                                  index[order], time[order]))  # fmt: skip
    return found


def name_of(activity: Activity, simulation: int = 1) -> str:
    """What a report calls it: the population, and where there were several its run and simulation."""
    name = activity.label + (f", run {activity.segment + 1}" if activity.segment else "")
    return f"{name} (simulation {simulation})" if simulation > 1 else name


def to_bytes(activities: list[Activity]) -> bytes:
    """The content of a file that :func:`from_file` reads; equal spikes give equal bytes."""
    about = [{"label": a.label, "segment": a.segment, "start": a.start, "stop": a.stop, "timestep": a.timestep}
             for a in activities]  # fmt: skip
    text = json.dumps(about).encode("utf-8")
    arrays: dict[str, np.ndarray[Any, Any]] = {"about": np.frombuffer(text, dtype=np.uint8)}
    for number, a in enumerate(activities):
        arrays.update({f"rows{number}": a.rows, f"index{number}": a.index.astype(np.int32), f"time{number}": a.time})
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # the stubs take no mapping
    return file.getvalue()


def from_file(path: Path) -> list[Activity]:
    """The activities of a file.

    Raises
    ------
    UnreadableFileError
        It is cut, or not such a file.
    """
    try:
        with np.load(path) as arrays:  # which loads no objects
            about = json.loads(arrays["about"].tobytes().decode("utf-8"))
            return [
                Activity(**item, rows=arrays[f"rows{n}"], index=arrays[f"index{n}"].astype(np.int64),
                         time=arrays[f"time{n}"])
                for n, item in enumerate(about)
            ]  # fmt: skip
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise UnreadableFileError(f"{path} holds no spikes that a notebook kept: {error}") from error


def until(activity: Activity, stop: float) -> Activity:
    """The same, up to a time (ms)."""
    if stop >= activity.stop:
        return activity
    few = int(np.searchsorted(activity.time, stop, side="right"))
    return Activity(activity.label, activity.segment, activity.start, stop, activity.timestep, activity.rows,
                    activity.index[:few], activity.time[:few])  # fmt: skip


def rates(activity: Activity) -> Array:
    """Spikes per second of each recorded cell, shape (len(rows),)."""
    counts = np.bincount(activity.index, minlength=int(activity.rows.max(initial=-1)) + 1)[activity.rows]
    length = activity.stop - activity.start
    return counts / length * 1000.0 if length > 0 else np.zeros(len(counts))


def variations(activity: Activity) -> Array:
    """Coefficient of variation of the intervals of each cell with at least three spikes."""
    order = np.lexsort((activity.time, activity.index))
    rows, times = activity.index[order], activity.time[order]
    same = rows[1:] == rows[:-1]
    intervals, row = np.diff(times)[same], rows[1:][same]
    counts = np.bincount(row)
    means = np.bincount(row, intervals) / np.maximum(counts, 1)
    variances = np.bincount(row, (intervals - means[row]) ** 2) / np.maximum(counts, 1)
    enough = (counts >= _FEWEST - 1) & (means > 0)
    cvs: Array = np.sqrt(variances[enough]) / means[enough]
    return cvs


def correlation(activity: Activity) -> float:
    """Mean correlation between the spike counts of pairs of cells, in bins of 5 ms; of 50 cells where there are more.

    NaN where fewer than two of them fired, or the time is shorter than three bins.
    """
    bins = int((activity.stop - activity.start) / _BIN)
    chosen = activity.rows[:: max(1, len(activity.rows) // _SAMPLE)][:_SAMPLE]
    if bins < 3 or len(chosen) < 2:
        return float("nan")
    place = np.searchsorted(chosen, activity.index)
    place = np.minimum(place, len(chosen) - 1)
    column = ((activity.time - activity.start) / _BIN).astype(np.int64)
    kept = (chosen[place] == activity.index) & (column >= 0) & (column < bins)
    counts = np.zeros((len(chosen), bins))
    np.add.at(counts, (place[kept], column[kept]), 1.0)
    counts = counts[counts.std(axis=1) > 0]
    if len(counts) < 2:
        return float("nan")
    matrix = np.corrcoef(counts)
    return float(matrix[np.triu_indices(len(matrix), 1)].mean())


def describe(activity: Activity) -> dict[str, float | int]:
    """Cells, spikes, mean rate (spikes/s), mean coefficient of variation, mean correlation; without those unknown."""
    cvs = variations(activity)
    numbers: dict[str, float | int] = {"cells": len(activity.rows), "spikes": len(activity.time)}
    numbers["rate"] = _short(float(rates(activity).mean())) if len(activity.rows) else 0.0
    if len(cvs):
        numbers["ISI CV"] = _short(float(cvs.mean()))
    related = correlation(activity)
    if related == related:
        numbers["correlation"] = _short(related)
    return numbers


def _short(value: float) -> float:
    return float(f"{value:.6g}")
