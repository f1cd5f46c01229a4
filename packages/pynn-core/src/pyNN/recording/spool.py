"""Recordings that lie on disk and not in memory: raw files that grow at their end, and are mapped when they are read.

``0003-v.samples`` holds float64 numbers, one row of all recorded cells after the other; ``0004-spikes.index`` (int64,
rows of the population) and ``0004-spikes.time`` (float64, ms) belong together. Byte order is the machine's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import count
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Array, Samples, Spikes

from pyNN.errors import UnwritableFileError
from pyNN.parallel import rank_and_size

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class SpoolFolder:
    """A folder for the recordings of one simulation, or a temporary one that lasts as long as anybody reads in it.

    Parameters
    ----------
    path
        None: a temporary folder.

    Raises
    ------
    UnwritableFileError
        The folder cannot be made, or holds something already.
    """

    def __init__(self, path: str | Path | None) -> None:
        from pathlib import Path
        from tempfile import TemporaryDirectory

        self._temporary = TemporaryDirectory(prefix="pyNN-recordings-") if path is None else None
        self.path = Path(str(path) if self._temporary is None else self._temporary.name)
        self._numbers = count()
        if self._temporary is None:
            try:
                self.path.mkdir(parents=True, exist_ok=True)
                taken = next(self.path.iterdir(), None)
            except OSError as error:
                raise UnwritableFileError(f"Recordings cannot be kept in {str(path)!r}: {error.strerror}.") from error
            if taken is not None:
                raise UnwritableFileError(
                    f"Recordings cannot be kept in {str(path)!r}: the folder holds {taken.name!r} already. Name an "
                    "empty folder, or a new one for each run."
                )

    def spool(self, variable: str) -> Spool:
        """Where the next recording is kept."""
        own = re.sub(r"[^A-Za-z0-9._-]", "_", variable)[:60]  # receptors and places are called what users like
        return Spool(self, f"{next(self._numbers):04d}-{own}")


class Recordings:
    """Where the recordings of one simulation are kept: in memory, or on disk.

    Parameters
    ----------
    where
        "memory", "disk" for a temporary folder, or a folder; of several processes each has one of its own in that.
    """

    # Bytes that wait in a simulator until they are written; a run is cut so that there are no more, or not many.
    waiting = 32 * 2**20

    def __init__(self, where: str | os.PathLike[str] = "memory") -> None:
        self._folder: SpoolFolder | None = None
        if where == "disk":
            self._folder = SpoolFolder(None)
        elif where != "memory":
            rank, processes = rank_and_size()
            self._folder = SpoolFolder(os.path.join(where, f"process-{rank}") if processes > 1 else os.fspath(where))

    @property
    def on_disk(self) -> bool:
        """Whether what is recorded must be fetched now and then while a simulation runs."""
        return self._folder is not None

    def pieces(self, variable: str) -> list[Spikes | Samples] | Spool:
        """A place for the next recording."""
        return [] if self._folder is None else self._folder.spool(variable)

    def span(self, bytes_per_ms: float) -> float:
        """How long a simulation may run until what was recorded is fetched, ms."""
        return self.waiting / bytes_per_ms if self.on_disk and bytes_per_ms else inf


class Spool:
    """What was read from one recording so far; a list of at most one piece, whose arrays are mapped files."""

    def __init__(self, folder: SpoolFolder, name: str) -> None:
        self._folder = folder  # as long as this lives, a temporary folder does
        self._name = name
        self._first: Spikes | Samples | None = None

    def append(self, piece: Spikes | Samples) -> None:
        """Write one piece behind those before it."""
        if isinstance(piece, Spikes):
            self._write("index", np.asarray(piece.index, dtype=np.int64))
            self._write("time", np.asarray(piece.time, dtype=np.float64))
            self._first = self._first or Spikes(np.empty(0, np.int64), np.empty(0))
        elif len(piece.values):
            self._write("samples", np.asarray(piece.values, dtype=np.float64))
            if self._first is None:
                empty = np.empty((0, len(piece.index)))
                self._first = Samples(piece.index, piece.start, piece.interval, empty)

    def __iter__(self) -> Iterator[Spikes | Samples]:
        first = self._first
        if isinstance(first, Spikes):
            yield Spikes(self._read("index", np.int64), self._read("time", np.float64))
        elif first is not None:
            width = len(first.index)
            values: Array = self._read("samples", np.float64).reshape(-1, width)
            yield Samples(first.index, first.start, first.interval, values)

    def _path(self, what: str) -> Path:
        return self._folder.path / f"{self._name}.{what}"

    def _write(self, what: str, values: NDArray[np.generic]) -> None:
        with self._path(what).open("ab") as file:
            np.ascontiguousarray(values).tofile(file)

    def _read(self, what: str, kind: type) -> Any:
        path = self._path(what)
        if not path.stat().st_size:
            return np.empty(0, kind)
        return np.memmap(path, dtype=kind, mode="c")  # what a script changes is a copy of its own
