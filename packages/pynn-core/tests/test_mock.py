"""``pyNN.mock``: invented data for any network, and one process that pretends to be among several."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN._hooks import doctor
from pyNN.errors import ConnectionError, InvalidIndexError, InvalidValueError, PyNNError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.space import Space


def test_each_cell_spikes_twice() -> None:
    """Cell k spikes at k and k + 5 ms, modulo the time of the run; signals have a value for every step."""
    with Simulator("mock", timestep=0.1) as sim:
        cells = sim.Population(4, sim.IF_cond_exp())
        cells.record(["spikes", "v"])
        sim.run(7.0)
        segment = cells.get_data().segments[0]

        trains = [sorted(train.magnitude.tolist()) for train in segment.spiketrains]
        assert trains == [[0.0, 5.0], [1.0, 6.0], [0.0, 2.0], [1.0, 3.0]]
        assert segment.analogsignals[0].shape == (71, 4)
        assert 0 <= segment.analogsignals[0].magnitude.min() < segment.analogsignals[0].magnitude.max() < 1


def test_one_of_several_processes_holds_every_second_cell() -> None:
    """With gather=False, two processes of two hold what one process has, each its own part of it."""
    parts = []
    for processes, rank in ((1, 0), (2, 0), (2, 1)):
        with Simulator("mock", timestep=0.1, num_processes=processes, rank=rank, seed=3) as sim:
            assert (sim.num_processes(), sim.rank()) == (processes, rank)
            cells, others = sim.Population(5, sim.IF_cond_exp()), sim.Population(4, sim.IF_cond_exp())
            made = sim.Projection(cells, others, sim.FixedProbabilityConnector(0.5))
            others.record("spikes")
            sim.run(10.0)
            trains = others.get_data(gather=False).segments[0].spiketrains
            rows = made.get("weight", "list", gather=False)
            parts.append((rows, [train.annotations["source_index"] for train in trains], others.local_size))

    whole, even, odd = parts
    assert sorted(even[0] + odd[0]) == sorted(whole[0]) and even[0] and odd[0]
    assert sorted(even[1] + odd[1]) == whole[1] == [0, 1, 2, 3] and (even[2], odd[2]) == (2, 2)
    with pytest.raises(InvalidValueError, match=r"rank is 2\. It must be a whole number from 0 to 1"):
        Simulator("mock").setup(num_processes=2, rank=2)


def test_state_may_be_told_to_be_another_process() -> None:
    """Tests written for PyNN 0.13 set ``state``; of a simulator with real processes it is refused."""
    with Simulator("mock", timestep=0.1) as sim:
        sim.state.num_processes, sim.state.mpi_rank = 2, 1
        assert (sim.num_processes(), sim.rank(), sim.Population(5, sim.IF_cond_exp()).local_size) == (2, 1, 2)
    with Simulator("reference", timestep=0.1) as sim, pytest.raises(PyNNError, match="those that mpiexec began"):
        sim.state.num_processes = 2


@pytest.mark.parametrize("name, says", [("mock", "2 spikes up"), ("reference", "fired 3 times")])
def test_the_doctor_expects_no_right_spikes_of_invented_ones(name: str, says: str) -> None:
    """A backend that makes its data up is well when it takes a network; all others must fire in time."""
    answer = doctor("pynn.backends", name)
    assert answer is not None and answer.startswith("ok: ") and says in answer


def test_simulators_without_objects_of_their_own_say_so() -> None:
    """hasattr tells whether population.native is there, under the old name too."""
    with Simulator("mock") as sim:
        cells = sim.Population(2, sim.IF_cond_exp())
        assert not hasattr(cells, "native") and not hasattr(cells, "node_collection")
        assert not hasattr(cells[0], "native")


def test_a_cell_that_does_not_exist_is_a_connection_error(sim: Simulator) -> None:
    """A list with an index outside the group names its first row, as the error that PyNN 0.13 raises."""
    pre, post = sim.Population(4, sim.IF_cond_exp()), sim.Population(5, sim.IF_cond_exp())
    with pytest.raises(InvalidIndexError, match=r"row 1\)? is 5") as caught:
        sim.Projection(pre, post, sim.FromListConnector([(0, 0, 0.1, 0.5), (5, 1, 0.1, 0.5)]))
    assert isinstance(caught.value, ConnectionError)


def test_axes_on_which_nothing_lies_apart_cost_nothing_and_change_nothing() -> None:
    """Distances of a line and of a plane are the same whether or not the empty axes are left out."""
    line, plane = np.zeros((5, 3)), np.zeros((4, 3))
    line[:, 0], plane[:, :2] = np.arange(5.0), [[1.0, 2.0], [0.5, 0.0], [3.0, 3.0], [7.0, -2.0]]
    i, j = np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5)
    for space, apart in ((Space(), (0, 1)), (Space("xz"), (0,)), (Space(offset=[0.0, 0.0, 1.0]), (0, 1, 2))):
        assert space.axes_apart(line, plane) == apart
        lazy = space.along_axes(lambda axis: (line[i, axis], plane[j, axis]), 20, apart)
        assert np.array_equal(lazy, space.pairwise(line[i], plane[j]))


@pytest.mark.parametrize("plastic", [False, True], ids=["static", "plastic"])
def test_synapses_take_drawn_values_and_arrays(plastic: bool) -> None:
    """set() with a distribution, a matrix and a list gives every connection its own value, which get() tells."""
    with Simulator("mock") as sim:
        cells = sim.Population(6, sim.IF_cond_exp())
        synapse = sim.TsodyksMarkramSynapse(weight=0.1) if plastic else sim.StaticSynapse(weight=0.1)
        made = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.5), synapse)

        made.set(weight=RandomDistribution("gamma", (1.0, 0.1)))
        drawn = made.get("weight", "list", with_address=False)
        made.set(weight=np.arange(36.0).reshape(6, 6))
        matrix = made.get("weight", "array")
        made.set(weight=np.linspace(0.0, 1.0, len(made)))

        assert len(set(drawn)) == len(made) > 10
        assert np.array_equal(matrix[~np.isnan(matrix)], np.arange(36.0).reshape(6, 6)[~np.isnan(matrix)])
        assert sorted(made.get("weight", "list", with_address=False)) == pytest.approx(np.linspace(0.0, 1.0, len(made)))
