"""NEURON itself: imported in silence at the first setup, one for each process."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from cawan.simulator import Settings
from pyNN.errors import PyNNError
from pyNN.parallel import launched

from pynn_neuron.mpi import share_library

_HELD: list[Any] = []  # sections of earlier networks whose cells a script still holds

if launched() > 1:  # now, for a script may import NEURON itself before setup(), which says what is wrong
    with suppress(PyNNError):
        share_library()


@contextmanager
def silence() -> Iterator[None]:
    """Nothing reaches the screen, not even from C; Python's own streams are flushed first."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept, empty = [os.dup(1), os.dup(2)], os.open(os.devnull, os.O_WRONLY)
    try:
        for stream in (1, 2):
            os.dup2(empty, stream)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for stream, copy in zip((1, 2), kept, strict=True):
            os.dup2(copy, stream)
            os.close(copy)
        os.close(empty)


@contextmanager
def many_objects() -> Iterator[None]:
    """While very many of NEURON's objects are made, Python does not look through them all for cycles: it takes more
    than half of the time, and there are none.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@cache
def hoc() -> Any:
    """NEURON's top-level object ``h``."""
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")  # else it looks for a screen and says that there is none
    with silence():
        from neuron import h
    return h


@cache
def parallel() -> Any:
    """NEURON's ParallelContext."""
    return hoc().ParallelContext()


class Place:
    """The one section that all point processes lie in; its own voltage takes no part."""

    def __init__(self, settings: Settings) -> None:
        h = hoc()
        with silence():
            h.CVode().active(False)
            h.secondorder = 0
            h.dt = settings.timestep
            self._section = h.Section(name="pynn")
            self.segment = self._section(0.5)

    def settle(self) -> None:
        """Let NEURON take note of all that was made since the last step, without a step."""
        hoc().fcurrent()

    def close(self) -> None:
        """Delete the section; where somebody still holds on to cells in it, it stays, for NEURON would crash."""
        if self.segment is not None and not self.segment.point_processes():
            hoc().delete_section(sec=self._section)
        elif self.segment is not None:
            _HELD.append(self._section)
        self._section = self.segment = None
