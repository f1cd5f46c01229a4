"""Cells of a user's equations whose membrane potential counts from where it begins: in 32 bits it is finest near 0."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from copy import deepcopy

import numpy as np
from cawan.fast_dataclasses import replace
from cawan.simulator import Array
from pyNN.equations import CheckedCell, Linear
from pyNN.parameters import Parameter

ORIGIN = ".origin"
"""The parameter that holds what v counts from, mV."""


def counted(cell: CheckedCell) -> CheckedCell:
    """The same cell with v - origin as its state ``v``, where the origin is the new parameter :data:`ORIGIN`.

    Nothing that is exact becomes less so: dv/dt = factor v + drive is d(v - origin)/dt = factor (v - origin) + drive +
    factor origin.
    """
    exact = dict(cell.exact)
    if "v" in exact:
        form = exact["v"]
        exact["v"] = Linear(form.factor, _plus(form.drive, ast.BinOp(form.factor, ast.Mult(), _origin())))
    return replace(
        cell,
        parameters={**cell.parameters, ORIGIN: Parameter(0.0, "mV", "any")},
        intermediates={name: _absolute(tree) for name, tree in cell.intermediates.items()},
        slopes={name: _absolute(tree) for name, tree in cell.slopes.items()},
        exact=exact,
        threshold=None if cell.threshold is None else _absolute(cell.threshold),
        resets=tuple((name, _reset(name, tree)) for name, tree in cell.resets),
    )


def origin_of(cell: CheckedCell, parameters: Mapping[str, Array]) -> Array:
    """Where v of the first cell begins, shape (1,), in 32 bits."""
    begins = cell.initial["v"]
    value = parameters[begins][:1] if isinstance(begins, str) else np.array([begins])
    return value.astype(np.float32).astype(np.float64)


class _Absolute(ast.NodeTransformer):
    """v in place of v - origin."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """v is the only name that changes."""
        return _plus(node, _origin()) if node.id == "v" else node


def _absolute(tree: ast.expr) -> ast.expr:
    changed = _Absolute().visit(deepcopy(tree))
    if not isinstance(changed, ast.expr):
        raise TypeError("an expression stays one")
    return changed


def _reset(name: str, tree: ast.expr) -> ast.expr:
    value = _absolute(tree)
    return ast.BinOp(value, ast.Sub(), _origin()) if name == "v" else value


def _plus(one: ast.expr, two: ast.expr) -> ast.expr:
    return ast.BinOp(one, ast.Add(), two)


def _origin() -> ast.expr:
    return ast.Name(ORIGIN)
