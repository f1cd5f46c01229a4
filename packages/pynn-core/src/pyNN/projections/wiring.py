"""From a projection's rows to the blocks of a backend: native units, one wiring for each pair of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from cawan.fast_dataclasses import dataclass, replace
from cawan.simulator import Array, Draw, Edges, Index, NativeModel, Rule, Wiring

from pyNN.connectors.base import CHUNK, Plan, Rows
from pyNN.projections.expanding import expanded
from pyNN.projections.limits import check_sign
from pyNN.projections.receptors import PLACE, Reached
from pyNN.projections.values import Columns
from pyNN.translation import defaults, factor, to_native

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Part:
    """Cells of one population that take part: numbers ``start`` … ``start + len(index)`` of the group.

    ``local``: which of them this process owns, shape (len(index),); None where it owns all. ``cell``: where the backend
    has a block of places on these cells, the cell of each.
    """

    start: int
    index: Index
    local: NDArray[np.bool_] | None = None
    cell: Index | None = None

    def rows(self, numbers: Index) -> Index:
        """Rows of the backend's block of cells."""
        return self.index[numbers - self.start]

    def cells(self, rows: Index) -> Index:
        """Rows of the block of cells for rows of the block that synapses end on."""
        return rows if self.cell is None else self.cell[rows]

    def owns(self, numbers: Index) -> NDArray[np.bool_]:
        """Which of these numbers are cells that this process owns."""
        return np.ones(len(numbers), dtype=bool) if self.local is None else self.local[numbers - self.start]

    @property
    def stop(self) -> int:
        """One past the last number."""
        return self.start + len(self.index)

    def counted(self, size: int, local: NDArray[np.bool_] | None = None) -> Index:
        """The row of each cell of the group of ``size``; -1 for those of other blocks, and those that are not local."""
        if len(self.index) == size and local is None:
            return self.index
        rows = np.full(size, -1, dtype=np.int64)
        rows[self.start : self.stop] = self.index if local is None else np.where(local, self.index, -1)
        return rows


