"""A morphology as simulators get it: segments in arrays, cut into compartments; each section's segments by index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array, Index
from cawan.simulator import Morphology as Tree

from pyNN.errors import PyNNError

_FREQUENCY = 100.0  # Hz, at which lambda is taken


@dataclass(frozen=True)
class Shape:
    """A tree of segments, and which of them each section (what selections count) consists of.

    Attributes
    ----------
    tree
        ``compartments`` are all 1 until :meth:`cut`.
    sections
        For each section its segments in order; empty where a library counts a point that begins nothing.
    """

    tree: Tree
    sections: tuple[Index, ...]

    @cached_property
    def lengths(self) -> Array:
        """Length of each segment, shape (n,), µm."""
        return np.asarray(np.linalg.norm(self.tree.distal[:, :3] - self.tree.proximal[:, :3], axis=1))

    def length(self, section: int) -> float:
        """Length of a section, µm."""
        return float(self.lengths[self.sections[section]].sum())

    def spot(self, section: int, along: float) -> tuple[int, float]:
        """The segment, and the fraction of its length, at a fraction of a section's length."""
        segments = self.sections[section]
        ends = np.cumsum(self.lengths[segments])
        at = along * ends[-1]
        k = min(int(np.searchsorted(ends, at, side="left")), len(segments) - 1)
        begin = ends[k - 1] if k else 0.0
        return int(segments[k]), float((at - begin) / (ends[k] - begin))

    @cached_property
    def distances(self) -> Array:
        """Path from the root's beginning to the beginning of each segment, shape (n,), µm."""
        found, lengths = np.zeros(len(self.tree)), self.lengths
        for k in range(1, len(self.tree)):
            parent = int(self.tree.parent[k])
            found[k] = found[parent] + self.tree.along[k] * lengths[parent]
        return found

    def spread(self, values: Sequence[float]) -> Array:
        """A value for each section, as one for each segment, shape (n,)."""
        found = np.zeros(len(self.tree))
        for segments, value in zip(self.sections, values, strict=True):
            found[segments] = value
        return found

    def cut(self, d_lambda: float, axial: float, capacitance: Array) -> Shape:
        """The same, with compartments no longer than a share of the length constant at 100 Hz, an odd number of them.

        Parameters
        ----------
        d_lambda
            The share.
        axial
            Axial resistivity, Ω cm.
        capacitance
            Of each segment, shape (n,), µF/cm².

        References
        ----------
        Hines & Carnevale (2001), Neuroscientist 7, 123.
        """
        tree = self.tree
        diameter = 0.5 * (tree.proximal[:, 3] + tree.distal[:, 3])
        constant = 1e5 * np.sqrt(diameter / (4 * np.pi * _FREQUENCY * axial * capacitance))  # µm
        compartments = 1 + 2 * ((0.999 + self.lengths / (d_lambda * constant)) / 2).astype(np.int64)
        return Shape(Tree(tree.parent, tree.along, tree.proximal, tree.distal, compartments), self.sections)


def shape_of(pieces: Sequence[Piece]) -> Shape:
    """The shape of sections that a library lists in any order.

    Raises
    ------
    PyNNError
        No section is the root or several are, one is its own ancestor, or one has no length or no diameter.
    """
    order = _parents_first(pieces)
    rows: list[tuple[int, float, Array, Array]] = []
    sections: list[Index] = [np.empty(0, np.int64) for _ in pieces]
    for number in order:
        piece = pieces[number]
        parent, along = -1, 0.0
        if piece.parent >= 0:
            parent, along = _attached(rows, sections, piece)
            while along == 0.0 and rows[parent][0] >= 0:  # the same place, said by the segment that ends there
                parent, along = rows[parent][:2]
        first = len(rows)
        for begin, end in zip(piece.points[:-1], piece.points[1:], strict=True):
            _check_segment(piece.name, begin, end)
            rows.append((parent, along, begin, end))
            parent, along = len(rows) - 1, 1.0
        sections[number] = np.arange(first, len(rows), dtype=np.int64)
    tree = Tree(
        np.array([row[0] for row in rows], dtype=np.int64), np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows]), np.array([row[3] for row in rows]), np.ones(len(rows), dtype=np.int64),
    )  # fmt: skip
    return Shape(tree, tuple(sections))


