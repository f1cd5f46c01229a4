"""What ``import pyNN.<simulator>`` costs beside the simulator's own import, and what either prints.

    python benchmarks/importing.py nest neuron brian2 arbor

A simulator is imported at the first ``setup``, so its own import is compared with the last line of each: import and
``setup()``. Processor seconds of a whole process over those of a bare Python: medians of several in turn, lowest and
highest in brackets. Once before, each is run to write its bytecode and to compile what it compiles.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median

REPEATS = 9
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def spent(script: str) -> tuple[float, int]:
    """Processor seconds of a Python that runs this, and how many bytes it printed."""
    before = os.times()
    done = subprocess.run([sys.executable, "-c", script], env=_ENVIRONMENT, capture_output=True, check=True)
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, len(done.stdout) + len(done.stderr)


def main(names: Sequence[str]) -> None:
    """Three lines for each simulator."""
    for name in names:
        scripts = {
            f"import {name}": f"import {name}",
            f"import pyNN.{name}": f"import pyNN.{name}",
            "the same, and setup()": f"import pyNN.{name} as sim; sim.setup()",
        }
        printed = {label: spent(script)[1] for label, script in scripts.items()}
        found: dict[str, list[float]] = {label: [] for label in scripts}
        for _ in range(REPEATS):
            bare = spent("")[0]
            for label, script in scripts.items():
                found[label].append(spent(script)[0] - bare)
        for label, seconds in found.items():
            spread = f"({min(seconds):.2f} to {max(seconds):.2f})"
            print(f"{label:24} {median(seconds):5.2f} s {spread}, printed {printed[label]} bytes")


if __name__ == "__main__":
    main(sys.argv[1:] or ["nest", "neuron", "brian2", "arbor"])
