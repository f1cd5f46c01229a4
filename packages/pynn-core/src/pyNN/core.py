"""Small things that PyNN's users and backends have always imported from ``pyNN.core``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np

from pyNN.legacy.warning import deprecated as warn_deprecated


class IndexBasedExpression:
    """A value of each pair of cells that follows from their indices.

    A subclass defines ``__call__(i, j)`` for arrays of presynaptic and postsynaptic indices, both of shape (n,);
    ``self.projection`` has ``pre`` and ``post``.
    """

    projection: Any = None

    def __call__(self, i: Any, j: Any) -> Any:
        """The values of the pairs (i[k], j[k]), shape (n,)."""
        raise NotImplementedError(f"{type(self).__name__} must define __call__(i, j).")


def is_listlike(obj: object) -> bool:
    """Whether something holds several values, in order or not; a text does not."""
    return isinstance(obj, list | tuple | set | frozenset | np.ndarray) or (
        hasattr(obj, "__len__") and hasattr(obj, "__getitem__") and not isinstance(obj, str | bytes | dict)
    )


def ezip(*args: Any) -> Iterator[tuple[Any, ...]]:
    """``zip`` in which what is no list stands for itself in every tuple.

    >>> list(ezip([1, 2], 5))
    [(1, 5), (2, 5)]
    """
    columns: list[Iterable[Any]] = [arg if is_listlike(arg) else repeat(arg) for arg in args]
    return zip(*columns, strict=False)


class deprecated:
    """Marks a function of old: each call warns, and names ``replacement``."""

    def __init__(self, replacement: str = "") -> None:
        self.replacement = replacement

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function with its warning."""

        @functools.wraps(func)
        def warned(*args: Any, **kwargs: Any) -> Any:
            warn_deprecated(f"{func.__name__}()", self.replacement or "no longer needed")
            return func(*args, **kwargs)

        return warned


def reraise(exception: BaseException, message: str) -> None:
    """Raise an exception again with more text."""
    exception.args = (f"{exception.args[0] if exception.args else ''}{message}", *exception.args[1:])
    raise exception


def find(command: str) -> str | None:
    """Where a program lies; None where it is not installed."""
    return which(command)


def run_command(path: str, working_directory: str | Path) -> tuple[int, list[str]]:
    """Run a program without arguments in a folder; gives its exit code and its output, line by line."""
    import subprocess  # 5 ms

    done = subprocess.run([path], cwd=working_directory, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).splitlines()
