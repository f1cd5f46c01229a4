"""The text of equations as statements: what is defined, its right side, its unit, and the line where it stood."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cawan.fast_dataclasses import dataclass

from pyNN.errors import EquationError

MAX_TEXT = 20_000
MAX_STATEMENTS = 200
_DERIVATIVE = re.compile(r"\s*d([A-Za-z_]\w*)\s*/\s*dt\s*", re.ASCII)
_ASSIGNMENT = re.compile(r"\s*([A-Za-z_]\w*)\s*([-+*/]?)=(?!=)", re.ASCII)
UNITS = frozenset(
    "V mV uV ms s us A mA uA nA pA S mS uS nS pS ohm F uF nF pF Hz kHz M mM uM m cm mm um nm K".split()
)  # what the package quantities knows, so that recorded data can carry it


@dataclass(frozen=True, slots=True)
class Statement:
    """One definition.

    Attributes
    ----------
    name, right
        What is defined, and by what.
    where
        "the equation of v (line 2)".
    unit
        "" for a pure number.
    derivative
        Whether the right side is dx/dt.
    operator
        Of an assignment ``x += …`` its ``+``, else "".
    """

    name: str
    right: str
    where: str
    unit: str = ""
    derivative: bool = False
    operator: str = ""


def statements(cell: str, text: object) -> Iterator[Statement]:
    """The lines of ``CellEquations.equations``.

    Raises
    ------
    EquationError
        A line is no equation.
    """
    for number, line in enumerate(_pieces(cell, "its equations", text, "\n"), 1):
        code = line.partition("#")[0].rstrip()
        if not code:
            continue
        left, equals, rest = code.partition("=")
        derivative, plain = _DERIVATIVE.fullmatch(left), _ASSIGNMENT.fullmatch(f"{left}=")
        found = derivative or plain
        if not equals or found is None or (plain is not None and plain[2]):
            allowed = "A line is 'dx/dt = … : unit', 'name = … : unit' or a comment that begins with '#'."
            raise EquationError(cell, f"line {number} of its equations", "it is no equation", allowed, code.strip(), 0)
        what = "the equation of" if derivative else "the definition of"
        where = f"{what} {found[1]} (line {number})"
        right, colon, unit = rest.rpartition(":")
        if not colon:
            right, unit = rest, ""
        yield Statement(found[1], right.strip(), where, check_unit(cell, where, unit.strip()), derivative is not None)


def assignments(cell: str, text: object) -> Iterator[Statement]:
    """The parts of ``CellEquations.reset``, which ``;`` or the end of a line divides.

    Raises
    ------
    EquationError
        One is no assignment.
    """
    for number, piece in enumerate(_pieces(cell, "its reset", text, ";"), 1):
        code = piece.partition("#")[0].strip()
        if not code:
            continue
        found = _ASSIGNMENT.match(code)
        if found is None:
            allowed = "Divide assignments by ';': 'v = v_reset; w += b'. There are =, +=, -=, *= and /=."
            raise EquationError(cell, f"part {number} of its reset", "it is no assignment", allowed, code, 0)
        where = f"the reset of {found[1]}"
        yield Statement(found[1], code[found.end() :].strip(), where, operator=found[2])


def check_unit(cell: str, where: str, unit: str) -> str:
    """A unit as recorded data carry it; "" for 1.

    Raises
    ------
    EquationError
        It is made of something unknown.
    """
    factors = re.split(r"[*/]", re.sub(r"\*\*\s*-?\d\b", "", unit).replace(" ", ""))
    for place, factor in enumerate(factors):
        if factor not in UNITS and not (factor == "1" and place == 0) and unit:
            allowed = f"Units are made of {', '.join(sorted(UNITS))} with * / and **, such as mV/ms; 1: pure numbers."
            raise EquationError(cell, where, f"there is no unit {unit!r}", allowed)
    return "" if unit == "1" else unit


def _pieces(cell: str, where: str, text: object, by: str) -> list[str]:
    if not isinstance(text, str):
        raise EquationError(cell, where, f"it is {text!r:.80}", "It must be text.")
    if len(text) > MAX_TEXT:
        raise EquationError(cell, where, f"it is {len(text)} characters long", f"At most {MAX_TEXT} are allowed.")
    pieces = re.split(r"\r?\n" if by == "\n" else r"[;\n]", text)
    if len(pieces) > MAX_STATEMENTS:
        raise EquationError(cell, where, f"it has {len(pieces)} lines", f"At most {MAX_STATEMENTS} are allowed.")
    return pieces
