"""``@capture``: record a call of a function whose first argument is a parameter set."""

from __future__ import annotations

import contextlib
import functools
import io
import sys
import time
from collections.abc import Callable, Iterator
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
    """Record each call of ``main(parameters, …)``: its parameters, text, new files, duration and how it ended.

    The function's value is returned. An exception is recorded and raised again. Everything that ``main`` is given
    beside the parameters is passed on.
    """

    @functools.wraps(main)
    def wrapped(parameters: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Call the function and record the call."""
        project = load_project()
        # A parameter set is what the record holds; the function gets what it was given.
        shown = parameters if isinstance(parameters, ParameterSet) else SimpleParameterSet(_mapping(parameters))
        record = project.new_record(
            parameters=shown, main_file=sys.modules[main.__module__].__file__, label=kwargs.get("label"),
            executable=PythonExecutable(sys.executable), reason=kwargs.pop("reason", None),
        )  # fmt: skip
        if hasattr(shown, "update") and "sumatra_label" not in shown:
            shown.update({"sumatra_label": record.label}, **{}) if project.data_label == "parameters" else None
        start, status = time.monotonic(), "finished"
        with _kept() as text:
            try:
                return main(parameters, *args, **kwargs)
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


def _mapping(parameters: Any) -> dict[str, Any]:
    if hasattr(parameters, "as_dict"):
        return dict(parameters.as_dict())
    return dict(parameters) if parameters else {}