class RowSource:
    """All rows of a projection with their values in PyNN's units; no backend sees one that should be refused.

    They are looked at beforehand, one by one, unless a rule makes them and every value is certain to be allowed: then
    none is made before somebody asks. Up to 10**6 rows are kept in memory; more are made again each time.
    """

    def __init__(
        self, plan: Plan, columns: Columns, shape: tuple[int, int], reached: Reached | None = None
    ) -> None:
        if reached is not None:
            plan = replace(plan, kind="", size=None)  # no rule knows of several receptors on a cell
        self.plan, self.columns, self.shape, self.reached = plan, columns, shape, reached
        self._sequential = plan.sequential or columns.sequential()
        self.common = columns.common()
        self.changed: dict[str, Array] = {}
        self._kept: list[tuple[Rows, dict[str, Array]]] | None = None
        self._size = plan.size
        if not plan.kind or self._sequential or not columns.certain():
            self._size = sum(len(rows) for rows, _ in self._made())

    @property
    def size(self) -> int:
        """Rows in all; where no rule says how many, they are counted when this is first asked for."""
        if self._size is None:
            self._size = sum(len(rows) for rows in self._ends())
        return self._size

    def any(self) -> bool:
        """Whether there is a row; the first is enough to tell."""
        return bool(self._size) if self._size is not None else any(len(rows) for rows in self._ends())

    def __iter__(self) -> Iterator[tuple[Rows, dict[str, Array]]]:
        first = 0
        for rows, values in self._made():
            if self.changed:
                part = slice(first, first + len(rows))
                values = values | {name: array[part] for name, array in self.changed.items()}
            first += len(rows)
            yield rows, values

    def table(self, names: tuple[str, ...]) -> tuple[Index, Index, dict[str, Array]]:
        """Both ends and these values of every row, each of shape (size,)."""
        pres, posts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        parts: dict[str, list[Array]] = {name: [np.empty(0)] for name in names}
        for rows, values in self:
            pres.append(rows.pre)
            posts.append(rows.post)
            for name in names:
                parts[name].append(values[name] if name in values else np.full(len(rows), self.common[name]))
        return np.concatenate(pres), np.concatenate(posts), {n: np.concatenate(p) for n, p in parts.items()}

    def change(self, name: str, values: float | Array) -> None:
        """Replace one value, in all rows or by one array of shape (size,)."""
        if isinstance(values, np.ndarray):
            self.changed[name] = values
            self.common.pop(name, None)
        else:
            self.common[name] = values
            self.changed.pop(name, None)
            self._drop(name)

    def _drop(self, name: str) -> None:
        if self._kept is not None:
            self._kept = [(rows, {n: v for n, v in values.items() if n != name}) for rows, values in self._kept]
        kept = {n: column for n, column in self.columns.columns.items() if n != name}
        self.columns = replace(self.columns, columns=kept)

    def weights_are_positive(self) -> bool:
        """Whether no weight can be negative, as far as that is known without looking at them."""
        bounds = self.columns.bounds("weight") if "weight" in self.columns.columns else None
        return bounds is not None and bounds[0] >= 0

    def weight_range(self) -> tuple[float, float]:
        """Smallest and largest weight; (inf, -inf) where there is no connection."""
        if "weight" in self.common:
            return (self.common["weight"], self.common["weight"]) if self.any() else (inf, -inf)
        found = [(values["weight"].min(), values["weight"].max()) for _, values in self if len(values["weight"])]
        return (min(low for low, _ in found), max(high for _, high in found)) if found else (inf, -inf)

    def require_sign(self, sign: int) -> None:
        """From now on, weights must have this sign; those there are checked."""
        self.columns = replace(self.columns, sign=sign)
        if "weight" in self.common:
            if self.common["weight"] * sign < 0 and self.any():
                check_sign(self.columns.owner, self.common["weight"], sign, None)
            return
        if self.plan.kind and not self._sequential and self.columns.certain():
            return
        for rows, values in self:
            check_sign(self.columns.owner, values["weight"], sign, rows)

    def _ends(self) -> Iterator[Rows]:
        """All rows without their values."""
        made = expanded(self._rule({}))
        return self.plan.rows() if made is None else (Rows(edges.pre, edges.post) for edges in made)

    def _rule(self, draws: Mapping[str, Draw]) -> Rule | None:
        """What makes all rows, in PyNN's units, with cells counted as in the two groups; None where no rule does."""
        plan = self.plan
        if not plan.kind or self._sequential:
            return None
        pre, post = (np.arange(size, dtype=np.int64) for size in self.shape)
        return Rule(plan.kind, plan.parameters, pre, post, plan.stream, draws, plan.twins)

    def _make(self) -> Iterator[tuple[Rows, dict[str, Array]]]:
        made = expanded(self._rule(self.columns.drawn()))
        if made is not None:
            for edges in made:
                rows = Rows(edges.pre, edges.post)
                yield rows, self.columns.of(rows, edges.values)
            return
        for rows in self.plan.rows():
            for part in self._one_by_one(rows) if self._sequential else (rows,):
                values = self.columns.of(part)
                yield (part, values) if self.reached is None else self.reached.apply(part, values)

    def _one_by_one(self, rows: Rows) -> Iterator[Rows]:
        """The rows of each target (source) by themselves: the order in which a generator draws."""
        owners = rows.pre if self.plan.by_source else rows.post
        for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(owners)) + 1):
            if len(part):
                yield rows.select(part)

    def _made(self) -> Iterator[tuple[Rows, dict[str, Array]]]:
        """All rows: those that were kept, or new ones, which are kept where they are few or can be made only once."""
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[tuple[Rows, dict[str, Array]]] | None = []
        size = 0
        for rows, values in self._make():
            size += len(rows)
            if kept is not None and (size <= CHUNK or self._sequential):
                kept.append((rows, values))
            else:
                kept = None
            yield rows, values
        self._kept = _joined(kept) if kept is not None and self._sequential else kept


