"""The engine itself: what it refuses, what it keeps, and that engines do not know of each other."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import numpy as np
import pytest
from cawan.simulator import Array, Index
from pynn_native._engine import Arriving, Engine


def index(*rows: int) -> Index:
    """Rows."""
    return np.array(rows, dtype=np.int64)


def floats(*values: float) -> Array:
    """Values."""
    return np.array(values, dtype=np.float64)


def connected(engine: Engine, cells: int, pre: Index, post: Index, values: Mapping[str, Array]) -> int:
    """Static excitatory synapses of a block of cells onto itself, in one chunk."""
    arriving = Arriving(engine, False, cells, cells, 0)
    arriving.add(pre, post, values)
    return arriving.connect("StaticSynapse", {"weight": 0.5, "delay": 1.0})


def test_rows_out_of_range_are_refused_before_anything_changes() -> None:
    """An index that does not exist raises IndexError, and the values are as before."""
    engine = Engine(0.1, 1)
    cells = engine.create_cells("IF_curr_exp", 3)
    for rows in (index(0, 3), index(-1)):
        with pytest.raises(IndexError):
            engine.set_cells(cells, "v", floats(1.0), rows)
        with pytest.raises(IndexError):
            engine.get_cells(cells, "v", rows)
        with pytest.raises(IndexError):
            connected(engine, cells, rows, np.zeros_like(rows), {})
        with pytest.raises(IndexError):
            engine.record_spikes(False, cells, rows)

    assert list(engine.get_cells(cells, "v", None)) == [0.0, 0.0, 0.0]


def test_values_of_another_number_are_refused() -> None:
    """Two values for three rows raise ValueError; an unknown name or block raises IndexError."""
    engine = Engine(0.1, 1)
    cells = engine.create_cells("IF_curr_exp", 3)

    with pytest.raises(ValueError):
        engine.set_cells(cells, "v", floats(1.0, 2.0), None)
    with pytest.raises(ValueError):
        connected(engine, cells, index(0, 1), index(0, 1), {"weight": floats(1.0)})
    with pytest.raises(ValueError):
        engine.create_cells("IF_curr_delta_9", 3)
    with pytest.raises(IndexError):
        engine.set_cells(cells, "w", floats(1.0), None)
    with pytest.raises(IndexError):
        engine.get_cells(cells + 1, "v", None)


def test_rows_of_synapses_keep_their_numbers_when_delays_change() -> None:
    """Numbers that ``get`` gave still mean the same synapses after delays were set, pairs that occur twice too."""
    engine = Engine(0.1, 3)
    cells = engine.create_cells("IF_curr_exp", 300)
    rng = np.random.default_rng(1)
    pre, post = rng.integers(0, 300, 2000), rng.integers(0, 20, 2000) * 15
    weight = np.arange(2000.0)
    rows = connected(engine, cells, pre, post, {"weight": weight})
    before = [engine.get_synapses(rows, name, None) for name in ("i", "j", "weight")]

    engine.advance(100, lambda: True)
    engine.set_synapses(rows, "delay", rng.uniform(1.0, 40.0, 2000), None)
    engine.set_synapses(rows, "weight", floats(-1.0), index(7, 1500))
    after = [engine.get_synapses(rows, name, None) for name in ("i", "j", "weight")]

    assert sorted(zip(*before, strict=True)) == sorted(zip(pre, post, weight, strict=True))
    before[2][[7, 1500]] = -1.0
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_synapses_of_one_pair_stay_in_their_order() -> None:
    """Several synapses of one pair are numbered in the order in which they arrived, over chunks."""
    engine = Engine(0.1, 1)
    cells = engine.create_cells("IF_curr_exp", 2)
    arriving = Arriving(engine, False, cells, cells, 0)
    arriving.add(index(1, 0, 1), index(1, 1, 0), {"weight": floats(1.0, 2.0, 3.0), "delay": floats(9.0, 1.0, 1.0)})
    arriving.add(index(1, 1), index(1, 0), {"weight": floats(4.0, 5.0), "delay": floats(1.0, 2.0)})
    rows = arriving.connect("StaticSynapse", {})
    i, j, weight = (engine.get_synapses(rows, name, None) for name in ("i", "j", "weight"))

    assert list(weight[(i == 1) & (j == 1)]) == [1.0, 4.0]
    assert list(weight[(i == 1) & (j == 0)]) == [3.0, 5.0]


def test_engines_are_independent() -> None:
    """Two engines that run in turns, or at once in two threads, give what each gives alone."""

    def make(current: float) -> tuple[Engine, int]:
        engine = Engine(0.1, 2)
        cells = engine.create_cells("IF_curr_exp", 2000)
        engine.set_cells(cells, "v", floats(-65.0), None)
        engine.set_cells(cells, "i_offset", np.linspace(0.0, current, 2000), None)
        return engine, cells

    alone, cells = make(1.0)
    alone.advance(2000, lambda: True)
    pairs = [make(1.0), make(2.0)]
    for stop in (500, 1000):
        for engine, _ in pairs:
            engine.advance(stop, lambda: True)
    threads = [threading.Thread(target=engine.advance, args=(2000, lambda: True)) for engine, _ in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    first, second = (engine.get_cells(block, "v", None) for engine, block in pairs)
    assert np.array_equal(first, alone.get_cells(cells, "v", None))
    assert not np.array_equal(first, second)


def test_other_threads_of_python_run_meanwhile() -> None:
    """A run lets go of the interpreter, and refuses another thread that would touch the same engine."""
    engine = Engine(0.1, 1)
    engine.create_cells("IF_curr_exp", 5000)
    beats: list[bool] = []

    def pulse() -> bool:
        beats.append(True)
        return len(beats) < 3

    thread = threading.Thread(target=engine.advance, args=(10**9, pulse))
    thread.start()
    refused = 0
    while thread.is_alive():
        try:
            engine.create_current()
        except RuntimeError as error:
            assert "running in another thread" in str(error)
            refused += 1
    thread.join()

    assert len(beats) == 3
    assert refused > 0
