"""What building an extension of NEST needs: tools, headers, and a nest-config that tells the truth about the wheel.

The nest-config that is in NEST's wheel prints paths of the machine that built it (nest/nestml issue 1384).
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from pyNN.errors import PyNNError

_TOOLS = {"g++": "apt install g++", "cmake": "pip install cmake", "make": "apt install make"}
_EXTRA = "pip install 'pynn-nest[nestml]'"
_SYSTEM_HEADERS = (Path("/usr/include"), Path("/usr/local/include"), Path("/opt/homebrew/include"))
# A header of NEST's names this type of libltdl's, and nothing else of that library.
_LTDL = "#pragma once\ntypedef struct lt__handle* lt_dlhandle;\n"


def search_path(environment: Mapping[str, str]) -> str:
    """PATH, with what pip installed beside this Python first."""
    return f"{Path(sys.executable).parent}:{environment.get('PATH', '')}"


def require(wanted_for: str, path: str) -> None:
    """Whether all is here that compiling needs.

    Raises
    ------
    PyNNError
        Something is missing; names the model, every missing thing, and how to get it.
    """
    missing = {tool: how for tool, how in _TOOLS.items() if shutil.which(tool, path=path) is None}
    if find_spec("pynestml") is None:
        missing["NESTML"] = _EXTRA
    if _boost() is None:
        missing["Boost's headers"] = _EXTRA
    if missing:
        how = "; ".join(dict.fromkeys(missing.values()))
        raise PyNNError(
            f"{wanted_for} is compiled when it is first used, and {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing here. To install: {how}."
        )


@cache
def versions() -> tuple[str, ...]:
    """What a compiled extension depends on, beside its sources."""
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return version("nest-simulator"), version("nestml"), compiler


def write_prefix(folder: Path) -> Path:
    """Put a nest-config, and the headers that it needs, into a folder; gives the prefix that NESTML wants."""
    headers, tool = folder / "include", folder / "bin" / "nest-config"
    headers.mkdir(parents=True)
    tool.parent.mkdir()
    (headers / "ltdl.h").write_text(_LTDL, encoding="utf-8")
    tool.write_text(_nest_config(headers), encoding="utf-8")
    tool.chmod(0o755)
    return folder


def _nest_config(headers: Path) -> str:
    home = _home()
    boost = _boost() or headers
    includes = " ".join(f"-I{shlex.quote(str(path))}" for path in (home / "include" / "nest", headers, boost))
    answers = {
        "--prefix": str(home),
        "--exec-prefix": str(home),
        "--version": version("nest-simulator"),
        "--includes": f" {includes} ",
        # The wheel is built for manylinux2014, whose strings have the old layout.
        "--cflags": " -D_GLIBCXX_USE_CXX11_ABI=0 -fopenmp -O2 -DNDEBUG -std=c++20",
        # With any other libgomp than the wheel's, the numbers of the threads come out wrong.
        "--libs": " ".join([f"-L{home}", *_bundled("libgomp"), *_bundled("libgsl-"), *_bundled("libgslcblas")]),
        "--compiler": shutil.which("g++") or "g++",
        "--compiler-name": "GNU",
        "--compiler-version": versions()[2],
        "--python-executable": sys.executable,
        "--python-version": ".".join(map(str, sys.version_info[:3])),
        "--static-libraries": "OFF",
        "--docdir": "share/doc/nest",
        "--datadir": "share/nest",
        "--libdir": ".",
    }
    cases = "".join(f"{name}) echo {shlex.quote(answer)} ;;\n" for name, answer in answers.items())
    return f'#!/bin/sh\nfor asked in "$@"; do\ncase $asked in\n{cases}*) exit 1 ;;\nesac\ndone\n'


def _home() -> Path:
    found = find_spec("nest")
    if found is None or found.origin is None:
        raise PyNNError("NEST is not installed. Install it with: pip install nest-simulator")
    return Path(found.origin).parent


def _bundled(library: str) -> list[str]:
    """A library that the wheel brings along."""
    return [str(path) for path in sorted(_home().parent.glob(f"nest_simulator.libs/{library}*.so*"))[:1]]


def _boost() -> Path | None:
    """The folder that holds Boost's headers: those that pip installed, or the system's."""
    found = find_spec("libboost_headers")
    places = (found.submodule_search_locations or ()) if found else ()
    folders = [*(Path(place) / "include" for place in places), *_SYSTEM_HEADERS]
    return next((folder for folder in folders if (folder / "boost" / "type_index.hpp").exists()), None)
