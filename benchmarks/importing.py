"""What ``import pyNN.<simulator>`` costs beside the simulator's own import, and what either prints.

    python benchmarks/importing.py native nest neuron brian2 arbor

First ``import pyNN.<simulator>`` in a process that has imported NumPy. Then whole processes, over those of a bare
Python: a simulator is imported at the first ``setup``, or with the first network, so its own import is compared with
the last line of each, both imports and ``setup()``. The embedded engine has none.

Milliseconds by the clock and, in whole processes, of the processor: lowest, median and highest of several in turn. Once
before, each is run to write its bytecode, whatever PYTHONDONTWRITEBYTECODE says, and to compile what it compiles.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

SIMULATORS = ("native", "nest", "neuron", "brian2", "arbor")
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_OVER_NUMPY = """
import numpy
from time import perf_counter
begin = perf_counter()
import pyNN.{name}
print(1e3 * (perf_counter() - begin))
"""


class Spent(NamedTuple):
    """What one process took: processor time in ms, and what it printed."""

    processor: float
    printed: str


def spent(script: str) -> Spent:
    """Run a script in a process of its own."""
    before = os.times()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=_ENVIRONMENT)
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return Spent(1e3 * seconds, (done.stdout + done.stderr).decode())


def row(label: str, found: Sequence[float], printed: str = "") -> str:
    """A line of the table."""
    return f"{label:38} {min(found):6.0f} {median(found):6.0f} {max(found):6.0f} ms{printed}"


def over_numpy(names: Sequence[str], repeats: int) -> None:
    """A line for each simulator: its module, where NumPy is there already."""
    scripts = {name: _OVER_NUMPY.format(name=name) for name in names}
    found: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(repeats + 1):
        for name, script in scripts.items():
            milliseconds = float(spent(script).printed)
            if turn:
                found[name].append(milliseconds)
    for name, taken in found.items():
        print(row(f"import pyNN.{name}, over NumPy", taken))


def whole(name: str, repeats: int) -> None:
    """Up to three lines: the simulator alone, its module, and both with ``setup()``."""
    own = "" if name == "native" else f"import {name}; "
    scripts = {
        f"import {name}": own,
        f"import pyNN.{name}": f"import pyNN.{name}",
        "both, and setup()": f"{own}import pyNN.{name} as sim; sim.setup()",
    }
    scripts = {label: script for label, script in scripts.items() if script}
    printed = {label: len(spent(script).printed) for label, script in scripts.items()}
    found: dict[str, list[float]] = {label: [] for label in scripts}
    for _ in range(repeats):
        bare = spent("").processor
        for label, script in scripts.items():
            found[label].append(spent(script).processor - bare)
    for label, taken in found.items():
        print(row(f"{label}, processor", taken, f", printed {printed[label]} bytes"))


def main() -> None:
    """The table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("simulators", nargs="*", default=SIMULATORS, help=f"some of {', '.join(SIMULATORS)}; else all")
    parser.add_argument("--repeats", type=int, default=9, help="how often each is measured (9)")
    arguments = parser.parse_args()
    print(f"{'':38} lowest median highest")
    over_numpy(arguments.simulators, arguments.repeats)
    for name in arguments.simulators:
        whole(name, arguments.repeats)


if __name__ == "__main__":
    main()
