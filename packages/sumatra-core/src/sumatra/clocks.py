"""When something happened, in an order that no wrong clock can break, and the identities of records."""

from __future__ import annotations

import os
import time as _time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no letter that is read as another


class Clock:
    """A hybrid logical clock: never behind what it has seen, whatever the machine's own clock says.

    A reading is 15 digits of milliseconds since 1970, a counter of 5 digits and the writer, joined by "-", so that
    readings compare as text. After ``see(c)`` every reading is later than ``c``.
    """

    def __init__(self, writer: str, seen: str = "") -> None:
        self.writer = writer
        self._latest = (0, 0)
        self.see(seen)

    def see(self, clock: str) -> None:
        """Take note of a reading of someone else; "" is none."""
        if clock:
            milliseconds, counter = clock.split("-", 2)[:2]
            self._latest = max(self._latest, (int(milliseconds), int(counter)))

    def tick(self) -> str:
        """The next reading."""
        now = (_time.time_ns() // 1_000_000, 0)
        milliseconds, counter = self._latest
        following = (milliseconds, counter + 1) if counter < 99_999 else (milliseconds + 1, 0)
        self._latest = max(now, following)
        return f"{self._latest[0]:015d}-{self._latest[1]:05d}-{self.writer}"


def new_record(clock: str) -> str:
    """A new identity of 26 characters that sorts after earlier ones: a clock's reading, then 63 random bits."""
    milliseconds, counter = clock.split("-", 2)[:2]
    number = int(milliseconds) << 80 | int(counter) << 63 | int.from_bytes(os.urandom(8), "big") >> 1
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
