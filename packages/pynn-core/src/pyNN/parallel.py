"""Processes that share a simulation, as MPI counts them; where no MPI is in use, one."""

from __future__ import annotations

import sys
from typing import Any


def communicator() -> Any:
    """MPI's communicator of all processes; None where ``mpi4py`` was not imported by anyone who runs in parallel."""
    module = sys.modules.get("mpi4py.MPI")
    return None if module is None else module.COMM_WORLD


def rank_and_size() -> tuple[int, int]:
    """Number of this process, and of processes in all."""
    found = communicator()
    return (0, 1) if found is None else (int(found.Get_rank()), int(found.Get_size()))
