"""Arrays that are evaluated when they are needed, and spaces of parameters made of them.

The computing itself is that of the library ``lazyarray``, on which PyNN's own class was always built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from lazyarray import VectorizedIterable, larray, partial_shape

from pyNN.errors import (
    ExpressionError,
    InvalidDimensionsError,
    InvalidParameterValueError,
    NonExistentParameterError,
    PyNNError,
)
from pyNN.expressions import Expression
from pyNN.parameters.sequences import ArrayParameter, Sequence
from pyNN.random.distributions import RandomDistribution
from pyNN.random.generators import NativeRNG


class _Draws(VectorizedIterable):  # type: ignore[misc]  # lazyarray is not typed
    """A distribution as lazyarray asks for it."""

    def __init__(self, distribution: RandomDistribution) -> None:
        self.distribution = distribution

    def next(self, n: int, mask: Any = None) -> Any:
        """n values."""
        return self.distribution.next(n, mask=mask)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["distribution"], name)

    def __eq__(self, other: object) -> bool:
        return self.distribution == getattr(other, "distribution", other)

    def __hash__(self) -> int:
        return id(self.distribution)


class LazyArray(larray):  # type: ignore[misc]  # lazyarray is not typed
    """An array whose elements are computed when they are asked for.

    Parameters
    ----------
    value
        A number, an array, a distribution, a function of the indices, or a text: an expression in ``d``.
    shape
        Its shape, where that is known.
    """

    def __init__(self, value: Any, shape: tuple[int, ...] | None = None, dtype: Any = None) -> None:
        if isinstance(value, str):
            try:
                value = _distance_function(value)
            except ExpressionError as error:
                raise InvalidParameterValueError(f"A text must be an expression in d. {error}") from error
        super().__init__(_Draws(value) if isinstance(value, RandomDistribution) else value, shape, dtype)

    def __setitem__(self, address: Any, value: Any) -> None:
        self.check_bounds(address)
        if self.is_homogeneous and np.isscalar(value) and self.evaluate(simplify=True) == value:
            return
        self.base_value = self.evaluate()
        self.base_value[address] = value
        self.operations: list[Any] = []

    def by_column(self, mask: Any = None) -> Iterator[Any]:
        """The columns one after the other, those of ``mask`` where one is given; a number where all are equal."""
        columns = np.arange(self.ncols)[slice(None) if mask is None else mask]
        if isinstance(self.base_value, _Draws) and mask is not None:
            yield from self._columns_drawn(columns)
            return
        for column in np.atleast_1d(columns):
            yield self._partially_evaluate((slice(None), int(column)), simplify=True)

    def _columns_drawn(self, columns: Any) -> Iterator[Any]:
        """Draw every column, so that each gets the same values whichever of them are asked for."""
        wanted = set(np.atleast_1d(columns).tolist())
        for column in range(self.ncols):
            drawn = self._partially_evaluate((slice(None), column), simplify=True)
            if column in wanted:
                yield drawn


def _distance_function(text: str) -> Callable[[Any], Any]:
    expression = Expression(text, ("d",))
    return lambda d: expression(d=d)


def simplify(value: Any) -> Any:
    """One number where all elements of an array are equal; anything else as it is."""
    if isinstance(value, np.ndarray) and value.size and (value == value.flat[0]).all():
        return value.flat[0]
    return value


class ParameterSpace:
    """Named parameters as lazy arrays, possibly in several levels, each name checked against a schema.

    Parameters
    ----------
    parameters
        Name → value, or name → parameters of a component.
    schema
        Name → type of one element; None: any name is allowed.
    shape
        Shape of every array, where it is known.
    component
        The class that the parameters belong to, for messages.
    """

    def __init__(
        self,
        parameters: Mapping[str, Any],
        schema: Mapping[str, Any] | None = None,
        shape: tuple[int, ...] | None = None,
        component: Any = None,
    ) -> None:
        self._parameters: dict[str, Any] = {}
        self.schema = dict(schema) if schema is not None else None
        self._shape, self.component, self._evaluated = shape, component, False
        self.update(**parameters)

    # -- values -------------------------------------------------------------------------------------------------

    def update(self, **parameters: Any) -> None:
        """Set these parameters."""
        for name, value in parameters.items():
            self[name] = value

    def __setitem__(self, name: str, value: Any) -> None:
        kind: Any = None
        if self.schema is not None:
            if name not in self.schema:
                owner = getattr(self.component, "__name__", "unknown")
                raise NonExistentParameterError(name, owner, list(self.schema))
            kind = self.schema[name]
        if isinstance(value, ParameterSpace):
            self._parameters[name] = value
        elif isinstance(value, Mapping):
            self._parameters[name] = ParameterSpace(value, kind, self._shape, self.component)
        else:
            self._parameters[name] = self._lazy(name, value, kind)

    def _lazy(self, name: str, value: Any, kind: Any) -> LazyArray:
        if kind is Sequence and not isinstance(value, LazyArray):
            value = _series(value)
        if isinstance(value, LazyArray):
            if self._shape is not None:
                value.shape = self._shape
            return value
        if isinstance(value, larray):
            return LazyArray(value.base_value, self._shape, kind)
        try:
            return LazyArray(value, self._shape, kind)
        except (InvalidDimensionsError, InvalidParameterValueError):
            raise
        except ValueError as error:
            shape = np.shape(value)
            raise InvalidDimensionsError("ParameterSpace", name, shape, str(self._shape)) from error
        except (TypeError, AttributeError) as error:
            expected = getattr(kind, "__name__", kind)
            raise InvalidParameterValueError(f"{name} is {value!r}. It must be of type {expected}.") from error

    def __getitem__(self, name: str) -> Any:
        return self._parameters[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parameters

    def __len__(self) -> int:
        return len(self._parameters)

    def keys(self) -> Any:
        """Names."""
        return self._parameters.keys()

    def items(self) -> Any:
        """Names with their values."""
        return self._parameters.items()

    def pop(self, name: str, d: Any = None) -> Any:
        """Take a parameter out; ``d`` where there is none."""
        if self.schema is not None:
            self.schema.pop(name, None)
        return self._parameters.pop(name, d)

    # -- shape --------------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...] | None:
        """Shape of every array; None where it is not known."""
        return self._shape

    @shape.setter
    def shape(self, shape: tuple[int, ...] | None) -> None:
        self._shape = shape
        for value in self._parameters.values():
            value.shape = shape

    def evaluate(self, mask: Any = None, simplify: bool = False) -> None:
        """Turn every lazy array into an array, only the elements of ``mask`` where one is given.

        Parameters
        ----------
        simplify
            One number in place of an array of equal elements.
        """
        if self._shape is None:
            raise PyNNError("The ParameterSpace has no shape yet. Set its shape before evaluate().")
        for name, value in self._parameters.items():
            if isinstance(value, ParameterSpace):
                value.evaluate(mask, simplify)
            elif isinstance(value, larray):
                if mask is None:
                    found = value.evaluate(simplify=simplify)
                else:
                    found = value._partially_evaluate(mask, simplify=simplify)
                self._parameters[name] = found
        if mask is not None:
            self._shape = partial_shape(mask, self._shape)
        self._evaluated = True

    def expand(self, new_shape: tuple[int, ...], mask: Any) -> None:
        """Take a larger shape; the present elements go to the places of ``mask``, NaN to the others."""
        for value in self._parameters.values():
            if isinstance(value, ParameterSpace):
                value.expand(new_shape, mask)
            elif isinstance(value.base_value, np.ndarray):
                numbers = value.base_value.dtype.kind in "iuf"
                wide = np.full(new_shape, np.nan) if numbers else np.empty(new_shape, object)
                wide[mask] = value.base_value
                value.base_value, value.shape = wide, new_shape
            else:
                value.shape = new_shape
        self._shape = new_shape

    def flatten(self, with_prefix: bool = True) -> None:
        """Put the parameters of components into one level, ``component.name`` (or ``name``)."""
        flat: dict[str, Any] = {}
        schema: dict[str, Any] | None = None if self.schema is None else {}
        for name, value in self._parameters.items():
            inside = value.items() if isinstance(value, ParameterSpace) else [(None, value)]
            for inner, item in inside:
                full = name if inner is None else f"{name}.{inner}" if with_prefix else inner
                flat[full] = item
                if schema is not None and self.schema is not None:
                    schema[full] = self.schema[name] if inner is None else self.schema[name][inner]
        self._parameters, self.schema = flat, schema

    # -- evaluated ----------------------------------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """Name → value, once evaluated."""
        self._require()
        return {n: v.as_dict() if isinstance(v, ParameterSpace) else v for n, v in self._parameters.items()}

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The parameters of each element in turn, once evaluated."""
        self._require()
        if self._shape is None or len(self._shape) != 1:
            raise PyNNError("Only a ParameterSpace of one dimension can be walked through. Use columns().")
        for k in range(self._shape[0]):
            yield self._at(k)

    def _at(self, k: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self._parameters.items():
            if isinstance(value, ParameterSpace):
                found[name] = value._at(k)
            else:
                found[name] = value[k] if isinstance(value, np.ndarray) else value
        return found

    def columns(self) -> Iterator[dict[str, Any]]:
        """The parameters of each column in turn, once evaluated."""
        self._require()
        if self._shape is None:
            return
        if len(self._shape) == 1:
            yield self.as_dict()
            return
        for column in range(self._shape[1]):
            yield {n: v[:, column] if isinstance(v, np.ndarray) else v for n, v in self._parameters.items()}

    def _require(self) -> None:
        if not self._evaluated:
            raise PyNNError("The ParameterSpace is not evaluated yet. Call evaluate() first.")

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def is_homogeneous(self) -> bool:
        """Whether every parameter has one value for all elements."""
        return all(
            value.is_homogeneous if isinstance(value, larray | ParameterSpace) else not isinstance(value, np.ndarray)
            for value in self._parameters.values()
        )

    def _generators(self) -> list[Any]:
        bases = [value.base_value for value in self._parameters.values() if isinstance(value, larray)]
        return [base.rng for base in bases if isinstance(base, _Draws)]

    @property
    def parallel_safe(self) -> bool:
        """Whether a generator among the parameters is safe to draw from on several processes."""
        return any(getattr(rng, "parallel_safe", False) for rng in self._generators())

    @property
    def has_native_rngs(self) -> bool:
        """Whether a parameter is drawn by the simulator itself."""
        return any(isinstance(rng, NativeRNG) for rng in self._generators())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ParameterSpace) or list(self.keys()) != list(other.keys()):
            return False
        return all(_equal(self[name], other[name]) for name in self.keys()) and self.shape == other.shape

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}: {value}" for name, value in self._parameters.items())
        return f"<ParameterSpace {inside}, shape={self.shape}>"


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, larray) and isinstance(b, larray):
        return bool(np.all(a.base_value == b.base_value)) and a.operations == b.operations
    return bool(np.all(a == b))


def _series(value: Any) -> Any:
    """One series for all elements, or an array of series."""
    if isinstance(value, ArrayParameter):
        return value
    if isinstance(value, list | tuple | np.ndarray):
        if len(value) and isinstance(value[0], list | tuple | np.ndarray | ArrayParameter):
            found = np.empty(len(value), dtype=object)
            for k, row in enumerate(value):
                found[k] = row if isinstance(row, Sequence) else Sequence(row)
            return found
        return Sequence(value)
    return value
