"""The shape of one neuron, as a library reads it: segments with their groups, lengths and diameters."""

from __future__ import annotations

import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Array, Index

from pyNN.errors import PyNNError
from pyNN.morphology.reading import morphio_pieces, point_pieces, segment_numbers, segment_pieces
from pyNN.morphology.shapes import Piece, Shape, shape_of

if TYPE_CHECKING:
    from pathlib import Path

# The kinds of segments in SWC files (Cannon et al. 1998, Journal of Neuroscience Methods 84, 49).
SOMA, AXON, BASAL, APICAL = 1, 2, 3, 4


class Morphology:
    """The shape of a neuron.

    Attributes
    ----------
    section_groups
        Indices of segments by group: one of SWC's kinds (a number), or a name.
    """

    is_lazyarray_scalar = True  # one value of a parameter, whatever it is made of

    def __init__(self) -> None:
        self.section_groups: dict[Any, Index] = {}

    @property
    def soma_index(self) -> int:
        """Index of the soma."""
        return 0

    def labels(self) -> dict[str, int]:
        """Index of each segment that has a name."""
        return {}

    def pieces(self) -> list[Piece]:
        """Its sections with their points, in the order of their indices."""
        raise PyNNError(f"{type(self).__name__} does not tell its points. Use NeuroMLMorphology or load_morphology().")

    @cached_property
    def shape(self) -> Shape:
        """Its segments in arrays, as simulators get them.

        Raises
        ------
        PyNNError
            Sections do not form one tree, or one has no length or no diameter.
        """
        return shape_of(self.pieces())

    def get_distance(self, index: int) -> float:
        """Length of the path from the root to the end of a section, µm."""
        last = int(self.shape.sections[index][-1])
        return float(self.shape.distances[last] + self.shape.lengths[last])

    def get_diameter(self, index: int, fraction_along: float = 0.0) -> float:
        """Diameter of a section, µm, at a fraction of its length from its beginning."""
        segment, along = self.shape.spot(index, fraction_along)
        near, far = self.shape.tree.proximal[segment, 3], self.shape.tree.distal[segment, 3]
        return float(near + along * (far - near))


class BrianMorphology(Morphology):
    """A shape that Brian 2 reads by itself."""


class NeuroMLMorphology(Morphology):
    """A shape of libNeuroML: a ``Morphology`` of segments, or an ``ArrayMorphology`` of points."""

    def __init__(self, morphology: Any) -> None:
        super().__init__()
        self._morphology = morphology
        self._points = hasattr(morphology, "connectivity")
        if self._points:
            kinds = np.asarray(morphology.node_types)
            self.section_groups = {kind: np.flatnonzero(kinds == kind) for kind in (SOMA, AXON, BASAL, APICAL)}
        else:
            index = segment_numbers(morphology.segments)
            for group in morphology.segment_groups:
                members = [index[getattr(member, "segments", getattr(member, "id", None))] for member in group.members]
                self.section_groups[group.id] = np.array(members, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._morphology.vertices) - 1 if self._points else len(self._morphology.segments)

    @property
    def segments(self) -> Any:
        """The library's own segments."""
        return self._morphology.segments

    def labels(self) -> dict[str, int]:
        """Index of each segment by name; points have none."""
        return {} if self._points else {segment.name: k for k, segment in enumerate(self.segments) if segment.name}

    def pieces(self) -> list[Piece]:
        """A section for each segment, or from each point to the one before it."""
        return point_pieces(self._morphology) if self._points else segment_pieces(self._morphology.segments)

    @property
    def soma_index(self) -> int:
        """Index of the segment called soma, or of the first of the soma's points; the first where there is none."""
        if not self._points:
            return self.labels().get("soma", 0)
        somas = [k for k in self.section_groups[SOMA].tolist() if len(self.shape.sections[k])]
        return somas[0] if somas else next(k for k, part in enumerate(self.shape.sections) if len(part))

    @cached_property
    def path_lengths(self) -> Array:
        """Length of the path from the root to each point, or to the end of each segment, shape (n,), µm."""
        if not self._points:
            return np.array([super(NeuroMLMorphology, self).get_distance(k) for k in range(len(self))])
        parents = np.asarray(self._morphology.connectivity)
        points = np.asarray(self._morphology.vertices, dtype=np.float64)[:, :3]
        own = np.sqrt(((points - points[parents]) ** 2).sum(axis=1))
        lengths = np.zeros(len(parents))
        for k in range(1, len(parents)):
            lengths[k] = lengths[parents[k]] + own[k]
        return lengths

    def get_distance(self, index: int) -> float:
        """Length of the path from the root to a point, or to the end of a segment, µm."""
        return float(self.path_lengths[index]) if self._points else super().get_distance(index)

    def get_diameter(self, index: int, fraction_along: float = 0.0) -> float:
        """Diameter at a point, or at a fraction of a segment's length, µm."""
        if self._points:
            return float(np.asarray(self._morphology.vertices)[index, 3])
        return super().get_diameter(index, fraction_along)


class MorphIOMorphology(Morphology):
    """A shape that MorphIO reads from a file (SWC, ASC or H5)."""

    def __init__(self, morphology_file: str | Path) -> None:
        try:
            import morphio
        except ImportError as error:
            raise ImportError("MorphIOMorphology needs MorphIO. Install it with: pip install morphio") from error
        super().__init__()
        self.morphology_file = str(morphology_file)
        self._morphology = morphio.Morphology(self.morphology_file)
        kinds = np.array([int(kind) for kind in self._morphology.section_types])
        self.section_groups = {kind: np.flatnonzero(kinds == kind) for kind in (AXON, BASAL, APICAL)}
        self.section_groups[SOMA] = np.array([len(kinds)], dtype=np.int64)

    def pieces(self) -> list[Piece]:
        """MorphIO's sections by their numbers, then the soma."""
        return morphio_pieces(self._morphology)

    @property
    def soma_index(self) -> int:
        """The index after those of MorphIO's sections."""
        return len(self._morphology.section_types)


def load_morphology(url: str | Path, replace_axon: bool | None = False, use_library: str = "neuroml") -> Morphology:
    """The shape in an SWC file.

    Parameters
    ----------
    url
        The file, or an address (http, https) to download it from, into the working directory.
    replace_axon
        Must be False or None: no simulator replaces an axon by a short one yet.
    use_library
        "neuroml" (libNeuroML) or "morphio".
    """
    if replace_axon:
        raise PyNNError("replace_axon=True is not available: leave it out, or shorten the axon in the file.")
    file = _local(str(url))
    if use_library == "morphio":
        return MorphIOMorphology(file)
    if use_library != "neuroml":
        raise PyNNError(f"use_library is {use_library!r}. It must be 'neuroml' or 'morphio'.")
    try:
        from neuroml.loaders import SWCLoader
    except ImportError as error:
        raise ImportError("Reading SWC files needs libNeuroML. Install it with: pip install libNeuroML") from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # it points to a converter of files
        points = SWCLoader.load_swc_single(str(file))
    points.vertices[:, 3] *= 2  # the loader leaves the radii of the file where points have diameters
    return NeuroMLMorphology(points)


def _local(url: str) -> Path:
    import urllib.request
    from pathlib import Path
    from urllib.parse import urlparse

    parts = urlparse(url)
    if parts.scheme not in ("http", "https"):
        path = Path(url)
        if not path.is_file():
            raise PyNNError(f"There is no morphology file {url!r}.")
        return path
    path = Path(Path(parts.path).name)
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - http or https, and asked for
        path.write_bytes(answer.read())
    return path
