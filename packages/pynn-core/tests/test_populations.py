"""Populations, views, assemblies and cells."""

from __future__ import annotations

import numpy as np
import pytest
import quantities as pq
from pyNN.errors import InvalidValueError, NoSimulatorError, PyNNError, UnknownParameterError, WrongUnitError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator


def test_parameters_are_given_as_class_instance_or_both(sim: Simulator) -> None:
    """A class with a dictionary, an instance, and an instance with overrides make the same cells."""
    for cells in (
        sim.Population(3, sim.IF_curr_exp, {"tau_m": 12.0}),
        sim.Population(3, sim.IF_curr_exp(tau_m=12.0)),
        sim.Population(3, sim.IF_curr_exp(tau_m=11.0), {"tau_m": 12.0}),
    ):
        assert cells.get("tau_m") == 12.0
        assert cells.get("cm") == 1.0


def test_views_of_views_and_assemblies_reach_the_same_cells(sim: Simulator) -> None:
    """Setting through a view of a view, or an assembly of views, changes exactly those cells."""
    cells = sim.Population(10, sim.IF_curr_exp(), label="cells")
    others = sim.Population(4, sim.IF_curr_exp(), label="others")

    cells[2:8][[1, 3]].set(tau_m=[11.0, 12.0])
    both = cells[0:2] + others[[3]]
    both.set(cm=[0.1, 0.2, 0.3])

    assert list(cells.get("tau_m")[[3, 5]]) == [11.0, 12.0]
    assert (cells.get("tau_m") == 20.0).sum() == 8
    assert list(cells.get("cm")[:3]) == [0.1, 0.2, 1.0]
    assert list(others.get("cm")) == [1.0, 1.0, 1.0, 0.3]
    assert list(both.get("cm")) == [0.1, 0.2, 0.3]


def test_selectors_are_slices_indices_masks_and_cells(sim: Simulator) -> None:
    """Each kind of selector gives the cells that it names; a wrong one is refused with a sentence."""
    cells = sim.Population(5, sim.IF_curr_exp())
    ids = list(cells.all_cells)

    assert list(cells[1:4].all_cells) == ids[1:4]
    assert list(cells[np.array([True, False, True, False, False])].all_cells) == [ids[0], ids[2]]
    assert list(cells[[4, 0]].all_cells) == [ids[4], ids[0]]
    assert list(cells[[cells[3], cells[1]]].all_cells) == [ids[3], ids[1]]
    assert list(cells[-2:].all_cells) == ids[-2:]
    assert cells[-1] == ids[-1]
    with pytest.raises(IndexError, match="none has index 7"):
        cells[[1, 7]]
    with pytest.raises(PyNNError, match="cannot hold one cell twice"):
        cells[[1, 1]]
    with pytest.raises(PyNNError, match="mask has shape"):
        cells[np.array([True, False])]


def test_cells_have_their_parameters_as_attributes(sim: Simulator) -> None:
    """``cell.tau_m = x`` changes one cell; an unknown name is refused."""
    cells = sim.Population(3, sim.IF_curr_exp())

    cells[1].tau_m = 15.0
    cells[2].set_parameters(cm=0.5)

    assert list(cells.get("tau_m")) == [20.0, 15.0, 20.0]
    assert cells[2].get_parameters()["cm"] == 0.5
    assert cells.id_to_index(cells[1]) == 1
    with pytest.raises(AttributeError, match=r"no parameter or state variable 'tau_x'\. It has: cm, .* mean 'tau_m'"):
        _ = cells[0].tau_x


def test_values_are_numbers_arrays_functions_and_draws(sim: Simulator) -> None:
    """A parameter may be a number, a list, a function of the index, a distribution, or a quantity in any unit."""
    cells = sim.Population(4, sim.IF_curr_exp(tau_m=lambda i: 10.0 + i, cm=[0.1, 0.2, 0.3, 0.4]))
    cells.set(v_rest=-0.07 * pq.V, tau_refrac=RandomDistribution("uniform", (1.0, 2.0)))

    assert list(cells.get("tau_m")) == [10.0, 11.0, 12.0, 13.0]
    assert cells.get("v_rest") == pytest.approx(-70.0)
    assert ((cells.get("tau_refrac") >= 1.0) & (cells.get("tau_refrac") <= 2.0)).all()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("tau_m", 0.020 * pq.s, 20.0),
        ("cm", 200.0 * pq.pF, 0.2),
        ("i_offset", 100.0 * pq.pA, 0.1),
        ("v_rest", -0.06 * pq.V, -60.0),
    ],
)
def test_quantities_are_converted(sim: Simulator, name: str, value: object, expected: float) -> None:
    """A quantity means what it says: 0.020 s is 20 ms."""
    assert sim.Population(1, sim.IF_curr_exp(**{name: value})).get(name) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tau_m": 20.0 * pq.mV}, r"tau_m is given in mV.*Give it in ms"),
        ({"tau_m": 0.0}, r"tau_m is 0\.0\. It must be a finite number above 0"),
        ({"tau_m": -5.0}, "above 0"),
        ({"tau_m": "20.0"}, r"tau_m is '20\.0'. It must be a number"),
        ({"tau_m": float("nan")}, "nan"),
        ({"cm": True}, "must be a number"),
        ({"tau_m": [1.0, 2.0]}, r"has shape \(2,\)"),
        ({"v_thresh": -70.0}, r"v_reset is -65\.0\. It must be below v_thresh = -70"),
        ({"tau_k": 1.0}, "Did you mean 'tau_m'"),
    ],
)
def test_unusable_parameters_are_refused(sim: Simulator, parameters: dict[str, object], message: str) -> None:
    """NaN, wrong unit, shape, range or type, and parameters that contradict each other."""
    with pytest.raises((InvalidValueError, WrongUnitError, UnknownParameterError, ValueError), match=message):
        sim.Population(3, sim.IF_curr_exp(**parameters), label="cells")

    assert sim.populations == []


