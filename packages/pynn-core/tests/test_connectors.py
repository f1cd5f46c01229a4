"""Connectors beyond the first: what each connects, from which random numbers, and connectors of a script's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN import connectors
from pyNN.connectors.base import Ends
from pyNN.core import IndexBasedExpression
from pyNN.errors import ConnectionError, InvalidDimensionsError
from pyNN.parameters import LazyArray
from pyNN.random import RandomDistribution, WrappedRNG
from pyNN.simulator import Simulator
from pyNN.space import Grid2D, Line, Space


class Counting(WrappedRNG):
    """Gives 0, 1, 2 … times ``step``: a script's own generator, whose order of draws can be seen."""

    def __init__(self, step: float) -> None:
        super().__init__()
        self.step, self.count = step, 0

    def _next(self, distribution: str, n: int, parameters: Any) -> Any:
        first, self.count = self.count, self.count + n
        return (first + np.arange(n)) * self.step

    def permutation(self, items: Any) -> Any:
        """Backwards."""
        return np.asarray(items)[::-1]


def pairs(sim: Simulator, connector: Any, n_pre: int = 4, n_post: int = 5, same: bool = False, **values: Any) -> Any:
    """The projection between lines of cells."""
    post = sim.Population(n_post, sim.IF_curr_exp(), structure=Line())
    pre = post if same else sim.Population(n_pre, sim.IF_curr_exp(), structure=Line())
    return sim.Projection(pre, post, connector, sim.StaticSynapse(**{"weight": 1.0, "delay": 1.0, **values}))


def found(projection: Any) -> list[tuple[int, int]]:
    """Pairs of indices, in the order of get()."""
    return [(i, j) for i, j, _ in projection.get("weight", "list")]


def test_an_array_connects_where_it_is_true(sim: Simulator) -> None:
    """ArrayConnector takes exactly the true pairs; another shape is refused."""
    wanted = np.array([[0, 1, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]], dtype=bool)

    made = pairs(sim, sim.ArrayConnector(wanted), 3, 4)

    assert found(made) == [(1, 0), (0, 1), (1, 1), (0, 2), (2, 2), (1, 3)]
    with pytest.raises(InvalidDimensionsError, match=r"array has shape \(3, 4\)"):
        pairs(sim, sim.ArrayConnector(wanted), 4, 4)


def test_a_clone_has_the_pairs_of_the_other_projection_and_values_of_its_own(sim: Simulator) -> None:
    """CloneConnector copies who is connected, as often; other cells are refused."""
    first = pairs(sim, sim.FromListConnector([(0, 0, 5.0, 1.0), (3, 0, 5.0, 1.0), (2, 3, 5.0, 1.0), (2, 3, 6.0, 1.0)]))

    clone = sim.Projection(first.pre, first.post, sim.CloneConnector(first), sim.StaticSynapse(weight=2.0))

    assert found(clone) == found(first) and set(clone.get("weight", "list", with_address=False)) == {2.0}
    with pytest.raises(ConnectionError, match="presynaptic cells"):
        sim.Projection(first.post, first.post, sim.CloneConnector(first))


def test_a_long_list_comes_in_pieces_that_hold_all_rows_of_a_target() -> None:
    """150 000 rows, most of them of one cell, come each once, sorted, and no target lies in two pieces."""
    rng = np.random.default_rng(3)
    post = np.where(rng.random(150_000) < 0.6, 2, rng.integers(0, 40, 150_000))
    table = np.column_stack([rng.integers(0, 9, 150_000), post, rng.random(150_000), np.full(150_000, 2.0)])
    connector = connectors.FromListConnector(table)

    with Simulator("reference") as sim:
        pre, target = sim.Population(9, sim.IF_curr_exp()), sim.Population(40, sim.IF_curr_exp())
        parts = list(connector.plan(Ends(pre, target, Space(), pre.identity, "list")).rows())
    seen = [set(part.post.tolist()) for part in parts]
    rows = np.concatenate([np.column_stack([part.pre, part.post, part.columns["weight"]]) for part in parts])

    assert len(parts) > 2 and sum(map(len, seen)) == len(set.union(*seen))
    assert np.array_equal(rows, table[np.lexsort((table[:, 0], table[:, 1])), :3])
    assert max(map(len, parts)) > 80_000 and all(part.columns["delay"].min() == 2.0 for part in parts)


