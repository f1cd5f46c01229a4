"""NEST's own generators: as current sources and as sources of spikes, in NEST's names and units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_nest import NestBackend


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """A simulation on NEST, whose shortest delay is a step."""
    with Simulator(NestBackend, timestep=0.1, min_delay=0.1) as simulator:
        yield simulator


def trace(cells: Any) -> Any:
    """The potentials of all cells, shape (steps, cells)."""
    return cells.get_data().segments[0].analogsignals[0].magnitude


def test_nests_own_generators_inject_as_the_standard_sources(sim: Any) -> None:
    """dc_generator and step_current_generator in pA, a delay earlier, give the potentials of PyNN's sources."""
    cells = sim.Population(4, sim.IF_curr_exp(v_thresh=-40.0))
    sim.DCSource(amplitude=0.5, start=50.0, stop=80.0).inject_into(cells[0:1])
    sim.native_electrode_type("dc_generator")(amplitude=500.0, start=49.9, stop=79.9).inject_into(cells[1:2])
    sim.StepCurrentSource(times=[50.0, 60.0], amplitudes=[0.4, -0.2]).inject_into(cells[2:3])
    steps = sim.native_electrode_type("step_current_generator")
    cells[3].inject(steps(amplitude_times=[49.9, 59.9], amplitude_values=[400.0, -200.0]))
    cells.record("v")

    sim.run(100.0)
    v = trace(cells)

    assert np.ptp(v[:, 0]) > 5.0
    assert np.array_equal(v[:, 0], v[:, 1]) and np.array_equal(v[:, 2], v[:, 3])


def test_a_native_source_changes_in_mid_run_and_starts_anew_after_reset(sim: Any) -> None:
    """Another amplitude from 20 ms on; after reset it holds from the beginning."""
    cells = sim.Population(1, sim.IF_curr_delta(v_thresh=0.0, cm=1.0, tau_m=20.0))
    source = sim.native_electrode_type("dc_generator")(amplitude=100.0)
    source.inject_into(cells)
    cells.record("v")
    sim.run(20.0)
    source.set_parameters(amplitude=0.0)
    sim.run(180.0)
    sim.reset()
    sim.run(20.0)
    first, second = (segment.analogsignals[0].magnitude[:, 0] for segment in cells.get_data().segments)

    assert source.get_parameters()["amplitude"] == 0.0
    assert first[200] > -64.0 and first[-1] == pytest.approx(-65.0, abs=1e-3)
    assert np.all(second == -65.0)


@pytest.mark.parametrize(
    ("name", "words"), [("iaf_psc_exp", "is a cell, no current source"), ("nope", "has no current source model 'nope'")]
)
def test_what_is_no_current_source_is_refused(sim: Any, name: str, words: str) -> None:
    """The error names the model and what it is."""
    with pytest.raises(PyNNError, match=words):
        sim.native_electrode_type(name)
    with pytest.raises(PyNNError, match="is a current source, no cell"):
        sim.native_cell_type("dc_generator")


def test_a_poisson_generator_is_a_population_that_sends_and_is_recorded(sim: Any) -> None:
    """Its rate is that of its spikes within four standard errors, and its targets get input."""
    generators = sim.Population(2, sim.native_cell_type("poisson_generator")(rate=400.0))
    cells = sim.Population(3, sim.IF_curr_exp())
    generators.record("spikes")
    cells.record("v")
    made = sim.Projection(generators, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.2, delay=1.0))
    sim.run(1000.0)
    counts = list(generators.get_spike_counts().values())

    assert sum(counts) == pytest.approx(800.0, abs=4 * np.sqrt(800.0))
    assert np.all(trace(cells).max(axis=0) > -64.0)
    assert len(made.nest_connections) == len(made) == 6


def test_native_synapses_keep_what_the_script_gave(sim: Any) -> None:
    """stdp_synapse without tau_minus, which is the cell's, and tsodyks_synapse with a tau_psc that is not."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0]))
    cells = sim.Population(5, sim.IF_cond_exp(tau_syn_E=3.0))
    learning = sim.native_synapse_type("stdp_synapse")(Wmax=50.0, weight=0.001, **{"lambda": 0.015})
    short = sim.native_synapse_type("tsodyks_synapse")(weight=0.01, tau_psc=5.0, U=0.04)

    plastic = sim.Projection(source, cells, sim.AllToAllConnector(), learning)
    made = sim.Projection(source, cells, sim.AllToAllConnector(), short)
    sim.run(30.0)

    assert plastic.native.get("lambda") == [0.015] * 5
    assert made.native.get("tau_psc") == [5.0] * 5
