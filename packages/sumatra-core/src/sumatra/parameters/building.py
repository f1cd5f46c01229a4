"""Which format a file has, and what values typed on the command line do to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cawan.parameters import ParameterSet, UnknownParameterError, flat
from cawan.plugins import Plugins

from sumatra.errors import FileMissingError, UsageError

FORMATS: Plugins[ParameterSet] = Plugins("sumatra.parameter_sets")
LARGEST = 1_000_000  # bytes; a larger file is data, whatever it is called
_OVERRIDE = re.compile(r"([^\W\d][\w.\[\]-]*)=(.*)", re.DOTALL)


def format_of(path: Path) -> str:
    """The format's name by the suffix of a file, "" where no format has it.

    NeuroTools' mappings are often called ``.param`` too; such a file begins with a brace.
    """
    suffix = path.suffix[1:].lower()
    if suffix == "param" and begins_with_a_brace(path):
        return "ntparameterset"
    return suffix if suffix in FORMATS.names() else ""


def begins_with_a_brace(path: Path) -> bool:
    """Whether the first sign in a file, but for blanks and comments, is "{"."""
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        first = next((line.strip() for line in file if line.strip() and not line.lstrip().startswith("#")), "")
    return first.startswith("{")


def build_parameters(path: Path | str, *, format: str = "") -> ParameterSet:
    """The parameters in a file; the format by its suffix, unless it is named."""
    path = Path(path)
    if not path.is_file():
        raise FileMissingError(f"The parameter file {str(path)!r} does not exist.")
    name = format or format_of(path)
    if not name:
        known = ", ".join(f".{suffix}" for suffix in FORMATS.names())
        raise UsageError(f"{str(path)!r} is no parameter file by its name; these are: {known}.")
    return FORMATS.load(name).load(path)


def split_override(argument: str) -> tuple[str, str] | None:
    """Name and value of an argument like ``tau_m=10.0``; None for anything else, such as ``--level=3``."""
    found = _OVERRIDE.fullmatch(argument)
    return (found[1], found[2]) if found else None


def overridden(
    parameters: ParameterSet, text: str, overrides: Mapping[str, str], *, new: bool = False,
    added: Mapping[str, Any] | None = None,
) -> str:
    """The text of a parameter file with values from the command line in it.

    Parameters
    ----------
    overrides
        Values as typed, read by the format's own rule; a name that the file lacks only with ``new``.
    added
        Values of the notebook's own, which may be new.
    """
    changes: dict[str, Any] = {}
    for name, value in overrides.items():
        if name not in parameters and not new:
            raise UnknownParameterError(name, parameters.source, flat(parameters.as_dict()))
        changes[name] = parameters.scalar(value)
    return parameters.replace(text, {**changes, **(added or {})})
