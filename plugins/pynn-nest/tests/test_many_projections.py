"""More projections than NEST has room for synapse models: they share models, and each has its own connections."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.simulator import Simulator
from pynn_nest import NestBackend, backend


def _learned(sim: Any) -> tuple[list[Any], list[Any]]:
    """Potentials and learned weights of three cells, each with a static, a Tsodyks-Markram and a plastic projection."""
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[5.0, 15.0, 40.0], [6.0, 25.0, 41.0]]))
    cells = [sim.Population(1, sim.IF_curr_exp(tau_refrac=2.0)) for _ in range(3)]
    plastic = []
    for k, cell in enumerate(cells):
        cell.record("v")
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.1),
            weight_dependence=sim.AdditiveWeightDependence(w_max=20.0), weight=5.0 + k, delay=1.0,
        )  # fmt: skip
        facilitating = sim.TsodyksMarkramSynapse(weight=1.0 + k, delay=2.0)
        synapses = (sim.StaticSynapse(weight=2.0, delay=1.5), facilitating, rule)
        made = [sim.Projection(source, cell, sim.AllToAllConnector(), synapse) for synapse in synapses]
        plastic.append(made[2])
        if k == 1:
            made[0].set(weight=3.0)
    sim.run(60.0)
    traces = [cell.get_data().segments[0].analogsignals[0].magnitude for cell in cells]
    return traces, [made.get("weight", "list") for made in plastic]


def test_projections_that_share_a_model_are_as_with_one_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Potentials and learned weights are the same to the bit, with a weight set in one of them only."""
    found = []
    for most in (300, 1):
        monkeypatch.setattr(backend, "OWN_MODELS", most)
        with Simulator(NestBackend, timestep=0.1) as sim:
            found.append(_learned(sim))

    assert all(np.array_equal(own, shared) for own, shared in zip(found[0][0], found[1][0], strict=True))
    assert found[0][1] == found[1][1]
    assert not np.array_equal(found[0][0][0], found[0][0][1])


def test_there_may_be_more_projections_than_synapse_models() -> None:
    """500 projections, of which NEST's wheel could hold some 430 models, are made and act."""
    with Simulator(NestBackend, timestep=0.1) as sim:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        cell = sim.Population(1, sim.IF_curr_delta(v_rest=0.0, v_reset=0.0, v_thresh=1e4), initial_values={"v": 0.0})
        for _ in range(500):
            sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
        cell.record("v")
        sim.run(3.0)
        peak = cell.get_data().segments[0].analogsignals[0].magnitude.max()

    assert peak == pytest.approx(50.0)
