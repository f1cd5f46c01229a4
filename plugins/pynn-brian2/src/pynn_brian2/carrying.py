"""Weights under way to their targets, by the step of their arrival: what Brian's queues, of synapses, cannot carry."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from cawan.simulator import Array, Index

from pynn_brian2.blocks import Neurons


class Carried:
    """What will reach one receptor of a block of cells."""

    def __init__(self, post: Neurons, port: int) -> None:
        self._post = post
        self._variable, self._factor = post.arrival(port)
        self._due: dict[int, list[tuple[Index, Array]]] = {}

    def add(self, step: int, targets: Index, weights: Array) -> None:
        """These weights reach these cells at the end of ``step``."""
        self._due.setdefault(step, []).append((targets, weights))

    def arrive(self, step: int) -> None:
        """What reaches the cells at the end of this step."""
        for targets, weights in self._due.pop(step, ()):
            by = 1.0 if self._factor == "1" else self._post.arriving(self._factor)[targets]
            np.add.at(self._post.arriving(self._variable), targets, weights * by)

    def catch(self, step: int, deliver: Callable[[], None]) -> None:
        """Carry until ``step`` what ``deliver`` would add to the cells now."""
        column = self._post.arriving(self._variable)
        kept = column.copy()
        column[:] = 0.0
        factor = None if self._factor == "1" else self._post.arriving(self._factor)
        usual = None if factor is None else factor.copy()
        if factor is not None:
            factor[:] = 1.0
        deliver()
        targets = np.flatnonzero(column)
        self.add(step, targets, column[targets])
        column[:] = kept
        if factor is not None:
            factor[:] = usual
