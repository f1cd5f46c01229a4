"""How far a simulation is, in one line of the terminal."""

from __future__ import annotations

import sys
from typing import TextIO


class ProgressBar:
    """A bar from 0 to 1, on standard error so that a script's own output stays clean.

    On a terminal the line is drawn over itself; elsewhere each tenth is written once.
    """

    def __init__(self, width: int = 77, char: str = "#", mode: str = "fixed", stream: TextIO | None = None) -> None:
        self.width, self.char, self.mode = width, char, mode
        self.stream = stream if stream is not None else sys.stderr
        self._last = -1

    def set_level(self, level: float) -> None:
        """Draw the bar at ``level``, 0 to 1."""
        part = min(max(level, 0.0), 1.0)
        if self.stream.isatty():
            filled = round(part * self.width)
            end = "\n" if part >= 1.0 else ""
            self.stream.write(f"\r[{self.char * filled}{' ' * (self.width - filled)}] {part:4.0%}{end}")
        elif int(part * 10) != self._last:
            self._last = int(part * 10)
            self.stream.write(f"{part:4.0%}\n")
        self.stream.flush()

    def __call__(self, level: float) -> float | None:
        """Draw the bar at ``level``, 0 to 1."""
        self.set_level(level)
        return None


class SimulationProgressBar(ProgressBar):
    """A callback for ``run(…, callbacks=[SimulationProgressBar(interval, t_stop)])``; both in ms."""

    def __init__(
        self, interval: float, t_stop: float, char: str = "#", mode: str = "fixed", stream: TextIO | None = None
    ) -> None:
        super().__init__(width=min(77, max(10, round(t_stop / interval))), char=char, mode=mode, stream=stream)
        self.interval, self.t_stop = interval, t_stop

    def __call__(self, t: float) -> float:
        """Draw the bar for time t; gives the time of the next call."""
        self.set_level(t / self.t_stop)
        return t + self.interval
