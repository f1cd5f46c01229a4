"""What a script says of places on cells of many compartments, on every simulator that has them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.simulator import SupportsPlaces
from pyNN.errors import ConnectionError, PyNNError, RecordingError
from pyNN.installed import simulators_able
from pyNN.morphology import centre, random_placement, random_section, uniform, with_label
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import KdrChannel, NaChannel, PassiveLeak
from pyNN.standardmodels.receptors import CondExpPostSynapticResponse
from pyNN.testing.compartments import Sections

SHAPE = Sections(soma=("", 20.0, 20.0), left=("soma", 200.0, 2.0), right=("soma", 200.0, 2.0))
pytestmark = pytest.mark.parametrize("backend", simulators_able(SupportsPlaces))


class Cell(MultiCompartmentNeuron):
    """Channels of a squid and one receptor."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak, "na": NaChannel, "kdr": KdrChannel}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CondExpPostSynapticResponse}


def cell(places: Any = ("left", "right"), **parts: Any) -> Cell:
    """Active in the soma."""
    active = {name: {"conductance_density": uniform("soma", g)} for name, g in (("na", 0.12), ("kdr", 0.036))}
    receptor = {"locations": list(places) if isinstance(places, tuple) else places, "tau_syn": 2.0}
    return Cell(morphology=SHAPE, **{**active, "exc": receptor, **parts})


def signals(cells: Any) -> dict[str, Any]:
    """Signals of the last segment by name, shape (n, cells)."""
    return {s.name: np.array(s.magnitude) for s in cells.get_data().segments[-1].analogsignals}


def test_signals_are_called_by_place_and_variable(backend: str) -> None:
    """Names, lists and dictionaries name them; each has a column for each cell that recorded it."""
    with Simulator(backend, timestep=0.1) as sim:
        cells = sim.Population(3, cell())
        cells.record("v", locations=["soma", "left"])
        cells.record(["na.m", "v"], locations={"body": "soma"}, sampling_interval=0.5)
        cells[1:].record("v", locations=centre(with_label("right")))
        cells.record("v")
        sim.run(2.0)
        found = signals(cells)

    shapes = {name: signal.shape for name, signal in found.items()}
    assert shapes == {
        "soma.v": (21, 3), "left.v": (21, 3), "body.na.m": (5, 3), "body.v": (5, 3), "centre.v": (21, 2), "v": (21, 3)
    }  # fmt: skip
    assert np.array_equal(found["v"], found["soma.v"])


def test_connections_reach_one_receptor_in_each_selected_section(backend: str) -> None:
    """A name, a selection of two sections, and one at random: as many synapses, with the weight of the connection."""
    with Simulator(backend, timestep=0.1) as sim:
        cells = sim.Population(4, cell())
        inputs = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0]))

        def onto(selector: Any) -> Any:
            connector = sim.AllToAllConnector(location_selector=selector)
            return sim.Projection(inputs, cells, connector, sim.StaticSynapse(weight=0.001, delay=1.0))

        named, both, chance = onto("left"), onto(with_label("left", "right")), onto(random_section(with_label("all")))
        named.set(weight=0.002)
        cells.record("exc.gsyn", locations=["left", "right"])
        sim.run(3.0)
        found = signals(cells)
        sizes = [len(projection) for projection in (named, both, chance)]
        weights = both.get("weight", "array")

    last = {name: signal[-1] / np.exp(-1.0 / 2.0) for name, signal in found.items()}
    total = last["left.exc.gsyn"] + last["right.exc.gsyn"]
    assert sizes == [8, 16, 8] and (weights == 0.002).all()  # two synapses of each pair, added
    assert total == pytest.approx(np.full(4, 2 * (0.002 + 2 * 0.001 + 0.001)), rel=0.06)  # 0.1 ms / tau_syn
    assert {round(x, 3) for x in (last["right.exc.gsyn"] * 1000).round(0).tolist()} <= {2.0, 4.0}


def test_places_at_random_are_those_of_the_seed(backend: str) -> None:
    """Their number follows the density, cell by cell; the same script makes the same, another seed does not."""

    def made(seed: int) -> tuple[list[int], list[float]]:
        with Simulator(backend, timestep=0.1, seed=seed) as sim:
            places = sim.Population(20, cell(random_placement(uniform("left", 0.0525)))).places.receptors["exc"]
            return np.bincount(places.cell).tolist(), [spot.along for spot in places.spots]

    counts, along = made(1)
    assert set(counts) == {10, 11} and made(1) == (counts, along) and made(2)[1] != along


def test_a_run_in_pieces_gives_what_one_run_does(backend: str) -> None:
    """Random input and spikes from cell to cell: nothing but rounding depends on where a run is cut."""

    def traces(*pieces: float) -> tuple[Any, Any]:
        with Simulator(backend, timestep=0.1) as sim:
            cells = sim.Population(2, cell())
            inputs = sim.Population(3, sim.SpikeSourcePoisson(rate=200.0))
            for pre, delay in ((inputs, 1.0), (cells, 2.0)):
                connector = sim.AllToAllConnector(location_selector="left", allow_self_connections=False)
                sim.Projection(pre, cells, connector, sim.StaticSynapse(weight=0.004, delay=delay))
            cells.record("v", locations=["soma", "right"])
            cells.record("spikes")
            for piece in pieces:
                sim.run(piece)
            return signals(cells)["right.v"], [t.magnitude for t in cells.get_data().segments[-1].spiketrains]

    (whole, spikes), (cut, cut_spikes) = traces(60.0), traces(0.1, 10.0, 29.9, 20.0)
    assert whole.shape == (601, 2) and sum(map(len, spikes)) > 0
    assert np.abs(whole - cut).max() < 1e-6
    assert all(np.array_equal(a, b) for a, b in zip(spikes, cut_spikes, strict=True))


