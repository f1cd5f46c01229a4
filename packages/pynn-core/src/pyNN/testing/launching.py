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


def on_processes(processes: int, *command: str, environment: Mapping[str, str] | None = None) -> str:
    """What a command of this Python printed, on so many processes; 0: on one without MPI.

    Parameters
    ----------
    environment
        Variables beside those of this process.
    """
    launcher = [str(_BESIDE) if _BESIDE.exists() else "mpiexec", "-n", str(processes)] if processes else []
    done = subprocess.run(
        [*launcher, sys.executable, *command], capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