@pytest.mark.parametrize("synapse", ["StaticSynapse", "ElectricalSynapse"])
def test_a_list_may_be_empty_whatever_its_columns_are_called(sim: Simulator, synapse: str) -> None:
    """No connection is a projection too, and the network runs."""
    cells = sim.Population(3, sim.IF_curr_exp())

    made = sim.Projection(cells, cells, sim.FromListConnector([], column_names=["weight"]), sim.names[synapse]())
    sim.run(1.0)

    assert len(made) == 0 and made.get("weight", "list") == []


def test_a_file_lists_connections_under_the_names_of_its_header(sim: Simulator, tmp_path: Path) -> None:
    """FromFileConnector reads what Projection.save wrote, value for value; a file that is not there is named."""
    made = pairs(sim, sim.AllToAllConnector(), weight=RandomDistribution("uniform", (0.0, 1.0)))
    made.save(["weight", "delay"], tmp_path / "connections.txt")

    read = sim.Projection(made.pre, made.post, sim.FromFileConnector(str(tmp_path / "connections.txt")))

    assert read.get(["weight", "delay"], "list") == made.get(["weight", "delay"], "list")
    with pytest.raises(ConnectionError, match=r"no file '.*absent.txt'"):
        sim.Projection(made.pre, made.post, sim.FromFileConnector(str(tmp_path / "absent.txt")))


def test_functions_of_indices_and_displacements_decide_pairs_and_values(sim: Simulator) -> None:
    """Probabilities of 0 and 1 connect exactly the pairs that the function says; values may be functions too."""

    class Third(IndexBasedExpression):
        def __call__(self, i: Any, j: Any) -> Any:
            return ((i + j) % 3 == 0).astype(float)

    class Product(IndexBasedExpression):
        def __call__(self, i: Any, j: Any) -> Any:
            return i * j + 1.0

    by_index = pairs(sim, sim.IndexBasedProbabilityConnector(Third()), 5, 5, weight=Product())
    grid = sim.Population(9, sim.IF_curr_exp(), structure=Grid2D())
    to_the_right = sim.DisplacementDependentProbabilityConnector(lambda d: (d[0] == 1.0) * (d[1] == 0.0) * 1.0)
    by_place = sim.Projection(grid, grid, to_the_right)

    assert by_index.get("weight", "list") == [
        (i, j, i * j + 1.0) for j in range(5) for i in range(5) if (i + j) % 3 == 0
    ]
    assert found(by_place) == [(0, 3), (1, 4), (2, 5), (3, 6), (4, 7), (5, 8)]


def test_a_fixed_total_number_is_that_many_of_the_allowed_pairs(sim: Simulator) -> None:
    """n pairs in all; without replacement all differ, and without self-connections none is a cell onto itself."""
    many = pairs(sim, sim.FixedTotalNumberConnector(200))
    different = pairs(sim, sim.FixedTotalNumberConnector(15, with_replacement=False))
    alone = pairs(sim, sim.FixedTotalNumberConnector(20, False, with_replacement=False), 5, 5, same=True)

    assert len(many) == 200 and len(set(found(many))) == 20
    assert len(set(found(different))) == 15
    assert sorted(found(alone)) == [(i, j) for i in range(5) for j in range(5) if i != j]


def test_a_small_world_without_rewiring_is_the_neighbourhood(sim: Simulator) -> None:
    """Below ``degree`` all are connected; with rewiring = 1 as many, elsewhere; n_connections bounds the out-degree."""
    local = pairs(sim, sim.SmallWorldConnector(1.5, 0.0, allow_self_connections=False), 6, 6, same=True)
    moved = pairs(sim, sim.SmallWorldConnector(20.5, 1.0), 40, 40)
    few = pairs(sim, sim.SmallWorldConnector(20.5, 0.0, n_connections=3), 40, 40)

    assert sorted(found(local)) == [(i, j) for i in range(6) for j in range(6) if abs(i - j) == 1]
    near = sum(min(i, 20) + min(39 - i, 20) + 1 for i in range(40))
    assert len(moved) == near and max(abs(i - j) for i, j in found(moved)) > 20
    assert np.bincount([i for i, _ in found(few)]).tolist() == [3] * 40


