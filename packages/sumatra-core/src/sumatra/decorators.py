"""``@capture``: record a call of a function whose first argument is a parameter set."""

from __future__ import annotations

import contextlib
import functools
import io
import sys
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, TextIO, TypeVar, cast

from sumatra.core import STATUS_FORMAT
from sumatra.parameters import ParameterSet, SimpleParameterSet
from sumatra.programs import PythonExecutable
from sumatra.projects import load_project

F = TypeVar("F", bound=Callable[..., Any])


class _Both(io.StringIO):
    """Text that is shown and kept."""

    def __init__(self, shown: TextIO) -> None:
        super().__init__()
        self.shown = shown

    def write(self, text: str) -> int:
        """Show a piece of text, and keep it."""
        self.shown.write(text)
        return super().write(text)

    def flush(self) -> None:
        """Show all that was written."""
        self.shown.flush()


@contextlib.contextmanager
def _kept() -> Iterator[_Both]:
    both = _Both(sys.stdout)
    with contextlib.redirect_stdout(both), contextlib.redirect_stderr(both):
        yield both


def capture(main: F) -> F:
    """Record each call of a function: its parameters, text, new files, duration and how it ended.

    The parameters are the first argument or the one called ``parameters``, where that is a parameter set or a mapping;
    else all arguments together, as ``arg0``, ``arg1``, … and by their names. They are told the record's label as
    ``sumatra_label``. The function's value is returned. An exception is recorded and raised again.
    """

    @functools.wraps(main)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        """Call the function and record the call."""
        project = load_project()
        given = args[0] if args else kwargs.get("parameters")
        shown = _parameters(given, args, kwargs)
        record = project.new_record(
            parameters=shown, main_file=sys.modules[main.__module__].__file__,
            executable=PythonExecutable(sys.executable),
        )  # fmt: skip
        for told in {id(known): known for known in (shown, given)}.values():
            if isinstance(told, MutableMapping):
                told.update({"sumatra_label": record.label})
        start, status = time.monotonic(), "finished"
        with _kept() as text:
            try:
                return main(*args, **kwargs)
            except BaseException as error:
                status = "killed" if isinstance(error, KeyboardInterrupt) else "failed"
                record.outcome = f"{type(error).__name__}: {error}"
                raise
            finally:
                record.duration = time.monotonic() - start
                record.stdout_stderr = text.getvalue()
                record.output_data = record.datastore.find_new_data(record.timestamp)
                record.add_tag(STATUS_FORMAT % status)
                project.add_record(record)

    return cast(F, wrapped)


def _parameters(given: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ParameterSet:
    """What the record holds as parameters of a call."""
    if isinstance(given, ParameterSet):
        return given
    if isinstance(given, Mapping):
        return SimpleParameterSet(dict(given))
    return SimpleParameterSet({**{f"arg{k}": value for k, value in enumerate(args)}, **kwargs})
