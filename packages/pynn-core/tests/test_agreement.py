"""What the notebook keeps of a simulation, and when two simulations agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyNN.reference as sim
import pytest
from pyNN import activity
from pyNN._hooks import compare
from pyNN.activity import Activity
from pyNN.agreement import compare_all, first_divergence
from pyNN.errors import UnreadableFileError


def spiking(times: dict[int, list[float]], *, stop: float = 1000.0, rows: int = 0, step: float = 0.1) -> Activity:
    """An activity of given spike times (ms)."""
    pairs = sorted((time, row) for row, train in times.items() for time in train)
    known = np.arange(rows or max(times) + 1)
    index = np.array([row for _, row in pairs], dtype=np.int64)
    return Activity("exc", 0, 0.0, stop, step, known, index, np.array([time for time, _ in pairs]))


def renewal(seed: int, rate: float, cells: int = 100) -> Activity:
    """Cells with exponential intervals, rate in spikes/s, over 10 s."""
    rng = np.random.default_rng(seed)
    trains = {row: np.cumsum(rng.exponential(1000.0 / rate, size=int(rate * 30))) for row in range(cells)}
    return spiking({row: train[train < 10_000.0].tolist() for row, train in trains.items()}, stop=10_000.0)


def test_the_numbers_that_describe_activity_are_those_of_their_definitions() -> None:
    """Regular trains have CV 0, alternating intervals of 10 and 30 ms have CV 1/2, equal trains correlation 1."""
    found = spiking({0: [10.0 * n for n in range(100)], 1: [20.0 * n - 10.0 * (n % 2) for n in range(50)]})

    assert activity.rates(found).tolist() == [100.0, 50.0]
    assert activity.variations(found) == pytest.approx([0.0, 0.5], abs=0.02)
    burst = [3.0, 4.0, 51.0, 400.0, 401.0, 402.0]
    assert activity.correlation(spiking({0: burst, 1: burst})) == pytest.approx(1.0)


def test_the_first_diverging_spike_is_the_earliest_without_a_partner() -> None:
    """A shift of one step is none, one of two steps is; a spike that is lacking counts from when it came."""
    one = spiking({0: [10.0, 20.0, 30.0], 1: [15.0, 25.0]})

    assert first_divergence(one, spiking({0: [10.1, 20.0, 29.9], 1: [15.0, 25.0]})) is None
    shifted = first_divergence(one, spiking({0: [10.0, 20.0, 30.0], 1: [15.0, 25.2]}))
    assert (shifted.row, shifted.first, shifted.second) == (1, 25.0, 25.2)  # type: ignore[union-attr]
    lacking = first_divergence(one, spiking({0: [10.0, 20.0], 1: [15.0, 25.2]}))
    assert str(lacking) == "cell 1, at 25 ms and 25.2 ms"
    lacking = first_divergence(one, spiking({0: [10.0, 20.0], 1: [15.0, 25.0]}))
    assert str(lacking) == "cell 0, at 30 ms and never"


def test_networks_that_part_agree_by_their_distributions() -> None:
    """Two draws of one process agree, a process that is 15 % faster does not, and ten cells are too few to say."""
    [alike] = compare_all([renewal(1, 10.0)], [renewal(2, 10.0)])
    [faster] = compare_all([renewal(1, 10.0)], [renewal(2, 11.5)])
    [few] = compare_all([renewal(1, 10.0, cells=10)], [renewal(2, 10.0, cells=10)])

    assert alike.agrees and "first diverging spike: cell" in alike.line
    assert not faster.agrees and "differ: rate" in faster.line
    assert not few.agrees and "fewer than 20 cells" in few.line


def test_false_alarms_are_rare() -> None:
    """The test is at the level 0.01 for rates and for intervals: of 50 pairs that are alike, few are refused."""
    refused = sum(not pair.agrees for seed in range(50)
                  for pair in compare_all([renewal(2 * seed, 10.0)], [renewal(2 * seed + 1, 10.0)]))  # fmt: skip

    assert refused <= 4


def test_populations_that_only_one_side_has_do_not_agree() -> None:
    """Neither does one whose recorded cells are others."""
    one = spiking({0: [10.0], 1: [12.0]})

    assert [item.agrees for item in compare_all([one], [])] == [False]
    [other] = compare_all([one], [spiking({0: [10.0]})])
    assert not other.agrees and "2 and 1 cells" in other.line


def test_what_is_kept_is_read_back_and_equal_spikes_are_equal_bytes(tmp_path: Path) -> None:
    """Two equal simulations, one of them reset in between, keep the same bytes; a cut file is refused."""
    def simulate() -> bytes:
        sim.setup(timestep=0.1, seed=7)
        cells = sim.Population(5, sim.IF_curr_exp(i_offset=[0.9 + 0.1 * n for n in range(5)]), label="exc")
        cells.record("spikes")
        sim.run(100.0)
        sim.reset()
        sim.run(50.0)
        data = activity.to_bytes(activity.recorded(sim.simulator))
        sim.end()
        return data

    first = simulate()
    assert simulate() == first
    place = tmp_path / "a-pyNN-spikes.npz"
    place.write_bytes(first)
    read = activity.from_file(place)
    assert [(item.label, item.segment, item.stop) for item in read] == [("exc", 0, 100.0), ("exc", 1, 50.0)]
    assert read[0].index.tolist().count(4) == 5  # tau_m ln(26 / 11) + 0.1 = 17.3 ms between spikes
    place.write_bytes(first[:-40])
    with pytest.raises(UnreadableFileError, match="a-pyNN-spikes"):
        activity.from_file(place)


@pytest.mark.parametrize(("suffix", "needs"), [(".pkl", "neo"), (".nix", "nixio")])
def test_neo_files_are_compared_by_spikes_and_traces(tmp_path: Path, suffix: str, needs: str) -> None:
    """Spikes to one timestep, traces by their largest relative difference; the files are not touched."""
    pytest.importorskip(needs)

    def simulate(name: str, i_offset: float) -> Path:
        sim.setup(timestep=0.1)
        cells = sim.Population(2, sim.IF_curr_exp(i_offset=i_offset), label="exc")
        cells.record(["spikes", "v"])
        sim.run(50.0)
        cells.write_data(str(tmp_path / f"{name}{suffix}"))
        sim.end()
        return tmp_path / f"{name}{suffix}"

    one, same, near, far = (simulate(*each) for each in [("a", 1.0), ("b", 1.0), ("c", 1.0001), ("d", 1.5)])
    before = one.read_bytes()

    def found(other: Path) -> Any:
        return compare(a=one, b=other)

    assert found(same)["largest"] == 0.0
    assert 0 < found(near)["largest"] < 1e-3 and "tier T1" in found(near)["lines"][0]
    assert found(far)["largest"] == np.inf and "first diverging spike" in found(far)["lines"][0]
    assert one.read_bytes() == before
