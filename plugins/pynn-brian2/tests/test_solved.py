"""Cells from equations on Brian are what they are on the reference."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN._reference import ReferenceBackend
from pyNN.equations import CellEquations
from pyNN.simulator import Simulator
from pyNN.testing.solved import ADAPTIVE, CONDUCTANCE, DELTA
from pynn_brian2 import Brian2Backend

ROUNDING = 1e-9  # mV; 16 digits of about 65 mV, times some thousand operations


def network(sim: Simulator, equations: CellEquations, weight: float) -> Any:
    """Cells that differ, under noise, a current, plastic synapses and gap junctions."""
    kind = sim.names["native_cell_type"](equations)
    cells = sim.Population(12, kind(cm=np.linspace(0.5, 1.0, 12), tau_refrac=np.linspace(0.0, 3.0, 12)))
    noise = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0))
    few = sim.FixedNumberPreConnector(8)
    for synapse in (
        sim.StaticSynapse(weight=weight, delay=0.5),
        sim.TsodyksMarkramSynapse(weight=weight, delay=1.0, U=0.5, tau_facil=50.0),
    ):
        sim.Projection(noise, cells, few, synapse, receptor_type="excitatory")
    sim.Projection(cells[:4], cells[4:8], sim.OneToOneConnector(), sim.ElectricalSynapse(weight=0.01))
    sim.StepCurrentSource(times=[10.0, 40.0], amplitudes=[0.3, 0.1]).inject_into(cells[2:9])
    learning = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(), weight_dependence=sim.AdditiveWeightDependence(w_max=2.0 * weight),
        weight=0.5 * weight, delay=1.0,
    )  # fmt: skip
    sim.Projection(cells, cells, few, learning, receptor_type="excitatory")
    cells.record(["spikes", "v"])
    return cells


@pytest.mark.parametrize(("equations", "weight"), [(CONDUCTANCE, 0.02), (ADAPTIVE, 0.02), (DELTA, 2.0)])
def test_equations_are_solved_as_on_the_reference(equations: CellEquations, weight: float) -> None:
    """The same spikes and traces to rounding, also after a change in mid-run and a reset."""
    found = []
    for backend in (Brian2Backend, ReferenceBackend):
        with Simulator(backend, timestep=0.1, seed=7) as sim:
            cells = network(sim, equations, weight)
            sim.run(40.0)
            cells[3:].set(tau_m=7.0, i_offset=0.2)
            sim.run(40.0)
            sim.reset()
            sim.run(20.0)
            found.append(cells.get_data().segments)

    for ours, theirs in zip(*found, strict=True):
        assert sum(map(len, theirs.spiketrains)) > 10
        for one, two in zip(ours.spiketrains, theirs.spiketrains, strict=True):
            assert one.magnitude == pytest.approx(two.magnitude, abs=1e-9)
        assert np.abs(ours.analogsignals[0].magnitude - theirs.analogsignals[0].magnitude).max() < ROUNDING


def test_names_of_brians_are_names_of_users() -> None:
    """A variable may be called as something that Brian has already, and no cell is too few."""
    kind = CellEquations(
        "Names", "dv/dt = i*N : mV\ndlastspike/dt = -lastspike/xi : 1", parameters={"i": 2.0, "N": 3.0, "xi": 5.0},
        initial_values={"lastspike": 1.0}, receptors={"excitatory": "lastspike"},
    )  # fmt: skip
    with Simulator(Brian2Backend, timestep=0.1) as sim:
        none, cells = (sim.Population(size, sim.names["native_cell_type"](kind)()) for size in (0, 2))
        sim.run(1.0)
        v, decayed = cells.get("v", simplify=False), cells.get("lastspike", simplify=False)

    assert len(none) == 0
    assert v == pytest.approx([6.0, 6.0], abs=1e-12)
    assert decayed == pytest.approx(np.exp([-0.2, -0.2]), abs=1e-12)


def test_names_of_ours_are_names_of_users() -> None:
    """A user's names may be those that Brian's group needs beside them, with the numbers of the reference."""
    kind = CellEquations(
        "Ours", "dv/dt = (free*left + injected - v)/tau_0 + fires + g : mV\ndg/dt = -g/5 : 1",
        parameters={"free": 2.0, "left": 3.0, "injected": 1.0, "tau_0": 10.0, "fires": 0.1},
        threshold="v > 6", reset="v = 0", refractory="1.0", receptors={"excitatory": "g"},
    )  # fmt: skip
    found = []
    for backend in (Brian2Backend, ReferenceBackend):
        with Simulator(backend, timestep=0.1) as sim:
            cells = sim.Population(2, sim.names["native_cell_type"](kind)())
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 7.0]))
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.3, delay=1.0))
            cells.record(["v", "spikes"])
            sim.run(30.0)
            found.append(cells.get_data().segments[0])

    assert len(found[1].spiketrains[0]) > 1
    assert np.abs(found[0].analogsignals[0].magnitude - found[1].analogsignals[0].magnitude).max() < ROUNDING
