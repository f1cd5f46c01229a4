"""Reading what the processes of a run said through ``cawan.run``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from cawan.events import restore

_log = logging.getLogger(__name__)


def gather(folder: Path) -> list[dict[str, Any]]:
    """Everything that was said, in order, each thing once with the ``count`` of processes that said it.

    A last line that a kill cut short is left out.
    """
    said: dict[bytes, dict[str, Any]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_bytes().splitlines(keepends=True):
            if line in said:
                said[line]["count"] += 1
            elif line.endswith(b"\n"):
                try:
                    said[line] = {**restore(line), "count": 1}
                except (ValueError, TypeError) as error:
                    _log.warning("A line of %s cannot be read: %s", file, error)
    return list(said.values())
