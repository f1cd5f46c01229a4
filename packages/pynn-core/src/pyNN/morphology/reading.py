"""What libNeuroML and MorphIO say of a neuron's shape, as sections with their points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cawan.simulator import Array

from pyNN.errors import PyNNError
from pyNN.morphology.shapes import Piece, sphere

_SOMA = 1  # in SWC files


def segment_numbers(segments: Sequence[Any]) -> dict[Any, int]:
    """Place of each of libNeuroML's segments by its id, and by itself where a script names its parent so."""
    return {id_: k for k, segment in enumerate(segments) for id_ in (segment.id, _Same(segment)) if id_ is not None}


class _Same:
    """A key for an object that may not be hashable."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing


def segment_pieces(segments: Sequence[Any]) -> list[Piece]:
    """A section for each segment. One whose ends coincide is a sphere, as NeuroML says.

    Raises
    ------
    PyNNError
        A parent is not among the segments, or a root has no proximal point.
    """
    numbers = segment_numbers(segments)
    pieces: list[Piece] = []
    for k, segment in enumerate(segments):
        name = segment.name or f"segment {k}"
        parent, along = _parent(name, segment, numbers)
        begin = segment.proximal
        if begin is None and parent >= 0:
            begin = segments[parent].distal
        if begin is None:
            raise PyNNError(f"The segment {name!r} has neither a proximal point nor a parent. Give it one.")
        points = np.array([[p.x, p.y, p.z, p.diameter] for p in (begin, segment.distal)], dtype=np.float64)
        if np.array_equal(points[0, :3], points[1, :3]):
            points = sphere(points[1])
        pieces.append(Piece(name, parent, along, points))
    return pieces


def _parent(name: str, segment: Any, numbers: dict[Any, int]) -> tuple[int, float]:
    parent = segment.parent
    if parent is None:
        return -1, 0.0
    by_id = getattr(parent, "segments", None)
    for key in (_Same(parent), by_id if by_id is not None else getattr(parent, "id", None)):
        if key in numbers:
            along = getattr(parent, "fraction_along", None)
            return numbers[key], 1.0 if along is None else float(along)
    raise PyNNError(f"The parent of the segment {name!r} is not among the morphology's segments. Add it to them.")


def point_pieces(morphology: Any) -> list[Piece]:
    """A section for each point of libNeuroML's ``ArrayMorphology``: from the point before it to this one.

    A soma of one point becomes a cylinder with the surface of its sphere, and all begin at its end. Where the soma has
    more points, what begins at its first point begins there. A neurite keeps its own diameter up to the soma.
    """
    parents = np.asarray(morphology.connectivity).astype(np.int64).tolist()
    points = np.asarray(morphology.vertices, dtype=np.float64)
    kinds = np.asarray(morphology.node_types).astype(np.int64).tolist()
    root = parents.index(-1) if -1 in parents else 0
    first, rounded = _beginning(root, parents, kinds)
    pieces = []
    for k, parent in enumerate(parents):
        own = sphere(points[k]) if rounded else np.empty((0, 4))
        at, along = -1, 0.0
        if k != root:
            own = _from(points[parent], points[k], kinds[parent] == _SOMA and kinds[k] != _SOMA)
            at, along = (first, 1.0 if rounded else 0.0) if parent == root else (parent, 1.0)
        if k == first:
            at, along = -1, 0.0
        pieces.append(Piece(f"point {k}", at, along, own))
    return pieces


def _beginning(root: int, parents: list[int], kinds: list[int]) -> tuple[int, bool]:
    """The point of the section that has no parent, and whether it is a soma of one point, or a point alone."""
    children = [k for k, parent in enumerate(parents) if parent == root and k != root]
    of_soma = [k for k in children if kinds[k] == _SOMA]
    if not children or (kinds[root] == _SOMA and not of_soma):
        return root, True
    return (of_soma or children)[0], False


def _from(before: Array, point: Array, own_diameter: bool) -> Array:
    begin = before.copy()
    if own_diameter:
        begin[3] = point[3]
    return np.array([begin, point])


def morphio_pieces(morphology: Any) -> list[Piece]:
    """MorphIO's sections by their numbers, then the soma, at whose end its root sections begin."""
    pieces = []
    count = len(morphology.sections)
    for section in morphology.sections:
        points = np.column_stack([section.points, section.diameters]).astype(np.float64)
        keep = np.append(True, np.linalg.norm(np.diff(points[:, :3], axis=0), axis=1) > 0)
        parent = count if section.is_root else int(section.parent.id)
        pieces.append(Piece(f"section {section.id}", parent, 1.0, points[keep]))
    return [*pieces, Piece("soma", -1, 0.0, _soma(morphology.soma))]


def _soma(soma: Any) -> Array:
    points = np.column_stack([soma.points, soma.diameters]).astype(np.float64)
    kind = str(getattr(soma.type, "name", soma.type)).upper()
    if not len(points):
        raise PyNNError("The morphology has no soma. Add one to the file.")
    if len(points) == 1:
        return sphere(points[0])
    if "THREE" in kind:  # its centre, and two points on its surface
        return np.array([*points[1:]])
    if "CYLINDER" in kind:
        return points
    return sphere(np.array([*np.asarray(soma.center, dtype=np.float64), np.sqrt(float(soma.surface) / np.pi)]))
