"""Expressions that a script gives as text, such as "exp(-d / 100)": parsed and evaluated here, never executed.

Only numbers, the names of that place, arithmetic, comparisons, ``and or not``, conditionals and the functions of
:data:`FUNCTIONS` are allowed. The tree is walked with NumPy; nothing is compiled.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from cawan.errors import listing, suggestion
from cawan.simulator import Array

from pyNN.errors import ExpressionError

MAX_LENGTH = 1000
MAX_DEPTH = 50
MAX_EXPONENT = 100



def exprel(x: Any) -> Any:
    """(exp(x) - 1) / x, 1 at 0: what the rates of ion channels are written with."""
    safe = np.where(x == 0.0, 1.0, x)
    return np.where(x == 0.0, 1.0, np.expm1(safe) / safe)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{
        name: getattr(np, name)
        for name in (
            "abs", "arccos", "arcsin", "arctan", "arctan2", "ceil", "cos", "cosh", "exp", "floor", "hypot", "log",
            "log10", "log2", "maximum", "minimum", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "where",
        )
    },
    "exprel": exprel,
}  # fmt: skip
CONSTANTS: Mapping[str, float] = {"pi": np.pi, "e": np.e}

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: np.true_divide,
    ast.Mod: np.mod,
    ast.FloorDiv: np.floor_divide,
    ast.Pow: np.power,
}
_UNARY: Mapping[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Not: np.logical_not,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Expression:
    """One checked expression over named variables.

    Attributes
    ----------
    tree
        Its syntax, of nothing but what is allowed here.

    >>> Expression("2 * d + 1", ("d",))(d=np.array([0.0, 1.5]))
    array([1., 4.])
    """

    def __init__(self, text: str, variables: tuple[str, ...]) -> None:
        self.text, self.variables = text, variables
        if len(text) > MAX_LENGTH:
            raise ExpressionError(text, f"it is {len(text)} characters long, at most {MAX_LENGTH} are allowed")
        stripped = text.lstrip(" (")
        if len(text) - len(text.replace("(", "")) > 4 * MAX_DEPTH or len(stripped) == 0:
            raise ExpressionError(text, "it is empty or nested too deeply")
        try:
            self.tree: ast.expr = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            column = getattr(error, "offset", None)
            raise ExpressionError(text, "it is not an expression", None if column is None else column - 1) from error
        self._check(self.tree, 0)

    def __call__(self, **values: Any) -> Any:
        """The value for arrays of the variables, in double precision; 0/0 gives NaN, which the caller refuses."""
        return value_of(self.tree, values)

    def _check(self, node: ast.expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ExpressionError(self.text, f"it is nested more than {MAX_DEPTH} deep", node.col_offset)
        match node:
            case ast.Name(id=name):
                self._known(name, (*self.variables, *CONSTANTS), node.col_offset, "variable")
            case ast.BinOp(op=ast.Pow(), right=right):
                self._check_exponent(right)
            case ast.Call(func=ast.Name(id=name)):
                self._known(name, tuple(FUNCTIONS), node.col_offset, "function")
        parts = parts_of(node)
        if parts is None:
            raise ExpressionError(self.text, f"{type(node).__name__} is not allowed here", node.col_offset)
        for child in parts:
            self._check(child, depth + 1)

    def _known(self, name: str, allowed: tuple[str, ...], column: int, noun: str) -> None:
        if name not in allowed:
            hint = f" There are: {listing(allowed, 40)}.{suggestion(name, allowed)}"
            raise ExpressionError(self.text, f"there is no {noun} {name!r}", column, hint)

    def _check_exponent(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and abs(node.value) > MAX_EXPONENT:
            raise ExpressionError(self.text, f"an exponent may be at most {MAX_EXPONENT}", node.col_offset)
        if any(isinstance(part, ast.Pow) for part in ast.walk(node)):
            raise ExpressionError(self.text, "an exponent may not hold another power", node.col_offset)


def parts_of(node: ast.expr) -> list[ast.expr] | None:
    """The operands of an expression, in order; None where it is of a kind that is not allowed."""
    match node:
        case ast.Constant(value=bool() | int() | float()) | ast.Name():
            return []
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return [left, right]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return [operand]
        case ast.BoolOp(values=values):
            return values
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in _COMPARE for op in ops):
            return [left, *others]
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return [test, body, orelse]
        case ast.Call(func=ast.Name(), args=args, keywords=[]):
            return args
    return None


def value_of(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The value of the tree of a checked expression, for numbers or arrays of its variables."""
    with np.errstate(all="ignore"):
        return _value(tree, {**CONSTANTS, **values})


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
        case ast.Name(id=name):
            return names[name]
    parts = [_value(part, names) for part in parts_of(node) or ()]
    match node:
        case ast.BinOp(op=op):
            return _BINARY[type(op)](*parts)
        case ast.UnaryOp(op=sign):
            return _UNARY[type(sign)](*parts)
        case ast.Compare(ops=ops):
            return _compared(ops, parts)
        case ast.BoolOp(op=joined):
            return reduce(np.logical_and if isinstance(joined, ast.And) else np.logical_or, parts)
        case ast.Call(func=ast.Name(id=name)):
            return FUNCTIONS[name](*parts)
    return np.where(*parts)  # a conditional: what else there is was refused when the tree was checked


def _compared(ops: list[ast.cmpop], sides: list[Any]) -> Any:
    """A chain of comparisons."""
    pairs = [_COMPARE[type(op)](a, b) for op, a, b in zip(ops, sides[:-1], sides[1:], strict=True)]
    return reduce(np.logical_and, pairs)


def of_distances(function: Callable[[Any], Any], distances: Array) -> Array:
    """A script's function of the distance, shape (n,): at once where it takes an array, else one by one."""
    try:
        found = np.asarray(function(distances), dtype=np.float64)
    except (TypeError, ValueError):  # such as math.exp, or an "if" on the distance
        found = np.empty(())
    if found.shape == distances.shape:
        return found
    return np.array([float(function(d)) for d in distances])
