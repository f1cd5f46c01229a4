"""The programs that run scripts, as Sumatra 0.8 names them: ``PythonExecutable``, ``get_executable``, …"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from sumatra.core import component, component_type, get_registered_components, run
from sumatra.interpreters import locate

__all__ = [
    "Executable", "GENESISSimulator", "JuliaExecutable", "MatlabExecutable", "NESTSimulator", "NEURONSimulator",
    "PythonExecutable", "RExecutable", "ShellExecutable", "get_executable", "version_in_command_line_output",
    "version_pattern",
]  # fmt: skip

version_pattern = re.compile(r"\b(?P<version>\d+(\.\d+){1,2}(\.?[a-z]+\d?)?)\b")


def version_in_command_line_output(command_line_output: str, pattern: re.Pattern[str] = version_pattern) -> str:
    """The first thing that looks like a version; "unknown" where there is none."""
    found = pattern.search(command_line_output)
    return str(found["version"]) if found else "unknown"


@component_type
class Executable:
    """A program: where it is, what users call it, its version and its options (text).

    Parameters
    ----------
    path
        A path, or a name on the search path; None finds the usual program of this class.
    version
        None asks the program.
    """

    required_attributes: ClassVar[tuple[str, ...]] = ("executable_names", "file_extensions")
    executable_names: ClassVar[tuple[str, ...]] = ()
    file_extensions: ClassVar[tuple[str, ...]] = ()
    requires_script: ClassVar[bool] = False
    default_executable_name: ClassVar[str] = ""
    version_option: ClassVar[str] = "--version"
    name: Any = None

    def __init__(
        self, path: str | os.PathLike[str] | None, version: str | None = None, options: str | None = "",
        name: str | None = None,
    ) -> None:
        wanted = os.fspath(path) if path is not None else self.default_executable_name
        self.path = str(self._find_executable(wanted)) if path is None or not Path(wanted).exists() else wanted
        self.name = name or type(self).name or Path(self.path).name
        self.version = version or self._get_version()
        self.options = options or ""

    def __str__(self) -> str:
        text = f"{self.name} (version: {self.version}) at {self.path}"
        return f"{text}; options: {self.options}" if self.options else text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Executable) and self.__getstate__() == other.__getstate__()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((self.path, self.version, self.options))

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "version": self.version, "options": self.options, "name": self.name}

    def _find_executable(self, executable_name: str) -> str:
        """The absolute path of a program on the search path."""
        if executable_name in ("python", "python3") or shutil.which(executable_name):
            return str(locate(executable_name, Path.cwd()))
        return executable_name

    def _get_version(self) -> str:
        """What ``--version`` says, of programs that are known to answer and to stop; else ""."""
        if type(self) is Executable:
            known = _class_of(self.path)
            return known(self.path).version if known and shutil.which(self.path) else ""
        if not shutil.which(self.path):
            return ""
        _, out, err = run([self.path, self.version_option], timeout=5.0)
        return version_in_command_line_output(os.fsdecode(out + err))

    @staticmethod
    def write_parameters(parameters: Any, filebasename: str) -> str:
        """Write a parameter file that this program reads; gives its name."""
        return str(parameters.save(filebasename, add_extension=True))


@component
class PythonExecutable(Executable):
    """Python."""

    name = "Python"
    executable_names = ("python", "python2", "python3", *(f"python3.{minor}" for minor in range(4, 16)))
    file_extensions = (".py",)
    default_executable_name = "python"
    requires_script = True


@component
class MatlabExecutable(Executable):
    """MATLAB; it is not asked for its version, as it starts a session."""

    name = "Matlab"
    executable_names = ("matlab", "octave")
    file_extensions = (".m",)
    default_executable_name = "matlab"
    requires_script = True

    def _get_version(self) -> str:
        return super()._get_version() if Path(self.path).name.startswith("octave") else ""


@component
class RExecutable(Executable):
    """R."""

    name = "R"
    executable_names = ("Rscript", "R")
    file_extensions = (".R", ".r")
    default_executable_name = "Rscript"
    requires_script = True


@component
class NEURONSimulator(Executable):
    """NEURON's own interpreter, for hoc files."""

    name = "NEURON"
    executable_names = ("nrniv", "nrngui")
    file_extensions = (".hoc", ".oc")
    default_executable_name = "nrniv"
    mpi_options = "-mpi"
    pre_run = "nrnivmodl"
    requires_script = True

    @staticmethod
    def write_parameters(parameters: Any, filebasename: str) -> str:
        """Write hoc assignments; floats keep all their digits."""
        name = f"{filebasename}.hoc"
        lines = []
        for key, value in parameters.as_dict().items():
            quoted = '"' + value.replace('"', "'") + '"' if isinstance(value, str) else repr(value)
            lines += [f"strdef {key}\n"] * isinstance(value, str) + [f"{key} = {quoted}\n"]
        Path(name).write_text("".join(lines), encoding="utf-8")
        return name


@component
class NESTSimulator(Executable):
    """NEST's own interpreter, for SLI files."""

    name = "NEST"
    executable_names = ("nest",)
    file_extensions = (".sli",)
    default_executable_name = "nest"
    requires_script = True


@component
class GENESISSimulator(Executable):
    """GENESIS; it is not asked for its version, as it starts a session."""

    name = "GENESIS"
    executable_names = ("genesis",)
    file_extensions = (".g",)
    default_executable_name = "genesis"
    requires_script = True

    def _get_version(self) -> str:
        return ""


@component
class JuliaExecutable(Executable):
    """Julia."""

    name = "Julia"
    executable_names = ("julia",)
    file_extensions = (".jl",)
    default_executable_name = "julia"
    requires_script = True


@component
class ShellExecutable(Executable):
    """A shell."""

    name = "shell"
    executable_names = ("sh", "bash")
    file_extensions = (".sh",)
    default_executable_name = "sh"
    requires_script = True

    def _get_version(self) -> str:
        return super()._get_version() if Path(self.path).name == "bash" else ""


def get_executable(path: str | None = None, script_file: str | None = None) -> Executable:
    """The program at a path, or the one that runs scripts like this; its class by name or by suffix.

    Raises
    ------
    ValueError
        Neither was given, or nothing is known to run such a script.
    """
    if path:
        known = _class_of(path)
        return known(path) if known else Executable(path)
    if not script_file:
        raise ValueError("Either the program's path or a script must be given.")
    suffix = Path(script_file).suffix
    for cls in _classes():
        if suffix and suffix in _words(cls.file_extensions):
            return cls(None)
    raise ValueError(f"No program is known for scripts with the suffix {suffix!r}. Give the program's path.")


def _classes() -> list[type[Executable]]:
    return list(dict.fromkeys(get_registered_components(Executable).values()))


def _class_of(path: str) -> type[Executable] | None:
    """The class of a program by its name; None for programs that nobody described."""
    stem = Path(path).name
    stem = "python" if re.fullmatch(r"python[\d.]*", stem) else stem
    return next((cls for cls in _classes() if stem in _words(cls.executable_names)), None)


def _words(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
