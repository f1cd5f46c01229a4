"""Projections: who is connected, with what, and how it is read and changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN.errors import ConnectionError, InvalidValueError, PyNNError, ReceptorTypeError
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.simulator import Simulator


def test_lists_are_sorted_by_target_with_whole_indices(sim: Simulator) -> None:
    """get(…, "list") gives tuples of int, int, float, by target and then source, as PyNN's tests demand."""
    a, b = sim.Population(3, sim.IF_curr_exp()), sim.Population(2, sim.IF_curr_exp())
    rows = [(2, 0, 0.3, 1.0), (0, 1, 0.2, 2.0), (0, 0, 0.1, 1.5)]
    projection = sim.Projection(a, b, sim.FromListConnector(rows))

    found = projection.get(["weight", "delay"], "list")

    assert found == [(0, 0, 0.1, 1.5), (2, 0, 0.3, 1.0), (0, 1, 0.2, 2.0)]
    assert [type(x) for x in found[0]] == [int, int, float, float]
    assert projection.get("weight", "list", with_address=False) == [0.1, 0.3, 0.2]


def test_arrays_have_nan_where_nothing_is_and_join_doubles(sim: Simulator) -> None:
    """get(…, "array") is NaN without a connection; several of one pair are joined as asked."""
    a = sim.Population(2, sim.IF_curr_exp())
    rows = [(0, 0, 0.1, 1.0), (0, 0, 0.3, 1.0), (1, 0, 0.5, 1.0)]
    projection = sim.Projection(a, a, sim.FromListConnector(rows))

    for how, expected in (("sum", 0.4), ("min", 0.1), ("max", 0.3), ("first", 0.1), ("last", 0.3)):
        array = projection.get("weight", "array", multiple_synapses=how)
        assert array[0, 0] == pytest.approx(expected) and array[1, 0] == 0.5
        assert np.isnan(array[:, 1]).all()
    with pytest.raises(PyNNError, match="multiple_synapses is 'mean'"):
        projection.get("weight", "array", multiple_synapses="mean")


@pytest.mark.parametrize("replace", [False, True])
def test_fixed_numbers_are_fixed(sim: Simulator, replace: bool) -> None:
    """Every target has n sources, every source n targets; without replacement they differ, self-connections go."""
    cells = sim.Population(20, sim.IF_curr_exp())
    options = {"allow_self_connections": False, "with_replacement": replace}
    into = np.array(sim.Projection(cells, cells, sim.FixedNumberPreConnector(7, **options)).get("weight", "list"))
    out = np.array(sim.Projection(cells, cells, sim.FixedNumberPostConnector(7, **options)).get("weight", "list"))

    assert np.bincount(into[:, 1].astype(int)).tolist() == [7] * 20
    assert np.bincount(out[:, 0].astype(int)).tolist() == [7] * 20
    for rows in (into, out):
        assert (rows[:, 0] != rows[:, 1]).all()
        assert replace or len(np.unique(rows[:, :2], axis=0)) == len(rows)


def test_probability_is_met(sim: Simulator) -> None:
    """Connections of FixedProbability are a binomial number, within four standard errors."""
    cells = sim.Population(300, sim.IF_curr_exp())
    size = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.1)).size()

    assert size == pytest.approx(9000, abs=4 * np.sqrt(90000 * 0.1 * 0.9))


def test_distance_decides_over_positions(sim: Simulator) -> None:
    """An expression in d connects near cells alone; a function and a periodic space do as they say."""
    cells = sim.Population(20, sim.IF_curr_exp())
    near = sim.Projection(cells, cells, sim.DistanceDependentProbabilityConnector("d <= 2"))
    ring = sim.Space(axes="x", periodic_boundaries=((0.0, 20.0), None, None))
    round_ = sim.Projection(cells, cells, sim.DistanceDependentProbabilityConnector(lambda d: d <= 2), space=ring)

    assert near.size() == 20 * 5 - 6
    assert round_.size() == 20 * 5
    with pytest.raises(InvalidValueError, match="probability"):
        sim.Projection(cells, cells, sim.DistanceDependentProbabilityConnector("d"))


def test_weights_are_numbers_arrays_draws_functions_and_expressions(sim: Simulator) -> None:
    """Every way to give a synapse parameter."""
    cells = sim.Population(4, sim.IF_curr_exp())
    matrix = np.arange(16.0).reshape(4, 4)

    def weights(value: object) -> np.ndarray:
        synapse = sim.StaticSynapse(weight=value, delay="0.5 + 0.1 * d")
        return np.array(sim.Projection(cells, cells, sim.AllToAllConnector(), synapse).get("weight", "array"))

    distance = np.abs(np.subtract.outer(np.arange(4), np.arange(4)))
    assert np.array_equal(weights(matrix), matrix)
    assert np.allclose(weights("exp(-d)"), np.exp(-distance))
    assert np.allclose(weights(lambda d: 2 * d), 2 * distance)
    assert len(np.unique(weights(RandomDistribution("uniform", (0.0, 1.0), rng=NumpyRNG(seed=4))))) == 16


