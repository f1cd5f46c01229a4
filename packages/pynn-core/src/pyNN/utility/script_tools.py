"""What a script reads from its command line."""

from __future__ import annotations

import argparse
import sys
from types import ModuleType

from pyNN import list_simulators, load
from pyNN.errors import PyNNError


def get_script_args(n_args: int, usage: str = "") -> list[str]:
    """The last ``n_args`` arguments of the command line."""
    arguments = sys.argv[1:]
    if len(arguments) < n_args:
        raise PyNNError(f"{sys.argv[0]} needs {n_args} arguments, and got {len(arguments)}. {usage}".rstrip())
    return arguments[len(arguments) - n_args :]


def get_simulator(
    *arguments: tuple[str, str] | tuple[str, str, dict[str, object]],
) -> tuple[ModuleType, argparse.Namespace]:
    """The simulator that the first argument of the command line names, and the other arguments.

    Parameters
    ----------
    arguments
        (name, help) or (name, help, options of ``add_argument``) for each further argument of the script.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("simulator", help=f"one of: {', '.join(list_simulators())}, or another backend simulator")
    for argument in arguments:
        name, text = argument[0], argument[1]
        extra: dict[str, object] = argument[2] if len(argument) > 2 else {}
        parser.add_argument(name, help=text, **extra)  # type: ignore[arg-type]  # argparse's own options
    parsed = parser.parse_args()
    return load(parsed.simulator), parsed
