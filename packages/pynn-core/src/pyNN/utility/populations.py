"""Recorded spikes of a population kept in a file, and played again by spike sources."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from pyNN.errors import UnreadableFileError


def save_population(population: Any, filename: str | Path, variables: Sequence[str] | None = None) -> None:
    """Write the recorded spikes of a population, its label, positions and annotations of these names, as ``.npz``."""
    from pyNN.legacy.populations import spike_rows

    notes: dict[str, Any] = {f"annotation.{name}": np.asarray(population.annotations[name]) for name in variables or ()}
    np.savez(
        _with_ending(filename), spikes=spike_rows(population, True), label=np.array(population.label),
        positions=population.positions, **notes,
    )  # fmt: skip


def load_population(filename: str | Path, sim: Any) -> Any:
    """A population of spike sources that fire as those of :func:`save_population` did."""
    try:
        with np.load(_with_ending(filename)) as archive:
            content = {name: archive[name] for name in archive.files}
        rows, positions = content["spikes"], content["positions"]
    except (OSError, ValueError, KeyError) as error:
        raise UnreadableFileError(f"{filename} holds no population that save_population() wrote: {error}") from error
    size = positions.shape[1]
    times = [rows[rows[:, 0] == k, 1] for k in range(size)]
    made = sim.Population(size, sim.SpikeSourceArray(spike_times=times), label=str(content["label"]))
    made.positions = positions
    made.annotate(**{n.removeprefix("annotation."): v.item() if v.ndim == 0 else v
                     for n, v in content.items() if n.startswith("annotation.")})  # fmt: skip
    return made


def _with_ending(filename: str | Path) -> Path:
    path = Path(filename)
    return path if path.suffix == ".npz" else path.with_name(path.name + ".npz")
