"""Rules that the engine expands: the rows and values of the core's chunks, to the bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Block, NativeModel, Tag, Wiring
from native_networks import Result, balanced, result_of
from pyNN.projections import expanding
from pyNN.projections.projection import Projection
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.expanders import CONNECTORS, DRAWS, GROUPS, groups
from pynn_native import NativeBackend


class Chunked(NativeBackend):
    """The engine, told no rules: every row comes from the core, which makes it with NumPy."""

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Without the rule."""
        with expanding.using():
            return super().connect(model, pre, post, receptor, replace(wiring, rule=None), tag)


class Refusing(NativeBackend):
    """The engine, which may take no chunk: proves that a rule was there and was used."""

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Without chunks."""

        def none() -> Any:
            raise AssertionError("a chunk was asked for")

        return super().connect(model, pre, post, receptor, replace(wiring, chunks=none), tag)


class SwappedKey(Refusing):
    """A planted bug: the two halves of the key, in the wrong order."""

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """With another key."""
        rule = wiring.rule
        assert rule is not None
        swapped = replace(rule, stream=rule.stream >> 64 | (rule.stream & (1 << 64) - 1) << 64)
        return super().connect(model, pre, post, receptor, replace(wiring, rule=swapped), tag)


def build(backend: type[NativeBackend], connector: str, which: str, threads: int = 1, **values: Any) -> list[Any]:
    """Both ends, weight and delay of every synapse, as the engine has them, for each block that was made."""
    name, arguments, options = CONNECTORS[connector]
    with Simulator(backend, timestep=0.1, seed=7, threads=threads) as sim:
        pre, post = groups(sim, which)
        synapse = sim.StaticSynapse(**{"weight": 0.25, "delay": 1.5, **values})
        made = sim.Projection(pre, post, getattr(sim, name)(*arguments, **options), synapse)
        return rows_of(sim, made)


def rows_of(sim: Simulator, projection: Projection) -> list[Any]:
    """What the engine says, block after block, in the engine's order."""
    names = ["i", "j", "weight", "delay"]
    return [[sim.backend.get(block, names)[name] for name in names] for _, _, block in projection._placed]


def same(ours: list[Any], theirs: list[Any]) -> bool:
    """Whether all rows of all blocks are the same to the bit."""
    return len(ours) == len(theirs) and all(
        np.array_equal(np.asarray(a), np.asarray(b))
        for x, y in zip(ours, theirs, strict=True)
        for a, b in zip(x, y, strict=True)
    )


@pytest.mark.parametrize("which", GROUPS)
@pytest.mark.parametrize("values", ["shared", "drawn"])
@pytest.mark.parametrize("connector", CONNECTORS)
def test_rules_make_the_rows_of_the_chunks(connector: str, values: str, which: str) -> None:
    """Each rule between each kind of groups gives the rows of the core's chunks, with shared or drawn values."""
    drawn: dict[str, Any] = {
        "weight": RandomDistribution("normal_clipped", (0.2, 0.1), low=0.0),
        "delay": RandomDistribution("uniform", (0.5, 4.0)),
    }
    if values == "shared":
        drawn = {}

    expanded, chunks = (build(backend, connector, which, **drawn) for backend in (Refusing, Chunked))

    assert same(expanded, chunks)
    assert connector == "p = 0" or sum(len(block[0]) for block in expanded) > 0


@pytest.mark.parametrize("distribution", DRAWS)
@pytest.mark.parametrize("connector", ["p = 0.5, to earlier", "in-degree with replacement", "out-degree", "total"])
def test_rules_draw_what_numpy_draws(connector: str, distribution: str) -> None:
    """Values of every distribution are those that NumPy draws from the same substreams."""
    weight = RandomDistribution(distribution, DRAWS[distribution])

    expanded, chunks = (build(backend, connector, "assemblies", weight=weight) for backend in (Refusing, Chunked))

    assert same(expanded, chunks)
    assert all(len(np.unique(block[2])) > 5 for block in expanded if len(block[2]) > 100)


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("connector", ["p = 0.1", "in-degree without itself", "out-degree", "total"])
def test_rules_are_the_same_for_any_number_of_threads(connector: str, drawn: bool, threads: int) -> None:
    """Sorted by target and source, the synapses are those of one thread."""
    weight = RandomDistribution("normal_clipped", (0.2, 0.1), low=0.0) if drawn else 0.2

    def table(threads: int) -> Any:
        found = np.concatenate(
            [np.array(b) for b in build(Refusing, connector, "assemblies", threads, weight=weight)], axis=1
        )
        return found[:, np.lexsort((found[2], found[0], found[1]))]

    assert np.array_equal(table(threads), table(1))


@pytest.mark.parametrize("connector", ["p = 0.1", "in-degree", "out-degree", "total"])
def test_rules_with_swapped_key_halves_are_noticed(connector: str) -> None:
    """Planted: the halves of the key in the wrong order give other rows, and the comparison says so."""
    broken, chunks = (build(backend, connector, "two populations") for backend in (SwappedKey, Chunked))

    assert not same(broken, chunks)


