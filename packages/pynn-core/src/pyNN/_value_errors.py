"""Mistakes in a value: a number, an array, a unit, a delay, a receptor, a file name; import from :mod:`pyNN.errors`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from cawan.errors import CawanError, listing, suggestion


class PyNNError(CawanError):
    """Any mistake that PyNN reports."""

    exit_code: ClassVar[int] = 1


class InvalidParameterValueError(PyNNError, ValueError):
    """A value that a parameter cannot have; the name of PyNN 0.13."""


class ConnectionError(PyNNError, ValueError):  # the name of PyNN 0.13, which scripts catch
    """A connector that cannot connect these two groups of cells, or a weight or delay that no synapse can have."""


class RefusedValueError(InvalidParameterValueError):
    """What the simulator itself does not take, in its own words; its own error is the cause.

    Attributes
    ----------
    owner, names
        The label of the population or projection, and the parameters that the script gave.
    """

    def __init__(self, simulator: str, owner: str, names: tuple[str, ...], reason: Exception) -> None:
        self.owner, self.names = owner, names
        words = " ".join(str(reason).split()).rstrip(".") or type(reason).__name__
        what = f"what was given, {', '.join(names)}" if names else "it"
        super().__init__(f"{owner}: {simulator} does not take {what}. It says: {words}.")


class InvalidValueError(InvalidParameterValueError):
    """A parameter, weight or delay that the equations cannot use.

    Attributes
    ----------
    owner, name
        The population, projection or model, and the parameter.
    value
        The first bad value.
    index, count
        Where it stands (None: it is the one value for all) and how many there are.
    """

    def __init__(
        self, owner: str, name: str, value: object, allowed: str, *, index: object = None, count: int = 1
    ) -> None:
        self.owner, self.name, self.value = owner, name, value
        self.allowed, self.index, self.count = allowed, index, count
        place = "" if index is None else f" at {index}" if isinstance(index, str) else f" of cell {index}"
        more = f" ({count} values in all are wrong)" if count > 1 else ""
        super().__init__(f"{owner}: {name}{place} is {value!r}{more}. It must be {allowed}.")


class InvalidDimensionsError(PyNNError, ValueError):
    """An array of another shape than the cells or synapses that it is for."""

    def __init__(self, owner: str, name: str, shape: tuple[int, ...], expected: str) -> None:
        self.owner, self.name, self.shape, self.expected = owner, name, shape, expected
        super().__init__(f"{owner}: {name} has shape {shape}. It must be one value, or have shape {expected}.")


class InvalidWeightError(InvalidValueError, ConnectionError):
    """A weight of the sign that its receptor cannot have."""


class InvalidIndexError(InvalidValueError, ConnectionError):
    """A connection from or to a cell that does not exist."""


class WrongUnitError(InvalidParameterValueError):
    """A quantity of another dimension than the parameter."""

    def __init__(self, owner: str, name: str, given: str, units: str) -> None:
        self.owner, self.name, self.given, self.units = owner, name, given, units
        super().__init__(
            f"{owner}: {name} is given in {given}, which cannot be converted to {units}. Give it in {units}."
        )


class DelayRangeError(ConnectionError):
    """A delay outside what the simulation allows."""

    def __init__(
        self, projection: str, delay: float, low: float, high: float | None, place: str = "", count: int = 1
    ) -> None:
        self.projection, self.delay, self.low, self.high, self.count = projection, delay, low, high, count
        above = high is not None and delay > high
        bound = f"above max_delay = {high:g} ms" if above else f"below min_delay = {low:g} ms"
        remedy = f"setup(max_delay={delay:g})" if above else f"setup(min_delay={delay:g})"
        usable = delay > 0 and delay == delay
        more = f" ({count} delays in all are wrong)" if count > 1 else ""
        super().__init__(
            f"{projection}: the delay{place} is {delay:g} ms, {bound}{more}. "
            + (f"Use {low:g} ms or more" if not above else f"Use at most {high:g} ms")
            + (f", or call {remedy}." if usable else ".")
        )


class ReceptorTypeError(ConnectionError):
    """Synapses onto a receptor type that the target does not have."""

    def __init__(self, receptor_type: str, owner: str, allowed: Iterable[str]) -> None:
        self.receptor_type, self.allowed = receptor_type, list(allowed)
        super().__init__(
            f"{owner} has no receptor type {receptor_type!r}. It has: {listing(self.allowed)}."
            + suggestion(receptor_type, self.allowed)
        )


class CellNotFoundError(PyNNError, IndexError, ValueError):
    """A cell that a population, view or assembly does not hold."""


class NotInjectableError(PyNNError, TypeError):
    """A current for cells that have no membrane, or whose equations have no ``i_inj``."""

    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(
            f"A current cannot be injected into {label!r}. "
            "Inject into cells with a membrane; equations must have i_inj, the current that flows in."
        )


class SelectionError(PyNNError, TypeError):
    """Something that selects no cells."""
