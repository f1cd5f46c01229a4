"""Pickle files of arrays and Neo objects, read without running anything that they name.

A pickle can name any function of any installed module. This reader knows a fixed list of classes that only hold data,
and refuses a file that names anything else. It is the only module of this package that touches ``pickle``.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, BinaryIO

from pyNN.errors import UnreadableFileError

_ALLOWED: dict[str, frozenset[str]] = {
    "builtins": frozenset(
        {"bytearray", "complex", "dict", "frozenset", "list", "object", "range", "set", "slice", "tuple"}
    ),
    "collections": frozenset({"OrderedDict", "defaultdict", "deque"}),
    "copyreg": frozenset({"_reconstructor"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "numpy": frozenset({"dtype", "ndarray"}),
    "numpy.core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy.core.numeric": frozenset({"_frombuffer"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
    "_codecs": frozenset({"encode"}),
}
# Neo's and quantities' own modules hold classes of data and the functions that put them together again.
_PACKAGES = ("neo.core.", "quantities.")


class _Reader(pickle.Unpickler):
    """An unpickler that finds classes of data alone."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """A class or function of the list.

        Raises
        ------
        UnreadableFileError
            The file names something else.
        """
        if global_name in _ALLOWED.get(module_name, ()):
            return super().find_class(module_name, global_name)
        if (module_name + ".").startswith(_PACKAGES) and "." not in global_name:
            found = super().find_class(module_name, global_name)
            ours = getattr(found, "__module__", "").startswith(("neo.core", "quantities"))
            if ours and (isinstance(found, type) or global_name.startswith(("_new", "_normalize", "_reconstruct"))):
                return found
        raise UnreadableFileError(
            f"This pickle names {module_name}.{global_name}, which is no class of recorded data; nothing of it was "
            "run. Read it with the program that wrote it, and write it in another format, such as .nix."
        )


def read_pickle(file: BinaryIO) -> Any:
    """The next object of an open pickle file.

    Raises
    ------
    UnreadableFileError
        The file is cut, is no pickle, or names something that is no class of data.
    """
    try:
        return _Reader(file).load()
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, ValueError, TypeError) as error:
        if isinstance(error, UnreadableFileError):
            raise
        name = getattr(file, "name", "The file")
        raise UnreadableFileError(f"{name} cannot be read as a pickle: {error}. Is it complete?") from error


def write_pickle(value: Any, file: BinaryIO | Path) -> None:
    """Write an object of arrays and plain values to an open file, or a new one."""
    if isinstance(file, Path):
        with file.open("wb") as opened:
            pickle.dump(value, opened, protocol=4)
    else:
        pickle.dump(value, file, protocol=4)
