"""The step of a user's equations in C++, written from their checked trees: no text of the user's is in it.

Names become letters and numbers, each operation a line of its own, and what was computed before is not again. The loops
are over the 64 cells of a tile, so that a compiler makes vectors of them. All is computed in one kind of ``number``, of
64 bits or of 32.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from pyNN.equations import CURRENT, CheckedCell
from pyNN.expressions import CONSTANTS, parts_of

_BINARY: Mapping[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_CALLED: Mapping[type[ast.operator], str] = {ast.Mod: "f_mod", ast.FloorDiv: "f_floor_divide", ast.Pow: "f_pow"}
_COMPARED: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_HIGHEST_PRODUCT = 8  # up to this power, products are faster than pow


class Block:
    """The body of one loop: its lines, and the local name of everything that was computed in it.

    ``names`` has the local of every name of an equation, and that of 1 / x by the dump of x where there is one.
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self.lines: list[str] = []
        self._known: dict[tuple[str, str], str] = {}
        self._number = 0

    def value(self, tree: ast.expr) -> str:
        """The local name of an expression's value."""
        match tree:
            case ast.Constant(value=bool() as value):
                return "true" if value else "false"
            case ast.Constant(value=int() | float() as value):
                return _literal(float(value))
            case ast.Name(id=name):
                return _literal(CONSTANTS[name]) if name in CONSTANTS else self.names[name]
            case ast.BinOp(left=left, op=ast.Div(), right=right) if ast.dump(right) in self.names:
                return self.put(f"{self.value(left)} * {self.names[ast.dump(right)]}")
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() | float() as power)) if (
                power == int(power) and 2 <= power <= _HIGHEST_PRODUCT
            ):
                return self._power(self.value(left), int(power))
        return self._operation(tree, [self.value(part) for part in parts_of(tree) or ()])

    def _operation(self, tree: ast.expr, parts: list[str]) -> str:
        match tree:
            case ast.BinOp(op=op) if type(op) in _BINARY:
                return self.put(f" {_BINARY[type(op)]} ".join(parts))
            case ast.BinOp(op=op):
                return self.put(f"{_CALLED[type(op)]}({', '.join(parts)})")
            case ast.UnaryOp(op=ast.Not()):
                return self.put(f"!{parts[0]}", "bool")
            case ast.UnaryOp(op=sign):
                return self.put(f"-{parts[0]}") if isinstance(sign, ast.USub) else parts[0]
            case ast.Compare(ops=ops):
                signs = [_COMPARED[type(op)] for op in ops]
                pairs = [f"({a} {sign} {b})" for sign, a, b in zip(signs, parts[:-1], parts[1:], strict=True)]
                return self.put(" & ".join(pairs), "bool")
            case ast.BoolOp(op=joined):
                return self.put((" & " if isinstance(joined, ast.And) else " | ").join(parts), "bool")
            case ast.IfExp() | ast.Call(func=ast.Name(id="where")):
                kind = "bool" if _is_truth(tree) else "number"
                return self.put(f"{parts[0]} ? {parts[1]} : {parts[2]}", kind)
            case ast.Call(func=ast.Name(id=name)):
                return self.put(f"f_{name}({', '.join(parts)})")
        raise TypeError(f"{type(tree).__name__} is in no checked expression")

    def _power(self, base: str, power: int) -> str:
        if power == 1:
            return base
        half = self._power(base, power // 2)
        square = self.put(f"{half} * {half}")
        return self.put(f"{square} * {base}") if power % 2 else square

    def put(self, right: str, kind: str = "number") -> str:
        """A local of this value, the same one where it was computed before."""
        key = (right, kind)
        if key not in self._known:
            self._known[key] = name = f"t{self._number}"
            self._number += 1
            self.lines.append(f"const {kind} {name} = {right};")
        return self._known[key]

    def evaluate(self, trees: Mapping[str, ast.expr]) -> None:
        """Compute these and give them their names."""
        for name, tree in trees.items():
            self.names[name] = self.value(tree)


def _literal(value: float) -> str:
    return f"number({value.hex()})"  # to the bit


def _is_truth(tree: ast.expr) -> bool:
    match tree:
        case ast.Constant(value=value):
            return isinstance(value, bool)
        case ast.IfExp(body=body):
            return _is_truth(body)
        case ast.Call(func=ast.Name(id="where"), args=args):
            return _is_truth(args[1])
        case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return True
    return False


def parameters_of(cell: CheckedCell) -> list[str]:
    """The columns that the step reads, in its order: the user's parameters, then what follows from them."""
    exact = [f"{name}.{part}" for name in cell.exact for part in ("kept", "gain")]
    return [*cell.parameters, *cell.steady, *exact, *divisors(cell)]


def divisors(cell: CheckedCell) -> dict[str, ast.expr]:
    """What equations divide by and only parameters change: the name of the column that holds 1 / it, and itself.

    A product is faster than a quotient, and as good to the last digit but one.
    """
    trees = [*cell.driven.values(), *cell.intermediates.values(), *cell.slopes.values()]
    trees += [form.drive for form in cell.exact.values()]
    found: dict[str, ast.expr] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        match node:
            case ast.BinOp(op=ast.Div(), right=right) if _is_steady(right, {*cell.parameters, *cell.steady}):
                found.setdefault(ast.dump(right), right)
    return {f".over.{k}": tree for k, tree in enumerate(found.values())}


def _is_steady(tree: ast.expr, steady: AbstractSet[str]) -> bool:
    if isinstance(tree, ast.Name):
        return tree.id in steady or tree.id in CONSTANTS
    return all(_is_steady(part, steady) for part in parts_of(tree) or ())


class _Writer:
    """One cell type that is being written."""

    def __init__(self, cell: CheckedCell, single: bool) -> None:
        self.cell, self.single = cell, single
        self.columns = parameters_of(cell)
        self.states = list(cell.states)
        self.place = {name: f"p{k}" for k, name in enumerate(self.columns)}
        self.place |= {name: f"y{k}" for k, name in enumerate(self.states)}

    def block(self) -> Block:
        """A loop's body that can read every column."""
        names = {name: f"{place}[k]" for name, place in self.place.items()}
        names |= {ast.dump(tree): names[name] for name, tree in divisors(self.cell).items()}
        return Block({**names, CURRENT: "current[k]"})

    def source(self) -> str:
        """The whole file."""
        lines = [f"#define PYNN_NUMBER {'float' if self.single else 'double'}"]
        lines += ['#include "custom_math.hpp"', '#include "custom_work.hpp"', ""]
        lines += ['extern "C" PYNN_CLONES int step_of_equations(const CustomWork<number>* work) {']
        lines += ["    const number h = static_cast<number>(work->h);"]
        lines += ["    for (std::size_t tile = work->first; tile < work->last; ++tile) {"]
        lines += [f"        {line}" for line in self._places()]
        lines += ["        for (std::size_t n = 0; n < work->count; ++n) {"]
        lines += _loop(self._integration(), 12)
        lines += ["        }", "        CustomMask<number> any = 0;"]
        lines += _loop(self._arrival(), 8)
        lines += ["        work->reached[tile] = any != 0;"]
        if self.cell.resets:
            lines += ["        if (any) {", *_loop(self._reset(), 12), "        }"]
        return "\n".join([*lines, "    }", "    return 0;", "}", ""])

    def _places(self) -> Iterable[str]:
        for k in range(len(self.states)):
            yield f"number* const __restrict__ y{k} = work->states[{k}] + tile * 64;"
        for k in range(len(self.columns)):
            lane = f"work->parameters[{k}]"
            yield f"const number* const __restrict__ p{k} = {lane}.base + tile * {lane}.stride;"
        yield "const number* const __restrict__ current = work->current.base + tile * work->current.stride;"
        yield "const CustomMask<number>* const __restrict__ free = work->free + tile * 64;"
        yield "CustomMask<number>* const __restrict__ fires = work->fires + tile * 64;"
        for port in range(len(self.cell.receptors)):
            yield f"number* const __restrict__ i{port} = work->inputs[{port}] + (tile - work->first) * 64;"

    def _integration(self) -> list[str]:
        cell, block = self.cell, self.block()
        block.lines.append("const bool held = free[k] == 0;")
        block.evaluate(cell.driven)
        drives = {name: block.value(form.drive) for name, form in cell.exact.items()}
        begin = {name: block.names[name] for name in cell.exact}
        middle = self._half(block, begin, drives)
        end = self._half(block, middle, drives)
        start = {name: block.names[name] for name in cell.slopes}
        half = block.put("number(0.5) * h") if start else ""
        k1 = self._slopes(block, {**begin, **start})
        k2 = self._slopes(block, {**middle, **_moved(block, start, k1, half)})
        k3 = self._slopes(block, {**middle, **_moved(block, start, k2, half)})
        k4 = self._slopes(block, {**end, **_moved(block, start, k3, "h")})
        new = dict(end)
        sixth = block.put("h / number(6)") if start else ""
        for name, y in start.items():
            inner = f"({k1[name]} + number(2) * {k2[name]} + number(2) * {k3[name]} + {k4[name]})"
            new[name] = block.put(f"{y} + {sixth} * {inner}")
        return [*block.lines, *(f"{self.place[name]}[k] = {value};" for name, value in new.items())]

    def _half(self, block: Block, begin: Mapping[str, str], drives: Mapping[str, str]) -> dict[str, str]:
        """The exact variables half a step later."""
        moved = {}
        for name, x in begin.items():
            kept, gain = block.names[f"{name}.kept"], block.names[f"{name}.gain"]
            driven = drives[name] != _literal(0.0)
            moved[name] = block.put(f"{x} * {kept} + {gain} * {drives[name]}" if driven else f"{x} * {kept}")
        if "v" in moved:
            moved["v"] = block.put(f"held ? {begin['v']} : {moved['v']}")
        return moved

    def _slopes(self, block: Block, states: Mapping[str, str]) -> dict[str, str]:
        block.names |= states
        block.evaluate(self.cell.intermediates)
        slopes = {name: block.value(tree) for name, tree in self.cell.slopes.items()}
        if "v" in slopes:
            slopes["v"] = block.put(f"held ? number(0) : {slopes['v']}")
        return slopes

    def _arrival(self) -> list[str]:
        """Input, and who fires."""
        lines = []
        for port, name in enumerate(self.cell.receptors.values()):
            arrived = f"(free[k] ? i{port}[k] : number(0))" if name == "v" else f"i{port}[k]"
            lines += [f"{self.place[name]}[k] = {self.place[name]}[k] + {arrived};", f"i{port}[k] = 0;"]
        if self.cell.threshold is None:
            return [*lines, "fires[k] = 0;"]
        block = self.block()
        block.evaluate(self.cell.driven)
        block.evaluate(self.cell.intermediates)
        fires = block.value(self.cell.threshold)
        return [*lines, *block.lines, f"fires[k] = {fires} ? free[k] : 0;", "any |= fires[k];"]

    def _reset(self) -> list[str]:
        block = self.block()
        block.lines.append("const bool fired = fires[k] != 0;")
        old = dict(block.names)
        for name, tree in self.cell.resets:
            block.names[name] = block.value(tree)
        changed = dict.fromkeys(name for name, _ in self.cell.resets)
        selected = {name: block.put(f"fired ? {block.names[name]} : {old[name]}") for name in changed}
        return [*block.lines, *(f"{self.place[name]}[k] = {value};" for name, value in selected.items())]


def _moved(block: Block, start: Mapping[str, str], slopes: Mapping[str, str], h: str) -> dict[str, str]:
    return {name: block.put(f"{y} + {h} * {slopes[name]}") for name, y in start.items()}


def _loop(body: list[str], indent: int) -> list[str]:
    margin = " " * indent
    lines = ["PYNN_SIDE_BY_SIDE", "for (std::size_t k = 0; k < 64; ++k) {", *(f"    {line}" for line in body), "}"]
    return [margin + line for line in lines]


def source_of(cell: CheckedCell, single: bool = False) -> str:
    """The file that holds ``int step_of_equations(const CustomWork<number>*)``; ``single``: of 32-bit numbers."""
    return _Writer(cell, single).source()
