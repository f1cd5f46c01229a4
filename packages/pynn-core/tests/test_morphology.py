"""Shapes of neurons from SWC files, and what is chosen and spread over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.morphology import (
    NeuroMLMorphology,
    apical_dendrites,
    at_distances,
    axon,
    basal_dendrites,
    by_diameter,
    by_distance,
    centre,
    dendrites,
    load_morphology,
    random_placement,
    random_section,
    uniform,
    with_label,
)
from pyNN.morphology import any as any_of
from pyNN.morphology.locations import as_places
from pyNN.parameters import IonicSpecies
from pyNN.random import NumpyRNG
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import NaChannel, PassiveLeak
from pyNN.standardmodels.receptors import CondExpPostSynapticResponse

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


def test_segments_become_a_tree_of_lengths_and_diameters() -> None:
    """A segment begins at its parent's end, where its own beginning is not given; path lengths add up."""
    tree = FORK.shape.tree

    assert tree.parent.tolist() == [-1, 0, 0] and tree.along.tolist() == [0.0, 1.0, 1.0]
    assert FORK.shape.lengths.tolist() == [20.0, 100.0, 50.0]
    assert tree.proximal[:, 3].tolist() == [20.0, 20.0, 4.0] and tree.distal[:, 3].tolist() == [20.0, 2.0, 2.0]
    assert [FORK.get_distance(k) for k in range(3)] == [20.0, 120.0, 70.0]


def test_compartments_are_shorter_than_a_share_of_the_length_constant() -> None:
    """Their number is odd, and at least length / (d_lambda · sqrt(d / (4π f Ra cm))), f = 100 Hz."""
    shape = FORK.shape.cut(0.1, 100.0, np.full(3, 1.0))

    constants = [1e5 * np.sqrt(d / (4 * np.pi * 100.0 * 100.0)) for d in (20.0, 11.0, 3.0)]  # µm
    for length, constant, count in zip(FORK.shape.lengths, constants, shape.tree.compartments, strict=True):
        assert count % 2 == 1 and length / count <= 0.1 * constant


def test_an_swc_soma_of_one_point_is_a_cylinder_with_the_surface_of_its_sphere(file: Path) -> None:
    """Its length is its diameter; what begins at it keeps its own diameter up to there."""
    pytest.importorskip("neuroml", reason="needs libNeuroML: pip install libNeuroML")
    shape = load_morphology(file).shape

    assert shape.lengths[0] == shape.tree.proximal[0, 3] == 20.0
    assert shape.tree.parent.tolist() == [-1, 0, 1, 0, 3, 0]
    assert shape.tree.proximal[:, 3].tolist() == [20.0, 4.0, 4.0, 6.0, 6.0, 1.0]


def test_an_swc_soma_of_three_points_begins_in_its_middle(tmp_path: Path) -> None:
    """Two half cylinders from the first point, which has no segment of its own, and where dendrites begin too."""
    pytest.importorskip("neuroml", reason="needs libNeuroML: pip install libNeuroML")
    path = tmp_path / "three.swc"
    path.write_text("1 1 0 0 0 10 -1\n2 1 0 -10 0 10 1\n3 1 0 10 0 10 1\n4 3 50 0 0 1 1\n")
    shape = load_morphology(path).shape

    assert [len(part) for part in shape.sections] == [0, 1, 1, 1]
    assert shape.tree.parent.tolist() == [-1, 0, 0] and shape.tree.along.tolist() == [0.0, 0.0, 0.0]
    assert shape.lengths.tolist() == [10.0, 10.0, 50.0]


def test_a_morphology_that_is_no_tree_is_refused() -> None:
    """Two roots, a segment without length, and a parent elsewhere are named."""
    other = Segment("other", Point(0, 0, 0, 1.0), Point(9.0, 0, 0, 1.0))
    thin = Segment("thin", Point(0, 0, 0, 0.0), Point(9.0, 0, 0, 1.0))

    for segments, message in (
        ((BODY, other), r"has one section without a parent; this one has 2 \('soma', 'other'\)"),
        ((thin,), r"The section 'thin' has the points .* diameters above 0"),
        ((LEFT,), "The parent of the segment 'left' is not among the morphology's segments"),
    ):
        with pytest.raises(PyNNError, match=message):
            _ = NeuroMLMorphology(Tree(segments)).shape


def spots(place: Any) -> list[tuple[str, int, float]]:
    """Name, section and fraction of the places on FORK."""
    rng = np.random.default_rng(1)
    return [(s.label, s.section, s.along) for generator in as_places(place) for s in generator.spots(FORK, rng)]


def test_places_are_said_by_name_selection_distance_or_dictionary() -> None:
    """Each way gives names, sections and fractions; several places may have one name."""
    assert spots("left") == [("left", 1, 0.5)]
    assert spots(["soma", "right"]) == [("soma", 0, 0.5), ("right", 2, 0.5)]
    assert spots({"tip": with_label("right")}) == [("tip", 2, 0.5)]
    assert spots({"ends": at_distances(with_label("left", "right"), [1.0])}) == [("ends", 1, 1.0), ("ends", 2, 1.0)]
    assert spots(at_distances("all", [45.0])) == [("d-45.0", 1, 0.25), ("d-45.0", 2, 0.5)]
    assert spots(centre("all")) == [("centre", 1, 0.5)]


