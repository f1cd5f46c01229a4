"""What plug-ins compile at first use: kept in the user's cache folder, made by one process while others wait."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cawan.plugins import cache_folder

from pyNN.errors import PyNNError

if TYPE_CHECKING:
    from pathlib import Path


def library_key(files: Iterable[Path], *facts: object) -> str:
    """A folder name that changes with the machine, each fact (versions, options), and every byte of the files."""
    import hashlib

    digest = hashlib.sha256(" ".join(map(str, (*facts, sys.platform, os.uname().machine))).encode())
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


COMPILERS = ("c++", "g++", "clang++")


def cxx_compiler() -> str | None:
    """The C++ compiler that ``CXX`` names, or the first of :data:`COMPILERS` on PATH; None where there is none."""
    import shutil  # 5 ms with tempfile, needed only to compile

    names = [os.environ["CXX"]] if os.environ.get("CXX") else COMPILERS
    return next((found for name in names if (found := shutil.which(name))), None)


def no_compiler() -> str:
    """What to tell a user who has none, in two sentences."""
    names = os.environ.get("CXX") or ", ".join(COMPILERS)
    return f"None of {names} is on PATH. Install one, such as g++, or name it in the environment variable CXX."


def built_library(simulator: str, key: str, name: str, build: Callable[[Path], Path]) -> Path:
    """A compiled library; where the cache has none, ``build`` makes it.

    Parameters
    ----------
    simulator, key, name
        The library lies in the user's cache folder, under these names.
    build
        Called with an empty folder to work in; gives the library that it made there. What it raises is raised here, and
        nothing is kept.

    Raises
    ------
    PyNNError
        The cache folder cannot be made.
    """
    folder = cache_folder() / simulator / key
    built = folder / name
    if not built.exists():
        _make_folder(folder)
        with _locked(folder / "lock"):
            if not built.exists():
                _make(folder, built, build)
    return built


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PyNNError(
            f"What is compiled at first use cannot be kept in {folder}: {error.strerror}. "
            "Name a folder that you can write to in the environment variable CAWAN_CACHE."
        ) from error


def _make(folder: Path, built: Path, build: Callable[[Path], Path]) -> None:
    import shutil
    import tempfile
    from pathlib import Path

    for left in folder.glob("build-*"):  # by a process that was killed; no other has the lock
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="build-", dir=folder) as work:
        shutil.copy(build(Path(work)), folder / "part")
    (folder / "part").replace(built)  # whoever finds it finds it whole


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time; a process that is killed leaves no lock behind."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)
