"""The models that have no exact solution, learning, chance and gap junctions: as the reference, on any thread."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array, SimulatorBackend
from pyNN._reference import ReferenceBackend
from pyNN.simulator import Simulator
from pynn_native import NativeBackend

DRIVEN = {
    "IF_curr_delta": (1.0, 3.0), "IF_cond_alpha": (1.0, 0.05), "IF_cond_exp_gsfa_grr": (1.0, 0.02),
    "EIF_cond_exp_isfa_ista": (0.8, 0.01), "EIF_cond_alpha_isfa_ista": (0.8, 0.01), "Izhikevich": (0.01, 2.0),
    "HH_cond_exp": (0.5, 0.003), "GIF_cond_exp": (2.0, 0.02), "IF_facets_hardware1": (0.0, 0.005),
}  # fmt: skip


def traces(backend: type[SimulatorBackend], model: str) -> tuple[list[Any], list[Array]]:
    """Spikes and recorded variables of three driven cells of one type."""
    current, weight = DRIVEN[model]
    with Simulator(backend, timestep=0.1, seed=3) as sim:
        cells = sim.Population(3, sim.names[model](), label="cells")
        if current:
            cells.set(i_offset=[current, 0.8 * current, 1.1 * current])
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0, 9.0], [5.0]]))
        for k, receptor in enumerate(("excitatory", "inhibitory")):
            sign = -1.0 if k and not cells.conductance_based else 1.0
            synapse = sim.StaticSynapse(weight=sign * weight, delay=1.0)
            sim.Projection(source[k : k + 1], cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("all")
        sim.run(25.0)
        segment = cells.get_data().segments[0]
        spikes = [[float(time) for time in train] for train in segment.spiketrains]
        return spikes, [np.asarray(signal.magnitude) for signal in segment.analogsignals]


@pytest.mark.parametrize("model", DRIVEN)
def test_cells_equal_the_reference(model: str) -> None:
    """Spikes are the same, and every recorded variable to a billionth: one scheme, written twice."""
    ours, theirs = traces(NativeBackend, model), traces(ReferenceBackend, model)

    assert ours[0] == theirs[0]
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert np.allclose(a, b, rtol=1e-9, atol=1e-9)


def learnt(backend: type[SimulatorBackend], threads: int, size: int, duration: float) -> dict[str, Array]:
    """What a network with learning, chance, escape noise and gap junctions did."""
    with Simulator(backend, timestep=0.1, seed=9, threads=threads) as sim:
        cells = sim.Population(size, sim.IF_curr_exp(i_offset=0.7), label="cells")
        noisy = sim.Population(size, sim.GIF_cond_exp(i_offset=1.2), label="noisy")
        drive = sim.Population(30, sim.SpikeSourcePoisson(rate=80.0), label="drive")
        few = sim.FixedNumberPreConnector(6)
        pairs = sim.SpikePairRule(A_plus=0.02, A_minus=0.03)
        learning = sim.STDPMechanism(
            pairs, sim.GutigWeightDependence(w_max=2.0), dendritic_delay_fraction=0.5, weight=0.8, delay=2.0
        )
        plastic = sim.Projection(drive, cells, few, learning, label="plastic")
        chance = sim.MultiQuantalSynapse(weight=0.01, delay=1.0, n=3.0, U=0.4, tau_rec=50.0)
        sim.Projection(drive, noisy, few, chance, label="chance")
        passing = sim.SimpleStochasticSynapse(weight=0.3, delay=1.5, p=0.4)
        sim.Projection(noisy, cells, few, passing, label="passing")
        pairs_of_cells = sim.FromListConnector(
            [(k, k + 1, 0.02) for k in range(0, size - 1, 2)], column_names=["weight"]
        )
        sim.Projection(cells, cells, pairs_of_cells, sim.ElectricalSynapse(weight=0.02), label="gaps")
        both = cells + noisy
        both.record(["spikes", "v"])
        sim.run(duration)
        found = {f"v{k}": np.asarray(p.get_data().segments[0].analogsignals[0].magnitude)
                 for k, p in enumerate((cells, noisy))}  # fmt: skip
        found["counts"] = np.array([len(t) for t in both.get_data().segments[0].spiketrains], dtype=np.float64)
        return {**found, "weights": np.array(plastic.get("weight", "list"))}


def test_learning_chance_and_gaps_equal_the_reference() -> None:
    """The same weights are learnt and the same spikes pass by chance, number for number."""
    ours, theirs = learnt(NativeBackend, 1, 20, 60.0), learnt(ReferenceBackend, 1, 20, 60.0)

    assert theirs["counts"].sum() > 20
    assert np.ptp(theirs["weights"][:, 2]) > 0.05
    for name, value in theirs.items():
        assert np.allclose(ours[name], value, rtol=1e-9, atol=1e-9), name


def test_gap_junctions_may_be_none() -> None:
    """A rule that joins no pair makes a projection of no gap junctions, whose weights would have been drawn."""
    with Simulator(NativeBackend, timestep=0.1) as sim:
        cells = sim.Population(5, sim.IF_curr_exp(i_offset=0.2))
        drawn = sim.ElectricalSynapse(weight=sim.RandomDistribution("uniform", (0.1, 0.2)))

        made = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.0), drawn)
        sim.run(1.0)

        assert len(made) == 0 and float(cells.get("v")) == pytest.approx(-65.0 - 4.0 * np.expm1(-1.0 / 20.0), abs=1e-9)


def test_learning_chance_and_gaps_do_not_depend_on_threads() -> None:
    """1, 2 and 4 threads learn, draw and couple the same, bit for bit."""
    one = learnt(NativeBackend, 1, 400, 30.0)

    assert one["counts"].sum() > 200
    for threads in (2, 4):
        several = learnt(NativeBackend, threads, 400, 30.0)
        for name, value in one.items():
            assert np.array_equal(several[name], value), name
