"""Cells that are held after a spike, until their refractory time is over."""

from __future__ import annotations

from cawan.simulator import Array, Index


class Holding:
    """Counts the steps of one block of cells; only the few cells that are held are touched.

    Attributes
    ----------
    free
        1 where a cell is not held, 0 where it is; shape (size,), Brian's own array.
    """

    def __init__(self, free: Array) -> None:
        self.free = free
        self.free[:] = 1.0
        self._step = 0
        self._over: dict[int, list[Index]] = {}

    def begin_step(self) -> None:
        """Let go of the cells whose time is over."""
        for rows in self._over.pop(self._step, ()):
            self.free[rows] = 1.0
        self._step += 1

    def hold(self, rows: Index, steps: Array) -> None:
        """These cells fired at the end of this step; each is held for so many whole steps, shape (len(rows),)."""
        self.free[rows] = 0.0
        counts = set(steps.tolist())  # nearly always one
        for count in counts:
            chosen = rows if len(counts) == 1 else rows[steps == count]
            self._over.setdefault(self._step + int(count), []).append(chosen)
