"""Recordings on disk: the same data, in files that are mapped and not in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN._reference import ReferenceBackend
from pyNN.errors import InvalidValueError, UnwritableFileError
from pyNN.recording.spool import Recordings
from pyNN.simulator import Simulator


def run(recordings: str | Path = "memory") -> Any:
    """Two segments of two populations, one of which is recorded late and in part, as plain numbers."""
    with Simulator(ReferenceBackend, timestep=0.1, seed=1, recordings=recordings) as sim:
        cells = sim.Population(20, sim.IF_curr_exp(i_offset=1.2, tau_refrac=1.0), label="cells")
        others = sim.Population(5, sim.IF_cond_exp(i_offset=0.9))
        cells.record(["spikes", "v"])
        sim.run(30.0)
        others[1:4].record("v", sampling_interval=0.5)
        sim.run(40.0)
        sim.reset()
        sim.run(25.0)
        cells.initialize(v=-60.0)  # at a time whose sample is there already
        sim.run(5.0)
        blocks = [cells.get_data(), others.get_data(), cells[3:7].get_data("v")]
    return blocks


def numbers(blocks: Any) -> list[Any]:
    """All spikes and samples of all segments."""
    found: list[Any] = []
    for segment in (segment for block in blocks for segment in block.segments):
        found += [np.asarray(train.magnitude) for train in segment.spiketrains]
        found += [np.asarray(signal.magnitude) for signal in segment.analogsignals]
    return found


@pytest.mark.parametrize("waiting", [1, 10_000, 2**25])
def test_data_from_disk_are_those_from_memory(waiting: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spikes, samples and segments are the same to the bit, in however many pieces they were written."""
    monkeypatch.setattr(Recordings, "waiting", waiting)

    memory, temporary, named = run(), run("disk"), run(tmp_path / "kept")

    assert len(numbers(memory)) > 40
    for other in (temporary, named):
        assert all(np.array_equal(a, b) for a, b in zip(numbers(memory), numbers(other), strict=True))


def test_samples_are_mapped_and_not_loaded(tmp_path: Path) -> None:
    """What get_data gives of a whole population lies in the file, and nothing of it in the recorder."""
    with Simulator(ReferenceBackend, timestep=0.1, recordings=tmp_path) as sim:
        cells = sim.Population(30, sim.IF_curr_exp())
        cells.record("v")
        sim.run(50.0)
        signal = cells.get_data().segments[0].analogsignals[0]

    (file,) = tmp_path.iterdir()
    base: Any = signal
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert file.stat().st_size == 501 * 30 * 8
    assert np.array_equal(np.fromfile(file).reshape(501, 30), signal.magnitude)


def test_little_waits_in_the_simulator(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is cut so that what the simulator holds stays below the bound."""
    monkeypatch.setattr(Recordings, "waiting", 8 * 50 * 20)  # twenty samples of fifty cells
    largest = 0

    class Watched(ReferenceBackend):
        def read(self, recording: Any, stop: bool = False) -> Any:
            nonlocal largest
            found = super().read(recording, stop)
            largest = max(largest, len(found.values))  # type: ignore[union-attr]  # samples alone are recorded
            return found

    with Simulator(Watched, timestep=0.1, recordings="disk") as sim:
        cells = sim.Population(50, sim.IF_curr_exp())
        cells.record("v")
        sim.run(100.0)

    assert 0 < largest <= 21


def test_a_temporary_folder_lasts_as_long_as_its_data_are_read() -> None:
    """Data can be read after end(), and the folder is gone when nobody has them any more."""
    sim = Simulator(ReferenceBackend)
    sim.setup(timestep=0.1, recordings="disk")
    cells = sim.Population(3, sim.IF_curr_exp())
    cells.record("v")
    sim.run(10.0)
    folder = sim.recordings._folder.path  # type: ignore[union-attr]  # it is on disk
    sim.end()

    assert len(cells.get_data().segments[0].analogsignals[0]) == 101
    assert folder.exists()
    sim.setup()
    del cells

    import gc

    gc.collect()
    assert not folder.exists()


def test_a_folder_that_is_in_use_or_no_folder_is_refused(tmp_path: Path) -> None:
    """Nothing is written over, and the sentence says what is in the way."""
    (tmp_path / "mine.txt").write_text("precious", encoding="utf-8")

    with pytest.raises(UnwritableFileError, match=r"holds 'mine\.txt' already"):
        Simulator(ReferenceBackend).setup(recordings=tmp_path)
    with pytest.raises(UnwritableFileError, match="cannot be kept"):
        Simulator(ReferenceBackend).setup(recordings=tmp_path / "mine.txt")
    with pytest.raises(InvalidValueError, match="'memory', 'disk' or the name of a folder"):
        Simulator(ReferenceBackend).setup(recordings=True)


def test_a_receptor_of_any_name_stays_in_the_folder(tmp_path: Path) -> None:
    """What a user calls a receptor is no path: its file lies in the folder, under a name of plain letters."""
    wild = "../../a/b\n"
    with Simulator(ReferenceBackend, timestep=0.1, recordings=str(tmp_path / "kept")) as sim:
        cells = sim.Population(1, sim.PointNeuron(sim.LIF(), **{wild: sim.ExpPSR()}))
        cells.record(f"{wild}.gsyn")
        sim.run(1.0)
        assert cells.get_data().segments[0].analogsignals[0].shape == (11, 1)

    assert [path.parent for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "kept"]
