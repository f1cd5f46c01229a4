"""Reading and changing synapses on the backend, whatever order it keeps its rows in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from cawan.simulator import Array, Block, Index, NativeModel, SimulatorBackend, Values

from pyNN.parallel import from_all
from pyNN.projections.wiring import Part
from pyNN.translation import to_native, to_pynn

Placed = Sequence[tuple[Part, Part, Block]]


def from_backend(
    backend: SimulatorBackend, placed: Placed, model: NativeModel, weight_scale: float, pre: Index, post: Index,
    names: tuple[str, ...],
) -> dict[str, Array]:  # fmt: skip
    """Values that the simulation changes, in the order of the core's rows, PyNN's units."""
    result = {name: np.full(len(pre), np.nan) for name in names}
    shared = any(target.local is not None for _, target, _ in placed)
    natives = [model.variables[name].name for name in names]
    for source, target, block in placed:
        mine = _rows_between(source, target, pre, post, model)
        if not len(mine):
            continue
        found = backend.get(block, [*natives, "i", "j"])
        order = _order(source, target, pre[mine], post[mine], found)
        for name, native in zip(names, natives, strict=True):
            values = to_pynn(model.variables[name], found[native], weight_scale)
            result[name][mine] = np.broadcast_to(np.asarray(values, dtype=np.float64), mine.shape)[order]
    return {name: _from_owners(values) for name, values in result.items()} if shared else result


def _from_owners(values: Array) -> Array:
    """What each process has of an array, where it is no NaN, put together."""
    whole = values.copy()
    for share in from_all(values):
        whole = np.where(np.isnan(whole), share, whole)
    return whole


def to_backend(
    backend: SimulatorBackend, placed: Placed, model: NativeModel, weight_scale: float, pre: Index, post: Index,
    values: Mapping[str, float | Array],
) -> None:  # fmt: skip
    """Change values from now on: one for all, or an array in the order of the core's rows."""
    for source, target, block in placed:
        mine = _rows_between(source, target, pre, post, model)
        if not len(mine):
            continue
        varying = any(isinstance(value, np.ndarray) for value in values.values())
        share: dict[str, Values] = {n: v[mine] if isinstance(v, np.ndarray) else v for n, v in values.items()}
        native = to_native(model, share, weight_scale)
        if varying:
            order = _order(source, target, pre[mine], post[mine], backend.get(block, ["i", "j"]))
            native = {name: _scattered(value, order) for name, value in native.items()}
        backend.set(block, native)


def _scattered(value: Values, order: Index) -> Values:
    if not isinstance(value, np.ndarray):
        return value
    there = np.empty_like(value)
    there[order] = value
    return there


def _rows_between(source: Part, target: Part, pre: Index, post: Index, model: NativeModel) -> Index:
    """Rows that the backend of this process has: those whose target it owns, of a gap junction either end."""
    inside = (pre >= source.start) & (pre < source.stop) & (post >= target.start) & (post < target.stop)
    found = np.flatnonzero(inside)
    if target.local is None:
        return found
    owned = target.owns(post[found])
    return found[owned | source.owns(pre[found]) if model.symmetric else owned]


def _order(source: Part, target: Part, pre: Index, post: Index, found: Mapping[str, object]) -> Index:
    """Number of the backend's row for each of the core's; rows of one pair match in order."""
    i, j = (np.asarray(found[name]).astype(np.int64) for name in ("i", "j"))
    i, j = source.cells(i), target.cells(j)
    ours = np.lexsort((source.rows(pre), target.rows(post)))
    theirs = np.lexsort((i, j))
    order = np.empty(len(pre), dtype=np.int64)
    order[ours] = theirs
    return order
