"""For simulators that compute by the reference's own schemes: what they give equals the reference to rounding.

    from pyNN.testing.rounding import RoundingKit

    class TestRounding(RoundingKit):
        backend = MySimBackend

It is no part of the kit that every backend passes: a simulator may well integrate in its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array, SimulatorBackend

from pyNN._reference import ReferenceBackend
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import LIF, AdExp, PointNeuron
from pyNN.standardmodels.receptors import AlphaPSR, BetaPSR, CurrExpPSR, ExpPSR
from pyNN.testing.base import STEP, KitTests

ROUNDING = 1e-9  # mV; 16 digits of about 65 mV, times some thousand operations
NETWORKS = {"IF_curr_exp": (0.9, -2.0), "IF_curr_alpha": (5.0, -8.0), "IF_cond_exp": (0.016, 0.05)}
DRIVEN = {
    "IF_curr_exp": (0.9, 0.5), "IF_curr_alpha": (0.9, 0.5), "IF_cond_exp": (0.9, 0.02), "IF_curr_delta": (1.0, 3.0),
    "IF_cond_alpha": (1.0, 0.05), "IF_cond_exp_gsfa_grr": (1.0, 0.02), "EIF_cond_exp_isfa_ista": (0.8, 0.01),
    "EIF_cond_alpha_isfa_ista": (0.8, 0.01), "Izhikevich": (0.01, 2.0), "HH_cond_exp": (0.5, 0.003),
    "GIF_cond_exp": (2.0, 0.02), "IF_facets_hardware1": (0.0, 0.005),
}  # fmt: skip
PARTS = {
    "LIF": PointNeuron(LIF(i_offset=0.9), a=ExpPSR(tau_syn=2.0), b=AlphaPSR(), c=BetaPSR(tau_rise=0.4, tau_decay=4.0)),
    "AdExp": PointNeuron(AdExp(i_offset=0.9), a=CurrExpPSR(tau_syn=3.0), b=CurrExpPSR(tau_syn=9.0)),
}
Build = Callable[[Simulator], Any]


@dataclass(frozen=True)
class Result:
    """Spikes as (cell, step), sorted, and samples of shape (n_samples, n_cells) by variable."""

    spikes: list[tuple[int, int]]
    samples: Mapping[str, Array]


def result_of(population: Any, timestep: float) -> Result:
    """What was recorded from a population in its last segment."""
    segment = population.get_data().segments[-1]
    spikes = [(k, round(float(t) / timestep)) for k, train in enumerate(segment.spiketrains) for t in train]
    samples = {signal.name: np.asarray(signal.magnitude) for signal in segment.analogsignals}
    return Result(sorted(spikes), samples)


def on_both(
    backend: type[SimulatorBackend], build: Build, duration: float, timestep: float = STEP
) -> tuple[Result, Result]:
    """What the population that ``build`` returns does on a backend and on the reference."""
    found = []
    for each in (backend, ReferenceBackend):
        with Simulator(each, timestep=timestep, seed=3) as sim:
            cells = build(sim)
            sim.run(duration)
            found.append(result_of(cells, timestep))
    return found[0], found[1]


def difference(ours: Result, theirs: Result, variable: str) -> float:
    """The largest deviation of one variable."""
    return float(np.abs(ours.samples[variable] - theirs.samples[variable]).max())


def trace(population: Any) -> Array:
    """The potentials of the last segment, shape (n_samples, n_cells)."""
    return np.asarray(population.get_data().segments[-1].analogsignals[0].magnitude)


class RoundingKit(KitTests):
    """Cells, synapses and currents side by side with the reference; set ``backend`` to the class under test."""

    @pytest.mark.parametrize("model", NETWORKS)
    def test_network_equals_the_reference(self, model: str) -> None:
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

        ours, theirs = on_both(self.backend, build, 200.0)

        assert len(theirs.spikes) > 100
        assert ours.spikes == theirs.spikes
        assert difference(ours, theirs, "v") < ROUNDING

    @pytest.mark.parametrize("model", DRIVEN)
    def test_cells_equal_the_reference(self, model: str) -> None:
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

        ours, theirs = on_both(self.backend, build, 30.0)

        assert ours.spikes == theirs.spikes
        assert ours.samples.keys() == theirs.samples.keys()
        for name, samples in theirs.samples.items():
            assert np.allclose(ours.samples[name], samples, rtol=1e-9, atol=1e-9), name

    @pytest.mark.parametrize("membrane", PARTS)
    def test_cells_of_parts_equal_the_reference(self, membrane: str) -> None:
        """Each receptor of a PointNeuron acts and is recorded as on the reference."""
        celltype = PARTS[membrane]
        weight = 0.01 if celltype.conductance_based else 0.3

        def build(sim: Simulator) -> Any:
            cells = sim.Population(2, celltype)
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 9.0]))
            for k, receptor in enumerate(celltype.receptor_types):
                synapse = sim.StaticSynapse(weight=weight * (k + 1), delay=1.0 + k)
                sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
            cells.record("all")
            return cells

        ours, theirs = on_both(self.backend, build, 30.0)

        assert ours.spikes == theirs.spikes
        for name, samples in theirs.samples.items():
            assert np.allclose(ours.samples[name], samples, rtol=1e-9, atol=1e-9), name

    @pytest.mark.parametrize("delay", [0.1, 1.5, 30.0, 300.0])
    def test_values_changed_under_way_equal_the_reference(self, delay: float) -> None:
        """Spikes under way keep weight and delay when these change, more than once; others are made in mid-run."""
        if not self.backend.grows:
            pytest.skip(f"{self.backend.name} makes no synapses in mid-run")

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
            rows.set(delay=np.arange(1.0, 7.0).reshape(2, 3) * 50.0)
            sim.run(5.0)
            rows.set(delay=0.7)
            return cells

        ours, theirs = on_both(self.backend, build, 400.0)

        assert theirs.samples["v"].max() > -64.9
        assert difference(ours, theirs, "v") < ROUNDING

    @pytest.mark.parametrize("tau_facil", [0.0, 200.0])
    def test_tsodyks_markram_equals_the_reference(self, tau_facil: float) -> None:
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

        ours, theirs = on_both(self.backend, build, 200.0)

        assert theirs.samples["v"].max() > -60.0
        assert ours.spikes == theirs.spikes
        assert difference(ours, theirs, "v") < ROUNDING

    def test_learning_chance_and_gaps_equal_the_reference(self) -> None:
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

        ours, theirs = on_both(self.backend, build, 20.0)

        assert len(theirs.spikes) > 20
        assert np.ptp(weights[1]) > 0.05
        assert ours.spikes == theirs.spikes
        assert np.allclose(weights[0], weights[1], rtol=1e-9, atol=1e-12)
        assert difference(ours, theirs, "v") < ROUNDING

    @pytest.mark.parametrize("timestep", [0.025, 0.1, 0.5])
    def test_noise_and_steps_of_current_equal_the_reference(self, timestep: float) -> None:
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

        ours, theirs = on_both(self.backend, build, 60.0, timestep)

        assert len(theirs.spikes) > 20
        assert ours.spikes == theirs.spikes
        assert difference(ours, theirs, "v") < ROUNDING

    def test_one_input_arrives_at_its_delay_as_the_closed_form_says(self) -> None:
        """Onset at t + delay and the whole EPSP to 1e-9 mV, at three time steps (Rotter & Diesmann 1999, eq. 5)."""
        for timestep in (0.5, 0.1, 0.025):
            with self.simulator(timestep=timestep) as sim:
                cells = sim.Population(1, sim.IF_curr_exp(tau_m=20.0, cm=1.0, tau_syn_E=5.0))
                source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
                sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
                cells.record("v")
                sim.run(50.0)
                v = trace(cells)[:, 0]

            since = np.maximum(np.arange(len(v)) * timestep - 6.0, 0.0)
            expected = -65.0 + 0.5 * 20.0 * 5.0 / 15.0 * (np.exp(-since / 20.0) - np.exp(-since / 5.0))
            assert v == pytest.approx(expected, abs=1e-9)

    @pytest.mark.parametrize("bug", ["delay + 1 step", "weight x 1.05", "tau_syn x 1.1"])
    def test_a_planted_bug_is_seen(self, bug: str) -> None:
        """The comparison with the reference, made with a bug on one side, is far from equal."""

        def build(sim: Simulator) -> Any:
            off = sim.name == self.backend.name
            weight = 0.525 if off and bug == "weight x 1.05" else 0.5
            delay = 1.0 + STEP if off and bug == "delay + 1 step" else 1.0
            cells = sim.Population(1, sim.IF_curr_exp(tau_syn_E=5.5 if off and bug == "tau_syn x 1.1" else 5.0))
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=delay))
            cells.record("v")
            return cells

        ours, theirs = on_both(self.backend, build, 30.0)

        assert difference(ours, theirs, "v") > 1e6 * ROUNDING