@pytest.mark.parametrize("synapse", ["static", "depressing", "stochastic", "plastic"])
def test_rules_give_the_spikes_of_the_chunks(synapse: str) -> None:
    """A balanced network fires the same spikes, and its membranes have the same bits, whoever makes the rows."""

    def result(backend: type[NativeBackend]) -> Result:
        with Simulator(backend, timestep=0.1, seed=5, threads=2) as sim:
            cells = balanced(sim, "IF_curr_exp", (0.9, -2.0), size=300)
            weight, delay = RandomDistribution("uniform", (0.5, 1.5)), RandomDistribution("uniform", (0.5, 30.0))
            pairs, bounds = sim.SpikePairRule(A_plus=0.02, A_minus=0.03), sim.AdditiveWeightDependence(w_max=2.0)
            kinds = {
                "static": lambda: sim.StaticSynapse(weight=weight, delay=delay),
                "depressing": lambda: sim.TsodyksMarkramSynapse(weight=weight, delay=delay, U=0.4, tau_rec=50.0),
                "stochastic": lambda: sim.SimpleStochasticSynapse(weight=weight, delay=delay, p=0.5),
                "plastic": lambda: sim.STDPMechanism(pairs, bounds, weight=weight, delay=delay),
            }
            sim.Projection(
                cells, cells, sim.FixedProbabilityConnector(0.02), kinds[synapse](), receptor_type="excitatory"
            )
            sim.run(200.0)
            return result_of(cells)

    expanded, chunks = result(NativeBackend), result(Chunked)

    assert len(chunks.spikes) > 500
    assert expanded.spikes == chunks.spikes
    assert np.array_equal(expanded.v, chunks.v)


def test_rules_leave_values_that_all_synapses_share_alone() -> None:
    """Weights that were set afterwards, one for all or one each, are what the engine has after a reset too."""
    with Simulator(NativeBackend, timestep=0.1) as sim:
        cells = sim.Population(60, sim.IF_curr_exp())
        weight = RandomDistribution("uniform", (0.1, 0.2))
        made = sim.Projection(cells, cells, sim.FixedNumberPreConnector(5), sim.StaticSynapse(weight=weight))
        made.set(weight=0.5)
        sim.reset()
        one = rows_of(sim, made)[0][2]
        made.set(weight=np.arange(300.0))
        sim.reset()
        each = rows_of(sim, made)[0][2]

    assert np.array_equal(one, np.full(300, 0.5))
    assert np.array_equal(np.sort(each), np.arange(300.0))


@pytest.mark.parametrize("backend", [Refusing, Chunked])
def test_single_weights_are_the_exact_ones_in_32_bits(backend: type[NativeBackend]) -> None:
    """With weights="single" each weight is the nearest 32-bit number; delays, and weights of other kinds, are exact."""
    weight, delay = RandomDistribution("uniform", (0.1, 0.3)), RandomDistribution("uniform", (0.5, 4.0))

    def rows(weights: str, kind: str) -> Any:
        with Simulator(backend, timestep=0.1, seed=7, weights=weights) as sim:
            cells = sim.Population(90, sim.IF_curr_exp())
            synapse = getattr(sim, kind)(weight=weight, delay=delay)
            return rows_of(sim, sim.Projection(cells, cells, sim.FixedNumberPreConnector(9), synapse))[0]

    exact, single = rows("double", "StaticSynapse"), rows("single", "StaticSynapse")
    depressing = [rows(weights, "TsodyksMarkramSynapse") for weights in ("double", "single")]

    assert np.array_equal(single[2], exact[2].astype(np.float32).astype(np.float64))
    assert not np.array_equal(single[2], exact[2])
    assert np.array_equal(single[3], exact[3])
    assert all(np.array_equal(a, b) for a, b in zip(*depressing, strict=True))


@pytest.mark.parametrize("delay", [1.0, RandomDistribution("uniform", (0.5, 4.0))], ids=["one delay", "delays"])
def test_single_weights_give_nearly_the_same_membranes(delay: Any) -> None:
    """Of cells that do not fire, v differs by no more than 32 bits of each weight: 6e-8 of what all input moves it."""

    def v(weights: str, backend: type[NativeBackend] = NativeBackend) -> Any:
        with Simulator(backend, timestep=0.1, seed=3, weights=weights) as sim:
            cells = sim.Population(50, sim.IF_curr_exp(v_thresh=1e3))
            noise = sim.Population(40, sim.SpikeSourcePoisson(rate=50.0))
            synapse = sim.StaticSynapse(weight=RandomDistribution("uniform", (0.1, 0.3)), delay=delay)
            made = sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.5), synapse, receptor_type="excitatory")
            cells.record("v")
            sim.run(50.0)
            made.set(weight=RandomDistribution("uniform", (0.2, 0.4)))
            sim.run(50.0)
            return np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude)

    exact, single = v("double"), v("single")
    moved = (exact - exact[0]).max()

    assert moved > 5.0
    assert 0.0 < np.abs(single - exact).max() <= 2.0**-24 * moved
    assert np.array_equal(single, v("single", Chunked))
