"""NEURON gives what the NumPy reference gives, to rounding: cells, synapses, what changes in mid-run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from neuron_networks import ROUNDING, difference, on_both
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import LIF, AdExp, PointNeuron
from pyNN.standardmodels.receptors import AlphaPSR, BetaPSR, CurrExpPSR, ExpPSR

NETWORKS = {"IF_curr_exp": (0.9, -2.0), "IF_curr_alpha": (5.0, -8.0), "IF_cond_exp": (0.016, 0.05)}
DRIVEN = {
    "IF_curr_exp": (0.9, 0.5), "IF_curr_alpha": (0.9, 0.5), "IF_cond_exp": (0.9, 0.02), "IF_curr_delta": (1.0, 3.0),
    "IF_cond_alpha": (1.0, 0.05), "IF_cond_exp_gsfa_grr": (1.0, 0.02), "EIF_cond_exp_isfa_ista": (0.8, 0.01),
    "EIF_cond_alpha_isfa_ista": (0.8, 0.01), "Izhikevich": (0.01, 2.0), "HH_cond_exp": (0.5, 0.003),
    "GIF_cond_exp": (2.0, 0.02), "IF_facets_hardware1": (0.0, 0.005),
}  # fmt: skip
NEURONS = {
    "LIF": PointNeuron(LIF(i_offset=0.9), a=ExpPSR(tau_syn=2.0), b=AlphaPSR(), c=BetaPSR(tau_rise=0.4, tau_decay=4.0)),
    "AdExp": PointNeuron(AdExp(i_offset=0.9), a=CurrExpPSR(tau_syn=3.0), b=CurrExpPSR(tau_syn=9.0)),
}


@pytest.mark.parametrize("model", NETWORKS)
def test_network_equals_the_reference(model: str) -> None:
    """A spiking network with drawn delays has the same spikes, and traces equal to rounding."""
    weights = NETWORKS[model]

    def build(sim: Simulator) -> Any:
        start = RandomDistribution("uniform", (-65.0, -51.0))
        cells = sim.Population(60, sim.names[model](tau_refrac=2.0), initial_values={"v": start}, label="cells")
        noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0), label="noise")
        delay, few = RandomDistribution("uniform", (0.1, 2.0)), sim.FixedNumberPreConnector(8)
        excite, inhibit = (sim.StaticSynapse(weight=weight, delay=delay) for weight in weights)
        sim.Projection(noise, cells, few, excite, receptor_type="excitatory", label="drive")
        sim.Projection(cells[:48], cells, few, excite, receptor_type="excitatory", label="exc")
        sim.Projection(cells[48:], cells, few, inhibit, receptor_type="inhibitory", label="inh")
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(build, 200.0)

    assert len(theirs.spikes) > 100
    assert ours.spikes == theirs.spikes
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("model", DRIVEN)
def test_cells_equal_the_reference(model: str) -> None:
    """Spikes are the same, and every recorded variable to a billionth, with parameters of each cell's own."""
    current, weight = DRIVEN[model]

    def build(sim: Simulator) -> Any:
        cells = sim.Population(3, sim.names[model](), label="cells")
        if current:
            cells.set(i_offset=[current, 0.8 * current, 1.1 * current])
        if "tau_syn_E" in cells.celltype.parameters:
            cells.set(tau_syn_E=[1.0, 5.0, 20.0])
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[0.0, 9.0], [5.0]]))
        for k, receptor in enumerate(("excitatory", "inhibitory")):
            sign = -1.0 if k and not cells.conductance_based else 1.0
            synapse = sim.StaticSynapse(weight=sign * weight, delay=1.0)
            sim.Projection(source[k : k + 1], cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("all")
        return cells

    ours, theirs = on_both(build, 30.0)

    assert ours.spikes == theirs.spikes
    assert ours.samples.keys() == theirs.samples.keys()
    for name, samples in theirs.samples.items():
        assert np.allclose(ours.samples[name], samples, rtol=1e-9, atol=1e-9), name


@pytest.mark.parametrize("membrane", NEURONS)
def test_cells_of_parts_equal_the_reference(membrane: str) -> None:
    """Each receptor of a PointNeuron acts and is recorded as on the reference."""
    celltype = NEURONS[membrane]
    weight = 0.01 if celltype.conductance_based else 0.3

    def build(sim: Simulator) -> Any:
        cells = sim.Population(2, celltype)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 9.0]))
        for k, receptor in enumerate(celltype.receptor_types):
            synapse = sim.StaticSynapse(weight=weight * (k + 1), delay=1.0 + k)
            sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("all")
        return cells

    ours, theirs = on_both(build, 30.0)

    assert ours.spikes == theirs.spikes
    for name, samples in theirs.samples.items():
        assert np.allclose(ours.samples[name], samples, rtol=1e-9, atol=1e-9), name


