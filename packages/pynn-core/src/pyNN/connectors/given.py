"""Connectors that are told every connection: a matrix, a file, another projection, or a connection set."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from cawan.simulator import Index

from pyNN.connectors.base import Ends, Plan, Rows, by_target, chunked
from pyNN.connectors.maps import MapConnector
from pyNN.connectors.simple import FromListConnector
from pyNN.errors import ConnectionError, InvalidDimensionsError


def _in_order(pre: Index, post: Index, columns: dict[str, Any] | None = None) -> Plan:
    """A plan of these rows, sorted by target and source."""
    order = by_target(pre, post)
    rows = Rows(pre[order], post[order], {name: values[order] for name, values in (columns or {}).items()})

    def chunks() -> Iterator[Rows]:
        if rows.columns:
            yield rows
            return
        targets, starts = np.unique(rows.post, return_index=True)
        yield from chunked(zip(targets.tolist(), np.split(rows.pre, starts[1:]), strict=True))

    return Plan(chunks, len(rows), tuple(rows.columns))


class ArrayConnector(MapConnector):
    """The pairs where an array of truth values, shape (n_pre, n_post), is true."""

    parameter_names = ("array",)

    def __init__(self, array: Any, location_selector: object = None, safe: bool = True, callback: Any = None) -> None:
        super().__init__(location_selector=location_selector, safe=safe, callback=callback)
        self.array = np.asarray(array).astype(bool)

    def plan(self, ends: Ends) -> Plan:
        """The true pairs."""
        expected = (ends.pre.size, ends.post.size)
        if self.array.shape != expected:
            raise InvalidDimensionsError(type(self).__name__, "array", self.array.shape, str(expected))
        post, pre = np.nonzero(self.array.T)
        return _in_order(pre.astype(np.int64), post.astype(np.int64))


class CloneConnector(MapConnector):
    """The same pairs as another projection between the same cells."""

    parameter_names = ("reference_projection",)

    def __init__(self, reference_projection: Any, safe: bool = True, callback: Any = None) -> None:
        super().__init__(safe=safe, callback=callback)
        self.reference_projection = reference_projection

    def plan(self, ends: Ends) -> Plan:
        """The pairs of the other projection, each as often as there."""
        other = self.reference_projection
        for mine, its, side in ((ends.pre, other.pre, "presynaptic"), (ends.post, other.post, "postsynaptic")):
            if mine is not its and not np.array_equal(mine.all_cells, its.all_cells):
                raise ConnectionError(
                    f"CloneConnector: the {side} cells are those of {mine.label!r} here, and of {its.label!r} in the "
                    "projection that is cloned. They must be the same."
                )
        pre, post = other.indices()
        return _in_order(pre, post)


class FromFileConnector(FromListConnector):
    """The connections that a text file lists, a line each; a header ``# columns = ["i", "j", …]`` names the columns.

    Parameters
    ----------
    file
        Its name, or an open file object of :mod:`pyNN.recording.files`.
    distributed
        Each process reads a file of its own, ``name.rank``.
    """

    parameter_names = ("file", "distributed")

    def __init__(self, file: Any, distributed: bool = False, **options: Any) -> None:
        super().__init__([], **options)
        self.file, self.distributed = file, distributed

    def plan(self, ends: Ends) -> Plan:
        """The rows of the file, as of a list."""
        from pyNN.recording.files import StandardTextFile

        if isinstance(self.file, str | os.PathLike):
            name = f"{self.file}.{ends.pre.simulator.rank()}" if self.distributed else self.file
            if not os.path.isfile(name):
                raise ConnectionError(f"FromFileConnector: there is no file {str(name)!r}.")
            with StandardTextFile(name, "r") as opened:
                return self._listed(opened).plan(ends)
        return self._listed(self.file).plan(ends)

    def _listed(self, file: Any) -> FromListConnector:
        columns = file.get_metadata().get("columns")
        names = None if columns is None else [name for name in columns if name not in ("i", "j", "pre", "post")]
        try:
            table = np.atleast_2d(np.asarray(file.read(), dtype=np.float64))
        except ValueError as error:
            raise ConnectionError(f"FromFileConnector: {file.name} is no table of numbers: {error}") from error
        made = FromListConnector(table, names)
        made.old = self.old
        return made


class CSAConnector(MapConnector):
    """A connection set of the Connection-Set Algebra (Djurfeldt 2012, Neuroinformatics 10, 287); needs ``csa``.

    Parameters
    ----------
    cset
        A mask, or a connection set with two values: weight and delay (ms).
    """

    parameter_names = ("cset",)

    def __init__(
        self, cset: Any, location_selector: object = None, safe: bool = True, callback: Any = None, **old: Any
    ) -> None:
        super().__init__(location_selector=location_selector, safe=safe, callback=callback, **old)
        try:
            import csa
        except ImportError as error:
            raise ImportError("CSAConnector needs the package csa. Install it with: pip install csa") from error
        self.cset, self._arity = cset, csa.arity(cset)
        if self._arity not in (0, 2):
            raise ConnectionError(
                f"CSAConnector: the connection set has {self._arity} values. It must have none, or weight and delay."
            )

    def plan(self, ends: Ends) -> Plan:
        """The finite part of the set between these cells."""
        import csa

        finite = csa.cross((0, ends.pre.size - 1), (0, ends.post.size - 1)) * self.cset
        table = np.array([tuple(row) for row in finite], dtype=np.float64).reshape(-1, 2 + self._arity)
        pre, post = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
        columns = {"weight": table[:, 2], "delay": table[:, 3]} if self._arity else None
        return _in_order(pre, post, columns)
