"""What every block of neurons has: Brian's group, what is recorded of it, and what its spikes reach."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Ragged, Values

from pynn_brian2.holding import Holding
from pynn_brian2.quiet import brian2
from pynn_brian2.taps import SpikeTap


class Neurons(ABC):
    """A block of neurons; ``group`` is None where there are none.

    Attributes
    ----------
    parts
        Brian's objects that take part in the network.
    outgoing, incoming
        Synapses that are told of its spikes.
    """

    def __init__(self, model: NativeModel, size: int) -> None:
        self.model, self.size = model, size
        self.group: Any = None
        self.parts: list[Any] = []
        self.taps: list[SpikeTap] = []
        self.outgoing: list[Any] = []
        self.incoming: list[Any] = []

    @abstractmethod
    def column(self, name: str) -> Array:
        """Values of all rows; of a parameter or of state, Brian's own array."""

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set parameters or state of these rows."""
        rows = slice(None) if index is None else index
        for name, value in values.items():
            if isinstance(value, Ragged):
                raise TypeError(f"{name} is a number for each cell")
            if self.size:
                self.column(name)[rows] = np.asarray(value)

    def make_group(self, equations: str, clock: Any, code: type[Any], **options: Any) -> None:
        """Brian's group of them."""
        self.group = brian2.NeuronGroup(
            self.size, equations, clock=clock, codeobj_class=code, name="cells*", **options
        )

    @abstractmethod
    def arrival(self, port: int) -> tuple[str, str]:
        """Where a weight of this receptor goes: a variable, and the factor on it ("1", or the name of a variable)."""

    def arriving(self, name: str) -> Array:
        """Values of all rows of a variable that ``arrival`` names, Brian's own array."""
        return self.column(name)

    @abstractmethod
    def tau_syn(self, port: int) -> str:
        """The time constant with which a receptor's input decays, as code of a synapse, ms."""

    @abstractmethod
    def inject_nothing(self) -> None:
        """No current flows."""

    @abstractmethod
    def inject(self, rows: Index, current: Array | float) -> None:
        """Add to the current into these rows, nA."""

    def end_step(self) -> Index:
        """The rows that fired in this step."""
        if self.group is None or "_spikespace" not in self.group.variables:
            return np.empty(0, np.int64)
        spikes = self.group.variables["_spikespace"].get_value()
        rows: Index = spikes[: spikes[-1]].astype(np.int64)
        return rows

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows."""
        rows = slice(None) if index is None else index
        return {name: np.array(self.column(name)[rows]) for name in names}


class PlainCells(Neurons):
    """Cells whose variables are plain numbers in PyNN's units, and which the backend holds and injects currents into.

    Attributes
    ----------
    columns
        Brian's own arrays of parameters and state, by name, each of shape (size,).
    injected
        The current into each over the next step, nA, shape (size,).
    injected_changed
        Whether it did since somebody looked.
    """

    def __init__(self, model: NativeModel, size: int) -> None:
        super().__init__(model, size)
        self.columns: dict[str, Array] = {}
        self.injected, self.injected_changed = np.zeros(size), True

    def make_plain_group(self, names: Iterable[str], clock: Any, code: type[Any], **options: Any) -> dict[str, Array]:
        """Brian's group with these variables, "free" among them; gives its arrays."""
        found = dict.fromkeys(names, np.empty(0))
        if self.size:
            self.make_group("\n".join(f"{name} : 1" for name in found), clock, code, **options)
            found = {name: self.group.variables[name].get_value() for name in found}
        self.holding = Holding(found["free"])
        return found

    def column(self, name: str) -> Array:
        """Values of all rows, as Brian has them."""
        return self.columns[name]

    def inject_nothing(self) -> None:
        """No current flows."""
        self.injected[:], self.injected_changed = 0.0, True

    def inject(self, rows: Index, current: Array | float) -> None:
        """Add to the current into these rows, nA."""
        np.add.at(self.injected, rows, current)
        self.injected_changed = True
