"""Dense projections of one weight and delay: kept as bits and counted, they do what lists of targets do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.simulator import Simulator

SIZE, SOURCES = 2300, 600  # from 2048 targets on there are bits
EXACT = 0.125  # sums of this weight are exact in any order


def run(
    as_list: bool, threads: int = 1, rate: float = 200.0, change: Any = None, weight: float = EXACT, joined: float = 0.1
) -> Any:
    """Potentials of some cells, and the rows; the list's rows are those that the rule makes."""
    with Simulator("native", seed=4, threads=threads, max_rate=float("inf")) as sim:
        sources = sim.Population(SOURCES, sim.SpikeSourcePoisson(rate=rate))
        cells = sim.Population(SIZE, sim.IF_curr_exp(v_thresh=1e9))
        cells[::7].record("v")
        synapse = sim.StaticSynapse(weight=weight, delay=1.3)
        receptor = "excitatory" if weight > 0 else "inhibitory"
        some = sim.FixedProbabilityConnector(joined)
        wires = sim.Projection(sources, cells, some, synapse, receptor_type=receptor, label="wires")
        rows = [(int(i), int(j)) for i, j in wires.get([], "list")]
        if as_list:
            wires.set(weight=np.where(np.arange(len(rows)) % 2, weight, weight + 1.0))  # lists from now on
            wires.set(weight=weight)
        sim.run(15.0)
        if change is not None:
            wires.set(**change)
        sim.run(15.0)
        return cells.get_data().segments[0].analogsignals[0].magnitude, rows


@pytest.mark.parametrize("rate", [30.0, 200.0, 600.0, 3000.0, 9000.0])
def test_counts_of_bits_equal_sums_over_lists(rate: float) -> None:
    """Few, many, and more than 255 spikes in a step, of sources that fire more than once in it: the same to the bit."""
    bits, _ = run(False, rate=rate)
    lists, _ = run(True, rate=rate)

    assert bits.max() > -64.9
    assert np.array_equal(bits, lists)


def test_counts_that_need_all_bits_of_a_byte_equal_sums_over_lists() -> None:
    """Nine of ten of some 180 spikes in a step arrive at each cell: more than a byte with a sign can hold."""
    bits, _ = run(False, rate=3000.0, joined=0.9)
    lists, _ = run(True, rate=3000.0, joined=0.9)

    assert np.diff(bits, axis=0).max() > 0.0
    assert np.array_equal(bits, lists)


def test_weights_beyond_all_measure_are_finite_as_in_lists() -> None:
    """A weight that cannot be multiplied by 2^52 is not counted in that way: the potentials are those of a list."""
    bits, _ = run(False, weight=-(2.0**980))
    lists, _ = run(True, weight=-(2.0**980))

    assert np.isfinite(bits).all() and bits.min() < -(2.0**900)
    assert np.array_equal(bits, lists)


def test_the_rows_are_those_of_the_rule_in_numpy() -> None:
    """What the engine reads back from its bits is what the core draws."""
    _, rows = run(False)
    with Simulator("reference", seed=4) as sim:
        sources = sim.Population(SOURCES, sim.SpikeSourcePoisson(rate=200.0))
        cells = sim.Population(SIZE, sim.IF_curr_exp(v_thresh=1e9))
        synapse = sim.StaticSynapse(weight=EXACT, delay=1.3)
        wires = sim.Projection(sources, cells, sim.FixedProbabilityConnector(0.1), synapse, label="wires")
        theirs = [(int(i), int(j)) for i, j in wires.get([], "list")]

    assert len(rows) > 100_000
    assert rows == theirs


@pytest.mark.parametrize("change", [{"weight": 0.25}, {"delay": 0.8}], ids=str)
def test_changes_in_mid_run_act_on_bits_as_on_lists(change: dict[str, float]) -> None:
    """What is under way arrives with the weight and after the delay that it was sent with."""
    bits, _ = run(False, change=change)
    lists, _ = run(True, change=change)
    unchanged, _ = run(False)

    assert not np.array_equal(bits, unchanged)
    assert np.array_equal(bits, lists)


@pytest.mark.parametrize("rate", [200.0, 9000.0])
def test_counts_do_not_depend_on_the_number_of_threads(rate: float) -> None:
    """A weight whose multiples are rounded, on one, two and three threads."""
    one, _ = run(False, rate=rate, weight=0.1)
    two, _ = run(False, threads=2, rate=rate, weight=0.1)
    three, _ = run(False, threads=3, rate=rate, weight=0.1)

    assert np.array_equal(one, two) and np.array_equal(one, three)
