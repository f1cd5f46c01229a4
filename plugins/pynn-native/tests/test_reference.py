"""The engine gives what the NumPy reference gives, to rounding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from native_networks import WEIGHTS, Result, balanced, result_of
from pyNN._reference import ReferenceBackend
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pynn_native import NativeBackend

ROUNDING = 1e-9  # mV; 16 digits of about 65 mV, times some thousand operations
Build = Callable[[Simulator], Any]


def on_both(build: Build, duration: float = 300.0) -> tuple[Result, Result]:
    """What the population that ``build`` returns does on the engine and on the reference."""
    found = []
    for backend in (NativeBackend, ReferenceBackend):
        with Simulator(backend, timestep=0.1, seed=3) as sim:
            cells = build(sim)
            sim.run(duration)
            found.append(result_of(cells))
    return found[0], found[1]


@pytest.mark.parametrize("model", WEIGHTS)
def test_network_equals_the_reference(model: str) -> None:
    """A spiking network with drawn delays has the same spikes, and traces equal to rounding."""
    ours, theirs = on_both(lambda sim: balanced(sim, model, WEIGHTS[model]))

    assert len(theirs.spikes) > 100
    assert ours.spikes == theirs.spikes
    assert np.abs(ours.v - theirs.v).max() < ROUNDING


@pytest.mark.parametrize("model", WEIGHTS)
def test_cells_with_parameters_of_their_own_equal_the_reference(model: str) -> None:
    """Heterogeneous parameters, time constants equal to each other among them, and injected noise."""

    def build(sim: Simulator) -> Any:
        n = 70
        ramp = np.linspace(0.0, 1.0, n)
        cells = sim.Population(n, sim.names[model](
            tau_m=10.0 + 10.0 * ramp, cm=0.5 + ramp, tau_syn_E=10.0, tau_syn_I=2.0 + ramp, v_reset=-70.0 + ramp,
            v_thresh=-52.0 + ramp, i_offset=0.5 + ramp, tau_refrac=3.0 * ramp, v_rest=-65.0 - ramp,
        ))  # fmt: skip
        noise = sim.NoisyCurrentSource(mean=0.2, stdev=0.3, start=5.0, stop=150.0, dt=0.5)
        noise.inject_into(cells[3:40])
        step = sim.StepCurrentSource(times=[20.0, 60.0], amplitudes=[0.4, -0.2])
        step.inject_into(cells[30:70])
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 10.0, 10.0, 40.0]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=0.3),
                       receptor_type="excitatory")  # fmt: skip
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(build)

    assert len(theirs.spikes) > 100
    assert ours.spikes == theirs.spikes
    assert np.abs(ours.v - theirs.v).max() < ROUNDING


@pytest.mark.parametrize("tau_facil", [0.0, 200.0])
def test_tsodyks_markram_equals_the_reference(tau_facil: float) -> None:
    """Short-term plasticity under Poisson input, with several delays and the tau_syn of each target."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(10, sim.IF_curr_exp(tau_syn_E=np.linspace(2.0, 100.0, 10)))
        noise = sim.Population(20, sim.SpikeSourcePoisson(rate=50.0))
        synapse = sim.TsodyksMarkramSynapse(
            weight=0.3, delay=RandomDistribution("uniform", (0.2, 3.0)), U=0.3, tau_rec=100.0, tau_facil=tau_facil
        )
        sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5), synapse)
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(build)

    assert ours.spikes == theirs.spikes
    assert np.abs(ours.v - theirs.v).max() < ROUNDING


@pytest.mark.parametrize("delay", [0.1, 1.5, 30.0, 900.0])
def test_values_changed_under_way_equal_the_reference(delay: float) -> None:
    """Spikes under way keep weight and delay when these change; so do other synapses made in mid-run."""

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

    ours, theirs = on_both(build, duration=1000.0)

    assert theirs.v.max() > -64.9
    assert np.abs(ours.v - theirs.v).max() < ROUNDING


def test_delays_beyond_the_ring_arrive() -> None:
    """Delays of a second, longer than any ring of slots, differ from row to row."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(3, sim.IF_curr_exp(v_thresh=0.0))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 51.2, 102.4, 300.0]))
        rows = [(0, 0, 0.3, 0.1), (0, 1, 0.4, 204.7), (0, 1, 0.5, 204.8), (0, 2, 0.6, 204.9), (0, 2, 0.7, 1000.0)]
        sim.Projection(source, cells, sim.FromListConnector(rows), sim.StaticSynapse())
        cells.record(["spikes", "v"])
        return cells

    ours, theirs = on_both(build, duration=1400.0)

    assert theirs.v.max() > -64.0
    assert np.abs(ours.v - theirs.v).max() < ROUNDING
