"""A block of cells: one point process of NEURON for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, NativeModel, Ragged, Values

from pynn_neuron.kernel import hoc, parallel
from pynn_neuron.models import Mechanism

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(eq=False)
class Cells:
    """The point processes in order, None for those of other processes, and the NetCons that tell when they fire."""

    takes: ClassVar[str] = "stepping"  # an event, see timing.early
    has_sections: ClassVar[bool] = False

    model: NativeModel
    objects: list[Any]
    stream: int = 0
    watched: dict[int, Any] = field(default_factory=dict)
    electrodes: dict[int, Any] = field(default_factory=dict)  # of cells that NEURON itself moves
    doors: dict[int, Any] = field(default_factory=dict)  # by port, what leads synapses to these cells, see fans.py
    wanted: list[tuple[str, Values, Index | None]] = field(default_factory=list)  # what they shall begin with
    mine: NDArray[np.bool_] | None = None  # which of them this process has, where it has not all
    first_gid: int | None = None  # NEURON's number of row 0, once other processes may listen

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.objects)

    def rows_here(self) -> list[int]:
        """Rows that this process has."""
        return list(range(self.size)) if self.mine is None else np.flatnonzero(self.mine).tolist()

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

    def wire(self, row: int, target: Any, delay: float, weight: float) -> Any:
        """A NetCon from the cell, wherever it is; from another process one that delivers a little later at the most."""
        if self.mine is None or self.mine[row]:
            return self.netcon(row, target, delay, weight)
        if self.first_gid is None:
            raise TypeError("cells are announced before others listen to them")
        netcon = parallel().gid_connect(self.first_gid + row, target)
        netcon.delay, netcon.weight[0] = delay, weight
        return netcon

    def chosen(self, index: Index | None) -> list[Any]:
        """The point processes of these rows."""
        if index is None:
            return self.objects if self.mine is None else [self.objects[row] for row in self.rows_here()]
        return [self.objects[row] for row in index.tolist()]

    def change(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of those of these rows that this process has."""
        if self.mine is not None:
            rows = np.arange(self.size, dtype=np.int64) if index is None else index
            kept = np.flatnonzero(self.mine[rows])
            values, index = {name: part(value, kept) for name, value in values.items()}, rows[kept]
        self.assign(values, index)

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
        """NEURON's reference to a variable of each of these rows, which this process has."""
        attribute, number = split(name)
        for cell in self.chosen(index):
            found = getattr(cell, f"_ref_{attribute}")
            yield found if number is None else found[number]

    def release(self) -> None:
        """Let NEURON delete the cells, whoever still has this block."""
        self.watched.clear()
        self.doors.clear()
        self.objects.clear()


def part(value: Values, rows: Index) -> Values:
    """Some rows of a value; what counts for all stays as it is."""
    if isinstance(value, Ragged):
        if len(value) == 1:
            return value
        kept = [value.row(row) for row in rows.tolist()]
        return Ragged(np.concatenate([np.empty(0), *kept]), np.cumsum([0, *map(len, kept)], dtype=np.int64))
    return value[rows] if isinstance(value, np.ndarray) and value.ndim else value


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
        put(cells.chosen(None), "shape", float(details.kinds[0]))
        return
    put(cells.chosen(None), "ports", float(len(details.kinds)))
    for number, kind in enumerate(details.kinds):
        put(cells.chosen(None), f"kind[{number}]", float(kind))
