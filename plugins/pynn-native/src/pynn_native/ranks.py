"""Several processes under MPI, as the engine hears from them."""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.simulator import Index


class Exchange:
    """Bytes of this process for those of all, in the order of their numbers; all processes call it at the same time."""

    def __init__(self, communicator: Any) -> None:
        self._communicator = communicator
        self._sizes = np.empty(communicator.Get_size(), dtype=np.int64)

    def __call__(self, mine: bytes) -> list[bytes]:
        self._communicator.Allgather(np.array([len(mine)], dtype=np.int64), self._sizes)
        ends = np.cumsum(self._sizes)
        everything = np.empty(int(ends[-1]), dtype=np.uint8)
        self._communicator.Allgatherv(np.frombuffer(mine, dtype=np.uint8), (everything, self._sizes))
        return [everything[end - size : end].tobytes() for end, size in zip(ends, self._sizes, strict=True)]


def share(size: int, rank: int, ranks: int) -> Index:
    """The rows of a block of sources that this process owns: all processes know the spikes of all of them."""
    return np.arange(size * rank // ranks, size * (rank + 1) // ranks, dtype=np.int64)
