"""How programs are started, as Sumatra 0.8 names it: ``SerialLaunchMode``, ``PlatformInformation``, …"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from sumatra.core import component, component_type, get_registered_components
from sumatra.programs import Executable, MatlabExecutable

__all__ = [
    "DistributedLaunchMode", "Executable", "LaunchMode", "MatlabExecutable", "PlatformInformation", "SerialLaunchMode",
    "SerialTqdmLaunchMode", "SlurmMPILaunchMode", "check_files_exist", "get_launch_mode",
]  # fmt: skip


class PlatformInformation:
    """Facts about one machine, as attributes."""

    def __init__(self, **kwargs: Any) -> None:
        vars(self).update(kwargs)


def check_files_exist(*paths: str | None) -> None:
    """Raise :class:`OSError` for the first path that is there neither as a file nor as a program."""
    for path in paths:
        if path and not Path(path).exists() and not shutil.which(path):
            raise OSError(f"{path} does not exist. Give the path of an existing file.")


@component_type
class LaunchMode:
    """One way to start a program."""

    required_attributes: ClassVar[tuple[str, ...]] = ("check_files", "generate_command")
    name: Any = ""

    def __init__(self, working_directory: str | None = None, options: str | None = None) -> None:
        self.working_directory = working_directory or os.getcwd()
        self.options = options

    def __getstate__(self) -> dict[str, Any]:
        return {"working_directory": self.working_directory, "options": self.options}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__getstate__() == other.__getstate__()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash((type(self), *map(str, self.__getstate__().values())))

    def __str__(self) -> str:
        return self.get_type()

    def check_files(self, executable: Executable, main_file: str | None) -> None:
        """Raise where program or script are missing."""
        if main_file is not None:
            check_files_exist(executable.path, *main_file.split())
        elif executable.requires_script:
            raise OSError("A script must be specified.")
        else:
            check_files_exist(executable.path)

    def pre_run(self, executable: Executable) -> None:
        """Run what a program needs before it starts, such as NEURON's compiler of mechanisms."""
        command = getattr(executable, "pre_run", None)
        if isinstance(command, str):
            subprocess.run([Path(executable.path).parent / command], check=True, cwd=self.working_directory)

    def generate_command(self, executable: Executable, main_file: str | None, arguments: str | None) -> str:
        """The command line, as text."""
        raise NotImplementedError(f"{type(self).__name__} does not say how it starts a program.")

    def run(
        self, executable: Executable, main_file: str | None, arguments: str | None, append_label: str | None = None,
        capture_stderr: bool = True,
    ) -> int:
        """Start the program and wait; 0 if it ended well, -n if signal n ended it. Its text is ``stdout_stderr``."""
        self.check_files(executable, main_file)
        self.pre_run(executable)
        words = shlex.split(self.generate_command(executable, main_file, arguments))
        words += [append_label] if append_label else []
        done = subprocess.run(words, cwd=self.working_directory, stdout=subprocess.PIPE, check=False,
                              stderr=subprocess.STDOUT if capture_stderr else None)  # fmt: skip
        self.stdout_stderr = os.fsdecode(done.stdout)
        return done.returncode

    def get_platform_information(self) -> list[PlatformInformation]:
        """The machines that it runs on."""
        from dataclasses import asdict

        from sumatra.running.environment import this_machine

        return [PlatformInformation(**asdict(this_machine()), ip_addr="127.0.0.1")]

    def get_type(self) -> str:
        """The name that ``smt configure --launch_mode`` takes."""
        return str(self.name)


def _line(words: Sequence[str | None], arguments: str | None) -> str:
    return " ".join([*(str(word) for word in words if word), *([arguments] if arguments else [])])


@component
class SerialLaunchMode(LaunchMode):
    """One process on this machine."""

    name = "serial"

    def generate_command(self, executable: Executable, main_file: str | None, arguments: str | None) -> str:
        """The program, its options, the script and its arguments."""
        if isinstance(executable, MatlabExecutable) and main_file:
            return _line([executable.path, "-nodesktop", "-r", Path(main_file).stem], arguments)
        return _line([executable.path, executable.options, main_file], arguments)


@component
class SerialTqdmLaunchMode(SerialLaunchMode):
    """The same; standard error is left to the terminal."""

    name = "serial-tqdm"

    def run(self, *args: Any, **kwargs: Any) -> int:
        """Start the program and leave its standard error alone."""
        return super().run(*args, **{**kwargs, "capture_stderr": False})


@component
class DistributedLaunchMode(LaunchMode):
    """Several processes, by ``mpiexec``."""

    name = "distributed"

    def __init__(
        self, n: int = 1, mpirun: str = "mpiexec", hosts: Sequence[str] = (), options: str | None = None,
        pfi_path: str = "/usr/local/bin/pfi.py", working_directory: str | None = None,
    ) -> None:
        super().__init__(working_directory, options)
        self.n, self.hosts, self.pfi_path = int(n), list(hosts), pfi_path
        self.mpirun = shutil.which(mpirun) or mpirun

    def __getstate__(self) -> dict[str, Any]:
        return {"mpirun": self.mpirun, "n": self.n, "hosts": self.hosts, "pfi_path": self.pfi_path,
                **super().__getstate__()}  # fmt: skip

    def check_files(self, executable: Executable, main_file: str | None) -> None:
        """Raise where the launcher, the program or the script are missing."""
        check_files_exist(self.mpirun)
        super().check_files(executable, main_file)

    def generate_command(self, executable: Executable, main_file: str | None, arguments: str | None) -> str:
        """``mpiexec -n N --wdir DIR program …``."""
        launcher = [self.mpirun, "-n", str(self.n), "--wdir", self.working_directory, self.options]
        program = [executable.path, getattr(executable, "mpi_options", None), executable.options, main_file]
        return _line([*launcher, *program], arguments)


@component
class SlurmMPILaunchMode(LaunchMode):
    """Several processes on nodes that Slurm allots."""

    name = "slurm-mpi"

    def __init__(
        self, n: int = 1, mpirun: str = "mpiexec", working_directory: str | None = None, options: str | None = None
    ) -> None:
        super().__init__(working_directory, options)
        self.n, self.mpirun = int(n), mpirun

    def __getstate__(self) -> dict[str, Any]:
        return {"mpirun": self.mpirun, "n": self.n, **super().__getstate__()}

    def generate_command(self, executable: Executable, main_file: str | None, arguments: str | None) -> str:
        """``salloc -n N OPTIONS mpiexec --wdir DIR program …``."""
        launcher = ["salloc", "-n", str(self.n), self.options, self.mpirun, "--wdir", self.working_directory]
        program = [executable.path, getattr(executable, "mpi_options", None), executable.options, main_file]
        return _line([*launcher, *program], arguments)


def get_launch_mode(mode_name: str) -> type[LaunchMode]:
    """The class of a launch mode by its name."""
    known: dict[str, type[LaunchMode]] = get_registered_components(LaunchMode)
    if mode_name not in known:
        raise ValueError(f"There is no launch mode {mode_name!r}. There are: {', '.join(sorted(known))}.")
    return known[mode_name]
