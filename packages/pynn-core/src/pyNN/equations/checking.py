"""Everything that can be wrong with a cell's equations, found before anything runs."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any, NoReturn, get_args

from cawan.errors import listing, suggestion

from pyNN.equations.checked import CURRENT, CheckedCell, Linear
from pyNN.equations.reading import Statement, assignments, check_unit, statements
from pyNN.equations.trees import check_kind, linear, names_in
from pyNN.errors import EquationError, ExpressionError
from pyNN.expressions import CONSTANTS, FUNCTIONS, Expression
from pyNN.parameters import Parameter
from pyNN.parameters.values import Range

if TYPE_CHECKING:
    from pyNN.equations.declaration import CellEquations

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
# Names that mean something in expressions, to PyNN, or to whoever reads an equation.
_TAKEN = frozenset({*CONSTANTS, *FUNCTIONS, CURRENT, "t", "dt", "spikes", "weight", "delay"})


def check(given: CellEquations) -> CheckedCell:
    """The checked cell type.

    Raises
    ------
    EquationError
        Which part is wrong, where, what is allowed, and what to do.
    """
    return _Reader(given).read()


class _Reader:
    """One cell type that is being checked."""

    def __init__(self, given: CellEquations) -> None:
        self.given, self.cell = given, str(given.name)[:64]
        if not isinstance(given.name, str) or not _NAME.fullmatch(given.name) or keyword.iskeyword(given.name):
            self.refuse("its name", f"it is {given.name!r}", "It must be a Python identifier, such as 'MyCell'.")

    def refuse(self, where: str, reason: str, allowed: str) -> NoReturn:
        """Say what is wrong."""
        raise EquationError(self.cell, where, reason, allowed)

    def read(self) -> CheckedCell:
        """All parts, one after the other."""
        self.parameters = self._parameters()
        lines = list(statements(self.cell, self.given.equations))
        self._check_names(lines)
        self.states = {line.name: line.unit for line in lines if line.derivative}
        if "v" not in self.states:
            allowed = "The membrane potential must be called v: write a line 'dv/dt = … : mV'."
            self.refuse("its equations", f"they have no dv/dt, only {listing(self.states)}", allowed)
        defined = [line.name for line in lines if not line.derivative]
        self.names = (*self.parameters, *self.states, *defined, CURRENT)
        trees = {line.name: self.tree(line.where, line.right, self.names) for line in lines}
        ordered = self._ordered({name: trees[name] for name in defined})
        steady, driven = self._split(ordered)
        slopes = {name: trees[name] for name in self.states}
        exact = self._exact(slopes, {*self.parameters, *steady}, {*self.parameters, *steady, *driven, CURRENT})
        return CheckedCell(
            name=self.cell, parameters=self.parameters, states=self.states, initial=self._initial(), steady=steady,
            driven=driven,
            intermediates={name: ordered[name] for name in ordered if name not in {*steady, *driven}},
            slopes={name: slope for name, slope in slopes.items() if name not in exact}, exact=exact,
            threshold=self._threshold(), resets=tuple(self._resets()), receptors=self._receptors(),
            refractory=self._refractory(), longest_step=self._longest_step(),
        )  # fmt: skip

    def tree(self, where: str, text: object, names: tuple[str, ...], truth: bool = False) -> ast.expr:
        """A right side over these names."""
        if not isinstance(text, str):
            raise EquationError(self.cell, where, f"it is {text!r:.80}", "It must be text.")
        try:
            expression = Expression(text, names)
            check_kind(expression, truth)
        except ExpressionError as error:
            allowed = error.allowed or " Allowed are numbers, names, arithmetic, comparisons and functions of numbers."
            raise EquationError(self.cell, where, error.reason, allowed, error.expression, error.column) from error
        return expression.tree

    def _mapping(self, what: str, value: object) -> Mapping[str, Any]:
        if not isinstance(value, Mapping) or len(value) > 1000:
            raise EquationError(self.cell, what, f"it is {value!r:.80}", "It must be a mapping of at most 1000 names.")
        for name in value:
            if not isinstance(name, str):
                self.refuse(what, f"the name {name!r} is no text", "Names are text.")
        return value

    def _parameters(self) -> dict[str, Parameter]:
        found: dict[str, Parameter] = {}
        for name, value in self._mapping("its parameters", self.given.parameters).items():
            parts = list(value) if isinstance(value, list | tuple) else [value]
            where, form = f"the parameter {name}", "Give a number, [number, unit] or [number, unit, range]."
            if not 1 <= len(parts) <= 3 or not all(isinstance(part, str) for part in parts[1:]):
                self.refuse(where, f"it is {value!r:.80}", form)
            default = self._number(where, parts[0], form)
            unit = check_unit(self.cell, where, parts[1]) if len(parts) > 1 else ""
            kinds: tuple[Range, ...] = get_args(Range)
            asked = parts[2] if len(parts) > 2 else "any"
            kind = next((known for known in kinds if known == asked), None)
            if kind is None:
                self.refuse(where, f"there is no range {asked!r}", f"There are: {listing(kinds)}.")
            found[name] = Parameter(default, unit, kind)
        return found

    def _number(self, where: str, value: object, form: str) -> float:
        wrong = isinstance(value, bool) or not isinstance(value, int | float)
        if wrong or abs(value) > 1e300 or not isfinite(value):  # type: ignore[arg-type]  # a number by now
            self.refuse(where, f"it is {value!r:.80}", form)
        return float(value)  # type: ignore[arg-type]

    def _check_names(self, lines: list[Statement]) -> None:
        seen: set[str] = set()
        places = [(f"the parameter {name}", name) for name in self.parameters]
        for where, name in [*places, *((line.where, line.name) for line in lines)]:
            if not _NAME.fullmatch(name) or keyword.iskeyword(name):
                self.refuse(where, f"{name!r:.80} is no name", "Names are of letters, digits and _, at most 64.")
            if name in _TAKEN:
                allowed = f"These names are taken: {listing(_TAKEN, 60)}. Choose another."
                self.refuse(where, f"the name {name!r} has a meaning already", allowed)
            if name in seen:
                self.refuse(where, f"{name!r} is defined twice", "Every name has one definition.")
            seen.add(name)

    def _ordered(self, trees: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
        """Intermediates so that each comes after those that it uses."""
        ordered: dict[str, ast.expr] = {}
        needs = {name: names_in(tree) & trees.keys() for name, tree in trees.items()}
        while len(ordered) < len(trees):
            ready = [name for name in trees if name not in ordered and needs[name] <= ordered.keys()]
            if not ready:
                first = next(name for name in trees if name not in ordered)
                round_ = " → ".join(_cycle(first, needs, ordered.keys()))
                allowed = "An intermediate may use others, but not itself, directly or by way of others."
                self.refuse(f"the definition of {first}", f"it depends on itself: {round_}", allowed)
            ordered |= {name: trees[name] for name in ready}
        return ordered

    def _split(self, ordered: Mapping[str, ast.expr]) -> tuple[dict[str, ast.expr], dict[str, ast.expr]]:
        """Those that depend on parameters alone, and those that depend on the current too."""
        steady: dict[str, ast.expr] = {}
        driven: dict[str, ast.expr] = {}
        for name, tree in ordered.items():
            uses = names_in(tree) - self.parameters.keys() - CONSTANTS.keys()
            if uses <= steady.keys():
                steady[name] = tree
            elif uses <= {*steady, *driven, CURRENT}:
                driven[name] = tree
        return steady, driven

    def _exact(self, slopes: Mapping[str, ast.expr], steady: set[str], held: set[str]) -> dict[str, Linear]:
        constants = CONSTANTS.keys()
        found = {name: linear(tree, name, steady | constants, held | constants) for name, tree in slopes.items()}
        return {name: form for name, form in found.items() if form is not None}

    def _initial(self) -> dict[str, float | str]:
        given = self._mapping("its initial_values", self.given.initial_values)
        found: dict[str, float | str] = {}
        for name, value in given.items():
            where = f"the initial value of {name}"
            if name not in self.states:
                allowed = f"State variables are: {listing(self.states)}.{suggestion(name, self.states)}"
                self.refuse(where, "there is no such state variable", allowed)
            if isinstance(value, str) and value in self.parameters:
                found[name] = value
                continue
            form = f"Give a number, or the name of a parameter: {listing(self.parameters)}."
            found[name] = self._number(where, value, form)
        return {name: found.get(name, 0.0) for name in self.states}

    def _threshold(self) -> ast.expr | None:
        if self.given.threshold == "":
            if self.given.reset != "":
                self.refuse("its reset", "there is no threshold", "Give a threshold, such as 'v >= v_thresh'.")
            return None
        return self.tree("its threshold", self.given.threshold, self.names, truth=True)

    def _resets(self) -> Iterable[tuple[str, ast.expr]]:
        names = (*self.parameters, *self.states)
        for line in assignments(self.cell, self.given.reset):
            if line.name not in self.states:
                what = "a parameter" if line.name in self.parameters else "no state variable"
                allowed = f"A spike may change: {listing(self.states)}.{suggestion(line.name, self.states)}"
                self.refuse(line.where, f"{line.name!r} is {what}", allowed)
            right = self.tree(line.where, line.right, names)
            yield line.name, _augmented(line, right)

    def _receptors(self) -> dict[str, str]:
        given = self._mapping("its receptors", self.given.receptors)
        for name, variable in given.items():
            where = f"the receptor {name!r:.80}"
            if not name or len(name) > 64:
                self.refuse(where, "this is no name", "Names have 1 to 64 characters.")
            if variable not in self.states:
                hint = suggestion(str(variable), self.states)
                allowed = f"A weight may add to: {listing(self.states)}.{hint}"
                self.refuse(where, f"{variable!r:.80} is no state variable", allowed)
        return dict(given)

    def _refractory(self) -> ast.expr:
        value = self.given.refractory
        if isinstance(value, str):
            return self.tree("its refractory time", value, tuple(self.parameters))
        form = "Give a time in ms, 0 or more, or an expression of parameters, such as 'tau_refrac'."
        number = self._number("its refractory time", value, form)
        if number < 0:
            self.refuse("its refractory time", f"it is {value!r}", form)
        return ast.Constant(number)

    def _longest_step(self) -> float:
        value = self.given.longest_step
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            self.refuse("its longest_step", f"it is {value!r:.80}", "It must be a time in ms above 0.")
        return float(value)


def _cycle(first: str, needs: Mapping[str, set[str]], done: Iterable[str]) -> list[str]:
    """From an intermediate that cannot be ordered to the one that closes a round."""
    path, left = [first], set(done)
    while path.count(path[-1]) < 2:
        path.append(min(needs[path[-1]] - left))
    return path[path.index(path[-1]) :]


def _augmented(line: Statement, right: ast.expr) -> ast.expr:
    """The value that an assignment gives, also where it adds to what is there."""
    kinds: dict[str, ast.operator] = {"+": ast.Add(), "-": ast.Sub(), "*": ast.Mult(), "/": ast.Div()}
    return ast.BinOp(ast.Name(line.name), kinds[line.operator], right) if line.operator else right
