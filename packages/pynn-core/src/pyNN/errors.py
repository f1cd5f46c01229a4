"""Every mistake that PyNN reports: what is wrong with its value, where it stood, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Iterable

from cawan.errors import listing, suggestion

from pyNN._file_errors import UnreadableFileError, UnwritableFileError
from pyNN._state_errors import (
    BackendBusyError,
    CallbackError,
    FixedNetworkError,
    NoSimulatorError,
    NotFiniteError,
    NotLocalError,
    OtherSimulatorError,
    RunawayError,
    StaleObjectError,
    TimeError,
)
from pyNN._value_errors import (
    CellNotFoundError,
    ConnectionError,
    DelayRangeError,
    InvalidDimensionsError,
    InvalidIndexError,
    InvalidParameterValueError,
    InvalidValueError,
    InvalidWeightError,
    NotInjectableError,
    PyNNError,
    ReceptorTypeError,
    RefusedValueError,
    SelectionError,
    WrongUnitError,
)

__all__ = [
    "BackendBusyError",
    "CallbackError",
    "CellNotFoundError",
    "ConnectionError",
    "DelayRangeError",
    "EquationError",
    "ExpressionError",
    "FixedNetworkError",
    "InvalidDimensionsError",
    "InvalidIndexError",
    "InvalidModelError",
    "InvalidParameterValueError",
    "InvalidValueError",
    "InvalidWeightError",
    "NoModelAvailableError",
    "NoSimulatorError",
    "NonExistentParameterError",
    "NotFiniteError",
    "NotInjectableError",
    "NotLocalError",
    "NothingRecordedError",
    "NothingToWriteError",
    "OtherSimulatorError",
    "PyNNError",
    "ReceptorTypeError",
    "RecordingError",
    "RefusedValueError",
    "RoundingWarning",
    "RunawayError",
    "SelectionError",
    "StaleObjectError",
    "TimeError",
    "UnavailableModelError",
    "UnknownNameError",
    "UnknownOptionError",
    "UnknownParameterError",
    "UnreadableFileError",
    "UnwritableFileError",
    "WrongUnitError",
]


class UnknownOptionError(PyNNError, TypeError):
    """``setup`` was given a name that no simulator knows."""

    def __init__(self, name: str, allowed: Iterable[str]) -> None:
        self.name, self.allowed = name, sorted(allowed)
        super().__init__(
            f"setup() has no argument {name!r}. It has: {listing(self.allowed, 40)}." + suggestion(name, self.allowed)
        )


class UnavailableModelError(PyNNError, AttributeError):
    """A standard model that this simulator lacks; ``elsewhere`` names the installed ones that have it.

    ``reason`` is what the simulator's plug-in says of it, in sentences.
    """

    def __init__(self, model: str, simulator: str, elsewhere: Iterable[str], reason: str = "") -> None:
        self.model, self.simulator, self.elsewhere = model, simulator, sorted(elsewhere)
        found = f"Installed simulators that have it: {listing(self.elsewhere)}." if self.elsewhere else ""
        super().__init__(" ".join(filter(None, (f"{model} is not available on {simulator}.", reason, found))))


class UnknownNameError(PyNNError, AttributeError):
    """A simulator module has no such name; ``hint`` says what a script does instead, where that is known."""

    def __init__(self, module: str, name: str, choices: Iterable[str], hint: str = "") -> None:
        self.module, self.name, self.hint = module, name, hint
        super().__init__(f"{module} has no name {name!r}.{' ' + hint if hint else suggestion(name, choices)}")


class UnknownParameterError(PyNNError, KeyError):
    """A model has no parameter or variable of this name; ``remedy`` says what to do, where that is known."""

    def __init__(
        self, name: str, model: str, allowed: Iterable[str], noun: str = "parameter", remedy: str = ""
    ) -> None:  # fmt: skip
        self.name, self.model, self.allowed = name, model, sorted(allowed)
        self.text = f"{model} has no {noun} {name!r}. It has: {listing(self.allowed)}."
        self.text += f" {remedy}" if remedy else suggestion(name, self.allowed)
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


class RecordingError(PyNNError, KeyError):
    """A variable that cannot be recorded from these cells."""

    def __init__(self, variable: str, owner: str, allowed: Iterable[str]) -> None:
        self.variable, self.allowed = variable, sorted(allowed)
        self.text = f"{owner} cannot record {variable!r}. It can record: {listing(self.allowed)}."
        self.text += suggestion(variable, self.allowed) or _word_of(variable, self.allowed)
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


def _word_of(name: str, choices: Iterable[str]) -> str:
    """As ``suggestion``, for a simulator's own name in which one of ours is a word: m in seg.m_hh_traub."""
    words = "".join(letter if letter.isalnum() else " " for letter in name).split()
    match = next((choice for choice in choices if choice in words), "")
    return f" Did you mean {match!r}?" if match else ""


class NothingToWriteError(PyNNError, OSError):
    """There are no data to hand over or to write; the name of PyNN 0.13."""


class NothingRecordedError(NothingToWriteError, ValueError):
    """Data were asked for that were not recorded."""

    def __init__(self, owner: str, variable: str) -> None:
        super().__init__(f"{owner}: {variable!r} was not recorded. Call record({variable!r}) before run().")


class ExpressionError(InvalidParameterValueError):
    """A text that is not an expression PyNN evaluates; a caret stands under the place."""

    def __init__(self, expression: str, reason: str, column: int | None = None, allowed: str = "") -> None:
        self.expression, self.reason, self.column, self.allowed = expression, reason, column, allowed
        shown = expression if len(expression) <= 200 else expression[:200] + "…"
        caret = "" if column is None or column >= 200 else f"\n    {' ' * column}^"
        super().__init__(f"This expression cannot be used: {reason}.{allowed}\n    {shown}{caret}")


class EquationError(InvalidParameterValueError):
    """A part of a cell's equations that PyNN cannot solve; a caret stands under the place.

    Attributes
    ----------
    cell, where
        The cell type, and which of its parts: "the equation of v (line 2)".
    """

    def __init__(
        self, cell: str, where: str, reason: str, allowed: str, text: str = "", column: int | None = None
    ) -> None:
        self.cell, self.where, self.reason, self.allowed = cell, where, reason, allowed
        self.text, self.column = text, column
        shown = text if len(text) <= 200 else text[:200] + "…"
        place = f"\n    {shown}" if text else ""
        caret = "" if column is None or column >= 200 or not text else f"\n    {' ' * column}^"
        super().__init__(f"{cell}: {where} cannot be used: {reason}. {allowed.strip()}{place}{caret}")


class InvalidModelError(PyNNError, TypeError):
    """A cell or synapse type that does not fit where it is used."""


class RoundingWarning(UserWarning):
    """A value lies between two that the simulator has."""


# Names of PyNN 0.13 for the same mistakes.
NonExistentParameterError = UnknownParameterError
NoModelAvailableError = UnavailableModelError
