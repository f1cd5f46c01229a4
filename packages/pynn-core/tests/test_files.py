"""Files of recorded data and of arrays: read back as written, and never executed."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN.errors import UnreadableFileError, UnwritableFileError
from pyNN.recording import files, get_io
from pyNN.recording.pickles import read_pickle
from pyNN.simulator import Simulator

KINDS = [
    (files.StandardTextFile, "data.txt", "w", "r"),
    (files.PickleFile, "data.pkl", "wb", "rb"),
    (files.NumpyBinaryFile, "data.npz", "wb", "rb"),
    (files.PickleFile, "data.pkl", "w", "r"),
    (files.NumpyBinaryFile, "data.npz", "w", "r"),
    (files.HDF5ArrayFile, "data.h5", "w", "r"),
]


class Planted:
    """Runs a program when it is unpickled."""

    def __reduce__(self) -> Any:
        return (Path.touch, (Path("planted"),))


@pytest.mark.parametrize("kind, name, write, read", KINDS, ids=[k[0].__name__ for k in KINDS])
def test_arrays_and_metadata_come_back(kind: Any, name: str, write: str, read: str, tmp_path: Path) -> None:
    """Numbers to the bit, and metadata of numbers, texts and lists, in each of PyNN's own formats."""
    if kind is files.HDF5ArrayFile:
        pytest.importorskip("h5py", reason="needs h5py: pip install h5py")
    data = [[0, 0.1], [1, 1 / 3], [2, -1e-17]]
    metadata = {"label": "cells", "n": 3, "dt": 0.1, "columns": [1, 2]}
    with kind(tmp_path / "new" / name if kind is not files.HDF5ArrayFile else tmp_path / name, write) as file:
        file.write(data, metadata)
        path = file.name

    with kind(path, read) as file:
        assert np.array_equal(np.asarray(file.read()), np.array(data))
        assert file.get_metadata() == metadata


def test_metadata_in_a_text_file_are_never_executed(tmp_path: Path) -> None:
    """A header that calls something stays a text."""
    path = tmp_path / "hostile.txt"
    path.write_text("# a = __import__('pathlib').Path('planted').touch()\n# b = [1, 2]\n1.0\t2.0\n")

    with files.StandardTextFile(path, "r") as file:
        found = file.get_metadata()

    assert found == {"a": "__import__('pathlib').Path('planted').touch()", "b": [1, 2]}


def test_a_pickle_that_names_anything_but_data_is_refused_unread(tmp_path: Path, monkeypatch: Any) -> None:
    """A pickle that would run something, one that is cut, and one of another program are refused, and nothing runs."""
    monkeypatch.chdir(tmp_path)
    hostile, cut = tmp_path / "hostile.pkl", tmp_path / "cut.pkl"
    hostile.write_bytes(pickle.dumps((Planted(), {})))
    cut.write_bytes(pickle.dumps((np.arange(5), {}))[:-20])

    for path, text in ((hostile, "names pathlib.*nothing of it was run"), (cut, "cannot be read as a pickle")):
        with files.PickleFile(path, "rb") as file, pytest.raises(UnreadableFileError, match=text):
            file.read()
    np.savez(tmp_path / "objects.npz", data=np.array([Planted()], dtype=object), metadata=np.array([]))
    with files.NumpyBinaryFile(tmp_path / "objects.npz", "rb") as file, pytest.raises(UnreadableFileError):
        file.read()
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("ending", ["pkl", "nix", "txt", "csv"])
def test_recorded_data_are_written_by_the_ending_of_the_file(ending: str, sim: Simulator, tmp_path: Path) -> None:
    """Spikes and traces lie in the file, whichever format Neo or the text writer makes of it."""
    if ending == "nix":
        pytest.importorskip("nixio", reason="needs nixio: pip install nixio")
    cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0), label="cells")
    cells.record(["spikes", "v"])
    sim.run(30.0)
    path = tmp_path / "made" / f"data.{ending}"

    cells.write_data(str(path))

    if ending == "pkl":
        with path.open("rb") as file:
            block = read_pickle(file)
        assert [len(train) for train in block.segments[0].spiketrains] == [1, 1]
        assert block.segments[0].analogsignals[0].shape == (301, 2)
    elif ending == "nix":
        block = get_io(path).read_block()
        assert block.segments[0].analogsignals[0].shape == (301, 2)
    else:
        lines = path.read_text().splitlines()
        assert len([line for line in lines if "spikes" in line and not line.startswith("#")]) == 2
        assert len(lines) > 602


def test_an_ending_that_no_format_has_is_refused_before_the_run(sim: Simulator) -> None:
    """record(to_file=…) of an unknown format says which there are, at once."""
    cells = sim.Population(1, sim.IF_curr_exp())

    with pytest.raises(UnwritableFileError, match=r"'\.xyz' is none\. Use one of .*pkl"):
        cells.record("v", to_file="data.xyz")
