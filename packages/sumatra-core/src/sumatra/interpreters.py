"""Which program runs a script: found by name or by the script's suffix, with its version where that is safe to ask."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from cawan.launch import Program

from sumatra.errors import FileMissingError, UsageError

# Interpreter by the suffix of the script, and what users call it.
INTERPRETERS = {
    ".py": ("python", "Python"), ".r": ("Rscript", "R"), ".m": ("octave", "Octave"), ".jl": ("julia", "Julia"),
    ".hoc": ("nrniv", "NEURON"), ".sli": ("nest", "NEST"), ".g": ("genesis", "GENESIS"), ".sh": ("sh", "shell"),
}  # fmt: skip
_NAMES = {**{program: name for program, name in INTERPRETERS.values()}, "matlab": "MATLAB", "R": "R", "bash": "shell"}
# Only programs that are known to answer --version and stop are asked; a user's own might start to compute.
_ASKED = {"Rscript", "octave", "julia", "nrniv", "nest", "bash", "R"}
_VERSION = re.compile(r"\d+(\.\d+){1,2}\S*")


def _active_python() -> str | None:
    """The Python of the active environment; where none is active, the one that runs the notebook.

    A notebook that was installed as a tool of its own (``uv tool``, ``pipx``) takes the Python on the path instead.
    """
    own = os.sep.join(("", "tools", "")) in sys.prefix or os.sep.join(("", "pipx", "")) in sys.prefix
    if os.environ.get("VIRTUAL_ENV") or os.environ.get("CONDA_PREFIX") or own:
        return shutil.which("python") or shutil.which("python3") or sys.executable
    return sys.executable


def locate(name: str, cwd: Path) -> Path:
    """The absolute path of a program: a name on the search path, or a path."""
    if name in ("python", "python3"):
        found = _active_python()
    elif os.sep in name:
        found = shutil.which(cwd / name)
    else:
        found = shutil.which(name)
    if not found:
        raise FileMissingError(
            f"The program {name!r} is not on the search path and is no executable file. "
            "Give its path with: --executable PATH"
        )
    return Path(os.path.abspath(found))  # not resolve(): an environment's python is a link that must stay one


def _version(path: Path, name: str) -> str:
    try:
        if name == "Python" and path.samefile(sys.executable):
            return platform.python_version()
        if path.name not in _ASKED:
            return ""
        asked = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=5, check=False,
                               stdin=subprocess.DEVNULL)  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = _VERSION.search(asked.stdout + asked.stderr)
    return found[0] if found else ""


def get_program(name: str, cwd: Path, options: tuple[str, ...] = ()) -> Program:
    """The program of this name or path, with what users call it and its version ("" where it is not known)."""
    path = locate(name, cwd)
    stem = "python" if re.fullmatch(r"python[\d.]*", path.name) else path.name
    known = _NAMES.get(stem, stem)
    return Program(path, known, _version(path, known), options)


def program_for(script: str, cwd: Path) -> Program:
    """The program that runs scripts of this suffix; a script that is executable itself runs as it is."""
    suffix = Path(script).suffix.lower()
    if suffix in INTERPRETERS:
        return get_program(INTERPRETERS[suffix][0], cwd)
    if os.access(cwd / script, os.X_OK):
        return get_program(str(cwd / script), cwd)
    raise UsageError(f"No program is known for the script {script!r}. Name one with: --executable PROGRAM")


def is_program(word: str, cwd: Path) -> bool:
    """Does a word on the command line name a program, rather than a script or a parameter file?"""
    if (cwd / word).is_file():
        return os.access(cwd / word, os.X_OK) and Path(word).suffix.lower() not in INTERPRETERS
    return bool(re.fullmatch(r"python[\d.]*", word) or (os.sep not in word and shutil.which(word)))


def is_interpreter(word: str, cwd: Path) -> bool:
    """Is it the name of a program that runs scripts, such as python3 or Rscript, and no file here?"""
    return (word in _NAMES or bool(re.fullmatch(r"python[\d.]*", word))) and not (cwd / word).exists()
