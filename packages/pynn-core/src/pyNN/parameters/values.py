"""Values of parameters as a script gives them, and as numbers once a size is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array, Ragged, Values

from pyNN.errors import InvalidDimensionsError, InvalidValueError, WrongUnitError
from pyNN.parameters.sequences import Sequence
from pyNN.random.distributions import RandomDistribution

Range = Literal["any", "positive", "nonnegative", "probability"]

_RANGES: Mapping[Range, tuple[str, Callable[[Array], Any]]] = {
    "any": ("a finite number", lambda values: np.isfinite(values)),
    "positive": ("a finite number above 0", lambda values: np.isfinite(values) & (values > 0)),
    "nonnegative": ("a finite number, 0 or more", lambda values: np.isfinite(values) & (values >= 0)),
    "probability": ("between 0 and 1", lambda values: (values >= 0) & (values <= 1)),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a model's parameter may be.

    Attributes
    ----------
    default
        A number, or a tuple for a series; None where the simulation decides (a synapse's delay).
    units
        PyNN's unit, "" for a pure number.
    range
        Which numbers the equations can use.
    """

    default: float | tuple[float, ...] | None
    units: str = ""
    range: Range = "any"

    @property
    def is_series(self) -> bool:
        """Whether a value is a series, such as spike times."""
        return isinstance(self.default, tuple)


def evaluate(
    owner: str, name: str, parameter: Parameter, value: object, size: int, draw: Callable[[RandomDistribution], Array]
) -> Values:
    """The value a script gave, as one number, an array of shape (size,) or ragged rows, checked.

    Raises
    ------
    InvalidValueError, InvalidDimensionsError, WrongUnitError
        Naming owner, parameter, first index and count.
    """
    value = strip_units(owner, name, parameter.units, value)
    if parameter.is_series:
        series = _series(owner, name, value, size)
        check_range(owner, name, parameter.range, series.data)
        return series
    if isinstance(value, RandomDistribution):
        result: float | Array = draw(value)
    elif callable(value):
        result = np.array([float(value(k)) for k in range(size)])
    else:
        result = _numbers(owner, name, value)
    if isinstance(result, np.ndarray) and result.shape != (size,):
        raise InvalidDimensionsError(owner, name, result.shape, f"({size},)")
    check_range(owner, name, parameter.range, result)
    return result


def check_range(owner: str, name: str, range_: Range, values: float | Array) -> None:
    """Refuse what the equations cannot use, in one pass."""
    allowed, good = _RANGES[range_]
    fine = good(np.asarray(values, dtype=np.float64))
    if not fine.all():
        bad = np.flatnonzero(~np.atleast_1d(fine))
        first = float(np.atleast_1d(values)[bad[0]])
        index = int(bad[0]) if isinstance(values, np.ndarray) else None
        raise InvalidValueError(owner, name, first, allowed, index=index, count=len(bad))


def range_covers(range_: Range, low: float, high: float) -> bool:
    """Whether all finite numbers from ``low`` to ``high`` lie in a range."""
    match range_:
        case "positive":
            return low > 0
        case "nonnegative":
            return low >= 0
        case "probability":
            return low >= 0 and high <= 1
        case _:
            return True


def strip_units(owner: str, name: str, units: str, value: object) -> object:
    """A quantity as plain numbers in ``units``; anything else unchanged."""
    if not hasattr(value, "rescale"):
        return value
    try:
        converted = value.rescale(units or "dimensionless")
    except ValueError as error:
        given = str(getattr(value, "dimensionality", value))
        raise WrongUnitError(owner, name, given, units or "a pure number") from error
    magnitude = np.asarray(converted.magnitude, dtype=np.float64)
    return float(magnitude) if magnitude.ndim == 0 else magnitude


def _numbers(owner: str, name: str, value: object) -> float | Array:
    if isinstance(value, str | bytes | bool | complex) or value is None:
        raise InvalidValueError(owner, name, value, "a number")
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidValueError(owner, name, value, "a number, or one for each cell") from error
    return float(array) if array.ndim == 0 else array


def _series(owner: str, name: str, value: object, size: int) -> Ragged:
    """Rows of times: one list for all, or one for each cell."""
    if isinstance(value, Ragged):
        rows = [value.row(k) for k in range(len(value))]
    elif callable(value) and not isinstance(value, Sequence):
        rows = _called(value, size)
    else:
        rows = _rows(owner, name, value)
    if len(rows) == 1 and size != 1:
        rows = rows * size
    if len(rows) != size:
        raise InvalidDimensionsError(owner, name, (len(rows),), f"({size},), one list of times for each cell")
    splits = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
    data = np.concatenate(rows) if rows else np.empty(0)
    bad = np.flatnonzero(~np.isfinite(data))
    if len(bad):
        cell = int(np.searchsorted(splits, bad[0], side="right")) - 1
        raise InvalidValueError(owner, name, float(data[bad[0]]), "a finite number", index=cell, count=len(bad))
    return Ragged(np.asarray(data, dtype=np.float64), splits)


def _called(function: Callable[[Any], Any], size: int) -> list[Array]:
    """Times of each cell from a function of its index, or, as in PyNN 0.13, of the array of all indices.

    One that takes the array gives a list of :class:`Sequence`; whatever else it does with an array, it is called for
    one cell at a time.
    """
    try:
        found = function(np.arange(size))
        if isinstance(found, list) and len(found) == size and all(isinstance(row, Sequence) for row in found):
            return [row.value for row in found]
    except (TypeError, ValueError):
        pass  # it wants one index
    return [Sequence(function(k)).value for k in range(size)]


def _rows(owner: str, name: str, value: object) -> list[Array]:
    if isinstance(value, Sequence):
        return [value.value]
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InvalidValueError(owner, name, value, "a list of times, or one list for each cell")
    items = list(value)
    nested = [item for item in items if isinstance(item, Sequence | list | tuple | np.ndarray)]
    try:
        if not nested:
            return [np.array(items, dtype=np.float64)]
        return [Sequence(item).value for item in items]
    except (TypeError, ValueError) as error:
        raise InvalidValueError(owner, name, value, "a list of times, or one list for each cell") from error
