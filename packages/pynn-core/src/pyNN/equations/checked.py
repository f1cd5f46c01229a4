"""A cell type whose equations are checked: trees of expressions over names that are all known."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from cawan.fast_dataclasses import dataclass

from pyNN.parameters import Parameter

CURRENT = "i_inj"
"""What equations call the current that flows into a cell, nA."""


@dataclass(frozen=True, slots=True)
class Linear:
    """dx/dt = factor x + drive, solved exactly over a step.

    Attributes
    ----------
    factor
        1/ms; of parameters alone.
    drive
        Of parameters and the current that flows in, which is constant over a step.
    """

    factor: ast.expr
    drive: ast.expr


@dataclass(frozen=True, slots=True)
class CheckedCell:
    """What a backend solves. Every mapping is in the order in which it is to be evaluated.

    Attributes
    ----------
    parameters
        With default, unit and range.
    states
        State variable → unit; ``v`` (mV) is among them.
    initial
        State variable → its value at time 0, or the parameter that it equals.
    steady, driven, intermediates
        Named expressions of parameters alone, of the current too, and of state variables.
    slopes
        State variable → its time derivative, for those that the Runge-Kutta method moves on.
    exact
        State variable → its linear equation, for those that are solved exactly.
    threshold
        True where a cell fires; None: it never does.
    resets
        State variables and what a spike makes of them, one after the other.
    receptors
        Receptor → the state variable that the weight of a spike adds to.
    refractory
        How long a cell that fired keeps its v, ms; of parameters alone.
    longest_step
        The longest step of the integration, ms.
    """

    name: str
    parameters: Mapping[str, Parameter]
    states: Mapping[str, str]
    initial: Mapping[str, float | str]
    steady: Mapping[str, ast.expr]
    driven: Mapping[str, ast.expr]
    intermediates: Mapping[str, ast.expr]
    slopes: Mapping[str, ast.expr]
    exact: Mapping[str, Linear]
    threshold: ast.expr | None
    resets: tuple[tuple[str, ast.expr], ...]
    receptors: Mapping[str, str]
    refractory: ast.expr
    longest_step: float

    @property
    def takes_current(self) -> bool:
        """Whether the current that flows into a cell is in its equations."""
        trees = [*self.driven.values(), *self.intermediates.values(), *self.slopes.values()]
        trees += [form.drive for form in self.exact.values()]
        return any(isinstance(node, ast.Name) and node.id == CURRENT for tree in trees for node in ast.walk(tree))

    def substeps(self, timestep: float) -> int:
        """In how many equal steps the integration takes one of the clock."""
        from math import ceil

        return max(1, ceil(timestep / self.longest_step - 1e-9))