@dataclass(frozen=True)
class Piece:
    """One section: its name in errors, the section that it begins on (-1: none) and where, and its points.

    ``points``: x, y, z, diameter, shape (n, 4), µm; fewer than two make no segment.
    """

    name: str
    parent: int
    along: float
    points: Array


def _parents_first(pieces: Sequence[Piece]) -> list[int]:
    roots = [k for k, piece in enumerate(pieces) if piece.parent < 0 and len(piece.points) > 1]
    empty = sum(len(piece.points) < 2 for piece in pieces)
    if len(roots) != 1:
        names = ", ".join(repr(pieces[k].name) for k in roots) or "none"
        raise PyNNError(
            f"A morphology has one section without a parent; this one has {len(roots)} ({names}). Join the sections."
        )
    children: dict[int, list[int]] = {}
    for k, piece in enumerate(pieces):
        children.setdefault(piece.parent, []).append(k)
    order, waiting = [], roots
    while waiting:
        k = waiting.pop()
        order.append(k)
        waiting += reversed(children.get(k, []))
    if len(order) < len(pieces) - empty:
        lost = next(k for k, piece in enumerate(pieces) if k not in order and len(piece.points) > 1)
        raise PyNNError(f"The section {pieces[lost].name!r} is its own ancestor. Correct its parent.")
    return order


def _attached(rows: list[tuple[int, float, Array, Array]], sections: list[Index], piece: Piece) -> tuple[int, float]:
    """The segment that a section begins on, and where."""
    on = sections[piece.parent]
    if not 0.0 <= piece.along <= 1.0:
        raise PyNNError(
            f"The section {piece.name!r} begins at {piece.along!r} of its parent. It must be from 0 (its beginning) "
            "to 1 (its end)."
        )
    if not len(on):  # a point that is nothing but the beginning of others
        raise PyNNError(f"The section {piece.name!r} begins on one without length. Join it to that one's parent.")
    lengths = np.cumsum([np.linalg.norm(rows[k][3][:3] - rows[k][2][:3]) for k in on])
    at = piece.along * lengths[-1]
    k = min(int(np.searchsorted(lengths, at, side="left")), len(on) - 1)
    begin = lengths[k - 1] if k else 0.0
    return int(on[k]), float((at - begin) / (lengths[k] - begin))


def _check_segment(name: str, begin: Array, end: Array) -> None:
    if not np.isfinite([begin, end]).all() or begin[3] <= 0 or end[3] <= 0:
        raise PyNNError(
            f"The section {name!r} has the points {begin.tolist()} and {end.tolist()} (x, y, z, diameter in µm). "
            "Numbers must be finite, and diameters above 0."
        )
    if not np.linalg.norm(end[:3] - begin[:3]):
        raise PyNNError(f"The section {name!r} has no length: two of its points are both {begin[:3].tolist()} µm.")


def sphere(point: Array) -> Array:
    """Two points of a cylinder as long as it is thick, which has the surface of a sphere, around a point."""
    half = np.array([0.5 * point[3], 0.0, 0.0, 0.0])
    return np.array([point - half, point + half])


def along_all(shape: Shape, value: Callable[[int], Any], check: Callable[[float, int], None]) -> Array:
    """A value that is given section by section, for each segment, shape (n,); where it is None it is 0."""
    values = []
    for section in range(len(shape.sections)):
        found = value(section)
        number = 0.0 if found is None else float(found)
        check(number, section)
        values.append(number)
    return shape.spread(values)
