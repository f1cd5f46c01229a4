"""What every formatter has, and how one is found by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from sumatra.core import component_type, get_registered_components
from sumatra.errors import UsageError

fields = [
    "label", "timestamp", "reason", "outcome", "duration", "repository", "main_file", "version", "script_arguments",
    "executable", "parameters", "input_data", "launch_mode", "output_data", "user", "tags", "repeats",
]  # fmt: skip
"""The fields of a record that people look at, in their order."""


class UnknownFormError(UsageError, AttributeError):
    """A format does not have this form, such as ``table``."""


@component_type
class Formatter:
    """Gives records as text.

    Parameters
    ----------
    records
        One record or several.
    project, tags
        Where they are from, for a title.
    """

    required_attributes: ClassVar[tuple[str, ...]] = ("short", "long")
    name: Any = ""

    def __init__(self, records: Any, project: Any = None, tags: Any = None) -> None:
        self.records: Sequence[Any] = [records] if hasattr(records, "label") else list(records)
        self.project, self.tags = project, tags

    def format(self, mode: str = "short") -> str:
        """The text in one of the formatter's modes: short, long, table, …"""
        known = [name for name in ("short", "long", "table", "output_table", "parameter_table") if hasattr(self, name)]
        if mode not in known:
            raise UnknownFormError(f"The format {self.name!r} has no {mode!r} form. It has: {', '.join(known)}.")
        return str(getattr(self, mode)())


def text_of(record: Any, field: str) -> str:
    """One field of a record as people read it."""
    value = getattr(record, field)
    if field == "parameters" and hasattr(value, "pretty"):
        return str(value.pretty())
    if field == "tags":
        return ", ".join(sorted(value))
    return str(value)


def get_formatter(format: str) -> type[Formatter]:
    """The formatter of a name; of this package, of a module of the user's own, or of a plug-in's hook."""
    known: dict[str, type[Formatter]] = get_registered_components(Formatter)
    if format in known:
        return known[format]
    from cawan.hooks import manager

    found = manager().hook.formatter(name=format)
    if found is None:
        raise UsageError(f"There is no format {format!r}. There are: {', '.join(sorted(known))}.")
    kind: type[Formatter] = found
    return kind


def get_diff_formatter() -> Any:
    """The formatter of differences."""
    return get_registered_components(Formatter)["textdiff"]
