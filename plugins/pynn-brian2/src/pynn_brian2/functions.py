"""A function that Brian's code uses, for each of its targets."""

from __future__ import annotations

from typing import Any

from pynn_brian2.propagators import phi1
from pynn_brian2.quiet import brian2

_CYTHON = """
cdef inline double _phi1(double x) nogil:
    if x == 0:
        return 1.0
    return -expm1(-x) / x
"""


def _phi1() -> Any:
    """(1 - exp(-x)) / x; Brian's own ``exprel`` turns its arguments into text, to speak of units, in every step."""
    made = brian2.Function(phi1, arg_units=[1], return_unit=1)
    made.implementations.add_implementation("numpy", phi1)
    made.implementations.add_implementation("cython", _CYTHON, name="_phi1")
    return made


NAMESPACE: dict[str, Any] = {"phi1": _phi1()}
