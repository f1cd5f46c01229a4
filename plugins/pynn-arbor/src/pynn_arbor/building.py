"""Our catalogue of mechanisms, compiled at first use into the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pyNN.errors import PyNNError

SOURCES = Path(__file__).parent / "mechanisms"
_COMPILERS = ("c++", "g++", "clang++")
_OPTIONS = ("-std=c++17", "-O2", "-fPIC", "-shared", "-ffp-contract=off")


def cache_folder() -> Path:
    """Where compiled mechanisms are kept; ``CAWAN_CACHE`` names another folder than the user's own."""
    own = os.environ.get("CAWAN_CACHE")
    if own:
        return Path(own) / "arbor"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "cawan" / "arbor"


def key() -> str:
    """What a compiled catalogue depends on: Arbor, the machine, the options, and every byte of the sources."""
    digest = hashlib.sha256(f"{version('arbor')} {sys.platform} {os.uname().machine} {_OPTIONS}".encode())
    for path in _files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:24]


def _files() -> list[Path]:
    return sorted(path for path in SOURCES.iterdir() if path.suffix in (".cpp", ".hpp"))


def library(wanted_for: str = "these models") -> Path:
    """The compiled catalogue; compiles it where the cache has none.

    Raises
    ------
    PyNNError
        There is no compiler, or it refused; with the model that needs it.
    """
    built = cache_folder() / key() / "cawan-catalogue.so"
    if not built.exists():
        built.parent.mkdir(parents=True, exist_ok=True)
        with _locked(built.parent / "lock"):
            if not built.exists():
                _compile(built, wanted_for)
    return built


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One process at a time."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)


def _compile(built: Path, wanted_for: str) -> None:
    names = [os.environ["CXX"]] if os.environ.get("CXX") else _COMPILERS
    compiler = next((found for name in names if (found := shutil.which(name))), None)
    if compiler is None:
        raise PyNNError(
            f"Arbor needs a C++ compiler for {wanted_for}, and none of {', '.join(names)} is on PATH. "
            "Install one, such as g++, or name it in the environment variable CXX."
        )
    with tempfile.TemporaryDirectory(prefix="build-", dir=built.parent) as name:
        made = Path(name) / built.name
        command = [compiler, *_OPTIONS, f"-I{_headers()}", str(SOURCES / "catalogue.cpp"), "-o", str(made)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PyNNError(
                f"{compiler} could not compile the mechanism that Arbor needs for {wanted_for}:\n{done.stderr[-2000:]}"
            )
        made.replace(built)


def _headers() -> Path:
    """The headers in Arbor's wheel, found without importing Arbor."""
    found = find_spec("arbor")
    if found is None or found.origin is None:
        raise PyNNError("Arbor is not installed. Install it: pip install 'arbor>=0.12,<0.13'")
    return Path(found.origin).parent / "include"
