"""Several processes under MPI: how the kit and the tests of plug-ins begin them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from shutil import which

import pytest

_BESIDE = Path(sys.executable).parent / "mpiexec"  # of the MPI that pip installed
needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None or not (_BESIDE.exists() or which("mpiexec")),
    reason="needs mpi4py and an mpiexec of the same MPI: nox -s mpi installs both",
)


def launched(
    processes: int, *command: str, environment: Mapping[str, str] | None = None, limit_s: float = 300.0
) -> subprocess.CompletedProcess[str]:
    """A command of this Python that has ended, on so many processes; 0: on one without MPI.

    Parameters
    ----------
    environment
        Variables beside those of this process.
    limit_s
        Seconds after which it is given up, by an error.
    """
    launcher = [str(_BESIDE) if _BESIDE.exists() else "mpiexec", "-n", str(processes)] if processes else []
    return subprocess.run(
        [*launcher, sys.executable, *command], capture_output=True, text=True, check=False, timeout=limit_s,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip


def on_processes(processes: int, *command: str, environment: Mapping[str, str] | None = None) -> str:
    """What such a command printed, which must end well."""
    done = launched(processes, *command, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout
