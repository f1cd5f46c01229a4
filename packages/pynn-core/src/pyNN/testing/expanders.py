"""Tests that every expander of connection rules passes: its rows are those that PyNN makes with NumPy, to the bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.expander import CHUNK, Expander
from cawan.kit import Kit
from cawan.simulator import Array, Block, Draw, Edges, NativeModel, Rule, Tag, Wiring

from pyNN._mock.backend import MockBackend
from pyNN.projections import expanding
from pyNN.random import RandomDistribution
from pyNN.random.streams import Substreams
from pyNN.simulator import Simulator
from pyNN.testing.base import KitTests

DRAWS: Mapping[str, tuple[float, ...]] = {
    "binomial": (9, 0.3), "gamma": (2.5, 0.1), "exponential": (0.2,), "lognormal": (-1.0, 0.4), "normal": (5.0, 0.2),
    "normal_clipped": (0.5, 0.4, 0.1, 0.9), "normal_clipped_to_boundary": (0.5, 0.4, 0.1, 0.9), "poisson": (3.0,),
    "uniform": (0.1, 0.7), "uniform_int": (2, 40), "vonmises": (1.0, 1e4),
}  # fmt: skip
CONNECTORS: Mapping[str, tuple[str, tuple[Any, ...], Mapping[str, Any]]] = {
    "all to all": ("AllToAllConnector", (), {}),
    "all to others": ("AllToAllConnector", (), {"allow_self_connections": False}),
    "all to earlier": ("AllToAllConnector", (), {"allow_self_connections": "NoMutual"}),
    "one to one": ("OneToOneConnector", (), {}),
    "p = 0.1": ("FixedProbabilityConnector", (0.1,), {}),
    "p = 0.1 to others": ("FixedProbabilityConnector", (0.1,), {"allow_self_connections": False}),
    "p = 0.5, to earlier": ("FixedProbabilityConnector", (0.5,), {"allow_self_connections": "NoMutual"}),
    "p = 1": ("FixedProbabilityConnector", (1.0,), {}),
    "p = 0": ("FixedProbabilityConnector", (0.0,), {}),
    "p near 1": ("FixedProbabilityConnector", (1.0 - 2.0**-53,), {}),
    "in-degree": ("FixedNumberPreConnector", (9,), {}),
    "in-degree without itself": ("FixedNumberPreConnector", (9,), {"allow_self_connections": False}),
    "in-degree of most": ("FixedNumberPreConnector", (61,), {"allow_self_connections": False}),
    "in-degree above all": ("FixedNumberPreConnector", (170,), {"allow_self_connections": False}),
    "in-degree with replacement": ("FixedNumberPreConnector", (70,), {"with_replacement": True}),
    "drawn in-degree": ("FixedNumberPreConnector", (RandomDistribution("poisson", (6,)),), {}),
    "out-degree": ("FixedNumberPostConnector", (9,), {}),
    "out-degree without itself": ("FixedNumberPostConnector", (9,), {"allow_self_connections": False}),
    "out-degree with replacement": ("FixedNumberPostConnector", (70,), {"with_replacement": True}),
    "drawn out-degree": ("FixedNumberPostConnector", (RandomDistribution("poisson", (6,)),), {}),
    "total": ("FixedTotalNumberConnector", (300,), {"with_replacement": False, "allow_self_connections": False}),
    "total with replacement": ("FixedTotalNumberConnector", (300,), {"with_replacement": True}),
}
GROUPS = ("one population", "two populations", "views", "assemblies")


class Noting(MockBackend):
    """Notes the wirings that it is given."""

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Note one wiring."""
        self.noted: list[Wiring] = [*getattr(self, "noted", ()), wiring]
        return super().connect(model, pre, post, receptor, wiring, tag)


class ExpanderKit(Kit):
    """All tests; set ``expander`` to the class under test. Rules that it does not take are skipped."""

    __test__ = False
    expander: ClassVar[type[Expander]]

    expect_failure = staticmethod(KitTests.expect_failure)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__test__ = True

    @pytest.mark.parametrize("which", GROUPS)
    @pytest.mark.parametrize("drawn", [False, True], ids=["shared", "drawn"])
    @pytest.mark.parametrize("connector", CONNECTORS)
    def test_rows_are_those_of_numpy(self, connector: str, drawn: bool, which: str) -> None:
        """Each rule between each kind of groups gives the rows, and the values, that PyNN makes."""
        weight: Any = RandomDistribution("normal_clipped", (0.2, 0.1), low=0.0) if drawn else 0.25
        delay: Any = RandomDistribution("uniform", (0.5, 4.0)) if drawn else 1.5
        number = sum([self.compare(wiring) for wiring in wirings(connector, which, weight=weight, delay=delay)])

        assert (number == 0) == (connector == "p = 0")

    @pytest.mark.parametrize("distribution", DRAWS)
    @pytest.mark.parametrize("connector", ["p = 0.5, to earlier", "in-degree with replacement", "out-degree", "total"])
    def test_values_are_those_that_numpy_draws(self, connector: str, distribution: str) -> None:
        """Values of every distribution are drawn from the same substreams by the same routines."""
        weight = RandomDistribution(distribution, DRAWS[distribution])
        number = sum([self.compare(wiring) for wiring in wirings(connector, "assemblies", weight=weight, delay=1.5)])

        assert number > 50

    def test_delays_lie_on_the_clock_within_their_limits(self) -> None:
        """A draw becomes the nearest step that is not outside the limits, and is scaled after that."""
        rule = plain(40, 30, delay=Draw("normal", {"mu": 1.0, "sigma": 0.8}, 7, 10.0, 0.1, 5.0, 15.0))
        steps = np.clip(np.rint(normals(7, 30, 40, 1.0, 0.8) / 0.1), 5.0, 15.0)

        assert np.array_equal(joined(self.rows(rule)).values["delay"], steps * 0.1 * 10.0)

    def test_rows_of_other_blocks_are_left_out(self) -> None:
        """Cells of row -1 are counted and their values drawn, but their rows are not given."""
        pre, post = np.arange(40) + 100, np.arange(30) + 200
        whole = plain(40, 30, weight=Draw("normal", {"mu": 1.0, "sigma": 0.8}, 7))
        for kind in ("all_to_all", "fixed_probability", "fixed_number_pre", "fixed_number_post"):
            rule = replace(whole, kind=kind, pre=pre, post=post)
            all_rows = joined(self.rows(rule))
            some = replace(rule, pre=np.where(pre % 3, pre, -1), post=np.where(post % 4, post, -1))
            kept = (all_rows.pre % 3 > 0) & (all_rows.post % 4 > 0)
            expected = Edges(all_rows.pre[kept], all_rows.post[kept], {"weight": all_rows.values["weight"][kept]})

            assert same(joined(self.rows(some)), expected), kind

    def test_chunks_are_small(self) -> None:
        """No chunk has more than 10**6 rows, also of one target that has more; every row comes once."""
        rule = plain(1_200_000, 2, weight=Draw("normal", {"mu": 1.0, "sigma": 0.8}, 7))
        chunks = list(self.rows(rule))

        assert all(0 < len(edges.pre) <= CHUNK for edges in chunks)
        everything = joined(chunks)
        assert np.array_equal(everything.pre, np.tile(np.arange(1_200_000), 2))
        assert np.array_equal(everything.post, np.repeat([0, 1], 1_200_000))
        assert np.array_equal(everything.values["weight"], normals(7, 2, 1_200_000, 1.0, 0.8))

    def test_rules_may_be_expanded_in_turns_and_again(self) -> None:
        """Two expansions of one object, a chunk of each in turns, do not disturb each other or their rule."""
        rule = plain(1000, 1500, weight=Draw("normal", {"mu": 1.0, "sigma": 0.8}, 7))
        for array in (rule.pre, rule.post):
            array.flags.writeable = False
        expander = self.expander()
        if not expander.takes(rule):
            pytest.skip(f"does not take {rule.kind}")
        pairs = list(zip(expander.expand(rule), expander.expand(rule), strict=True))

        assert len(pairs) > 1
        assert same(joined(mine for mine, _ in pairs), joined(other for _, other in pairs))

    def test_unknown_rules_are_not_taken(self) -> None:
        """A kind or a distribution that the reference does not define is left to others; some rule is taken."""
        kinds = ("all_to_all", "one_to_one", "fixed_probability", "fixed_number_pre", "fixed_number_post")
        rule, expander = plain(4, 4, weight=Draw("normal", {"mu": 1.0, "sigma": 0.8}, 7)), self.expander()

        assert any(expander.takes(replace(rule, kind=kind)) for kind in kinds)
        assert not expander.takes(replace(rule, kind="fixed_everything"))
        assert not expander.takes(replace(rule, draws={"weight": Draw("no_such_distribution", {}, 7)}))

    def rows(self, rule: Rule) -> Iterable[Edges]:
        """What the expander makes of it."""
        expander = self.expander()
        if not expander.takes(rule):
            pytest.skip(f"does not take {rule.kind}")
        return expander.expand(rule)

    def compare(self, wiring: Wiring) -> int:
        """Require that the rows of a wiring's rule are those of its chunks, and count them."""
        assert wiring.rule is not None
        ours = joined(self.rows(wiring.rule))
        with expanding.using():
            theirs = joined(wiring.chunks())

        assert same(ours, theirs)
        return len(theirs.pre)


def wirings(connector: str, which: str, **values: Any) -> list[Wiring]:
    """What a backend is given of one projection."""
    name, arguments, options = CONNECTORS[connector]
    with Simulator(Noting, timestep=0.1, seed=7) as sim, expanding.using():
        pre, post = groups(sim, which)
        sim.Projection(pre, post, getattr(sim, name)(*arguments, **options), sim.StaticSynapse(**values))
        backend = sim.backend
        assert isinstance(backend, Noting)
        return backend.noted


def groups(sim: Simulator, which: str) -> tuple[Any, Any]:
    """Sources and targets; many of them are in both, except of two populations."""
    cells = sim.Population(67, sim.IF_curr_exp(), label="a")
    if which == "one population":
        return cells, cells
    others = sim.Population(130, sim.IF_curr_exp(), label="b")
    if which == "two populations":
        return cells, others
    if which == "views":
        return cells[5:60], cells[[64, 3, 40, 41, 12, 66, 20, 21, 22]]
    return cells[3:50] + others, others[10:99] + cells


def plain(sources: int, targets: int, **draws: Draw) -> Rule:
    """All to all, with the parameters that other kinds need."""
    parameters = {"p_connect": 0.3, "n": 5.0, "with_replacement": 0.0, "allow_mutual_connections": 1.0}
    return Rule("all_to_all", parameters, np.arange(sources), np.arange(targets), 3, draws)


def normals(key: int, targets: int, each: int, mu: float, sigma: float) -> Array:
    """Draws from the substream of each target, as NumPy's generator gives them."""
    source = Substreams(key)
    return np.concatenate([source.generator(j).normal(mu, sigma, each) for j in range(targets)])


def joined(chunks: Iterable[Edges]) -> Edges:
    """All chunks as one."""
    parts = list(chunks)
    none = np.empty(0, np.int64)
    names = parts[0].values if parts else ()
    return Edges(
        np.concatenate([none, *(edges.pre for edges in parts)]),
        np.concatenate([none, *(edges.post for edges in parts)]),
        {name: np.concatenate([edges.values[name] for edges in parts]) for name in names},
    )


def same(ours: Edges, theirs: Edges) -> bool:
    """Whether two tables of rows are the same to the bit; an empty one needs no columns."""
    if not (np.array_equal(ours.pre, theirs.pre) and np.array_equal(ours.post, theirs.post)):
        return False
    if not len(ours.pre):
        return True
    return ours.values.keys() == theirs.values.keys() and all(
        np.array_equal(ours.values[name], theirs.values[name]) for name in theirs.values
    )
