"""Where cells are: structures that place them, and the space in which distances are measured (µm)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

import numpy as np
from cawan.errors import suggestion
from cawan.simulator import Array

from pyNN.errors import PyNNError
from pyNN.random import AbstractRNG, NumpyRNG

_AXES = {"x": (0,), "y": (1,), "z": (2,), "xy": (0, 1), "yz": (1, 2), "xz": (0, 2), "xyz": (0, 1, 2)}


class Space:
    """Distances between positions, along chosen axes and with periodic boundaries.

    Parameters
    ----------
    axes
        The axes that count: "x", "xy", "xyz" …; all three by default.
    scale_factor, offset
        Positions of the postsynaptic cells are shifted by ``offset`` (µm) and then scaled before they are compared.
    periodic_boundaries
        (low, high) for each of x, y, z, or None where the axis is open.
    """

    def __init__(
        self,
        axes: str | None = None,
        scale_factor: float = 1.0,
        offset: float | Sequence[float] = 0.0,
        periodic_boundaries: Sequence[tuple[float, float] | None] | None = None,
    ) -> None:
        name = "xyz" if axes is None else "".join(sorted(axes))
        if name not in _AXES:
            raise PyNNError(f"Space has no axes {axes!r}. It has: {', '.join(_AXES)}.{suggestion(name, _AXES)}")
        self.axes = _AXES[name]
        self.scale_factor = scale_factor
        self.offset = np.broadcast_to(np.asarray(offset, dtype=np.float64), (3,))
        self.periodic_boundaries = periodic_boundaries

    def displacement(self, pre: Array, post: Array) -> Array:
        """Vectors from pre to post along the axes that count, shape (n, 3), µm; both arguments have that shape."""
        kept = np.zeros(np.shape(pre))
        for axis in self.axes:
            kept[:, axis] = self._along(axis, pre[:, axis], post[:, axis])
        return kept

    def _along(self, axis: int, pre: Array, post: Array) -> Array:
        """Displacements along one axis, shape (n,), µm."""
        difference = self.scale_factor * (post + self.offset[axis]) - pre
        bounds = None if self.periodic_boundaries is None else self.periodic_boundaries[axis]
        if bounds is not None:
            period = bounds[1] - bounds[0]
            difference -= period * np.round(difference / period)
        return np.asarray(difference)

    def pairwise(self, pre: Array, post: Array) -> Array:
        """Distance of each row of ``pre`` to the same row of ``post``, shape (n,), µm."""
        return self.along_axes(lambda axis: (pre[:, axis], post[:, axis]), len(pre))

    def axes_apart(self, pre: Array, post: Array) -> tuple[int, ...]:
        """The axes on which any two of these positions, shapes (n_pre, 3) and (n_post, 3), may differ."""
        if not len(pre) or not len(post):
            return self.axes

        def together(axis: int) -> bool:
            flat = np.ptp(pre[:, axis]) == 0 and np.ptp(post[:, axis]) == 0
            return bool(flat and self._along(axis, pre[:1, axis], post[:1, axis])[0] == 0)

        return tuple(axis for axis in self.axes if not together(axis))

    def along_axes(
        self, ends: Callable[[int], tuple[Array, Array]], n: int, axes: tuple[int, ...] | None = None
    ) -> Array:
        """Distances of n pairs, shape (n,), µm; ``ends(axis)`` gives both coordinates of each pair on an axis.

        ``axes``: those of :meth:`axes_apart`, where they are known; all that count by default.
        """
        used = self.axes if axes is None else axes
        if len(used) == 1:
            return np.asarray(np.abs(self._along(used[0], *ends(used[0]))))
        squares = np.zeros(n)
        for axis in used:
            difference = self._along(axis, *ends(axis))
            squares += difference * difference
        return np.asarray(np.sqrt(squares))

    def distances(self, A: Any, B: Any, expand: bool = False) -> Array:
        """Distances from every position of A to every one of B, µm, one after the other.

        Parameters
        ----------
        A, B
            Positions, shape (n, 3) or (3,).
        expand
            Give an array of shape (len(A), len(B)).
        """
        a, b = (np.atleast_2d(np.asarray(points, dtype=np.float64)) for points in (A, B))
        rows, columns = np.repeat(np.arange(len(a)), len(b)), np.tile(np.arange(len(b)), len(a))
        found = self.pairwise(a[rows], b[columns])
        return found.reshape(len(a), len(b)) if expand else found

    def distance_generator(self, f: Callable[[Any], Any], g: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
        """A function of indices i, j: the distance from position f(i) to position g(j), µm."""

        def distance_of(i: Any, j: Any) -> Any:
            pre, post = np.broadcast_arrays(np.asarray(f(i), dtype=np.float64), np.asarray(g(j), dtype=np.float64))
            shape = pre.shape[:-1]
            return self.pairwise(pre.reshape(-1, 3), post.reshape(-1, 3)).reshape(shape)

        return distance_of

    def __repr__(self) -> str:
        axes = "".join("xyz"[axis] for axis in self.axes)
        shown = [f"axes={axes!r}"] if len(self.axes) < 3 else []
        shown += [f"scale_factor={self.scale_factor!r}"] if self.scale_factor != 1.0 else []
        shown += [f"offset={self.offset.tolist()!r}"] if self.offset.any() else []
        shown += [f"periodic_boundaries={self.periodic_boundaries!r}"] if self.periodic_boundaries is not None else []
        return f"Space({', '.join(shown)})"


def distance(
    src: Any, tgt: Any, mask: Any = None, scale_factor: float = 1.0, offset: Any = 0.0, periodic_boundaries: Any = None
) -> float:
    """Distance from one cell to another, µm.

    Parameters
    ----------
    mask
        Numbers of the axes that count; all by default.
    scale_factor, offset
        The target's position is shifted and then scaled.
    periodic_boundaries
        The period of each axis, µm.
    """
    difference = src.position - scale_factor * (tgt.position + offset)
    if periodic_boundaries is not None:
        difference = np.minimum(abs(difference), periodic_boundaries - abs(difference))
    chosen = difference if mask is None else difference[np.asarray(mask)]
    return float(np.sqrt((chosen**2).sum()))


class BaseStructure:
    """Places n cells in space."""

    parameter_names: tuple[str, ...] = ()

    def generate_positions(self, n: int) -> Array:
        """Positions of n cells, shape (3, n), µm."""
        return np.ascontiguousarray(self.place(n, NumpyRNG(0).rng.random_sample).T)

    def place(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """Positions of n cells, shape (n, 3), µm; ``uniform(k)`` gives k random numbers of [0, 1)."""
        raise NotImplementedError(f"{type(self).__name__} must define place().")

    def describe(self, template: Any = "structure_default.txt", engine: Any = "default") -> Any:
        """A description for people; the values themselves where ``template`` is None."""
        from pyNN.descriptions import render

        return render(engine, template, {"name": type(self).__name__, "parameters": self.get_parameters()})

    def get_parameters(self) -> dict[str, Any]:
        """What this structure was made with."""
        return {name: getattr(self, name) for name in self.parameter_names}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.get_parameters() == other.get_parameters()

    def __hash__(self) -> int:
        return hash((type(self), repr(self.get_parameters())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.get_parameters().items())})"


class Line(BaseStructure):
    """Equally spaced along x."""

    parameter_names = ("dx", "x0", "y", "z")

    def __init__(self, dx: float = 1.0, x0: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        self.dx, self.x0, self.y, self.z = dx, x0, y, z

    def place(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """x = x0 + dx k."""
        x: Array = self.dx * np.arange(n, dtype=np.float64) + self.x0
        return np.column_stack([x, np.full(n, self.y), np.full(n, self.z)])


class _Grid(BaseStructure):
    rng: AbstractRNG | None
    fill_order: str

    def _counts(self, n: int) -> tuple[int, int, int]:
        raise NotImplementedError

    def _fill(self, n: int, step: Sequence[float], origin: Sequence[float], uniform: Callable[[int], Array]) -> Array:
        counts = self._counts(n)
        cells = (
            np.stack(np.meshgrid(*map(np.arange, counts), indexing="ij"), axis=-1).reshape(-1, 3)[:n].astype(np.float64)
        )
        points: Array = cells * np.asarray(step, dtype=np.float64) + np.asarray(origin, dtype=np.float64)
        if self.fill_order == "random":
            points = points[np.argsort(uniform(n), kind="stable")]
        elif self.fill_order != "sequential":
            raise PyNNError(f"fill_order is {self.fill_order!r}. It must be 'sequential' or 'random'.")
        return points


class Grid2D(_Grid):
    """A rectangle of ``aspect_ratio`` (cells along x over cells along y)."""

    parameter_names = ("aspect_ratio", "dx", "dy", "x0", "y0", "z", "fill_order")

    def __init__(
        self, aspect_ratio: float = 1.0, dx: float = 1.0, dy: float = 1.0, x0: float = 0.0, y0: float = 0.0,
        z: float = 0, fill_order: str = "sequential", rng: AbstractRNG | None = None,
    ) -> None:  # fmt: skip
        self.aspect_ratio, self.dx, self.dy, self.x0, self.y0, self.z = aspect_ratio, dx, dy, x0, y0, z
        self.fill_order, self.rng = fill_order, rng

    def calculate_size(self, n: int) -> tuple[int, int]:
        """Cells along x and y for n in all.

        Raises
        ------
        PyNNError
            n cells do not fill a rectangle of this aspect ratio.
        """
        nx, ny, _ = self._counts(n)
        if nx * ny != n or not np.isclose(nx / self.aspect_ratio, ny, rtol=1e-9):
            raise PyNNError(f"{n} cells do not fill a rectangle with aspect_ratio = {self.aspect_ratio:g}.")
        return nx, ny

    def _counts(self, n: int) -> tuple[int, int, int]:
        nx = ceil(np.sqrt(n * self.aspect_ratio) - 1e-9) if n else 0
        return nx, ceil(n / nx) if nx else 0, 1 if n else 0

    def place(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """Row by row, or in random order."""
        return self._fill(n, (self.dx, self.dy, 0.0), (self.x0, self.y0, self.z), uniform)


class Grid3D(_Grid):
    """A box; ``aspect_ratioXY`` and ``aspect_ratioXZ`` are cells along x over cells along y and z."""

    parameter_names = ("aspect_ratioXY", "aspect_ratioXZ", "dx", "dy", "dz", "x0", "y0", "z0", "fill_order")

    def __init__(
        self, aspect_ratioXY: float = 1.0, aspect_ratioXZ: float = 1.0, dx: float = 1.0, dy: float = 1.0,
        dz: float = 1.0, x0: float = 0.0, y0: float = 0.0, z0: float = 0, fill_order: str = "sequential",
        rng: AbstractRNG | None = None,
    ) -> None:  # fmt: skip
        self.aspect_ratioXY, self.aspect_ratioXZ = aspect_ratioXY, aspect_ratioXZ
        self.dx, self.dy, self.dz, self.x0, self.y0, self.z0 = dx, dy, dz, x0, y0, z0
        self.fill_order, self.rng = fill_order, rng

    def calculate_size(self, n: int) -> tuple[int, int, int]:
        """Cells along x, y and z for n in all.

        Raises
        ------
        PyNNError
            n cells do not fill a box of these aspect ratios.
        """
        counts = self._counts(n)
        if int(np.prod(counts)) != n:
            shown = f"aspect_ratioXY = {self.aspect_ratioXY:g} and aspect_ratioXZ = {self.aspect_ratioXZ:g}"
            raise PyNNError(f"{n} cells do not fill a box with {shown}.")
        return counts

    def _counts(self, n: int) -> tuple[int, int, int]:
        if not n:
            return 0, 0, 0
        nx = ceil((n * self.aspect_ratioXY * self.aspect_ratioXZ) ** (1 / 3) - 1e-9)
        ny = ceil(nx / self.aspect_ratioXY)
        return nx, ny, ceil(n / (nx * ny))

    def place(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """Layer by layer, or in random order."""
        return self._fill(n, (self.dx, self.dy, self.dz), (self.x0, self.y0, self.z0), uniform)


class Shape:
    """A body to place cells in at random."""

    def fill(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """n points of the body around the origin, shape (n, 3), µm."""
        raise NotImplementedError(f"{type(self).__name__} must define fill().")

    def sample(self, n: int, rng: Any) -> Array:
        """n points at random, shape (n, 3), µm; ``rng`` is one of PyNN's generators or of NumPy's."""
        if isinstance(rng, AbstractRNG):
            return self.fill(n, lambda k: np.asarray(rng.next(k, "uniform", {"low": 0.0, "high": 1.0})))
        return self.fill(n, lambda k: np.asarray(rng.uniform(size=k)))


class Cuboid(Shape):
    """A box of these edges, µm, around the origin."""

    def __init__(self, width: float, height: float, depth: float) -> None:
        self.width, self.height, self.depth = width, height, depth

    def fill(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """Uniform in the box."""
        unit: Array = uniform(3 * n).reshape(n, 3) - 0.5
        return np.asarray(unit * np.array([self.width, self.height, self.depth]))

    def __repr__(self) -> str:
        return f"Cuboid({self.width}, {self.height}, {self.depth})"


class Sphere(Shape):
    """A ball of this radius, µm, around the origin."""

    def __init__(self, radius: float) -> None:
        self.radius = radius

    def fill(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """Uniform in the ball: radius by the cube root, direction by height and angle."""
        u, height, angle = uniform(3 * n).reshape(3, n)
        r, z, phi = self.radius * np.cbrt(u), 2 * height - 1, 2 * np.pi * angle
        flat = np.sqrt(1 - z**2)
        return np.asarray(np.column_stack([r * flat * np.cos(phi), r * flat * np.sin(phi), r * z]))

    def __repr__(self) -> str:
        return f"Sphere({self.radius})"


class RandomStructure(BaseStructure):
    """Uniformly random inside a shape around ``origin``, µm."""

    parameter_names = ("boundary", "origin")

    def __init__(
        self, boundary: Shape, origin: Sequence[float] = (0.0, 0.0, 0.0), rng: AbstractRNG | None = None
    ) -> None:
        self.boundary, self.origin, self.rng = boundary, origin, rng

    def place(self, n: int, uniform: Callable[[int], Array]) -> Array:
        """Each cell independently."""
        filled: Array = self.boundary.fill(n, uniform)
        return np.asarray(filled + np.asarray(self.origin, dtype=np.float64))
