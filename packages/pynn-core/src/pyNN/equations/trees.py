"""Questions about the tree of an expression: which names it uses, what kind of value it has, whether it is linear."""

from __future__ import annotations

import ast
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from math import isfinite

from pyNN.equations.checked import Linear
from pyNN.errors import ExpressionError
from pyNN.expressions import Expression, parts_of

_OF_TWO = frozenset({"arctan2", "hypot", "maximum", "minimum"})


def names_in(tree: ast.expr) -> set[str]:
    """The variables that an expression uses."""
    if isinstance(tree, ast.Name):
        return {tree.id}
    return set().union(*(names_in(part) for part in parts_of(tree) or ()))


def check_kind(expression: Expression, truth: bool) -> None:
    """Refuse a truth where a number is needed, and the reverse; and other numbers of arguments than a function has.

    Raises
    ------
    ExpressionError
        With the place.
    """
    _check(expression.text, expression.tree, truth)


def _check(text: str, node: ast.expr, truth: bool) -> None:
    match node:
        case ast.Constant(value=value) if not isinstance(value, bool) and not _is_double(value):
            raise ExpressionError(text, "this number is beyond those of double precision", node.col_offset)
        case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod(), right=ast.Constant(value=divisor)) if divisor == 0:
            raise ExpressionError(text, "it divides by zero", node.right.col_offset)
        case ast.Call(func=ast.Name(id=name), args=args):
            count = 3 if name == "where" else 2 if name in _OF_TWO else 1
            if len(args) != count:
                raise ExpressionError(text, f"{name} takes {count} values, not {len(args)}", node.col_offset)
    found, wanted = _kinds(node)
    if found is not None and found != truth:
        has, needs = ("a comparison", "a number") if found else ("a number", "a comparison, such as v > 0,")
        hint = " Write 'a if condition else b' to make a number of a condition." if found else ""
        raise ExpressionError(text, f"{needs} must stand where {has} stands", node.col_offset, hint)
    for part, kind in zip(parts_of(node) or (), wanted, strict=False):
        _check(text, part, truth if kind is None else kind)


def _kinds(node: ast.expr) -> tuple[bool | None, list[bool | None]]:
    """Whether a node is a truth, and whether its parts must be; None: as what stands around it."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, bool), []
        case ast.UnaryOp(op=ast.Not()):
            return True, [True]
        case ast.BoolOp(values=values):
            return True, [True] * len(values)
        case ast.Compare(comparators=others):
            return True, [False] * (len(others) + 1)
        case ast.IfExp() | ast.Call(func=ast.Name(id="where")):
            return None, [True, None, None]
        case ast.Call(args=args):
            return False, [False] * len(args)
    return False, [False, False]


def _is_double(value: object) -> bool:
    try:
        return isfinite(float(value))  # type: ignore[arg-type]  # an int or a float
    except OverflowError:
        return False


def linear(tree: ast.expr, name: str, steady: AbstractSet[str], held: AbstractSet[str]) -> Linear | None:
    """An expression as factor × ``name`` + drive, or None.

    Parameters
    ----------
    steady
        What the factor may depend on: names that only ``set`` changes.
    held
        What the drive may depend on: names that are constant over a step.
    """
    found = _split(tree, name)
    if found is None:
        return None
    factor, drive = (part or ast.Constant(0.0) for part in found)
    if not names_in(factor) <= steady or not names_in(drive) <= held:
        return None
    return Linear(factor, drive)


_Parts = tuple[ast.expr | None, ast.expr | None]


def _split(node: ast.expr, name: str) -> _Parts | None:
    """The factor of ``name`` and the rest, each None where it is 0; None where the expression is not linear in it."""
    if name not in names_in(node):
        return None, node
    match node:
        case ast.Name():
            return ast.Constant(1.0), None
        case ast.UnaryOp(op=sign, operand=operand) if not isinstance(sign, ast.Not):
            return _each(_split(operand, name), lambda part: ast.UnaryOp(sign, part))
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as joint, right=right):
            one, two = _split(left, name), _split(right, name)
            if one is None or two is None:
                return None
            return _joined(one[0], joint, two[0]), _joined(one[1], joint, two[1])
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as scale, right=right) if name not in names_in(right):
            return _each(_split(left, name), lambda part: ast.BinOp(part, scale, right))
        case ast.BinOp(left=left, op=ast.Mult() as times, right=right) if name not in names_in(left):
            return _each(_split(right, name), lambda part: ast.BinOp(left, times, part))
    return None


def _each(parts: _Parts | None, change: Callable[[ast.expr], ast.expr]) -> _Parts | None:
    if parts is None:
        return None
    factor, rest = parts
    return None if factor is None else change(factor), None if rest is None else change(rest)


def _joined(one: ast.expr | None, op: ast.operator, two: ast.expr | None) -> ast.expr | None:
    if two is None:
        return one
    if one is None:
        return two if isinstance(op, ast.Add) else ast.UnaryOp(ast.USub(), two)
    return ast.BinOp(one, op, two)
