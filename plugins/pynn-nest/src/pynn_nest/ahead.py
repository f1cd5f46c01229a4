"""What NEST's nodes have logged and its multimeters get with the next steps: asked of a copy of the process.

A multimeter collects what its nodes log at the beginning of the next stretch of ``min_delay``. The simulation may not
go on for that, and NEST cannot go back; so a copy of the process goes on, hands over what was logged, and ends.
"""

from __future__ import annotations

import os
import select
import signal
import warnings
from typing import Any

import numpy as np
from cawan.logs import logger
from cawan.simulator import Array
from pyNN.interrupts import interrupts_wait

from pynn_nest.kernel import nest

_log = logger(__name__)
_PATIENCE_S = 120.0  # in which a copy must have handed something over


def can_look_ahead() -> bool:
    """Whether a copy of this process can go on: with one thread, for those of OpenMP are not copied."""
    return hasattr(os, "fork") and int(nest().local_num_threads) == 1


def logged(device: Any, variable: str, duration: float) -> Array:
    """Times (ms), senders and values, shape (3, n), that a multimeter gets in the next ``duration`` ms.

    Empty, with a line of the log, where the copy does not end well.
    """
    with interrupts_wait():  # else the copy would be left behind
        found, status = _of_copy(device, variable, duration)
    if found is None or status:
        _log.warning("The last samples of %r are known one min_delay late: NEST does not go on in a copy.", variable)
        return np.empty((3, 0))
    return np.frombuffer(found, dtype=np.float64).reshape(3, -1)


def _of_copy(device: Any, variable: str, duration: float) -> tuple[bytes | None, int]:
    """What the copy hands over, and how it ended."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of other threads, which the copy does without
        copy = os.fork()
    if copy == 0:
        _hand_over(device, variable, duration, writing)
    os.close(writing)
    found = _received(reading)
    if found is None:
        os.kill(copy, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(copy, 0)
    return found, status


def _hand_over(device: Any, variable: str, duration: float, writing: int) -> None:
    """Of the copy: go on, write, and end without anything that is done at the end of a Python."""
    status = 1
    try:
        nest().Simulate(duration)
        events = device.get("events")
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(np.array([events[name] for name in ("times", "senders", variable)], dtype=np.float64).tobytes())
        status = 0
    finally:
        os._exit(status)


def _received(reading: int) -> bytes | None:
    """All that comes; None where nothing does for too long."""
    parts: list[bytes] = []
    while True:
        ready, _, _ = select.select([reading], [], [], _PATIENCE_S)
        if not ready:
            return None
        part = os.read(reading, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)
