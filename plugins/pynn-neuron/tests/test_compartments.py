"""Cells of many compartments: what NEURON has beside what the kit asks of every simulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import KdrChannel, NaChannel, PassiveLeak, PassiveLeakHH
from pyNN.standardmodels.receptors import CondAlphaPostSynapticResponse, CurrExpPostSynapticResponse
from pyNN.testing.compartments import Sections
from pynn_neuron import NeuronBackend

SOMA = Sections(soma=("", 20.0, 20.0))
STEP = 0.025  # ms
TAU = 2.0  # ms


class Alpha(MultiCompartmentNeuron):
    """A leak and an alpha conductance."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CondAlphaPostSynapticResponse}


class Current(MultiCompartmentNeuron):
    """A leak and a synaptic current."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CurrExpPostSynapticResponse}


class Squid(MultiCompartmentNeuron):
    """A leak of the same mechanism as the channels."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"leak": PassiveLeakHH, "na": NaChannel, "kdr": KdrChannel}


def response(kind: type[MultiCompartmentNeuron], variable: str, weight: float) -> tuple[Any, Any, Any]:
    """Time since the input (ms), v - rest (mV) and the receptor's variable, after one spike."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        leak, receptor = {"conductance_density": 1e-4, "e_rev": -70.0}, {"locations": "soma", "tau_syn": TAU}
        cell = kind(morphology=SOMA, pas=leak, exc=receptor)
        cells = sim.Population(1, cell, initial_values={"v": -70.0})
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(inputs, cells, sim.AllToAllConnector(), synapse, receptor_type="exc")
        cells.record(["v", f"exc.{variable}"], locations="soma")
        sim.run(30.0)
        found = {s.name: s.magnitude[:, 0] for s in cells.get_data().segments[0].analogsignals}
    t = STEP * np.arange(len(found["soma.v"])) - 6.0
    return t, found["soma.v"] + 70.0, found[f"soma.exc.{variable}"]


def test_an_alpha_conductance_peaks_with_its_weight_after_tau_syn() -> None:
    """g(t) = w (t / tau) exp(1 - t / tau), exactly in every step."""
    t, _, g = response(Alpha, "gsyn", 1e-3)
    late = t > 0

    expected = 1e-3 * t[late] / TAU * np.exp(1 - t[late] / TAU)
    assert np.abs(g[late] - expected).max() < 1e-12 and g[~late].max() == 0.0
    assert t[g.argmax()] == pytest.approx(TAU, abs=STEP / 2)


def test_a_synaptic_current_charges_the_membrane_as_in_closed_form() -> None:
    """v = w / C · T s / (T - s) (exp(-t/T) - exp(-t/s)), to the first order of the timestep."""
    t, v, i = response(Current, "isyn", 0.01)
    late = t > 2 * STEP

    constant, capacitance = 10.0, 1e-6 * np.pi * 20e-4 * 20e-4  # ms, F
    shape = constant * TAU / (constant - TAU) * (np.exp(-t / constant) - np.exp(-t / TAU))
    expected = 0.01e-9 * 1e-3 / capacitance * 1e3 * shape
    assert np.abs(v[late] - expected[late]).max() < 2 * STEP / TAU * expected[late].max()
    assert i[late] == pytest.approx(0.01 * np.exp(-t[late] / TAU), rel=1e-9)


def test_the_leak_of_the_squid_axon_holds_it_at_rest() -> None:
    """With all three currents of Hodgkin and Huxley the cell stays near -65 mV, where they put its rest."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        cells = sim.Population(1, Squid(morphology=SOMA))
        cells.record(["v", "kdr.n"], locations="soma")
        sim.run(50.0)
        v = cells.get_data("v").segments[0].analogsignals[0].magnitude

    assert np.abs(v + 65.0).max() < 0.1


def test_recordings_and_currents_may_begin_in_mid_run() -> None:
    """From then on they are what they would have been; the same trace as of a run that knew of them."""

    def trace(late: bool) -> Any:
        with Simulator(NeuronBackend, timestep=STEP) as sim:
            cells = sim.Population(1, Squid(morphology=SOMA))
            if not late:
                cells.record("v", locations="soma")
                sim.DCSource(amplitude=0.2, start=5.0).inject_into(cells, location="soma")
            sim.run(5.0)
            if late:
                cells.record("v", locations="soma")
                sim.DCSource(amplitude=0.2).inject_into(cells, location="soma")
            sim.run(10.0)
            return cells.get_data().segments[0].analogsignals[0].magnitude[-401:, 0]

    assert np.array_equal(trace(True), trace(False)) and trace(True).max() > 0.0


def test_what_must_be_there_at_time_0_is_refused_later() -> None:
    """Cells, and synapses with a mechanism of their own, are named."""
    with Simulator(NeuronBackend, timestep=0.1) as sim:
        cell = Alpha(morphology=SOMA, exc={"locations": "soma"})
        cells, inputs = sim.Population(1, cell), sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        depressing = sim.TsodyksMarkramSynapse(weight=0.01)
        with pytest.raises(PyNNError, match=r"CawanTsodyks.*Use StaticSynapse"):
            sim.Projection(inputs, cells, sim.AllToAllConnector(), depressing)
        sim.run(1.0)
        with pytest.raises(PyNNError, match="NEURON begins cells of many compartments at time 0"):
            sim.Population(1, cell)


def test_points_and_cells_of_many_compartments_hear_of_each_other_on_time() -> None:
    """A spike at T over a delay d acts from T + d in both directions; the step after it shows it."""
    with Simulator(NeuronBackend, timestep=0.1) as sim:
        cell = Alpha(morphology=SOMA, pas={"e_rev": -65.0}, exc={"locations": "soma"})
        many, listener = sim.Population(1, cell), sim.Population(1, sim.IF_curr_exp(v_rest=-65.0))
        point = sim.Population(1, sim.IF_curr_delta(v_thresh=-60.0, v_reset=-65.0, v_rest=-65.0, tau_refrac=50.0))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0]))
        every = sim.AllToAllConnector()
        sim.Projection(source, point, every, sim.StaticSynapse(weight=10.0, delay=1.0))
        sim.Projection(point, many, every, sim.StaticSynapse(weight=0.05, delay=1.5))
        sim.Projection(many, listener, every, sim.StaticSynapse(weight=1.0, delay=2.5))
        for cells in (point, many):
            cells.record("spikes")
        many.record("v", locations="soma")
        listener.record("v")
        sim.run(15.0)
        (first,), (second,) = (p.get_data().segments[0].spiketrains[0].magnitude for p in (point, many))
        v, heard = (p.get_data("v").segments[0].analogsignals[0].magnitude[:, 0] for p in (many, listener))

    def acted(trace: Any) -> float:
        return 0.1 * float(np.flatnonzero(np.abs(np.diff(trace)) > 1e-6)[0])

    assert acted(v) - (first + 1.5) == pytest.approx(0.0, abs=0.1 + 1e-9)
    assert acted(heard) == pytest.approx(second + 2.5, abs=1e-9)
