"""What this processor can do at most on one thread: bytes that it reads, numbers that it multiplies and adds.

Both come from the BLAS of NumPy: the scalar product of two vectors that fit no cache reads memory as fast as anything,
and the product of two matrices that fit one comes near the peak of fused multiply-add.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

LONG, SIDE = 1 << 25, 768  # numbers of a vector: 256 MB; rows of a matrix: 4.7 MB
REPEATS = 5


@dataclass(frozen=True)
class Limits:
    """Read from memory, GB/s; floating-point operations in double precision, 10^9/s."""

    read: float
    compute: float

    def report(self, side: str, *, read: float, computed: float) -> str:
        """What a side reached of both, given GB and 10^9 operations for each CPU second."""
        memory = f"reads {read:.2g} of {self.read:.3g} GB/s ({read / self.read:.0%} of what is possible)"
        numbers = f"{computed:.2g} of {self.compute:.3g} GFLOP/s ({computed / self.compute:.0%} of what is possible)"
        return f"{side}: {memory}, and computes {numbers}"


def best(run: Callable[[], Any]) -> float:
    """Least CPU seconds of some runs."""
    found = []
    for _ in range(REPEATS):
        begin = time.thread_time()
        run()
        found.append(time.thread_time() - begin)
    return min(found)


def measure() -> Limits:
    """The limits, on one thread: BLAS must have been told to use no more (``OPENBLAS_NUM_THREADS=1``)."""
    vector = np.ones(LONG)
    matrix = np.ones((SIDE, SIDE))
    seconds = best(lambda: vector @ vector)
    return Limits(8e-9 * LONG / seconds, 2e-9 * SIDE**3 / best(lambda: matrix @ matrix))
