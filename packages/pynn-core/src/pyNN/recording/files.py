"""PyNN's own file formats for arrays with metadata: text, NumPy, HDF5 and pickle; nothing read is ever executed."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

import numpy as np

from pyNN.errors import UnreadableFileError
from pyNN.recording.pickles import read_pickle, write_pickle

DEFAULT_BUFFER_SIZE = 10000
have_hdf5 = find_spec("h5py") is not None

# Tests and scripts put a file-like object of their own in the place of the built-in function.
open = open


class BaseFile:
    """An open file of numbers with metadata; use it in a ``with`` statement, or call :meth:`close`.

    Parameters
    ----------
    filename
        Its path; folders that are missing are made where it is written.
    mode
        As for ``open``; of a format that is no text, "w" and "r" mean "wb" and "rb".
    """

    is_text: ClassVar[bool] = True

    def __init__(self, filename: str | os.PathLike[str], mode: str = "rb") -> None:
        mode = mode if self.is_text or "b" in mode else f"{mode}b"
        self.name, self.mode = filename, mode
        if "r" not in mode and not isinstance(filename, int):
            Path(filename).parent.mkdir(parents=True, exist_ok=True)
        self.fileobj: Any = open(filename, mode, DEFAULT_BUFFER_SIZE)

    def __enter__(self) -> BaseFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if "fileobj" in self.__dict__:
            self.close()

    def rename(self, filename: str | os.PathLike[str]) -> None:
        """Close the file, give it another name, and open it there."""
        self.close()
        Path(self.name).rename(filename)
        self.name = filename
        self.fileobj = open(filename, self.mode, DEFAULT_BUFFER_SIZE)

    def write(self, data: Any, metadata: Mapping[str, Any]) -> None:
        """Write data and metadata."""
        raise NotImplementedError(f"{type(self).__name__} must define write().")

    def read(self) -> Any:
        """The data."""
        raise NotImplementedError(f"{type(self).__name__} must define read().")

    def get_metadata(self) -> dict[str, Any]:
        """The metadata."""
        raise NotImplementedError(f"{type(self).__name__} must define get_metadata().")

    def close(self) -> None:
        """Close the file."""
        self.fileobj.close()


class StandardTextFile(BaseFile):
    """Text: lines ``# name = value``, then one row of numbers a line, separated by tabs."""

    def write(self, data: Any, metadata: Mapping[str, Any]) -> None:
        """Write a header of metadata and the rows; floats are written in full."""
        header = "".join(f"# {name} = {_plain(value)!r}\n" for name, value in metadata.items())
        rows = "".join("\t".join(_number(value) for value in np.atleast_1d(row)) + "\n" for row in data)
        text = header + rows
        self.fileobj.write(text.encode() if "b" in self.mode else text)
        self.fileobj.flush()  # a connector may read the file before it is closed

    def read(self) -> Any:
        """The rows, shape (n_rows, n_columns)."""
        self.fileobj.seek(0)
        return np.loadtxt(self.fileobj)

    def get_metadata(self) -> dict[str, Any]:
        """The header; a value that is no number, text, list or dictionary stays a text."""
        self.fileobj.seek(0)
        found: dict[str, Any] = {}
        for line in self.fileobj:
            text = line.decode() if isinstance(line, bytes) else line
            if not text.startswith("#"):
                break
            name, equals, value = text[1:].strip().partition("=")
            if equals:
                found[name.strip()] = _literal(value.strip())
        return found


class PickleFile(BaseFile):
    """Python's pickle of (data, metadata), read by an allow-list of classes that only hold data."""

    is_text = False

    def write(self, data: Any, metadata: Mapping[str, Any]) -> None:
        """Write both."""
        write_pickle((data, dict(metadata)), self.fileobj)

    def _content(self) -> tuple[Any, Any]:
        self.fileobj.seek(0)
        found = read_pickle(self.fileobj)
        if not isinstance(found, tuple) or len(found) != 2:
            raise UnreadableFileError(f"{self.name} holds no pair of data and metadata, so PyNN did not write it.")
        return found

    def read(self) -> Any:
        """The data."""
        return self._content()[0]

    def get_metadata(self) -> dict[str, Any]:
        """The metadata."""
        return dict(self._content()[1])


class NumpyBinaryFile(BaseFile):
    """NumPy's ``.npz`` of two arrays, the data and the metadata as text; no pickles inside."""

    is_text = False

    def write(self, data: Any, metadata: Mapping[str, Any]) -> None:
        """Write both."""
        pairs = np.array([(str(name), repr(_plain(value))) for name, value in metadata.items()], dtype=str)
        savez(self.fileobj, data=np.asarray(data), metadata=pairs)

    def _content(self, name: str) -> Any:
        self.fileobj.seek(0)
        try:
            with np.load(self.fileobj) as archive:  # NumPy refuses arrays of objects unless it is told otherwise
                return archive[name]
        except (ValueError, KeyError, OSError) as error:
            raise UnreadableFileError(f"{self.name} cannot be read as a NumPy file of numbers: {error}") from error

    def read(self) -> Any:
        """The data."""
        return self._content("data")

    def get_metadata(self) -> dict[str, Any]:
        """The metadata."""
        return {str(name): _literal(str(value)) for name, value in self._content("metadata").reshape(-1, 2)}


class HDF5ArrayFile(BaseFile):
    """HDF5: one array ``data`` with the metadata as its attributes; needs ``h5py``."""

    def __init__(self, filename: str | os.PathLike[str], mode: str = "r", title: str = "PyNN data file") -> None:
        try:
            import h5py
        except ImportError as error:
            raise ImportError("HDF5 files need h5py. Install it with: pip install h5py") from error
        self.name, self.mode, self.title = filename, mode, title
        self.fileobj = h5py.File(filename, mode.replace("b", ""))

    def write(self, data: Any, metadata: Mapping[str, Any]) -> None:
        """Write both."""
        self.fileobj.attrs["TITLE"] = self.title
        node = self.fileobj.create_dataset("data", data=np.asarray(data))
        for name, value in metadata.items():
            node.attrs[name] = _plain(value)

    def read(self) -> Any:
        """The data, as rows."""
        return self.fileobj["data"][()]

    def get_metadata(self) -> dict[str, Any]:
        """The metadata."""
        return {name: _plain(value) for name, value in self.fileobj["data"].attrs.items()}


def savez(file: Any, *args: Any, **kwds: Any) -> None:
    """NumPy's ``savez``, to an open file."""
    np.savez(file, *args, **kwds)


def _plain(value: Any) -> Any:
    """A value as Python writes it: NumPy's numbers as numbers, arrays as lists."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _number(value: Any) -> str:
    return repr(_plain(value))


def _literal(text: str) -> Any:
    """A number, text, list or dictionary that is written out; any other text as it is."""
    if len(text) > 100_000:
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
