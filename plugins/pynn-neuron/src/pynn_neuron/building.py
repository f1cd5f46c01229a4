"""The mechanisms that NEURON lacks: compiled at first use into the user's cache folder, then loaded."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from pyNN.compiling import built_library, cxx_compiler, library_key
from pyNN.errors import PyNNError

from pynn_neuron.kernel import hoc, silence

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = os.path.join(os.path.dirname(__file__), "mechanisms")
LIBRARY = "libnrnmech.dylib" if sys.platform == "darwin" else "libnrnmech.so"
_SUFFIXES = (".mod", ".inc", ".hpp", ".h")
_TOOLS = ("make", "bash")


def key(*folders: Path) -> str:
    """What a compiled library depends on: NEURON's version, the machine, and every byte of the sources."""
    # NEURON's own word for it: importlib.metadata would be a quarter of the import of pyNN.neuron.
    return library_key(_files(folders), hoc().nrnversion(5))


def _files(folders: Iterable[Path]) -> list[Path]:
    return sorted(path for folder in folders for path in folder.iterdir() if path.suffix in _SUFFIXES)


def library(*folders: Path, wanted_for: str) -> Path:
    """The compiled mechanisms of some folders together; compiles them where the cache has none.

    Raises
    ------
    PyNNError
        A tool is missing, or the compiler refused; with the model that needs it.
    """
    return built_library("neuron", key(*folders), LIBRARY, lambda work: _compile(folders, work, wanted_for))


def load(mechanism: str, wanted_for: str) -> None:
    """Make one of our mechanisms known to NEURON, with those of its folder, once for each process."""
    if not hasattr(hoc(), mechanism):
        from pathlib import Path  # 6 ms, once there is a network

        _load(library(Path(SOURCES, "common"), folder_of()[mechanism], wanted_for=wanted_for))


@cache
def folder_of() -> dict[str, Path]:
    """Each of our mechanisms, and the folder that is compiled for it."""
    from pathlib import Path

    found: dict[str, Path] = {}
    for path in Path(SOURCES).glob("*/*.mod"):
        names = re.findall(r"^ *(?:POINT_PROCESS|ARTIFICIAL_CELL) +(\w+)", path.read_text(encoding="utf-8"), re.M)
        found |= dict.fromkeys(names, path.parent)
    return found


def load_mechanisms(path: str | Path) -> None:
    """Make the mechanisms of a folder of NMODL files known to NEURON; compile them where the cache has none.

    Raises
    ------
    PyNNError
        There is no such folder or no file in it, a tool is missing, or the compiler refused.
    """
    from pathlib import Path

    folder = Path(path)
    if not folder.is_dir() or not list(folder.glob("*.mod")):
        raise PyNNError(f"{str(folder)!r} is no folder with NMODL files (*.mod).")
    _load(library(folder, wanted_for=f"the mechanisms in {str(folder)!r}"))


@cache
def _load(path: Path) -> None:
    with silence():
        hoc().nrn_load_dll(str(path))


def _compile(sources: Iterable[Path], work: Path, wanted_for: str) -> Path:
    import shutil  # 8 ms with subprocess, not needed when all is compiled
    import subprocess

    tool, environment = _nrnivmodl(wanted_for)
    (work / "mod").mkdir()
    for path in _files(sources):
        shutil.copy(path, work / "mod")
    done = subprocess.run(
        ["bash", str(tool), "mod"], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
    made = sorted(work.glob(f"*/{LIBRARY}"))
    if done.returncode or not made:
        log = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise PyNNError(
            f"The mechanisms for {wanted_for} do not compile (nrnivmodl ended with {done.returncode}). Its last "
            f"lines:\n{log}"
        )
    return made[0]


def _nrnivmodl(wanted_for: str) -> tuple[Path, dict[str, str]]:
    """The script beside the installed NEURON, which need not be on PATH, and the environment that it wants."""
    import shutil
    from pathlib import Path

    found = find_spec("neuron")
    if found is None or found.origin is None:
        raise PyNNError("NEURON is not installed. Install it with: pip install neuron")
    home = Path(found.origin).parent / ".data"
    tool = home / "bin" / "nrnivmodl"
    environment = {**os.environ, "NRNHOME": str(home), "NEURONHOME": str(home / "share" / "nrn")}
    environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    compiler = cxx_compiler()
    missing = [name for name in _TOOLS if shutil.which(name) is None]
    if compiler is None:
        missing.insert(0, "a C++ compiler (g++)")
    if not tool.exists():
        missing.insert(0, "nrnivmodl")
    if missing or compiler is None:
        raise PyNNError(
            f"NEURON has no {wanted_for} of its own: it is compiled when first used, and {' and '.join(missing)} is "
            "missing here. Install that (Debian: apt install g++ make), or use NEURON's own cells through "
            "native_cell_type, which need no compiler."
        )
    return tool, {**environment, "CXX": compiler}