@pytest.mark.parametrize("tau_facil", [0.0, 200.0])
def test_tsodyks_markram_equals_the_reference(tau_facil: float) -> None:
    """Short-term plasticity under Poisson input, with several delays and the tau_syn of each target, set late."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(10, sim.IF_curr_exp())
        noise = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
        synapse = sim.TsodyksMarkramSynapse(
            weight=0.3, delay=RandomDistribution("uniform", (0.1, 3.0)), U=0.3, tau_rec=100.0, tau_facil=tau_facil
        )
        sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5), synapse)
        cells.set(tau_syn_E=np.linspace(2.0, 100.0, 10))
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(build, 200.0)

    assert theirs.samples["v"].max() > -60.0
    assert ours.spikes == theirs.spikes
    assert difference(ours, theirs, "v") < ROUNDING


def test_learning_chance_and_gaps_equal_the_reference() -> None:
    """The same weights are learnt and the same spikes pass by chance, number for number."""
    weights = []

    def build(sim: Simulator) -> Any:
        cells = sim.Population(20, sim.IF_curr_exp(i_offset=0.7), label="cells")
        noisy = sim.Population(20, sim.GIF_cond_exp(i_offset=1.2), label="noisy")
        drive = sim.Population(30, sim.SpikeSourcePoisson(rate=80.0), label="drive")
        few, rule = sim.FixedNumberPreConnector(6), sim.SpikePairRule(A_plus=0.02, A_minus=0.03)
        learning = sim.STDPMechanism(
            rule, sim.GutigWeightDependence(w_max=2.0), dendritic_delay_fraction=0.5, weight=0.8, delay=2.0
        )
        plastic = sim.Projection(drive, cells, few, learning, label="plastic")
        chance = sim.MultiQuantalSynapse(weight=0.01, delay=1.0, n=3.0, U=0.4, tau_rec=50.0)
        sim.Projection(drive, noisy, few, chance, label="chance")
        passing = sim.SimpleStochasticSynapse(weight=0.3, delay=1.5, p=0.4)
        sim.Projection(noisy, cells, few, passing, label="passing")
        joined = sim.FromListConnector([(k, k + 1, 0.02) for k in range(0, 19, 2)], column_names=["weight"])
        sim.Projection(cells, cells, joined, sim.ElectricalSynapse(weight=0.02), label="gaps")
        noisy.record(["spikes", "v"])
        cells.record(["spikes", "v"])
        sim.run(60.0)
        weights.append(np.array(plastic.get("weight", "list", with_address=False)))
        return cells

    ours, theirs = on_both(build, 20.0)

    assert len(theirs.spikes) > 20
    assert np.ptp(weights[1]) > 0.05
    assert ours.spikes == theirs.spikes
    assert np.allclose(*weights, rtol=1e-9, atol=1e-12)
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("delay", [0.1, 1.5, 30.0])
def test_values_changed_under_way_equal_the_reference(delay: float) -> None:
    """Spikes under way keep weight and delay when these change, more than once; others are made in mid-run."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(3, sim.IF_curr_exp(v_thresh=0.0))
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 9.9, 10.0, 10.1, 30.0, 60.0]))
        rows = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=delay))
        cells.record(["spikes", "v"])
        sim.run(10.0)
        rows.set(weight=0.5)
        sim.run(10.0)
        rows.set(weight=np.arange(6.0).reshape(2, 3) / 10.0)
        sim.Projection(source, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=0.2))
        sim.run(15.0)
        rows.set(delay=np.arange(1.0, 7.0).reshape(2, 3) * 5.0)
        sim.run(5.0)
        rows.set(delay=0.7)
        return cells

    ours, theirs = on_both(build, 100.0)

    assert theirs.samples["v"].max() > -64.9
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("timestep", [0.025, 0.1, 0.5])
def test_noise_and_steps_of_current_equal_the_reference(timestep: float) -> None:
    """Currents that begin, change and end, into cells of several thresholds, at several time steps."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(10, sim.IF_cond_exp(i_offset=np.linspace(0.5, 1.0, 10), tau_refrac=1.0))
        noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=5.0, stop=80.0, dt=0.5)
        noise.inject_into(cells[3:])
        step = sim.StepCurrentSource(times=[20.0, 60.0], amplitudes=[0.4, -0.2])
        step.inject_into(cells[:7])
        cells.record(["spikes", "v"])
        sim.run(30.0)
        step.set_parameters(times=[30.0, 40.0], amplitudes=[0.1, 0.6])
        return cells

    ours, theirs = on_both(build, 60.0, timestep)

    assert len(theirs.spikes) > 20
    assert ours.spikes == theirs.spikes
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("fraction", [0.0, 0.25, 1.0])
def test_learning_in_a_loop_equals_the_reference(fraction: float) -> None:
    """Spikes from both sides reach synapses in the same steps; weights and delays are changed on the way."""
    weights = []

    def build(sim: Simulator) -> Any:
        start = RandomDistribution("uniform", (-65.0, -51.0))
        cells = sim.Population(
            20, sim.IF_curr_exp(i_offset=1.0, tau_refrac=1.0), initial_values={"v": start}, label="cells"
        )
        rule, bounds = sim.SpikePairRule(A_plus=0.05, A_minus=0.04), sim.MultiplicativeWeightDependence(w_max=1.5)
        delay, some = RandomDistribution("uniform", (0.1, 0.6)), sim.FixedProbabilityConnector(0.3)
        learning = sim.STDPMechanism(rule, bounds, dendritic_delay_fraction=fraction, weight=0.5, delay=delay)
        plastic = sim.Projection(cells, cells, some, learning, label="plastic")
        chance = sim.StochasticTsodyksMarkramSynapse(weight=0.4, delay=delay, U=0.4, tau_rec=50.0, tau_facil=20.0)
        sim.Projection(cells, cells, some, chance, label="chance")
        cells.record(["spikes", "v"])
        sim.run(30.0)
        plastic.set(delay=0.3)
        plastic.set(weight=np.array(plastic.get("weight", "array")) * 1.1)
        sim.run(10.0)
        weights.append(np.array(plastic.get("weight", "list", with_address=False)))
        return cells

    ours, theirs = on_both(build, 20.0)

    assert len(theirs.spikes) > 200
    assert np.ptp(weights[1]) > 0.05
    assert ours.spikes == theirs.spikes
    assert np.allclose(*weights, rtol=1e-9, atol=1e-12)
    assert difference(ours, theirs, "v") < ROUNDING
