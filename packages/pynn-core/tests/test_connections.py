"""Single connections: read and set one at a time, in loops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Values
from pyNN._reference import ReferenceBackend
from pyNN.errors import InvalidWeightError, StaleObjectError, UnknownParameterError
from pyNN.simulator import Simulator


class Counting(ReferenceBackend):
    """The reference, which counts how often synapses are written."""

    writes = 0

    def set(self, block: Any, values: Mapping[str, Values], index: Any = None) -> None:
        """Count what is set of synapses."""
        type(self).writes += "weight" in values
        super().set(block, values, index)


def _learning(sim: Simulator, size: int = 3) -> tuple[Any, Any]:
    """Plastic synapses from arrays of spikes, of which the first alone is paired with its target's."""
    pre = sim.Population(size, sim.SpikeSourceArray(spike_times=[[10.0]] + [[]] * (size - 1)))
    drive = sim.Population(1, sim.SpikeSourceArray(spike_times=[12.0, 30.0]))
    post = sim.Population(1, sim.IF_curr_delta(tau_refrac=1.0))
    sim.Projection(drive, post, sim.AllToAllConnector(), sim.StaticSynapse(weight=50.0, delay=0.1))
    rule = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.1),
        weight_dependence=sim.AdditiveWeightDependence(w_max=1.0), weight=0.5, delay=0.1,
    )  # fmt: skip
    return sim.Projection(pre, post, sim.AllToAllConnector(), rule), post


def test_a_loop_over_connections_is_written_once() -> None:
    """100 weights that are halved one by one reach the simulator together, when it goes on, and are there before."""
    with Simulator(Counting, timestep=0.1) as sim:
        cells = sim.Population(10, sim.IF_curr_exp())
        projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.4))
        Counting.writes = 0
        for connection in projection.connections:
            connection.weight *= 0.5
        projection[7].weight = 0.3
        before, seen = Counting.writes, projection.get("weight", "list", with_address=False)
        sim.run(0.1)

    assert (before, Counting.writes) == (0, 1)
    assert sorted(seen) == [0.2] * 99 + [0.3]


def test_one_weight_set_in_a_callback_acts_from_then(sim: Simulator) -> None:
    """The spike after the change has the new weight at that connection, and the old one at the other."""
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 11.0]))
    cells = sim.Population(2, sim.IF_curr_delta(tau_m=1e9, v_rest=0.0, v_reset=0.0, v_thresh=1e3))
    cells.record("v")
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=0.1))

    def change(time: float) -> float:
        """At 10 ms, one weight."""
        if time > 0:
            projection[1].weight = 5.0
        return time + 10.0

    sim.run(15.0, callbacks=change)
    v = cells.get_data().segments[0].analogsignals[0].magnitude

    assert v[-1] == pytest.approx([2.0, 6.0], abs=1e-6)


def test_one_plastic_weight_that_is_set_leaves_the_others_as_they_learned(sim: Simulator) -> None:
    """Set after learning: the others keep what they have learned, and after reset() what they began with."""
    projection, _ = _learning(sim)
    sim.run(20.0)
    learned = projection[0].weight
    projection[2].weight = 0.25
    now = [connection.weight for connection in projection.connections]
    sim.run(1.0)
    later = projection.get("weight", "array")[:, 0]
    sim.reset()

    assert learned > 0.5
    assert now == [learned, 0.5, 0.25]
    assert later == pytest.approx([learned, 0.5, 0.25], abs=1e-12)
    assert projection.get("weight", "array")[:, 0] == pytest.approx([0.5, 0.5, 0.25], abs=1e-12)


def test_a_plastic_weight_is_read_anew_once_the_simulation_went_on(sim: Simulator) -> None:
    """The same connection object gives the weight of each moment; reset() brings back the first."""
    projection, _ = _learning(sim)
    connection = projection[0]
    found = [connection.weight]
    for _ in range(2):
        sim.run(20.0)
        found.append(connection.weight)
    sim.reset()

    assert found[0] == 0.5 and found[1] > 0.5
    assert connection.weight == 0.5


def test_setting_all_after_one_counts(sim: Simulator) -> None:
    """What is set last holds: one after all, and all after one."""
    cells = sim.Population(2, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
    projection[1].weight = 0.2
    projection.set(weight=0.3)
    everywhere = projection[1].weight
    projection[1].weight = 0.4

    assert everywhere == 0.3
    assert projection.values_in_rows("weight") == pytest.approx(np.array([0.3, 0.4, 0.3, 0.3]))


def test_a_wrong_value_of_one_connection_names_it(sim: Simulator) -> None:
    """The wrong sign, an unknown name and a text are refused at once, and nothing has changed."""
    cells = sim.Population(2, sim.IF_cond_exp(), label="cells")
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), label="made")

    with pytest.raises(InvalidWeightError, match=r"made: weight at connection 2 \(cell 0 to cell 1\) is -1.0"):
        projection[2].weight = -1.0
    with pytest.raises(UnknownParameterError, match=r"no parameter 'wieght'.*Did you mean 'weight'"):
        projection[2].wieght = 1.0
    with pytest.raises(ValueError, match=r"weight at connection 2 is 'strong'\. It must be a number"):
        projection[2].weight = "strong"
    assert projection.get("weight", "list", with_address=False) == [0.1] * 4


def test_connections_of_a_simulation_that_is_over_are_read_and_not_set() -> None:
    """After end() a connection has its weight; setting it is refused."""
    with Simulator(ReferenceBackend, timestep=0.1) as sim:
        cells = sim.Population(2, sim.IF_curr_exp())
        projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
        projection[1].weight = 0.2

    assert [connection.weight for connection in projection.connections] == [0.1, 0.2, 0.1, 0.1]
    with pytest.raises(StaleObjectError):
        projection[1].weight = 0.3
