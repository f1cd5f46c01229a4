"""Variables that NEST gives to its multimeters alone: conductances of HH_cond_exp, currents of a PointNeuron."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_nest import NestBackend, ahead

ARRIVALS = (5.4, 10.4, 29.9)  # ms


def decaying(tau: float, weight: float, until: float) -> Any:
    """What an exponential receptor is after these arrivals, at every step of 0.1 ms up to ``until``."""
    steps = np.arange(round(until / 0.1) + 1)
    since = [steps - round(arrival / 0.1) for arrival in ARRIVALS]
    return sum(weight * np.exp(-0.1 * np.maximum(k, 0) / tau) * (k >= 0) for k in since)


def driven(sim: Any, cells: Any, weight: float, receptor: str) -> None:
    """Spikes that arrive at ARRIVALS."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0, 29.5]))
    synapse = sim.StaticSynapse(weight=weight, delay=0.4)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)


def last_signal(cells: Any, name: str) -> Any:
    """A recorded signal up to now."""
    return cells.get_data(name).segments[0].filter(name=name)[0]


@pytest.mark.parametrize("stops", [(30.0,), (5.4, 6.1, 11.0, 30.0)])
def test_conductances_of_hodgkin_huxley_cells_are_known_up_to_the_present(stops: tuple[float, ...]) -> None:
    """gsyn_exc follows its closed form from time 0 to the end, also of a run whose data are read in between."""
    with Simulator(NestBackend, timestep=0.1) as sim:
        cells = sim.Population(3, sim.HH_cond_exp(tau_syn_E=2.0))
        driven(sim, cells, 0.003, "excitatory")
        cells.record(["gsyn_exc", "gsyn_inh"])
        for stop in stops:
            sim.run_until(stop)
            found = last_signal(cells, "gsyn_exc").magnitude
            assert found.shape == (round(stop / 0.1) + 1, 3)
            np.testing.assert_allclose(found[:, 0], decaying(2.0, 0.003, stop), atol=1e-9)
        assert np.ptp(last_signal(cells, "gsyn_inh").magnitude) == 0.0


def test_currents_of_each_receptor_of_a_point_neuron_are_recorded() -> None:
    """``b.isyn`` follows its closed form, at an interval of three steps, and ``a.isyn`` stays 0."""
    with Simulator(NestBackend, timestep=0.1) as sim:
        receptors = {"a": sim.CurrExpPSR(tau_syn=3.0), "b": sim.CurrExpPSR(tau_syn=5.0)}
        cells = sim.Population(2, sim.PointNeuron(sim.LIF(), **receptors))
        driven(sim, cells, 0.3, "b")
        cells.record(["a.isyn", "b.isyn"], sampling_interval=0.3)
        sim.run(30.0)

        assert np.ptp(last_signal(cells, "a.isyn").magnitude) == 0.0
        found = last_signal(cells, "b.isyn").magnitude
        np.testing.assert_allclose(found[:, 1], decaying(5.0, 0.3, 30.0)[::3], atol=1e-12)


def test_the_simulation_is_the_same_whether_its_last_samples_are_asked_for_or_not() -> None:
    """The copy that goes on for them leaves no trace: stochastic cells fire as they do where nobody reads."""
    trains = []
    for reads in (False, True):
        with Simulator(NestBackend, timestep=0.1, seed=5) as sim:
            chance = sim.Population(20, sim.GIF_cond_exp(i_offset=2.0))
            cells = sim.Population(1, sim.HH_cond_exp())
            chance.record("spikes")
            cells.record("gsyn_exc")
            for _ in range(5):
                sim.run(20.0)
                if reads:
                    cells.get_data()
            trains.append([list(train.magnitude) for train in chance.get_data().segments[0].spiketrains])

    assert sum(map(len, trains[0])) > 20
    assert trains[0] == trains[1]


@pytest.mark.parametrize("fails", [False, True])
def test_without_a_copy_the_last_samples_come_with_the_next_run(
    fails: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Two threads, or a copy that ends badly: what is there is right, and the next run brings the rest."""
    if fails:
        monkeypatch.setattr(ahead, "_hand_over", lambda *_: os._exit(3))
    with Simulator(NestBackend, timestep=0.1, threads=1 if fails else 2) as sim:
        cells = sim.Population(2, sim.HH_cond_exp(tau_syn_E=2.0))
        driven(sim, cells, 0.003, "excitatory")
        cells.record("gsyn_exc")
        for stop in (20.0, 30.0):
            sim.run_until(stop)
            found = last_signal(cells, "gsyn_exc").magnitude[:, 0]
            assert round(stop / 0.1) - 15 < len(found) < round(stop / 0.1) + 1
            np.testing.assert_allclose(found, decaying(2.0, 0.003, stop)[: len(found)], atol=1e-9)

    assert ("known one min_delay late" in caplog.text) == fails


def test_hidden_variables_can_be_neither_read_nor_set() -> None:
    """A sentence says so; that they begin with 0 is what NEST does."""
    with Simulator(NestBackend, timestep=0.1) as sim:
        cells = sim.Population(1, sim.HH_cond_exp(), initial_values={"gsyn_exc": 0.0})
        with pytest.raises(PyNNError, match="NEST cannot set g_ex of hh_cond_exp_traub"):
            cells.initialize(gsyn_exc=0.1)
        sim.run(1.0)
        with pytest.raises(PyNNError, match="'g_ex' of hh_cond_exp_traub to its multimeter alone"):
            cells.get("gsyn_exc")
