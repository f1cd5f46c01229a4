"""Our catalogue of mechanisms, compiled at first use into the user's cache folder."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pyNN.compiling import built_library, cxx_compiler, library_key, no_compiler
from pyNN.errors import PyNNError

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = os.path.join(os.path.dirname(__file__), "mechanisms")
_OPTIONS = ("-std=c++17", "-O2", "-fPIC", "-shared", "-ffp-contract=off")


def key() -> str:
    """What a compiled catalogue depends on: Arbor, the machine, the options, and every byte of the sources."""
    from importlib.metadata import version  # 20 ms, once there is a network

    return library_key(_files(), version("arbor"), _OPTIONS)


def _files() -> list[Path]:
    from pathlib import Path  # 6 ms, once there is a network

    return sorted(path for path in Path(SOURCES).iterdir() if path.suffix in (".cpp", ".hpp"))


def library(wanted_for: str = "these models") -> Path:
    """The compiled catalogue; compiles it where the cache has none.

    Raises
    ------
    PyNNError
        There is no compiler, or it refused; with the model that needs it.
    """
    return built_library("arbor", key(), "cawan-catalogue.so", lambda work: _compile(work, wanted_for))


def _compile(work: Path, wanted_for: str) -> Path:
    compiler = cxx_compiler()
    if compiler is None:
        raise PyNNError(f"Arbor needs a C++ compiler for {wanted_for}. {no_compiler()}")
    import subprocess  # 5 ms, needed only to compile

    made = work / "cawan-catalogue.so"
    command = [compiler, *_OPTIONS, f"-I{_headers()}", os.path.join(SOURCES, "catalogue.cpp"), "-o", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PyNNError(
            f"{compiler} could not compile the mechanism that Arbor needs for {wanted_for}:\n{done.stderr[-2000:]}"
        )
    return made


def _headers() -> str:
    """The headers in Arbor's wheel, found without importing Arbor."""
    found = find_spec("arbor")
    if found is None or found.origin is None:
        raise PyNNError("Arbor is not installed. Install it: pip install 'arbor>=0.12,<0.13'")
    return os.path.join(os.path.dirname(found.origin), "include")
