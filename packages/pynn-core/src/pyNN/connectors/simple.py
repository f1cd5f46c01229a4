"""Connectors without chance: every pair, pairs of equal index, and a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array, Index

from pyNN.connectors.base import GATHERED, Connector, Ends, Plan, Rows, by_target, chunked, mutual, without_twin
from pyNN.connectors.maps import MapConnector
from pyNN.errors import ConnectionError, InvalidIndexError


class AllToAllConnector(MapConnector):
    """Every presynaptic cell to every postsynaptic cell."""

    parameter_names = ("allow_self_connections",)

    def __init__(self, allow_self_connections: bool | str = True, **options: Any) -> None:
        super().__init__(allow_self_connections=allow_self_connections, **options)

    def plan(self, ends: Ends) -> Plan:
        """All pairs."""
        sources = np.arange(ends.pre.size, dtype=np.int64)
        allowed = self.allow_self_connections

        def rows() -> Iterator[Rows]:
            return chunked((j, without_twin(ends, j, sources, allowed)) for j in range(ends.post.size))

        size = ends.pre.size * ends.post.size
        twins = self.twins(ends)
        if twins is not None:
            size -= int((twins + 1).sum()) if allowed == "NoMutual" else int((twins >= 0).sum())
        return Plan(rows, size, kind="all_to_all", parameters=mutual(allowed), twins=twins)


class OneToOneConnector(MapConnector):
    """The k-th presynaptic cell to the k-th postsynaptic cell, as far as both go."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)

    def plan(self, ends: Ends) -> Plan:
        """Pairs of equal index."""
        size = min(ends.pre.size, ends.post.size)

        def rows() -> Iterator[Rows]:
            for first in range(0, size, GATHERED):
                index = np.arange(first, min(first + GATHERED, size), dtype=np.int64)
                yield Rows(index, index)

        return Plan(rows, size, kind="one_to_one")


class FromListConnector(Connector):
    """The connections of a list: (pre index, post index) and then the columns.

    Parameters
    ----------
    conn_list
        Rows of equal length, or an array of shape (n, 2 + n_columns).
    column_names
        Of the columns after the two indices; ("weight", "delay") by default.
    """

    parameter_names: tuple[str, ...] = ("conn_list",)

    def __init__(
        self, conn_list: Sequence[Sequence[float]] | Array, column_names: Sequence[str] | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        table = _table(conn_list)
        names = ("weight", "delay")[: table.shape[1] - 2] if column_names is None else tuple(column_names)
        names = names[2:] if names[:2] in (("i", "j"), ("pre", "post")) else names
        if not len(table):  # an empty list has any columns
            table = np.empty((0, 2 + len(names)))
        if len(names) != table.shape[1] - 2:
            raise ConnectionError(
                f"FromListConnector: the list has {table.shape[1]} columns, so it needs {table.shape[1] - 2} column "
                f"names after the two indices, not {len(names)} ({', '.join(names)})."
            )
        self.conn_list, self.column_names = table, names

    def plan(self, ends: Ends) -> Plan:
        """The rows of the list, sorted by target and source; equal pairs stay in the list's order."""
        pre = self._indices(0, ends.pre.size, "presynaptic")
        post = self._indices(1, ends.post.size, "postsynaptic")
        order = by_target(pre, post).astype(np.int32 if len(pre) < 1 << 31 else np.int64)
        bounds = np.append(0, np.cumsum(np.bincount(post)))  # where the rows of each target begin and end
        table = self.conn_list
        table.flags.writeable = False  # the plan keeps no rows but these

        def rows() -> Iterator[Rows]:
            """Chunks that hold all rows of each target."""
            start = 0
            while start < len(order):
                stop = int(bounds[np.searchsorted(bounds, start + GATHERED, side="right") - 1])
                if stop <= start:  # a target of more rows than a chunk
                    stop = int(bounds[np.searchsorted(bounds, start, side="right")])
                part = table[order[start:stop]]
                columns = {name: part[:, 2 + k].copy() for k, name in enumerate(self.column_names)}
                yield Rows(part[:, 0].astype(np.int64), part[:, 1].astype(np.int64), columns)
                start = stop

        return Plan(rows, len(order), self.column_names)

    def _indices(self, column: int, size: int, side: str) -> Index:
        given = self.conn_list[:, column]
        bad = np.flatnonzero(~((given >= 0) & (given < size) & (given % 1 == 0)))
        if len(bad):
            allowed = f"a whole number from 0 to {size - 1}" if size else "absent: the group is empty"
            raise InvalidIndexError(
                "FromListConnector", f"the {side} index", float(given[bad[0]]), allowed,
                index=f"row {bad[0]}", count=len(bad),
            )  # fmt: skip
        return given.astype(np.int64)


def _table(conn_list: Sequence[Sequence[float]] | Array) -> Array:
    try:
        table = np.array(conn_list if isinstance(conn_list, np.ndarray) else list(conn_list), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ConnectionError(
            "FromListConnector: the list has rows of different lengths, or values that are not numbers. "
            "Each row is (pre index, post index, and one number for each column)."
        ) from error
    if table.size == 0:
        return np.empty((0, 2))
    if table.ndim != 2 or table.shape[1] < 2:
        raise ConnectionError(
            f"FromListConnector: the list has shape {table.shape}. Each row is (pre index, post index, and one number "
            "for each column)."
        )
    return table
