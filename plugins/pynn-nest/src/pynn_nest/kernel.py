"""NEST's kernel: imported in silence at the first setup, set up for one simulation at a time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from cawan.simulator import Settings


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


@contextmanager
def interrupts_wait() -> Iterator[None]:
    """Ctrl-C takes effect at the end of the block, so that what belongs together happens together.

    Python calls a signal's handler as soon as NEST returns, before the caller has noted how far it simulated.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield  # handlers run in the main thread alone
        return
    arrived: list[FrameType | None] = []
    signal.signal(signal.SIGINT, lambda _, frame: arrived.append(frame))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if arrived:
            handler(signal.SIGINT, arrived[0])


@cache
def nest() -> Any:
    """The module ``nest``, told to report errors alone."""
    with silence():
        import nest as module

        module.verbosity = module.VerbosityLevel.ERROR
    return module


def reset(settings: Settings) -> None:
    """A new, empty kernel."""
    kernel = nest()
    kernel.ResetKernel()
    kernel.verbosity = kernel.VerbosityLevel.ERROR
    values: dict[str, Any] = {
        "resolution": settings.timestep,
        "local_num_threads": settings.threads,
        "rng_seed": settings.seed % (2**32 - 1) + 1,
    }
    kernel.SetKernelStatus(values)
    if settings.min_delay is not None and settings.max_delay is not None:
        kernel.SetKernelStatus({"min_delay": settings.min_delay, "max_delay": settings.max_delay})
