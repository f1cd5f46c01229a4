"""Cell types of the user's own, given by their equations: checked completely, and nothing of them is ever executed.

:class:`CellEquations` is what a user writes or a data file holds, :class:`CheckedCell` what a backend gets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyNN.equations.checked import CURRENT, CheckedCell, Linear
    from pyNN.equations.declaration import CellEquations
    from pyNN.equations.rows import equations_row
    from pyNN.equations.stepping import Stepper, derived, limits

__all__ = ["CURRENT", "CellEquations", "CheckedCell", "Linear", "Stepper", "derived", "equations_row", "limits"]

_MODULES = {
    "CellEquations": "declaration",
    "equations_row": "rows",
    **dict.fromkeys(("CURRENT", "CheckedCell", "Linear"), "checked"),
    **dict.fromkeys(("Stepper", "derived", "limits"), "stepping"),
}


def __getattr__(name: str) -> object:
    """A name's module is imported when the name is asked for: most scripts have no equations."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    globals()[name] = found
    return found
