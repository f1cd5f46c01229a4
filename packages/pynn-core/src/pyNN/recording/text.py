"""Recorded data as text: a header of the block's annotations, then one line a spike or sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pyNN.recording.files import StandardTextFile


class TextIO:
    """Writes Neo Blocks as text, separated by tabs (commas in a ``.csv``): segment, variable, cell, ms, value."""

    def __init__(self, filename: str | Path) -> None:
        self.filename = Path(filename)

    def write_block(self, block: Any) -> None:
        """Write one block."""
        self.write([block])

    def write(self, blocks: list[Any]) -> None:
        """Write blocks one after the other."""
        if self.filename.suffix == ".csv":
            self._write_csv(blocks)
            return
        metadata = {f"{k}.{name}" if k else name: value for k, b in enumerate(blocks) for name, value in _notes(b)}
        with StandardTextFile(self.filename, "w") as file:
            file.write(list(_rows(blocks)), {**metadata, "columns": list(_COLUMNS)})

    def _write_csv(self, blocks: list[Any]) -> None:
        import csv

        with self.filename.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            writer.writerows(_rows(blocks))


_COLUMNS = ("segment", "variable", "source_id", "time_ms", "value")


def _notes(block: Any) -> Iterator[tuple[str, Any]]:
    for name, value in block.annotations.items():
        if isinstance(value, str | int | float | bool):
            yield name, value


def _rows(blocks: list[Any]) -> Iterator[tuple[int, str, int, float, float]]:
    for block in blocks:
        for number, segment in enumerate(block.segments):
            for train in segment.spiketrains:
                source = int(train.annotations["source_id"])
                for time in train.rescale("ms").magnitude:
                    yield number, "spikes", source, float(time), 1.0
            for signal in segment.analogsignals:
                times = signal.times.rescale("ms").magnitude
                for column, source in enumerate(signal.annotations["source_ids"]):
                    for time, value in zip(times, signal.magnitude[:, column], strict=True):
                        yield number, str(signal.name), int(source), float(time), float(value)
