"""Helpers for scripts: a progress bar, a stop-watch, logging, file names, and the choice of a simulator."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from pyNN.utility.populations import load_population, save_population
from pyNN.utility.progress_bar import ProgressBar, SimulationProgressBar
from pyNN.utility.script_tools import get_script_args, get_simulator, init_logging, normalized_filename, notify
from pyNN.utility.timer import Timer

__all__ = [
    "ProgressBar",
    "SimulationProgressBar",
    "Timer",
    "forgetful_memoize",
    "get_script_args",
    "get_simulator",
    "init_logging",
    "load_population",
    "normalized_filename",
    "notify",
    "save_population",
    "sort_by_column",
]


def sort_by_column(a: Any, col: int) -> Any:
    """An array with its rows in the order of one column."""
    return a[a[:, col].argsort(kind="stable")]


class forgetful_memoize:
    """Remembers the last result of a function, and gives it again for the same arguments."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self.func = func
        self.cached_args: tuple[Any, ...] | None = None
        self.cached_value: Any = None

    def __call__(self, *args: Any) -> Any:
        """The result, computed only where the arguments differ from the last ones."""
        if args != self.cached_args:
            self.cached_value, self.cached_args = self.func(*args), args
        return self.cached_value

    def __get__(self, obj: Any, objtype: Any = None) -> Callable[..., Any]:
        return functools.partial(self.__call__, obj)