def test_reset_begins_anew_with_the_same_places(backend: str) -> None:
    """The second segment equals the first: receptors, currents and recordings are where they were."""
    with Simulator(backend, timestep=0.1) as sim:
        cells = sim.Population(2, cell(random_placement(0.02)), initial_values={"v": [-70.0, -60.0]})
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0]))
        connector = sim.AllToAllConnector(location_selector=random_section(with_label("left", "right")))
        sim.Projection(inputs, cells, connector, sim.StaticSynapse(weight=0.01, delay=1.0))
        sim.DCSource(amplitude=0.02, start=5.0).inject_into(cells, location="right")
        cells.record("v", locations=["soma", "right"])
        sim.run(10.0)
        sim.reset()
        sim.run(10.0)
        first, second = ({s.name: s.magnitude for s in t.analogsignals} for t in cells.get_data().segments)

    assert first.keys() == second.keys() == {"soma.v", "right.v"}
    assert all(np.array_equal(first[name], second[name]) for name in first)


def test_spikes_are_taken_at_the_named_source(backend: str) -> None:
    """A current at the end of a passive branch lifts it over the threshold, and the soma not."""
    with Simulator(backend, timestep=0.1) as sim:
        passive = cell(na={"conductance_density": 0.0}, kdr={"conductance_density": 0.0}, Ra=300.0)
        cells, others = sim.Population(1, passive), sim.Population(2, passive)
        sim.StepCurrentSource(times=[1.0, 11.0], amplitudes=[0.5, 0.0]).inject_into(cells, location="left")
        for source, j in (("left", 0), ("soma", 1)):
            connector = sim.OneToOneConnector(location_selector="left")
            synapse = sim.StaticSynapse(weight=0.01, delay=1.0)
            sim.Projection(cells, others[j : j + 1], connector, synapse, source=source)
        cells.record("v", locations=["soma", "left"])
        others.record("v", locations="left")
        sim.run(12.0)
        v, heard = signals(cells), signals(others)["left.v"]

    assert v["left.v"].max() > Cell.spike_threshold > v["soma.v"].max()
    assert np.ptp(heard[:, 0]) > 1.0 and np.ptp(heard[:, 1]) < 1e-9


def test_the_module_of_morphologies_is_found_below_the_simulator(backend: str) -> None:
    """Scripts of PyNN 0.13 import it as pyNN.neuron.morphology, or use it as sim.morphology."""
    module = import_module(f"pyNN.{backend}.morphology")

    assert module is import_module("pyNN.morphology") is import_module(f"pyNN.{backend}").morphology


def test_wrong_places_are_named(backend: str, caplog: pytest.LogCaptureFixture) -> None:
    """A section that is not there, one choice among several receptors, none at all, a gap junction, a variable."""
    with Simulator(backend, timestep=0.1) as sim:
        cells = sim.Population(2, cell(), label="cells")
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        everywhere, tuft = sim.AllToAllConnector(), sim.AllToAllConnector(location_selector="tuft")

        with pytest.raises(PyNNError, match=r"called 'tuft'\. It has: .*left"):
            cells.record("v", locations="tuft")
        with pytest.raises(PyNNError, match=r"called 'tuft'\. It has: .*left"):
            sim.DCSource().inject_into(cells, location="tuft")
        with pytest.raises(PyNNError, match=r"called 'tuft'\. It has: .*left"):
            sim.Projection(inputs, cells, tuft, sim.StaticSynapse())
        with pytest.raises(PyNNError, match=r"A location is 3\. It must be one of"):
            cells.record("v", locations=3)
        with pytest.raises(ConnectionError, match=r"has 2 receptors 'exc'\. Choose .*location_selector"):
            sim.Projection(inputs, cells, everywhere, sim.StaticSynapse())
        with pytest.raises(RecordingError, match="exc at soma"):
            cells.record("exc.gsyn", locations="soma")
        with pytest.raises(PyNNError, match=r"is at places on the cell\. Say which"):
            cells.record("exc.gsyn")
        with pytest.raises(ConnectionError, match="Gap junctions between cells of many compartments"):
            left = sim.AllToAllConnector(location_selector="left")
            sim.Projection(cells, cells, left, sim.ElectricalSynapse(weight=0.1))
        with pytest.raises(PyNNError, match=r"'cm' of Cell cannot change once its cells are made\. Make another"):
            cells.set(cm=2.0)
        with pytest.raises(PyNNError, match="both PassiveLeak"):
            sim.Population(1, TwoLeaks(morphology=SHAPE))
        with caplog.at_level(logging.WARNING):
            soma = sim.AllToAllConnector(location_selector="soma")
            assert len(sim.Projection(inputs, cells, soma, sim.StaticSynapse())) == 0
        assert "2 connections onto them are not made" in caplog.text


class TwoLeaks(MultiCompartmentNeuron):
    """One too many."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"one": PassiveLeak, "two": PassiveLeak}
