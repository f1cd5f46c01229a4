"""NEURON and mpi4py must share one MPI library: NEURON takes what is loaded already, else the first ``libmpi.so``."""

from __future__ import annotations

import ctypes
import os
import re

from pyNN.parallel import communicator

_MAPS = "/proc/self/maps"
# Not libmpi_abi: it has the same functions, but other handles than NEURON was compiled for.
_LIBRARY = re.compile(r"/\S*/libmpi(?:ch)?(?:\.\d+)*\.(?:so|dylib)(?:\.\d+)*$", re.M)


def share_library() -> None:
    """Load mpi4py and, where several processes were launched, let NEURON find its MPI library.

    NEURON's wheel looks for a loaded MPI among global symbols alone, and Python loads mpi4py's for itself; without this
    it opens any ``libmpi.so``, or none, and each process takes itself for the only one.
    """
    if communicator() is None:
        return
    for path in loaded_libraries():
        ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)


def loaded_libraries() -> list[str]:
    """MPI libraries that this process has loaded; empty where the system does not tell."""
    if not os.path.exists(_MAPS):
        return []
    with open(_MAPS, encoding="utf-8") as maps:
        return sorted(set(_LIBRARY.findall(maps.read())))
