"""Values of parameters as a script gives them, and as numbers once a size is known.

``LazyArray``, ``ParameterSpace`` and ``simplify`` are imported when they are first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyNN.parameters.sequences import ArrayParameter, IonicSpecies, Sequence
from pyNN.parameters.values import Parameter, check_range, evaluate, range_covers, strip_units

if TYPE_CHECKING:
    from pyNN.parameters.lazy import LazyArray, ParameterSpace, simplify

__all__ = [
    "ArrayParameter",
    "IonicSpecies",
    "LazyArray",
    "Parameter",
    "ParameterSpace",
    "Sequence",
    "check_range",
    "evaluate",
    "range_covers",
    "simplify",
    "strip_units",
]


def __getattr__(name: str) -> Any:
    if name in ("LazyArray", "ParameterSpace", "simplify"):
        from pyNN.parameters import lazy

        return getattr(lazy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
