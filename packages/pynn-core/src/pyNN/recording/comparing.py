"""Two files of recorded data set side by side: spikes cell by cell, traces sample by sample."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from pyNN.activity import Activity
from pyNN.agreement import compare_all, first_divergence
from pyNN.recording.pickles import read_pickle

_STEP = 0.1  # ms, where a file does not say its timestep


def read_blocks(path: Path) -> list[Any]:
    """The Neo Blocks of a file; it is opened for reading alone, and nothing that it names is run.

    Raises
    ------
    UnreadableFileError
        It is cut, or names something that is no class of recorded data.
    """
    if path.suffix in (".pkl", ".pickle"):
        with path.open("rb") as file:
            found = read_pickle(file)
        return list(found) if isinstance(found, list) else [found]
    import neo

    if path.suffix == ".mat":
        return list(neo.io.NeoMatlabIO(filename=str(path)).read())
    with neo.io.NixIO(filename=str(path), mode="ro") as file:
        return list(file.read_all_blocks())


def compare_files(a: Path, b: Path) -> Mapping[str, Any] | None:
    """How two files differ; None where one holds no Neo Block.

    Returns
    -------
    Mapping
        ``largest``, the largest relative difference between numbers at the same places (spikes that agree to one
        timestep count as equal; infinite where one file has a spike or a trace that the other lacks), and ``lines``.
    """
    blocks = read_blocks(a), read_blocks(b)
    if not all(found and all(hasattr(block, "segments") for block in found) for found in blocks):
        return None
    spikes = _activities(blocks[0]), _activities(blocks[1])
    lines = [f"{item.line} (tier {'T1' if 'to one timestep' in item.line else 'T3'})" for item in compare_all(*spikes)]
    largest = 0.0 if _same_spikes(*spikes) else inf
    traces = _traces(blocks[0]), _traces(blocks[1])
    for name in {**traces[0], **traces[1]}:
        difference = _difference(traces[0].get(name), traces[1].get(name))
        lines.append(f"{name}: largest relative difference {difference:.3g}")
        largest = max(largest, difference)
    return {"largest": largest, "lines": lines}


def _same_spikes(one: list[Activity], two: list[Activity]) -> bool:
    return len(one) == len(two) and all(
        a.label == b.label and np.array_equal(a.rows, b.rows) and first_divergence(a, b) is None
        for a, b in zip(one, two, strict=True)
    )


def _activities(blocks: list[Any]) -> list[Activity]:
    found = []
    for block in blocks:
        for number, segment in enumerate(block.segments):
            trains = list(segment.spiketrains)
            if not trains:
                continue
            rows = [int(train.annotations.get("source_index", place)) for place, train in enumerate(trains)]
            times = [train.rescale("ms").magnitude for train in trains]
            index = np.repeat(rows, [len(each) for each in times]).astype(np.int64)
            time = np.concatenate(times)
            order = np.lexsort((index, time))
            start, stop = (float(getattr(trains[0], name).rescale("ms")) for name in ("t_start", "t_stop"))
            step = float(block.annotations.get("dt", _STEP))
            found.append(Activity(str(block.name), number, start, stop, step, np.unique(rows), index[order],
                                  time[order]))  # fmt: skip
    return found


def _traces(blocks: list[Any]) -> dict[str, Any]:
    return {
        f"{block.name} {signal.name}, segment {number}": signal.magnitude
        for block in blocks for number, segment in enumerate(block.segments) for signal in segment.analogsignals
    }  # fmt: skip


def _difference(one: Any, two: Any) -> float:
    if one is None or two is None or one.shape != two.shape:
        return inf
    scale = np.maximum(np.abs(one), np.abs(two))
    apart = np.abs(one - two)
    relative = np.divide(apart, scale, out=np.zeros_like(apart), where=scale > 0)
    return float(np.nan_to_num(relative, nan=inf).max(initial=0.0))
