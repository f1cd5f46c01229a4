"""The shape of one neuron, as a library reads it: segments with their groups, lengths and diameters."""

from __future__ import annotations

import urllib.request
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
from cawan.simulator import Array, Index

from pyNN.errors import PyNNError

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

    def get_distance(self, index: int) -> float:
        """Length of the path from the soma to the end of a segment, µm."""
        raise PyNNError(f"{type(self).__name__} does not tell distances.")

    def get_diameter(self, index: int, fraction_along: float = 0.0) -> float:
        """Diameter of a segment, µm, at a fraction of its length from its beginning."""
        raise PyNNError(f"{type(self).__name__} does not tell diameters.")


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
            index = {segment.id: k for k, segment in enumerate(morphology.segments)}
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
        """Index of each segment by name."""
        return {segment.name: k for k, segment in enumerate(self.segments)}

    @property
    def soma_index(self) -> int:
        """Index of the segment called soma; the first where none is."""
        return self.labels().get("soma", 0)

    @property
    def path_lengths(self) -> Array:
        """Length of the path from the root to each point, shape (n_points,), µm."""
        if not self._points:
            return np.array([self._to_root(segment) for segment in self.segments])
        parents, points = np.asarray(self._morphology.connectivity), np.asarray(self._morphology.vertices)[:, :3]
        lengths = np.zeros(len(parents))
        for k in range(1, len(parents)):
            lengths[k] = lengths[parents[k]] + np.linalg.norm(points[k] - points[parents[k]])
        return lengths

    def _to_root(self, segment: Any) -> float:
        total, parent = 0.0, segment
        while parent is not None:
            total += float(parent.length)
            parent = getattr(parent, "parent", None)
        return total

    def get_distance(self, index: int) -> float:
        """Length of the path from the root to a point, µm."""
        return float(self.path_lengths[index])

    def get_diameter(self, index: int, fraction_along: float = 0.0) -> float:
        """Diameter at a fraction of a segment's length, µm."""
        if self._points:
            return float(np.asarray(self._morphology.vertices)[index, 3])
        near, far = self.segments[index].proximal, self.segments[index].distal
        return float(near.diameter + fraction_along * (far.diameter - near.diameter))


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


def load_morphology(url: str | Path, replace_axon: bool = False, use_library: str = "neuroml") -> Morphology:
    """The shape in an SWC file.

    Parameters
    ----------
    url
        The file, or an address (http, https) to download it from, into the working directory.
    replace_axon
        For a simulator that replaces the axon by a short one; must be False, since none is installed.
    use_library
        "neuroml" (libNeuroML) or "morphio".
    """
    if replace_axon:
        raise PyNNError("replace_axon=True needs a simulator with multi-compartment cells, and none is installed.")
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
