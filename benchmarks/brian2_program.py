"""A network of Brian 2 in C++ standalone mode: compiled once, then run from the beginning as often as asked."""

from __future__ import annotations

import resource
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vogels_abbott import TIMESTEP


@dataclass(frozen=True)
class Timed:
    """Wall-clock and CPU seconds of the last run of a program."""

    wall: float
    cpu: float


class Program:
    """What ``describe`` made, with its calls of ``run``, as a program. One program at a time."""

    def __init__(self, describe: Callable[[], None], threads: int, seed: int | None = None) -> None:
        import brian2

        self._threads = threads
        self._folder = Path(tempfile.mkdtemp(prefix="brian2-"))
        brian2.device.reinit()
        brian2.set_device("cpp_standalone", directory=str(self._folder), build_on_run=False)
        brian2.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
        brian2.defaultclock.dt = TIMESTEP * brian2.ms
        if seed is not None:
            brian2.seed(seed)
        describe()
        brian2.device.build(directory=str(self._folder), compile=True, run=False)

    def measure(self) -> Timed:
        """Run the program. What it tells of its last run is CPU time on one thread and wall clock on several (as its
        ``network.cpp`` has it); the other follows from the share of a processor that the whole program had."""
        import brian2

        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        brian2.device.run(directory=str(self._folder), with_output=False)
        whole, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        share = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / whole
        told = brian2.device._last_run_time
        return Timed(told, told * share) if self._threads > 1 else Timed(told / share, told)

    def __del__(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
