"""Which finder reads a script: by the program that runs it, or by its suffix."""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

from sumatra.dependency_finder.core import BaseDependency

_MODULES = {
    "Python": "python", "Matlab": "matlab", "Octave": "matlab", "MATLAB": "matlab", "R": "r", "NEURON": "neuron",
    "NEST": "nest", "GENESIS": "genesis", "Julia": "julia", "shell": "shell",
}  # fmt: skip
_SUFFIXES = {
    ".py": "python", ".m": "matlab", ".r": "r", ".hoc": "neuron", ".oc": "neuron", ".sli": "nest", ".g": "genesis",
    ".jl": "julia", ".sh": "shell",
}  # fmt: skip


def finder_of(program: str, script: str) -> str:
    """The language's module name, "" where none reads it."""
    return _MODULES.get(program) or _SUFFIXES.get(Path(script).suffix.lower(), "")


def needed_files(script: Path, program: str) -> list[Path]:
    """The files beside a script that its text, or theirs, says it needs; nothing is run, no version is asked."""
    language = finder_of(program, str(script))
    if not language:
        return []
    module = import_module(f"sumatra.dependency_finder.{language}")
    if language == "python":
        return list(module.find_imported(str(script))[0])
    return [Path(place) for place in module.LANGUAGE.follow(str(script))]


def find_dependencies(filename: str, executable: Any = None) -> list[BaseDependency]:
    """What a script needs, as its text says.

    Parameters
    ----------
    filename
        Path of the script; several, separated by blanks, as 0.8 had them, where there is no file of that name.
    executable
        The program that runs it; its ``name`` chooses the language, its ``path`` the environment.
    """
    names = [filename] if Path(filename).exists() else filename.split()
    found: list[BaseDependency] = []
    for name in names:
        language = finder_of(str(getattr(executable, "name", "")), name)
        if not language:
            warnings.warn(f"{name} is not searched for what it needs: its language is not known.", stacklevel=2)
            continue
        program = str(getattr(executable, "name", "") or "")
        if program and program not in _MODULES:
            warnings.warn(f"Nobody told how {program!r} names what a script needs; {name} is read by its suffix, as "
                          f"for {language}.", stacklevel=2)  # fmt: skip
        module = import_module(f"sumatra.dependency_finder.{language}")
        found += module.find_dependencies(name, executable)
    return list({(item.name, item.path): item for item in found}.values())
