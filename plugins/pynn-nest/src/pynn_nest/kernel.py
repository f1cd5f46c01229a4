"""NEST's kernel: imported in silence at the first setup, set up for one simulation at a time."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from cawan.simulator import Settings

from pynn_nest.extensions import install_all

_live = False


@contextmanager
def silence() -> Iterator[None]:
    """Nothing reaches the screen, not even from C++; Python's own streams are flushed first."""
    sys.stdout.flush()
    kept, empty = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(empty, 1)
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(empty)


@cache
def nest() -> Any:
    """The module ``nest``, told to report errors alone."""
    with silence():
        import nest as module

        module.verbosity = module.VerbosityLevel.ERROR
    return module


def running() -> Any | None:
    """The module ``nest`` while a simulation is set up, else None."""
    return nest() if _live else None


def release() -> None:
    """Empty the kernel: the simulation is over."""
    global _live
    _live = False
    nest().ResetKernel()


def reset(settings: Settings) -> None:
    """A new, empty kernel, with the modules that were registered."""
    global _live
    kernel = nest()
    kernel.ResetKernel()
    _live = True
    kernel.verbosity = kernel.VerbosityLevel.ERROR
    values: dict[str, Any] = {
        "resolution": settings.timestep,
        "local_num_threads": settings.threads,
        "rng_seed": settings.seed % (2**32 - 1) + 1,
    }
    kernel.SetKernelStatus(values)
    install_all(kernel)
    if settings.min_delay is not None and settings.max_delay is not None:
        kernel.SetKernelStatus({"min_delay": settings.min_delay, "max_delay": settings.max_delay})
