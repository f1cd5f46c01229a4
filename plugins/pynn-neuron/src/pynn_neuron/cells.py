"""A block of cells: one point process of NEURON for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values

from pynn_neuron.kernel import hoc
from pynn_neuron.models import Mechanism


@dataclass(eq=False)
class Cells:
    """The point processes in order, and the NetCons that tell when they fire."""

    takes: ClassVar[str] = "stepping"  # an event, see timing.early
    has_sections: ClassVar[bool] = False

    model: NativeModel
    objects: list[Any]
    stream: int = 0
    watched: dict[int, Any] = field(default_factory=dict)
    electrodes: dict[int, Any] = field(default_factory=dict)  # of cells that NEURON itself moves
    wanted: list[tuple[str, Values, Index | None]] = field(default_factory=list)  # what they shall begin with

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.objects)

    def port(self, receptor: str) -> int:
        """The number of a receptor."""
        found = self.model.receptors[receptor].port
        if not isinstance(found, int):
            raise TypeError("a receptor's port is its number")
        return found

    def targets(self, receptor: str) -> Sequence[Any]:
        """What receives the input of a receptor, in the order of the cells."""
        return self.objects

    def netcon(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon from the cell."""
        return hoc().NetCon(self.objects[row], target, 0.0, delay, weight)

    def chosen(self, index: Index | None) -> list[Any]:
        """The point processes of these rows."""
        return self.objects if index is None else [self.objects[row] for row in index.tolist()]

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        cells = self.chosen(index)
        for name, value in values.items():
            if isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            put(cells, name, value)
        for cell in cells:
            cell.ready = 0.0

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        cells = self.chosen(index)
        return {name: take(cells, name) for name in names}

    def references(self, name: str, index: Index) -> Iterable[Any]:
        """NEURON's reference to a variable of each of these rows."""
        attribute, number = split(name)
        for cell in self.chosen(index):
            found = getattr(cell, f"_ref_{attribute}")
            yield found if number is None else found[number]

    def release(self) -> None:
        """Let NEURON delete the cells, whoever still has this block."""
        self.watched.clear()
        self.objects.clear()


def split(name: str) -> tuple[str, int | None]:
    """The variable and the number in its array: ``g[1]`` → ``g``, 1."""
    attribute, _, rest = name.partition("[")
    return attribute, int(rest[:-1]) if rest else None


def put(cells: Sequence[Any], name: str, value: float | Array) -> None:
    """Set one variable of each; a number counts for all."""
    attribute, number = split(name)
    column = np.broadcast_to(np.asarray(value, dtype=np.float64), (len(cells),)).tolist()
    if number is None:
        for cell, x in zip(cells, column, strict=True):
            setattr(cell, attribute, x)
    else:
        for cell, x in zip(cells, column, strict=True):
            getattr(cell, attribute)[number] = x


def take(cells: Sequence[Any], name: str) -> Array:
    """One variable of each."""
    attribute, number = split(name)
    if number is None:
        return np.array([getattr(cell, attribute) for cell in cells], dtype=np.float64)
    return np.array([getattr(cell, attribute)[number] for cell in cells], dtype=np.float64)


def put_key(process: Any, stream: int) -> None:
    """Give a mechanism the 128 bits of its stream, 32 at a time, which a double holds exactly."""
    for word in range(4):
        process.stream[word] = float(stream >> 32 * word & 0xFFFFFFFF)


def tell_ports(cells: Cells) -> None:
    """Tell the mechanisms what kind each of their ports is."""
    details = cells.model.details
    if not isinstance(details, Mechanism):
        return
    if not details.ports_are_kinds:
        put(cells.objects, "shape", float(details.kinds[0]))
        return
    put(cells.objects, "ports", float(len(details.kinds)))
    for number, kind in enumerate(details.kinds):
        put(cells.objects, f"kind[{number}]", float(kind))
