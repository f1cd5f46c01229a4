"""How far a simulation is, in one line of the terminal."""

from __future__ import annotations

import sys
from typing import TextIO


class ProgressBar:
    """A bar from 0 to 1, drawn over itself on the standard output.

    Parameters
    ----------
    width
        Letters from bracket to bracket.
    char
        What fills it.
    mode
        "fixed": the percentage stays in place; "dynamic": it moves along with the bar.
    stream
        Where it is drawn, in place of the standard output.
    """

    def __init__(self, width: int = 77, char: str = "#", mode: str = "fixed", stream: TextIO | None = None) -> None:
        self.width, self.char = width, char
        self.mode = mode if mode in ("fixed", "dynamic") else "fixed"
        self.stream = stream

    def set_level(self, level: float) -> None:
        """Draw the bar at ``level``, 0 to 1."""
        part = min(max(level, 0.0), 1.0)
        room = max(self.width - 2, 0)
        filled = round(part * room)
        blanks = room - filled if self.mode == "fixed" else 0
        stream = self.stream if self.stream is not None else sys.stdout
        stream.write(f"[ {self.char * filled}{' ' * blanks} ] {100 * part:3.0f}% \r")
        stream.flush()

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