def test_spike_times_take_every_form(sim: Simulator) -> None:
    """One list for all, one for each cell, Sequences, a function; negative and NaN times are refused with the cell."""
    same = sim.Population(2, sim.SpikeSourceArray(spike_times=[1.0, 2.0]))
    each = sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0], [2.0, 3.0]]))
    sequences = sim.Population(2, sim.SpikeSourceArray(spike_times=[sim.Sequence([1.0]), sim.Sequence([])]))
    made = sim.Population(2, sim.SpikeSourceArray(spike_times=lambda i: [10.0 * i]))

    assert [list(row) for row in same.get("spike_times", simplify=False)] == [[1.0, 2.0], [1.0, 2.0]]
    assert [list(row) for row in each.get("spike_times")] == [[1.0], [2.0, 3.0]]
    assert [list(row) for row in sequences.get("spike_times")] == [[1.0], []]
    assert [list(row) for row in made.get("spike_times")] == [[0.0], [10.0]]
    with pytest.raises(InvalidValueError, match=r"spike_times of cell 1 is -5\.0"):
        sim.Population(2, sim.SpikeSourceArray(spike_times=[[1.0], [-5.0]]))
    with pytest.raises(InvalidValueError, match="nan"):
        each.set(spike_times=[[1.0], [float("nan")]])


def test_nothing_is_made_without_a_simulation() -> None:
    """Before setup and after end, one sentence says what to call."""
    from pyNN._reference import ReferenceBackend

    simulator = Simulator(ReferenceBackend)
    with pytest.raises(NoSimulatorError, match=r"Call setup\(\) first"):
        simulator.Population(1, simulator.IF_curr_exp())


def test_positions_come_from_the_structure(sim: Simulator) -> None:
    """Cells lie along a line by default, in a grid or a ball where told; the nearest cell is found."""
    line = sim.Population(3, sim.IF_curr_exp())
    grid = sim.Population(6, sim.IF_curr_exp(), structure=sim.Grid2D(aspect_ratio=1.5, dx=10.0, dy=10.0))
    ball = sim.Population(500, sim.IF_curr_exp(), structure=sim.RandomStructure(sim.Sphere(5.0)))

    assert line.positions.tolist() == [[0.0, 1.0, 2.0], [0.0] * 3, [0.0] * 3]
    assert sorted(set(grid.positions[0])) == [0.0, 10.0, 20.0]
    assert grid.nearest((19.0, 11.0, 0.0)) == grid[5]
    assert np.sqrt((ball.positions**2).sum(axis=0)).max() <= 5.0
    assert np.allclose(ball.positions.mean(axis=1), 0.0, atol=4 * 5.0 / np.sqrt(5 * 500))


def test_spike_times_of_some_cells_replace_those_and_no_others(sim: Simulator) -> None:
    """A view of any cells in any order, and rows of any length: each cell has its own times afterwards."""
    draws = np.random.default_rng(3)
    for size in (1, 2, 7):
        times = [np.sort(draws.uniform(1.0, 9.0, draws.integers(0, 4))) for _ in range(size)]
        sources = sim.Population(size, sim.SpikeSourceArray(spike_times=times))
        for _ in range(5):
            chosen = draws.permutation(size)[: draws.integers(1, size + 1)]
            given = [np.sort(draws.uniform(1.0, 9.0, draws.integers(0, 4))) for _ in chosen]
            view = sources[chosen]
            view.set(spike_times=[given[list(chosen).index(sources.id_to_index(cell))] for cell in view])
            for cell, new in zip(chosen, given, strict=True):
                times[cell] = new

        assert [list(row.value) for row in sources.get("spike_times", simplify=False)] == [list(row) for row in times]
