"""Every mistake that PyNN reports: what is wrong with its value, where it stood, what is allowed, what to do."""

from __future__ import annotations

from collections.abc import Iterable

from cawan.errors import listing, suggestion

from pyNN._value_errors import (
    CellNotFoundError,
    ConnectionError,
    DelayRangeError,
    InvalidDimensionsError,
    InvalidParameterValueError,
    InvalidValueError,
    InvalidWeightError,
    NotInjectableError,
    PyNNError,
    ReceptorTypeError,
    SelectionError,
    UnreadableFileError,
    UnwritableFileError,
    WrongUnitError,
)

__all__ = [
    "BackendBusyError",
    "CallbackError",
    "CellNotFoundError",
    "ConnectionError",
    "DelayRangeError",
    "ExpressionError",
    "FixedNetworkError",
    "InvalidDimensionsError",
    "InvalidModelError",
    "InvalidParameterValueError",
    "InvalidValueError",
    "InvalidWeightError",
    "NoModelAvailableError",
    "NoSimulatorError",
    "NonExistentParameterError",
    "NotInjectableError",
    "NotLocalError",
    "NothingRecordedError",
    "NothingToWriteError",
    "PyNNError",
    "ReceptorTypeError",
    "RecordingError",
    "RoundingWarning",
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


class NoSimulatorError(PyNNError, RuntimeError):
    """Something was asked of a network before ``setup`` or after ``end``."""

    def __init__(self, what: str, simulator: str) -> None:
        super().__init__(f"{what} needs a simulation, and there is none on {simulator!r}. Call setup() first.")


class StaleObjectError(PyNNError, RuntimeError):
    """A population or projection of a simulation that is over: it can still be read, not changed or connected."""

    def __init__(self, kind: str, label: str) -> None:
        self.label = label
        super().__init__(f"{kind} {label!r} belongs to a simulation that is over (setup() or end() came after it). "
                         "Create it again.")  # fmt: skip


class BackendBusyError(PyNNError, RuntimeError):
    """A simulator whose kernel is one per process is in use by another Simulator object."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} runs one network per process, and another Simulator object uses it. Call end() on that one first."
        )


class CallbackError(PyNNError, RuntimeError):
    """A callback tried to steer the clock that it is called by."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was called in a callback of run(), which is not over yet. Call it after run(); a callback may "
            "set, record, inject and connect."
        )


class UnknownOptionError(PyNNError, TypeError):
    """``setup`` was given a name that no simulator knows."""

    def __init__(self, name: str, allowed: Iterable[str]) -> None:
        self.name, self.allowed = name, sorted(allowed)
        super().__init__(
            f"setup() has no argument {name!r}. It has: {listing(self.allowed, 40)}." + suggestion(name, self.allowed)
        )


class UnavailableModelError(PyNNError, AttributeError):
    """A standard model that this simulator lacks; ``elsewhere`` names the installed ones that have it."""

    def __init__(self, model: str, simulator: str, elsewhere: Iterable[str]) -> None:
        self.model, self.simulator, self.elsewhere = model, simulator, sorted(elsewhere)
        found = f"Installed simulators that have it: {listing(self.elsewhere)}." if self.elsewhere else ""
        super().__init__(f"{model} is not available on {simulator}. {found}".rstrip())


class UnknownNameError(PyNNError, AttributeError):
    """A simulator module has no such name."""

    def __init__(self, module: str, name: str, choices: Iterable[str]) -> None:
        self.module, self.name = module, name
        super().__init__(f"{module} has no name {name!r}.{suggestion(name, choices)}")


class UnknownParameterError(PyNNError, KeyError):
    """A model has no parameter or variable of this name."""

    def __init__(self, name: str, model: str, allowed: Iterable[str], noun: str = "parameter") -> None:
        self.name, self.model, self.allowed = name, model, sorted(allowed)
        self.text = f"{model} has no {noun} {name!r}. It has: {listing(self.allowed)}."
        self.text += suggestion(name, self.allowed)
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


class RecordingError(PyNNError, KeyError):
    """A variable that cannot be recorded from these cells."""

    def __init__(self, variable: str, owner: str, allowed: Iterable[str]) -> None:
        self.variable, self.allowed = variable, sorted(allowed)
        self.text = f"{owner} cannot record {variable!r}. It can record: {listing(self.allowed)}."
        self.text += suggestion(variable, self.allowed)
        super().__init__(self.text)

    def __str__(self) -> str:
        return self.text


class NothingToWriteError(PyNNError, OSError):
    """There are no data to hand over or to write; the name of PyNN 0.13."""


class NothingRecordedError(NothingToWriteError, ValueError):
    """Data were asked for that were not recorded."""

    def __init__(self, owner: str, variable: str) -> None:
        super().__init__(f"{owner}: {variable!r} was not recorded. Call record({variable!r}) before run().")


class TimeError(PyNNError, ValueError):
    """A time or duration that the clock cannot reach."""

    def __init__(self, what: str, value: object, allowed: str) -> None:
        self.value = value
        super().__init__(f"{what} is {value!r} ms. It must be {allowed}.")


class FixedNetworkError(PyNNError, RuntimeError):
    """A change after the first step that this simulator cannot make."""

    def __init__(self, what: str, simulator: str) -> None:
        super().__init__(f"{simulator} cannot {what} after the first run(). Do it before, or after reset().")


class ExpressionError(InvalidParameterValueError):
    """A text that is not an expression PyNN evaluates; a caret stands under the place."""

    def __init__(self, expression: str, reason: str, column: int | None = None, allowed: str = "") -> None:
        self.expression, self.reason, self.column = expression, reason, column
        shown = expression if len(expression) <= 200 else expression[:200] + "…"
        caret = "" if column is None or column >= 200 else f"\n    {' ' * column}^"
        super().__init__(f"This expression cannot be used: {reason}.{allowed}\n    {shown}{caret}")


class InvalidModelError(PyNNError, TypeError):
    """A cell or synapse type that does not fit where it is used."""


class NotLocalError(PyNNError, RuntimeError):
    """A cell that another process owns was changed or read by itself."""


class RoundingWarning(UserWarning):
    """A value lies between two that the simulator has."""


# Names of PyNN 0.13 for the same mistakes.
NonExistentParameterError = UnknownParameterError
NoModelAvailableError = UnavailableModelError
