"""Cells of many compartments: what Arbor cannot do is said in one sentence, before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from pyNN.errors import PyNNError, UnavailableModelError
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import NaChannel, PassiveLeak
from pyNN.standardmodels.receptors import CondAlphaPostSynapticResponse, CondExpPostSynapticResponse
from pyNN.testing.compartments import Sections
from pynn_arbor import ArborBackend

SOMA = Sections(soma=("", 20.0, 20.0))


class Cell(MultiCompartmentNeuron):
    """Two channels and a receptor."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak, "na": NaChannel}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CondExpPostSynapticResponse}


class Alpha(MultiCompartmentNeuron):
    """A receptor that Arbor lacks."""

    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CondAlphaPostSynapticResponse}


def cell() -> Cell:
    """Of one section."""
    return Cell(morphology=SOMA, exc={"locations": "soma"})


def test_an_unknown_receptor_is_named_with_those_that_there_are() -> None:
    """One sentence, before a cell is made."""
    with (
        Simulator(ArborBackend) as sim,
        pytest.raises(UnavailableModelError, match=r"CondAlphaPostSynapticResponse is not available .*Arbor\. It has"),
    ):
        sim.Population(1, Alpha(morphology=SOMA, exc={"locations": "soma"}))


def test_gates_begin_where_the_potential_holds_them() -> None:
    """Such a value is taken, as scripts give it; another is refused, with the number that it would be."""
    with Simulator(ArborBackend) as sim:
        sim.Population(1, cell(), initial_values={"v": -60.0, "na.m": 0.09364195, "na.h": 0.41815053})
        sim.run(1.0)
    with Simulator(ArborBackend) as sim:
        sim.Population(2, cell(), initial_values={"v": -60.0, "na.m": [0.09364195, 0.5]})
        with pytest.raises(PyNNError, match=r"'na\.m' of cell 1 is 0\.5 .* v = -60 mV holds it, at 0\.093642"):
            sim.run(1.0)


def test_point_cells_and_compartments_are_not_mixed() -> None:
    """Said where the run begins, when all is known."""
    with Simulator(ArborBackend) as sim:
        sim.Population(1, cell())
        sim.Population(1, sim.IF_cond_exp())
        with pytest.raises(PyNNError, match="of many compartments or native ones, or PyNN's point cells, not both"):
            sim.run(1.0)


def test_what_the_first_run_fixes_is_refused_afterwards() -> None:
    """New recordings, currents, weights and potentials; a synapse that is not static, at once."""
    with Simulator(ArborBackend) as sim:
        cells = sim.Population(1, cell())
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        current = sim.DCSource(amplitude=0.01)
        current.inject_into(cells)
        static = sim.Projection(inputs, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01))
        with pytest.raises(PyNNError, match=r"TsodyksMarkramSynapse is not available onto .* Use StaticSynapse"):
            sim.Projection(inputs, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=0.01))
        sim.run(1.0)
        for wrong in (
            lambda: cells.record("v"),
            lambda: sim.DCSource().inject_into(cells),
            lambda: current.set_parameters(amplitude=0.02),
            lambda: static.set(weight=0.02),
            lambda: cells.initialize(v=-60.0),
        ):
            with pytest.raises(PyNNError, match=r"Arbor cannot .* after the first run\(\)\. Do it before"):
                wrong()


def test_spike_times_change_in_mid_run() -> None:
    """What is under way arrives, what was to come is replaced; sources are recorded on the way."""
    with Simulator(ArborBackend, timestep=0.1) as sim:
        cells = sim.Population(1, cell())
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 9.9, 15.0]))
        sim.Projection(inputs, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001, delay=3.0))
        cells.record("exc.gsyn", locations="soma")
        inputs.record("spikes")
        sim.run(10.0)
        inputs.set(spike_times=[20.0])
        sim.run(15.0)
        g = cells.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        spikes = inputs.get_data().segments[0].spiketrains[0].magnitude

    rises = np.flatnonzero(np.diff(g) > 0.0005)
    assert spikes.tolist() == pytest.approx([2.0, 9.9, 20.0])
    assert rises.tolist() in ([49, 128, 229], [50, 129, 230])  # 5.0, 12.9 and 23.0 ms, seen at or after them
