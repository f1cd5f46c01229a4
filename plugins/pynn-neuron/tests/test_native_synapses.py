"""Mechanisms of the user's that adjust weights, as PyNN 0.13 has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_neuron import NeuronBackend
from pynn_neuron.building import load_mechanisms

STEP = 0.1
ADJUSTER = """
NEURON {
    POINT_PROCESS CountingAdjuster
    RANGE down, up, before, after
    POINTER wsyn
}
PARAMETER { down = 0.25  up = 0.5 }
ASSIGNED { wsyn before after }
INITIAL { before = -1  after = -1 }
NET_RECEIVE(w) {
    if (w >= 0) {
        wsyn = wsyn - down
        before = t
    } else {
        wsyn = wsyn + up
        after = t
    }
}
"""


@pytest.fixture
def sim(tmp_path: Path) -> Iterator[Any]:
    """A simulation on NEURON that knows the mechanism."""
    folder = tmp_path / "mod"
    folder.mkdir()
    (folder / "adjuster.mod").write_text(ADJUSTER)
    with Simulator(NeuronBackend, timestep=STEP) as simulator:
        load_mechanisms(folder)
        yield simulator


def connected(sim: Any, **parameters: float) -> tuple[Any, Any]:
    """A cell that sums its input and fires at 10.5 ms, and a synapse of weight 2 with spikes at 5 and 15 ms."""
    times, force = (sim.Population(1, sim.SpikeSourceArray(spike_times=t)) for t in ([5.0, 15.0], [10.0]))
    cell = sim.IF_curr_delta(tau_m=1e9, v_rest=-65.0, v_reset=-65.0, v_thresh=-55.0, tau_refrac=STEP)
    cells = sim.Population(1, cell, initial_values={"v": -65.0})
    kind = sim.native_synapse_type("CountingAdjuster")
    everyone = sim.AllToAllConnector()
    adjusted = sim.Projection(times, cells, everyone, kind(weight=2.0, delay=1.0, **parameters))
    sim.Projection(force, cells, everyone, sim.StaticSynapse(weight=50.0, delay=0.5))
    cells.record(["v", "spikes"])
    return cells, adjusted


@pytest.mark.parametrize("fraction", [1.0, 0.5, 0.0])
def test_a_mechanism_adjusts_the_weight_when_either_spike_reaches_the_synapse(sim: Any, fraction: float) -> None:
    """Two presynaptic spikes take off ``down``, one postsynaptic adds ``up``, each at its own time at the synapse."""
    cells, adjusted = connected(sim, dendritic_delay_fraction=fraction)

    sim.run(20.0)

    assert cells.get_data().segments[0].spiketrains[0].magnitude == pytest.approx([10.5])
    assert adjusted.get("weight", "list", with_address=False) == [2.0 - 2 * 0.25 + 0.5]
    assert adjusted.get("before", "list", with_address=False)[0] == pytest.approx(15.0 + 1.0 - fraction)
    assert adjusted.get("after", "list", with_address=False)[0] == pytest.approx(10.5 + fraction, abs=1e-6)


def test_spikes_arrive_with_the_weight_that_was_adjusted(sim: Any) -> None:
    """The first spike lifts v by 2 - down mV, the second by 2 - 2 down + up, each from its time plus the delay on."""
    cells, _ = connected(sim, down=0.5)

    sim.run(20.0)

    v = cells.get_data().segments[0].filter(name="v")[0].magnitude[:, 0]
    steps = {step: float(v[step] - v[step - 1]) for step in (60, 160)}
    assert steps == pytest.approx({60: 1.5, 160: 1.5}, abs=1e-6)
    assert np.count_nonzero(np.abs(np.diff(v)) > 1e-6) == 3  # and v_reset


def test_parameters_and_weights_are_set_between_runs(sim: Any) -> None:
    """What is set in mid-run acts on the spikes that reach the synapse from then on."""
    _, adjusted = connected(sim)

    sim.run(12.0)
    adjusted.set(weight=4.0)
    adjusted.set(down=1.0)
    sim.run(8.0)

    assert adjusted.get(["weight", "down", "delay"], "list", with_address=False) == [(3.0, 1.0, 1.0)]


def test_what_points_at_no_weight_is_no_synapse(sim: Any) -> None:
    """ExpSyn is a receptor; the error says what a native synapse is."""
    with pytest.raises(PyNNError, match=r"no synapse model 'ExpSyn'.*POINTER wsyn"):
        sim.native_synapse_type("ExpSyn")
    with pytest.raises(PyNNError, match="is a synapse, no cell model"):
        sim.native_cell_type("CountingAdjuster")


def test_such_synapses_are_made_before_the_first_run(sim: Any) -> None:
    """NEURON begins mechanisms at time 0; later ones are refused."""
    cells, _ = connected(sim)
    sim.run(1.0)

    with pytest.raises(PyNNError, match=r"before the first run"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), sim.native_synapse_type("CountingAdjuster")(delay=1.0))
