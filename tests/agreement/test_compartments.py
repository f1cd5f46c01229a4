"""Cells of many compartments on the simulators that have them: the same unchanged script, compared pair by pair.

Numbers of the published model are those of PyNN 0.13 (test/system/scenarios/test_scenario5.py), the mean of what two
simulators gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import combinations
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.simulator import SupportsPlaces
from pyNN.installed import simulators_able
from pyNN.morphology import by_distance, uniform, with_label
from pyNN.parameters import IonicSpecies
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import KdrChannel, NaChannel, PassiveLeak
from pyNN.standardmodels.receptors import CondBetaPostSynapticResponse, CondExpPostSynapticResponse
from pyNN.testing.compartments import Sections

ABLE = simulators_able(SupportsPlaces)
PAIRS = list(combinations(ABLE, 2))
STEP = 0.025  # ms
IONS = {"na": IonicSpecies("na", 50.0), "k": IonicSpecies("k", -77.0)}
pytestmark = pytest.mark.skipif(len(ABLE) < 2, reason="needs two simulators with cells of many compartments")


class TwoCompartments(MultiCompartmentNeuron):
    """That of PyNN's own example."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak, "na": NaChannel, "kdr": KdrChannel}


class Branched(MultiCompartmentNeuron):
    """With two kinds of receptors."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak, "na": NaChannel, "kdr": KdrChannel}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {
        "exc": CondExpPostSynapticResponse, "inh": CondBetaPostSynapticResponse,
    }  # fmt: skip


@cache
def published(backend: str) -> list[np.ndarray[Any, Any]]:
    """Spike times of five cells under five currents."""
    shape = Sections(soma=("", 18.8, 18.8), dendrite=("soma", 500.0, 2.0))
    cell = TwoCompartments(
        morphology=shape, cm=1.0, Ra=500.0, ionic_species=IONS,
        pas={"conductance_density": uniform("all", 0.0003), "e_rev": -54.3},
        na={"conductance_density": uniform("soma", 0.120)}, kdr={"conductance_density": uniform("soma", 0.036)},
    )  # fmt: skip
    with Simulator(backend, timestep=0.01) as sim:
        cells = sim.Population(5, cell, initial_values={"v": -60.0})
        for one, amplitude in zip(cells, (0.04, 0.11, 0.13, 0.15, 0.18), strict=True):
            one.inject(sim.DCSource(start=50.0, stop=150.0, amplitude=amplitude), location="soma")
        cells.record("spikes")
        sim.run(200.0)
        return [np.array(train.magnitude) for train in cells.get_data().segments[0].spiketrains]


@cache
def branched(backend: str, density: float, weight: float = 1.0) -> dict[str, np.ndarray[Any, Any]]:
    """Signals of two cells with a fork: synapses on one branch and on the soma, a current into the other branch."""
    parts = {"soma": ("", 20.0, 20.0), "trunk": ("soma", 150.0, 3.0), "left": ("trunk", 200.0, 1.5)}
    shape = Sections(**parts, right=("trunk", 120.0, 1.0), axon=("soma", 100.0, 1.0))
    everywhere = with_label("all")
    cell = Branched(
        morphology=shape, cm=uniform("right", 2.0, absence=1.0), Ra=150.0, ionic_species=IONS,
        pas={"conductance_density": by_distance(everywhere, lambda d: 1e-4 * (1 + d / 200.0)), "e_rev": -65.0},
        na={"conductance_density": uniform("soma", density)},
        kdr={"conductance_density": uniform("soma", 0.3 * density)},
        exc={"locations": ["left", "right"], "tau_syn": 2.0}, inh={"locations": "soma", "e_syn": -80.0},
    )  # fmt: skip
    with Simulator(backend, timestep=STEP) as sim:
        cells = sim.Population(2, cell, initial_values={"v": [-65.0, -70.0]})
        inputs = sim.Population(2, sim.SpikeSourceArray(spike_times=[[5.0, 20.0, 21.0], [12.0]]))
        to = sim.AllToAllConnector(location_selector="left")
        sim.Projection(inputs, cells, to, sim.StaticSynapse(weight=0.001 * weight, delay=1.5), receptor_type="exc")
        one = sim.FromListConnector([(0, 1, 0.002, 3.0)], column_names=["weight", "delay"])
        sim.Projection(inputs, cells, one, sim.StaticSynapse(), receptor_type="inh")
        sim.StepCurrentSource(times=[25.0, 35.0], amplitudes=[0.05, 0.0]).inject_into(cells, location="right")
        cells.record("v", locations=["soma", "left", "right", "axon"])
        for stop in (10.0, 10.0, 20.0):
            sim.run(stop)
        return {s.name: np.array(s.magnitude) for s in cells.get_data().segments[0].analogsignals}


@pytest.mark.parametrize("name", ABLE)
def test_a_published_model_fires_when_it_did(name: str) -> None:
    """The relative deviation of spike times, summed over cells, is below 0.5 %, which is PyNN's own bound."""
    expected = [
        [], [52.41], [52.15, 68.45, 84.73, 101.02, 117.31, 133.61, 149.9],
        [51.96, 67.14, 82.13, 97.11, 112.08, 127.06, 142.04],
        [51.75, 65.86, 79.7, 93.51, 107.33, 121.14, 134.96, 148.77],
    ]  # fmt: skip
    found = published(name)

    assert [len(times) for times in found] == [len(times) for times in expected]
    errors = [np.abs(a / np.array(b) - 1).max() for a, b in zip(found, expected, strict=True) if len(b)]
    assert sum(errors) < 0.005


@pytest.mark.parametrize("pair", PAIRS)
def test_the_published_model_fires_at_the_same_times_on_two_simulators(pair: tuple[str, str]) -> None:
    """All spikes within one step of 0.01 ms."""
    for one, other in zip(*map(published, pair), strict=True):
        assert np.abs(one - other).max(initial=0.0) <= 0.01 + 1e-9


@pytest.mark.parametrize("pair", PAIRS)
def test_potentials_below_threshold_agree_along_the_cell(pair: tuple[str, str]) -> None:
    """The same scheme on the same compartments: 0.005 mV at peaks of several mV, at four places (interface.md, 1.6)."""
    ours, theirs = (branched(name, 0.0) for name in pair)

    assert ours.keys() == theirs.keys() and ours["left.v"].max() > -60.0
    for name in ours:
        assert np.abs(ours[name] - theirs[name]).max() < 0.005


@pytest.mark.parametrize("pair", PAIRS)
def test_potentials_with_channels_agree_along_the_cell(pair: tuple[str, str]) -> None:
    """With sodium and potassium channels that do not make it fire: 0.005 mV too."""
    ours, theirs = (branched(name, 0.02) for name in pair)

    for name in ours:
        assert np.abs(ours[name] - theirs[name]).max() < 0.005


@pytest.mark.parametrize("name", ABLE)
def test_the_bounds_see_a_planted_bug(name: str) -> None:
    """A weight that is a tenth too large lies far outside both bounds."""
    right, wrong = branched(name, 0.0), branched(name, 0.0, weight=1.1)

    assert np.abs(right["left.v"] - wrong["left.v"]).max() > 0.2
