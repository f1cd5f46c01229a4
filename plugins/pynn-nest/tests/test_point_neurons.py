"""PointNeurons on NEST: lists by receptor, also where cells differ and where they change in mid-run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyNN.errors import UnavailableModelError
from pyNN.simulator import Simulator
from pynn_nest import NestBackend


@pytest.fixture
def sim() -> Iterator[Any]:
    """A fresh network."""
    with Simulator(NestBackend, timestep=0.1) as sim:
        yield sim


def conductance(sim: Any, cells: Any, name: str) -> Any:
    """Samples of one receptor's conductance, µS, shape (n, n_cells)."""
    return cells.get_data(f"{name}.gsyn").segments[-1].analogsignals[0].magnitude


def test_cells_with_receptors_of_their_own_differ(sim: Any) -> None:
    """Each cell's time constant is its own, and one that is set in mid-run acts for spikes from then on."""
    receptors = {"fast": sim.AlphaPSR(tau_syn=1.0), "slow": sim.AlphaPSR(tau_syn=5.0)}
    cells = sim.Population(3, sim.PointNeuron(sim.LIF(), **receptors))
    cells.set(**{"slow.tau_syn": [2.0, 4.0, 8.0]})
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 101.0]))
    every = sim.StaticSynapse(weight=0.001, delay=1.0)
    sim.Projection(source, cells, sim.AllToAllConnector(), every, receptor_type="slow")
    cells.record(["slow.gsyn", "fast.gsyn"])
    sim.run(100.0)
    cells[1:2].set(**{"slow.tau_syn": 6.0})
    sim.run(100.0)

    slow, fast = conductance(sim, cells, "slow"), conductance(sim, cells, "fast")
    assert [round(0.1 * k, 1) for k in np.argmax(slow[:1000], axis=0)] == [4.0, 6.0, 10.0]
    assert [round(0.1 * k, 1) for k in np.argmax(slow[1000:], axis=0)] == [4.0, 8.0, 10.0]
    assert slow.max(axis=0) == pytest.approx(0.001, rel=1e-3)
    assert not fast.any()


def test_a_depressing_synapse_knows_its_receptor(sim: Any) -> None:
    """A Tsodyks-Markram synapse onto the second receptor recovers as one onto a plain cell with that receptor."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 15.0, 25.0]))
    parts = sim.PointNeuron(sim.LIF(v_thresh=0.0), one=sim.AlphaPSR(tau_syn=9.0), two=sim.AlphaPSR(tau_syn=2.0))
    plain = sim.Population(1, sim.IF_cond_alpha(tau_syn_E=2.0, v_thresh=0.0))
    cells = sim.Population(1, parts)
    found = []
    for target, receptor in ((cells, "two"), (plain, "excitatory")):
        synapse = sim.TsodyksMarkramSynapse(weight=0.01, delay=1.0, U=0.5, tau_rec=100.0, tau_facil=0.0)
        sim.Projection(source, target, sim.AllToAllConnector(), synapse, receptor_type=receptor)
        target.record(f"{receptor}.gsyn" if receptor == "two" else "gsyn_exc")
    sim.run(40.0)
    for target in (cells, plain):
        found.append(target.get_data().segments[0].analogsignals[0].magnitude)

    assert found[0] == pytest.approx(found[1], abs=1e-9)
    assert found[0].max() > 0.004


def test_parts_that_nest_has_not_are_refused(sim: Any) -> None:
    """An exponential conductance is in none of NEST's multisynapse models: the sentence says which there are."""
    with pytest.raises(UnavailableModelError, match=r"not available on NEST\. NEST has no neuron of LIF and"):
        sim.Population(1, sim.PointNeuron(sim.LIF(), a=sim.ExpPSR()))
