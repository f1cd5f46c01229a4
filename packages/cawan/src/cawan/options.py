"""What a plug-in may be configured with: one value type for all six interfaces, and nothing heavy with it."""

from __future__ import annotations

from cawan.fast_dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that the options of a plug-in may hold: its default, what it means, and what it may be."""

    default: object
    meaning: str
    choices: tuple[object, ...] | None = None