def test_without_mutual_connections_each_pair_of_cells_has_one(sim: Simulator) -> None:
    """allow_self_connections="NoMutual" leaves the connection from the later cell to the earlier."""
    made = pairs(sim, sim.AllToAllConnector(allow_self_connections="NoMutual"), 4, 4, same=True)

    assert sorted(found(made)) == [(i, j) for i in range(4) for j in range(4) if i > j]


def test_connection_sets_of_csa_bring_pairs_and_values(sim: Simulator) -> None:
    """A mask gives pairs; a set with two values gives weights and delays."""
    csa = pytest.importorskip("csa", reason="needs csa: pip install csa")

    mask = pairs(sim, sim.CSAConnector(csa.oneToOne), 4, 5)
    valued = pairs(sim, sim.CSAConnector(csa.cset(csa.oneToOne, 0.25, 2.0)), 4, 5)

    assert found(mask) == [(k, k) for k in range(4)]
    assert valued.get(["weight", "delay"], "list") == [(k, k, 0.25, 2.0) for k in range(4)]


def test_a_generator_of_the_scripts_own_draws_targets_outermost(sim: Simulator) -> None:
    """A WrappedRNG decides every draw, in the order target by target, whether of pairs or of values."""
    by_chance = pairs(sim, sim.FixedProbabilityConnector(0.85, rng=Counting(0.1)))
    drawn = pairs(sim, sim.AllToAllConnector(), weight=RandomDistribution("uniform", (0, 1), rng=Counting(1.0)))
    chosen = pairs(sim, sim.FixedNumberPreConnector(2, rng=Counting(1.0)))

    assert found(by_chance) == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1), (1, 1), (2, 1), (3, 1), (0, 2)]
    assert drawn.get("weight", "array").T.ravel().tolist() == [float(k) for k in range(20)]
    assert found(chosen) == [(i, j) for j in range(5) for i in (2, 3)]


def test_connectors_of_a_scripts_own_connect_what_they_ask_for(sim: Simulator) -> None:
    """A subclass with ``connect`` makes its rows through the projection it is given, values included, or is refused."""

    class Ring(connectors.Connector):
        def connect(self, projection: Any) -> None:
            for j in range(projection.post.size):
                projection._convergent_connect([(j - 1) % projection.pre.size], j, weight=float(j))

    class Upper(connectors.MapConnector):
        def connect(self, projection: Any) -> None:
            self._connect_with_map(projection, LazyArray(lambda i, j: i < j, shape=projection.shape))

    class Beyond(connectors.Connector):
        def connect(self, projection: Any) -> None:
            projection._convergent_connect([7], 0)

    ring, upper = pairs(sim, Ring(), 5, 5), pairs(sim, Upper(), 3, 3)

    assert ring.get(["weight", "delay"], "list") == [((j - 1) % 5, j, float(j), 1.0) for j in range(5)]
    assert found(upper) == [(0, 1), (0, 2), (1, 2)]
    with pytest.raises(ConnectionError, match="asks for source 7, but there are 4 sources"):
        pairs(sim, Beyond())


def test_a_shared_seed_gives_one_network_whatever_else_is_made(sim: Simulator) -> None:
    """Total numbers and small worlds are keyed: the same rows again, and the rows of the reference page."""
    first = [found(pairs(sim, make())) for make in _keyed(sim)]
    with Simulator("reference", timestep=0.1, seed=1) as other:
        other.Population(7, other.IF_curr_exp())
        again = [found(pairs(other, make())) for make in _keyed(other)]

    assert first == again
    assert first[0] == TOTAL_OF_SEED_1


TOTAL_OF_SEED_1 = [(1, 0), (0, 1), (0, 2), (1, 3), (1, 4), (2, 4)]  # by hand from the words of the stream


def _keyed(sim: Simulator) -> Any:
    return (
        lambda: sim.FixedTotalNumberConnector(6, with_replacement=False),
        lambda: sim.SmallWorldConnector(2.5, 0.3),
        lambda: sim.DistanceDependentProbabilityConnector("exp(-d / 2)"),
    )
