"""Values of single connections: read at once, changed here one by one, written together before anything sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array

from pyNN.connectors.base import Rows

if TYPE_CHECKING:
    from pyNN.projections.projection import Projection


@dataclass
class Column:
    """One value of all connections: as it is ``now``, and as it is at time 0, after a reset; shape (n,) each."""

    now: Array
    initial: Array
    changed: bool = False


@dataclass
class SingleValues:
    """What a script reads and sets of one connection at a time.

    A loop over connections would otherwise read or write all of them for each. Values that a simulation changes are
    read anew once it has gone on.
    """

    projection: Projection
    _columns: dict[str, Column] = field(default_factory=dict)
    _moment: tuple[int, float] | None = None
    _ends: Rows | None = None

    def ends(self) -> Rows:
        """Both ends of every connection."""
        if self._ends is None:
            self._ends = Rows(*self.projection.indices())
        return self._ends

    def value(self, k: int, name: str) -> float:
        """One value of connection ``k``, as it is now."""
        return float(self._column(name).now[k])

    def change(self, k: int, name: str, value: float) -> None:
        """Change one value of connection ``k`` from now on."""
        projection = self.projection
        value = projection.checked(k, name, value)
        column = self._column(name)
        column.now[k] = column.initial[k] = value
        column.changed = True
        projection.keep(name, column.initial)
        projection.simulator.unwritten[id(self)] = self

    def write(self) -> None:
        """Hand what was changed to the simulator."""
        self.projection.simulator.unwritten.pop(id(self), None)
        for name, column in self._columns.items():
            if column.changed:
                column.changed = False
                self.projection.write(name, column.now)

    def forget(self) -> None:
        """Read anew what is asked for next; what was changed and not written is as it was kept."""
        self.projection.simulator.unwritten.pop(id(self), None)
        self._columns = {}

    def _column(self, name: str) -> Column:
        moment = self.projection.moment()
        if moment != self._moment:
            self._columns, self._moment = {}, moment
        if name not in self._columns:
            now, initial = self.projection.values_in_rows(name), self.projection.values_at_start(name)
            self._columns[name] = Column(np.array(now), np.array(initial))
        return self._columns[name]
