"""Gap junctions between cells of different processes: each tells the others its potentials before every step."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN.parallel import communicator, from_all

from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc


class Membranes:
    """The potentials that this process tells, and those that it is told, by NEURON's numbers of the cells."""

    def __init__(self) -> None:
        self._told: dict[int, Any] = {}
        self._heard: dict[int, Any] = {}
        self._hearing: list[tuple[Any, int]] = []  # what is told, and its place among all that is
        self._everyone, self._counts = np.empty(0), [0]
        self._communicator: Any = None

    def ends(self, first: Cells, i: int, second: Cells, j: int) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        """NEURON's references to the potential of either cell, and to the current into it."""
        here = [cells.mine is None or bool(cells.mine[row]) for cells, row in ((first, i), (second, j))]
        if not all(here):
            cells, row = (first, i) if here[0] else (second, j)
            self._told[_number(cells, row)] = cells.objects[row]._ref_vm
        one, other = (
            (cells.objects[row]._ref_vm, cells.objects[row]._ref_injected) if own else self._far(_number(cells, row))
            for own, cells, row in zip(here, (first, second), (i, j), strict=True)
        )
        return one, other

    def _far(self, number: int) -> tuple[Any, Any]:
        """A stand-in for a cell of another process, which does not feel the current."""
        held = self._heard.setdefault(number, hoc().Vector(2))
        return held._ref_x[0], held._ref_x[1]

    def settle(self) -> None:
        """Let all processes know whose potentials each will tell."""
        orders = from_all(list(self._told))
        numbers = [number for order in orders for number in order]
        self._hearing = [(self._heard[number], k) for k, number in enumerate(numbers) if number in self._heard]
        self._everyone, self._counts = np.empty(len(numbers)), [len(order) for order in orders]
        self._communicator = communicator()

    @property
    def needed(self) -> bool:
        """Whether any process tells anything; the same on all."""
        return len(self._everyone) > 0

    def exchange(self) -> None:
        """Tell, and take what is told."""
        mine = np.array([potential[0] for potential in self._told.values()])
        self._communicator.Allgatherv(mine, (self._everyone, self._counts))
        potentials = self._everyone.tolist()
        for held, place in self._hearing:
            held.x[0] = potentials[place]


def _number(cells: Cells, row: int) -> int:
    if cells.first_gid is None:
        raise TypeError("cells are announced before others hear of them")
    return cells.first_gid + row