def test_receptor_and_sign_are_one_rule(sim: Simulator) -> None:
    """None means the first receptor, the inhibitory one for a negative number on current-based cells."""
    curr, cond = sim.Population(2, sim.IF_curr_exp()), sim.Population(2, sim.IF_cond_exp())
    both = sim.Population(1, sim.IF_curr_exp()) + sim.Population(1, sim.IF_curr_exp())

    def receptor(target: object, weight: float) -> str:
        return str(
            sim.Projection(curr, target, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight)).receptor_type
        )

    assert receptor(curr, 0.1) == receptor(both, 0.1) == receptor(cond, 0.1) == "excitatory"
    assert receptor(curr, -0.1) == receptor(both, -0.1) == "inhibitory"
    with pytest.raises(InvalidValueError, match="0 or more"):
        receptor(cond, -0.1)
    with pytest.raises(ReceptorTypeError, match="Did you mean 'inhibitory'"):
        sim.Projection(curr, curr, sim.AllToAllConnector(), sim.StaticSynapse(), receptor_type="inhibitry")


def test_set_reaches_rows_in_every_form(sim: Simulator) -> None:
    """set takes a number, a matrix, a list in the order of get, and one connection at a time."""
    cells = sim.Population(3, sim.IF_curr_exp())
    projection = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))

    projection.set(weight=0.2)
    assert set(projection.get("weight", "list", with_address=False)) == {0.2}
    projection.set(weight=np.arange(9.0).reshape(3, 3))
    assert np.array_equal(projection.get("weight", "array"), np.arange(9.0).reshape(3, 3))
    projection.set(weight=list(np.linspace(0.1, 0.9, 9)))
    assert projection.get("weight", "list", with_address=False) == pytest.approx(np.linspace(0.1, 0.9, 9))
    projection[4].weight = 5.0
    assert projection[4].weight == 5.0 and projection[3].weight == pytest.approx(0.4)
    with pytest.raises(InvalidValueError, match=r"connection 2 \(cell 2 to cell 0\)"):
        projection.set(weight=[0.1, 0.1, float("nan"), *[0.1] * 6])


def test_assemblies_and_views_connect_as_their_cells(sim: Simulator) -> None:
    """Connecting assemblies of views gives the same rows as one population of those cells, and spikes arrive."""
    source = sim.Population(4, sim.SpikeSourceArray(spike_times=[[1.0], [2.0], [3.0], [4.0]]))
    a, b = sim.Population(3, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    group = a[1:3] + b[[0, 2]]
    projection = sim.Projection(
        source[[3, 0]] + source[[1]], group, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0)
    )
    sim.run(10.0)

    assert projection.size() == 12 and projection.shape == (3, 4)
    assert [len(set(map(float, sim.backend.get(p.block, ["v"])["v"]))) for p in (a, b)] == [2, 2]
    assert float(sim.backend.get(a.block, ["v"])["v"][0]) == pytest.approx(-65.0)


def test_lists_with_wrong_indices_or_columns_are_refused(sim: Simulator) -> None:
    """An index out of range, a ragged list and missing column names are each refused with the row."""
    cells = sim.Population(4, sim.IF_curr_exp())

    with pytest.raises(InvalidValueError, match=r"postsynaptic index at row 1 is 99\.0.*from 0 to 3"):
        sim.Projection(cells, cells, sim.FromListConnector([(0, 0, 0.1, 1.0), (0, 99, 0.1, 1.0)]))
    with pytest.raises(InvalidValueError, match=r"presynaptic index at row 0 is -1\.0"):
        sim.Projection(cells, cells, sim.FromListConnector([(-1, 0, 0.1, 1.0)]))
    with pytest.raises(ConnectionError, match="different lengths"):
        sim.FromListConnector([(0, 1), (0, 1, 2)])
    with pytest.raises(ConnectionError, match="needs 3 column names"):
        sim.FromListConnector([(0, 1, 0.1, 1.0, 0.5)])


def test_more_connections_than_cells_take_each_cell_equally_often(sim: Simulator, caplog: Any) -> None:
    """Without replacement, 10 of 4 cells are each cell twice and two of them once more; a warning says so once."""
    cells = sim.Population(4, sim.IF_curr_exp())

    made = sim.Projection(cells, cells, sim.FixedNumberPreConnector(10), sim.StaticSynapse(weight=1.0))

    counts = made.get("weight", "array")
    assert sorted(counts[:, 0]) == [2.0, 2.0, 3.0, 3.0]
    assert len(made) == 40
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_saved_connections_can_be_read_back(sim: Simulator, tmp_path: Path) -> None:
    """save writes a text file that FromListConnector takes again."""
    cells = sim.Population(5, sim.IF_curr_exp())
    weight = RandomDistribution("uniform", (0.0, 1.0))
    made = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.5), sim.StaticSynapse(weight=weight, delay=0.7))
    made.save(["weight", "delay"], tmp_path / "connections.txt")

    again = sim.Projection(cells, cells, sim.FromListConnector(np.loadtxt(tmp_path / "connections.txt")))

    assert again.get(["weight", "delay"], "list") == made.get(["weight", "delay"], "list")


def test_tsodyks_markram_state_is_read_from_the_simulation(sim: Simulator) -> None:
    """u and x change with the spikes, and are read in the order of the connections."""
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0], []]))
    cells = sim.Population(2, sim.IF_curr_exp())
    synapse = sim.TsodyksMarkramSynapse(weight=0.1, delay=1.0, U=0.4, tau_rec=100.0, tau_facil=50.0)
    projection = sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
    sim.run(5.0)

    assert projection.get("x", "array")[0] == pytest.approx([0.6, 0.6])
    assert projection.get("x", "array")[1] == pytest.approx([1.0, 1.0])