def _joined(parts: list[tuple[Rows, dict[str, Array]]]) -> list[tuple[Rows, dict[str, Array]]]:
    """Many small parts as one."""
    if not parts:
        return parts
    names, columns = parts[0][1], parts[0][0].columns
    rows = Rows(
        np.concatenate([rows.pre for rows, _ in parts]),
        np.concatenate([rows.post for rows, _ in parts]),
        {name: np.concatenate([rows.columns[name] for rows, _ in parts]) for name in columns},
    )
    return [(rows, {name: np.concatenate([values[name] for _, values in parts]) for name in names})]


@dataclass(frozen=True)
class Translation:
    """A synapse type on one backend, for one receptor."""

    model: NativeModel
    weight_scale: float

    def common(self, values: Mapping[str, float]) -> dict[str, float]:
        """Native values that all rows share."""
        native = {**defaults(self.model), **to_native(self.model, values, self.weight_scale)}
        return {name: float(value) for name, value in native.items()}  # type: ignore[arg-type]  # numbers in, numbers out

    def rows(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Native values of a chunk, each of shape (n,)."""
        return to_native(self.model, values, self.weight_scale)  # type: ignore[return-value]  # arrays in, arrays out


def wiring(
    source: RowSource, pre: Part, post: Part, translation: Translation, *, whole: bool, shape: tuple[int, int]
) -> Wiring:
    """The rows between two blocks of two groups of ``shape``; ``whole``: there is only this pair of blocks."""

    rule = _rule(source, pre, post, translation, shape)
    rounded = source.columns.limits.rounded

    def chunks() -> Iterator[Edges]:
        """The rows of this pair of blocks, in native units."""
        made = expanded(rule)
        if made is not None:
            yield from made
            return
        for rows, values in source:
            if "delay" in values:
                values = {**values, "delay": rounded(values["delay"])}  # type: ignore[dict-item]  # arrays in, arrays out
            if not whole:
                inside = (rows.pre >= pre.start) & (rows.pre < pre.stop)
                inside &= (rows.post >= post.start) & (rows.post < post.stop)
                rows = rows.select(inside)
                values = {name: value[inside] for name, value in values.items()}
            if post.local is not None:
                owned = post.owns(rows.post)
                if translation.model.symmetric:
                    owned |= pre.owns(rows.pre)
                rows = rows.select(owned)
                values = {name: value[owned] for name, value in values.items()}
            native = translation.rows(values)
            places = None if source.reached is None else rows.columns[PLACE].astype(np.int64)
            for first in range(0, len(rows), CHUNK):
                part = slice(first, first + CHUNK)
                yield Edges(
                    pre.rows(rows.pre[part]),
                    post.rows(rows.post[part]) if places is None else places[part],
                    {name: value[part] for name, value in native.items()},
                )

    return Wiring(
        chunks,
        translation.common(_on_grid(source)),
        rule,
        source.plan.size if whole and post.local is None else None,
    )


def _on_grid(source: RowSource) -> dict[str, float]:
    common = dict(source.common)
    if "delay" in common:
        common["delay"] = float(source.columns.limits.rounded(common["delay"]))
    return common


def _rule(source: RowSource, pre: Part, post: Part, translation: Translation, shape: tuple[int, int]) -> Rule | None:
    draws, plan, model = source.columns.draws(), source.plan, translation.model
    if not plan.kind or source.columns.sequential() or draws is None or source.changed:
        return None
    if model.computed is not None or (model.symmetric and post.local is not None):
        return None  # values that follow from several others; rows that belong to either end
    native: dict[str, Draw] = {}
    for name, draw in draws.items():
        row = model.parameters[name]
        scale = factor(row, translation.weight_scale)
        native[row.name] = replace(draw, scale=scale)
        if name == "delay":
            limits = source.columns.limits
            lowest, highest = limits.steps()
            native[row.name] = replace(native[row.name], step=limits.timestep, lowest=lowest, highest=highest)
    places = pre.counted(shape[0]), post.counted(shape[1], post.local)
    return Rule(plan.kind, plan.parameters, *places, plan.stream, native, plan.twins)
