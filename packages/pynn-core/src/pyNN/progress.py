"""One line on a terminal while a long run goes on: how far it is, and how long it will still take."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_WAIT_S = 2.0  # shorter runs show nothing


class RunProgress:
    """Draws on the standard error, where that is a terminal, and leaves nothing behind."""

    def __init__(self, start: float, goal: float) -> None:
        self.start, self.goal = start, goal
        self._begun, self._drawn = time.monotonic(), False

    def __enter__(self) -> RunProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._drawn:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def show(self, now: float) -> None:
        """Draw the line for simulated time ``now``, ms."""
        elapsed = time.monotonic() - self._begun
        if elapsed < _WAIT_S or now <= self.start or self.goal <= self.start or not sys.stderr.isatty():
            return
        part = (now - self.start) / (self.goal - self.start)
        left = elapsed / part - elapsed
        sys.stderr.write(f"\r{now:.0f} of {self.goal:.0f} ms, {part:4.0%}, about {left:.0f} s left\033[K")
        sys.stderr.flush()
        self._drawn = True
