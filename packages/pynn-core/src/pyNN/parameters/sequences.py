"""Parameters whose value for one cell is itself an array, such as a list of spike times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array


class ArrayParameter:
    """Several numbers as the one value of a parameter; arithmetic acts on each of them.

    It has no length, so that NumPy takes it for one element of an array.

    >>> ArrayParameter([74, 75]) + 2
    ArrayParameter([76. 77.])
    """

    is_lazyarray_scalar = True  # lazyarray takes it for one element

    def __init__(self, value: Iterable[float]) -> None:
        if isinstance(value, ArrayParameter):
            value = value.value
        numbers = value if isinstance(value, np.ndarray) else list(value)
        self.value: Array = np.array(numbers, dtype=np.float64)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.value)

    def __getitem__(self, item: Any) -> Any:
        return self.value[item]

    def _each(self, operation: Any, other: Any) -> Any:
        """The operation on every number; with an array, one result for each of its elements."""
        if isinstance(other, np.ndarray):
            found = np.empty(other.shape, dtype=object)
            for place, number in np.ndenumerate(other):
                found[place] = type(self)(operation(self.value, number))
            return found
        return type(self)(operation(self.value, other.value if isinstance(other, ArrayParameter) else other))

    def __add__(self, other: Any) -> Any:
        return self._each(np.add, other)

    def __sub__(self, other: Any) -> Any:
        return self._each(np.subtract, other)

    def __mul__(self, other: Any) -> Any:
        return self._each(np.multiply, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        return self._each(np.true_divide, other)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, ArrayParameter):
            return bool(np.array_equal(self.value, other.value))
        if isinstance(other, np.ndarray) and other.size and isinstance(other.flat[0], ArrayParameter):
            return np.array([self == item for item in other.flat]).reshape(other.shape)
        return False

    def __hash__(self) -> int:
        return hash(self.value.tobytes())

    def max(self) -> float:
        """The largest number."""
        return float(self.value.max())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value})"


class Sequence(ArrayParameter):
    """A series of numbers, such as the spike times (ms) of one cell.

    >>> Sequence([1.0, 2.5])
    Sequence([1.  2.5])
    """


@dataclass
class IonicSpecies:
    """An ion of a compartment: its name, reversal potential (mV) and concentrations (mM)."""

    ion_name: str
    reversal_potential: float
    internal_concentration: float | None = None
    external_concentration: float | None = None
