"""Shapes of neurons from SWC files, and what is chosen and spread over them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyNN.errors import PyNNError
from pyNN.morphology import (
    NeuroMLMorphology,
    apical_dendrites,
    axon,
    basal_dendrites,
    by_diameter,
    by_distance,
    centre,
    dendrites,
    load_morphology,
    random_section,
    uniform,
    with_label,
)
from pyNN.morphology import any as any_of
from pyNN.random import NumpyRNG
from pyNN.simulator import Simulator

# A soma, a basal dendrite straight down, an apical one up and aside, an axon: number, kind, x, y, z, radius, parent.
SWC = """# a neuron for tests
1 1 0 0 0 10 -1
2 3 0 -20 0 2 1
3 3 0 -50 0 1 2
4 4 0 30 0 3 1
5 4 40 60 0 1 4
6 2 -5 0 0 0.5 1
"""


@dataclass(frozen=True)
class Point:
    """As libNeuroML's Point3DWithDiam."""

    x: float
    y: float
    z: float
    diameter: float


@dataclass(frozen=True)
class Segment:
    """As libNeuroML's."""

    name: str
    proximal: Point | None
    distal: Point
    parent: Segment | None = None
    id: int | None = None


@dataclass(frozen=True)
class Tree:
    """As libNeuroML's Morphology."""

    segments: tuple[Segment, ...]
    segment_groups: tuple[Any, ...] = ()


BODY = Segment("soma", Point(0, 0, 0, 20.0), Point(20.0, 0, 0, 20.0))
LEFT = Segment("left", None, Point(120.0, 0, 0, 2.0), BODY)
RIGHT = Segment("right", Point(20.0, 0, 0, 4.0), Point(20.0, 50.0, 0, 2.0), BODY)
FORK = NeuroMLMorphology(Tree((BODY, LEFT, RIGHT)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "cell.swc"
    path.write_text(SWC)
    return path


def test_an_swc_file_gives_distances_diameters_and_kinds(file: Path) -> None:
    """Path lengths and diameters are those of the points, and each kind of neurite is selected by itself."""
    pytest.importorskip("neuroml", reason="needs libNeuroML: pip install libNeuroML")
    shape = load_morphology(file)

    assert [shape.get_distance(k) for k in range(6)] == [0.0, 20.0, 50.0, 30.0, 80.0, 5.0]
    assert [shape.get_diameter(k) for k in range(6)] == [20.0, 4.0, 2.0, 6.0, 2.0, 1.0]
    assert basal_dendrites()(shape).tolist() == [1, 2] and apical_dendrites()(shape).tolist() == [3, 4]
    assert dendrites()(shape).tolist() == [1, 2, 3, 4] and axon()(shape).tolist() == [5]
    assert random_section(dendrites())(shape, NumpyRNG(1))[0] in (1, 2, 3, 4)


def test_values_are_spread_by_place(file: Path) -> None:
    """A constant, a function of distance or of diameter, the first that has a value, and nothing elsewhere."""
    pytest.importorskip("neuroml", reason="needs libNeuroML: pip install libNeuroML")
    shape = load_morphology(file)
    far = by_distance(dendrites(), lambda d: 0.01 * d)
    first = any_of(uniform(axon(), 7.0), far, absence=-1.0)

    assert far.value_in(shape, 2) == 0.5 and far.value_in(shape, 5) == 0.0
    assert by_diameter(dendrites(), lambda d: 1 / d).value_in(shape, 3) == pytest.approx(1 / 6)
    assert [first.value_in(shape, k) for k in (5, 1, 0)] == [7.0, pytest.approx(0.2), -1.0]


def test_morphio_reads_the_same_file(file: Path) -> None:
    """With MorphIO the parts of the cell are its sections."""
    pytest.importorskip("morphio", reason="needs MorphIO: pip install morphio")
    shape = load_morphology(file, use_library="morphio")

    assert len(axon()(shape)) == len(apical_dendrites()(shape)) == len(basal_dendrites()(shape)) == 1


def test_what_has_no_place_is_refused(sim: Simulator, file: Path) -> None:
    """An unknown library, name or selection is named, and a simulator without such cells says so."""
    with pytest.raises(PyNNError, match=r"use_library is 'swc'\. It must be"):
        load_morphology(file, use_library="swc")
    with pytest.raises(PyNNError, match=r"There is no morphology file .*absent"):
        load_morphology(file.with_name("absent.swc"))
    with pytest.raises(PyNNError, match=r"selector is 3\. It must be"):
        centre(3)  # type: ignore[arg-type]  # the mistake
    assert isinstance(centre("soma").selector, with_label)
    assert "MultiCompartmentNeuron" not in sim.list_standard_models()
    with pytest.raises(AttributeError, match="MultiCompartmentNeuron is not available on reference"):
        sim.Population(1, sim.MultiCompartmentNeuron(morphology=FORK))
