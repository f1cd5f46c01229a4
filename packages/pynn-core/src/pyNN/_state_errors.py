"""What cannot be done now: no simulator, one that is busy, a model that has run, a time that is past."""

from __future__ import annotations

from pyNN._value_errors import PyNNError


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


class OtherSimulatorError(PyNNError, AttributeError):
    """A script that was moved to another simulator (``smt repeat --on``) asks for what only its own one has."""

    def __init__(self, what: str, own: str, other: str) -> None:
        super().__init__(
            f"{what} belongs to {own} alone, and this run is on {other}, as smt repeat --on asked. "
            f"Repeat it on {own}, or write it with pyNN's own models and functions."
        )


class CallbackError(PyNNError, RuntimeError):
    """A callback tried to steer the clock that it is called by."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was called in a callback of run(), which is not over yet. Call it after run(); a callback may "
            "set, record, inject and connect."
        )


class TimeError(PyNNError, ValueError):
    """A time or duration that the clock cannot reach."""

    def __init__(self, what: str, value: object, allowed: str) -> None:
        self.value = value
        super().__init__(f"{what} is {value!r} ms. It must be {allowed}.")


class FixedNetworkError(PyNNError, RuntimeError):
    """A change after the first step that this simulator cannot make."""

    def __init__(self, what: str, simulator: str) -> None:
        super().__init__(f"{simulator} cannot {what} after the first run(). Do it before, or after reset().")


class NotLocalError(PyNNError, RuntimeError):
    """A cell that another process owns was changed or read by itself."""


class NotFiniteError(PyNNError, ArithmeticError):
    """A simulation went wrong: a variable of a cell is no finite number any more. The state can still be read."""

    def __init__(self, population: str, cell: int, variable: str, value: float, after: float, before: float) -> None:
        self.population, self.cell, self.variable, self.value = population, cell, variable, value
        self.time = before
        super().__init__(
            f"{variable!r} of cell {cell} of {population!r} became {value} between {after:g} and {before:g} ms, so the "
            "run was stopped. Look for inputs that grow without bound, parameters near zero, or a timestep that is too "
            "long; state and recorded data can be read as they are."
        )


class RunawayError(PyNNError, ArithmeticError):
    """The cells of a population fire faster, in the mean, than ``setup`` allows. The state can still be read."""

    def __init__(self, population: str, rate: float, limit: float, after: float, before: float) -> None:
        self.population, self.rate, self.limit = population, rate, limit
        self.time = before
        super().__init__(
            f"The cells of {population!r} fired at {rate:.0f} Hz on average between {after:g} and {before:g} ms, more "
            f"than max_rate = {limit:g} Hz, so the run was stopped. Weaken excitation or strengthen inhibition; "
            f"if the rate is meant, call setup(max_rate={round(2 * rate)}), or setup(max_rate=float('inf')) for no "
            "limit."
        )
