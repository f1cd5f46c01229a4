"""A stop-watch."""

from __future__ import annotations

import time


class Timer:
    """Wall-clock time since the start and between marks.

    >>> timer = Timer()
    >>> timer.elapsed_time() < 1.0
    True
    """

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self._start = self._last = time.perf_counter()
        self.marks: list[tuple[str, float]] = []

    reset = start

    def elapsed_time(self, format: str | None = None) -> float | str:
        """Seconds since the start; with ``format="long"``, in words."""
        seconds = time.perf_counter() - self._start
        return self.time_in_words(seconds) if format == "long" else seconds

    elapsedTime = elapsed_time

    def diff(self, format: str | None = None) -> float | str:
        """Seconds since the last ``diff``, or since the start; with ``format="long"``, in words."""
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        return self.time_in_words(seconds) if format == "long" else seconds

    def mark(self, label: str) -> None:
        """Note the time since the last mark under a label."""
        self.marks.append((label, float(self.diff())))

    @staticmethod
    def time_in_words(s: float) -> str:
        """Seconds in words.

        >>> Timer.time_in_words(3665)
        '1 hour, 1 minute, 5 seconds'
        """
        parts: list[str] = []
        rest = round(s)
        for name, length in (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1)):
            count, rest = divmod(rest, length)
            if count or (name == "second" and not parts):
                parts.append(f"{count} {name}{'' if count == 1 else 's'}")
        return ", ".join(parts)
