"""How the functions of a simulator are made from a simulator object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyNN.errors import NoSimulatorError
from pyNN.state import State

__all__ = [
    "DEFAULT_MAX_DELAY",
    "DEFAULT_MIN_DELAY",
    "DEFAULT_TIMESTEP",
    "BaseState",
    "build_reset",
    "build_run",
    "build_state_queries",
    "end",
    "setup",
]

DEFAULT_TIMESTEP = 0.1
DEFAULT_MIN_DELAY = "auto"
DEFAULT_MAX_DELAY = "auto"
BaseState = State


def setup(timestep: float = DEFAULT_TIMESTEP, min_delay: Any = DEFAULT_MIN_DELAY, **extra_params: Any) -> int:
    """That of a simulator is meant: this package simulates nothing by itself."""
    raise NoSimulatorError("setup()", "pyNN.common")


def end(compatible_output: bool = True) -> None:
    """That of a simulator is meant: this package simulates nothing by itself."""
    raise NoSimulatorError("end()", "pyNN.common")


def build_run(simulator: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """``run`` and ``run_until`` of a simulator."""
    return simulator.run, simulator.run_until


def build_reset(simulator: Any) -> Callable[..., Any]:
    """``reset`` of a simulator."""
    found: Callable[..., Any] = simulator.reset
    return found


def build_state_queries(simulator: Any) -> tuple[Callable[..., Any], ...]:
    """What asks a simulator for time, step, delays, processes and rank."""
    names = ("get_current_time", "get_time_step", "get_min_delay", "get_max_delay", "num_processes", "rank")
    return tuple(getattr(simulator, name) for name in names)