def test_places_at_random_have_their_density() -> None:
    """A section of 100 µm has 0.055 / µm · 100 µm = 5 or 6 places, and each lies in it."""
    found = spots(random_placement(uniform("left", 0.055)))

    assert {section for _, section, _ in found} == {1} and len(found) in (5, 6)
    assert all(0.0 <= along <= 1.0 for _, _, along in found)


class Cell(MultiCompartmentNeuron):
    """A leak and a sodium channel, and one receptor."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak, "na": NaChannel}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"AMPA": CondExpPostSynapticResponse}


def test_parameters_of_channels_are_spread_over_the_segments() -> None:
    """A number stays a number; a distribution gives one for each segment; e_rev of an ion's channel is the ion's."""
    cell = Cell(
        morphology=FORK, cm=uniform("left", 2.0, absence=1.0),
        na={"conductance_density": uniform("soma", 0.1), "e_rev": 55.0},
        pas={"conductance_density": by_diameter(with_label("all"), lambda d: 1e-3 / d)},
    )  # fmt: skip
    values: Mapping[str, Any] = cell.constants

    assert values["cm"].row(0).tolist() == [1.0, 2.0, 1.0]
    assert values["na.conductance_density"].row(0).tolist() == [0.1, 0.0, 0.0] and values["ions.na"] == 55.0
    assert values["pas.conductance_density"].row(0) == pytest.approx([5e-5, 5e-5, 2.5e-4])
    assert values["pas.e_rev"] == -65.0 and values["AMPA.tau_syn"] == 5.0
    assert cell.receptor_types == ("AMPA",) and "na.m" in cell.recordable and cell.units["AMPA.gsyn"] == "uS"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kdr": {}}, "has no parameter 'kdr'"),
        ({"na": {"conductance_density": -0.1}}, "na.conductance_density is -0.1. It must be .* 0 or more"),
        ({"na": {"conductance_density": "soma"}}, "is 'soma'. It must be a number, or a distribution"),
        ({"cm": 0.0}, "cm is 0.0"),
        ({"Ra": -1.0}, "Ra is -1.0"),
        ({"pas": {"conductance_density": uniform("tuft", 0.1)}}, "group of sections called 'tuft'. It has: .*left"),
        ({"AMPA": {"tau_syn": 0.0}}, "Cell.AMPA: tau_syn is 0.0"),
        ({"AMPA": 0.5}, "The parameters of 'AMPA' are 0.5. Give a dictionary"),
        ({"ionic_species": {"Na": IonicSpecies("Na", 50.0)}}, "ionic_species has 'Na', which is none of the ions .*na"),
        ({"ionic_species": {"na": IonicSpecies("na", None)}}, r"ionic_species\['na'\] is .*reversal_potential"),  # type: ignore[arg-type]  # the mistake
    ],
)  # fmt: skip
def test_wrong_parameters_of_a_cell_are_named(parameters: dict[str, Any], message: str) -> None:
    """Part, parameter, value and what is allowed are said before a simulator sees them."""
    with pytest.raises((PyNNError, KeyError), match=message):
        Cell(morphology=FORK, **parameters)


def test_places_on_points_are_refused(sim: Simulator) -> None:
    """Cells of one compartment have no locations: not for currents, recordings, synapses or sources."""
    cells = sim.Population(2, sim.IF_cond_exp(), label="points")
    current, all_to_all = sim.DCSource(), sim.AllToAllConnector(location_selector="soma")

    for wrong in (
        lambda: cells.record("v", locations="soma"),
        lambda: current.inject_into(cells, location="soma"),
        lambda: cells.inject(current, location="soma"),
        lambda: cells[0].inject(current, location="soma"),
        lambda: sim.Projection(cells, cells, sim.AllToAllConnector(), source="soma"),
    ):
        with pytest.raises(PyNNError, match="'points' needs a MultiCompartmentNeuron, not IF_cond_exp"):
            wrong()
    with pytest.raises(PyNNError, match=r"the cells of 'points' are points\. Leave it out"):
        sim.Projection(cells, cells, all_to_all)


def test_a_section_that_is_not_there_is_a_value_error() -> None:
    """The sentence names what there is; scripts of PyNN 0.13 expect a ValueError."""
    root = Segment("root", Point(0, 0, 0, 1), Point(10, 0, 0, 1))

    with pytest.raises(ValueError, match=r"no section or group of sections called 'foo'\. It has: "):
        with_label("foo")(NeuroMLMorphology(Tree((root,))))


def test_paths_are_measured_in_double_precision() -> None:
    """Points in single precision, as libNeuroML keeps them, give lengths that are sums of square roots to the bit."""

    class Points:
        vertices = np.array([[0, 0, 0, 1], [10, 0, 0, 1], [20, 10, 0, 1], [20, 10, 7, 1]], dtype=np.float32)
        connectivity, node_types = np.array([-1, 0, 1, 2]), np.array([1, 3, 3, 3])

    lengths = NeuroMLMorphology(Points()).path_lengths

    assert lengths.tolist() == [0.0, 10.0, 10.0 + np.sqrt(200.0), 10.0 + np.sqrt(200.0) + 7.0]
