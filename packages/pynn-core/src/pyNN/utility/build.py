"""Compiling mechanisms of NEURON and extensions of NEST by hand; the backends do it by themselves when they need it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from pyNN.core import find, run_command
from pyNN.errors import PyNNError

__all__ = ["compile_nest_extensions", "compile_nmodl", "find", "run_command"]


def compile_nmodl(mechanism_directory: str | Path) -> str:
    """Compile the NMODL files of a folder with NEURON's ``nrnivmodl``; gives what it printed.

    Raises
    ------
    PyNNError
        ``nrnivmodl`` is not on PATH, or fails.
    """
    program = find("nrnivmodl")
    if program is None:
        raise PyNNError("nrnivmodl is not on PATH. Install NEURON with: pip install neuron")
    return _run([program], Path(mechanism_directory))


def compile_nest_extensions(extension_directory: str | Path, nest_build_dir: str | Path = "_build") -> str:
    """Build and install a NEST extension module with CMake and make; gives what they printed.

    Raises
    ------
    PyNNError
        CMake, make or ``nest-config`` is not on PATH, or one of them fails.
    """
    for name in ("cmake", "make", "nest-config"):
        if find(name) is None:
            raise PyNNError(f"{name} is not on PATH, so a NEST extension cannot be built.")
    source = Path(extension_directory).resolve()
    build = source / nest_build_dir
    build.mkdir(parents=True, exist_ok=True)
    steps = (["cmake", f"-Dwith-nest={find('nest-config')}", str(source)], ["make"], ["make", "install"])
    return "".join(_run(step, build) for step in steps)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr[-2000:]
        raise PyNNError(f"{' '.join(command)} failed in {folder} with exit code {done.returncode}: {said}")
    return done.stdout + done.stderr
