"""One warning for each old spelling, at the line of the script that uses it."""

from __future__ import annotations

import os
import sys
import warnings

_HERE = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))


def deprecated(old: str, new: str) -> None:
    """Warn that ``old`` is today written ``new``, at the first line outside pyNN."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
        level += 1
    warnings.warn(f"{old} is an old spelling. Today: {new}", DeprecationWarning, stacklevel=level)
