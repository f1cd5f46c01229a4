"""What each call costs where a network is small, and the calls are what one waits for.

    python benchmarks/small.py native nest --populations 1 20

Populations of ten cells, each with a Poisson source, a projection from that, one to itself and one that is plastic.
Microseconds of each call: the fastest and the median of many, each simulator in a process of its own. The first call of
each, which may import a library, is not counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pyNN

Times = dict[str, list[float]]


def timed(call: Callable[[], object], repeats: int) -> list[float]:
    """Fastest and median, µs, after a first call."""
    call()
    found = []
    for _ in range(repeats):
        begin = time.perf_counter()
        call()
        found.append(1e6 * (time.perf_counter() - begin))
    return [min(found), median(found)]


def built(sim: Any) -> tuple[Any, Any]:
    """One more population, and its plastic projection."""
    cells = sim.Population(10, sim.IF_curr_exp(i_offset=1.0))
    source = sim.Population(10, sim.SpikeSourcePoisson(rate=50.0))
    static = sim.StaticSynapse(weight=1e-5, delay=1.0)
    sim.Projection(source, cells, sim.OneToOneConnector(), static)
    sim.Projection(cells, cells, sim.AllToAllConnector(), static)
    rule = sim.AdditiveWeightDependence(w_max=1e-5)
    plastic = sim.STDPMechanism(sim.SpikePairRule(), rule, weight=1e-5, delay=1.0)
    return cells, sim.Projection(cells, cells, sim.AllToAllConnector(), plastic)


def measured(simulator: str, populations: int) -> Times:
    """Every call on one simulator."""
    sim: Any = pyNN.load(simulator)
    found = {"setup()": timed(lambda: sim.setup(timestep=0.1), 20)}
    found["2 populations, 3 projections"] = timed(lambda: built(sim), 20)
    sim.setup(timestep=0.1)
    cells, plastic = built(sim)
    for _ in range(populations - 1):
        built(sim)
    cells.record(["spikes", "v"])

    def between() -> None:
        cells.set(i_offset=1.1)
        sim.run(1.0)

    calls: dict[str, tuple[Callable[[], object], int]] = {
        "run(0.1)": (lambda: sim.run(0.1), 500),
        "run(1.0)": (lambda: sim.run(1.0), 500),
        "set(i_offset=…), run(1.0)": (between, 200),
        "cell.i_offset = …": (lambda: setattr(cells[3], "i_offset", 1.0), 100),
        "cells.get('tau_m')": (lambda: cells.get("tau_m"), 100),
        "projection.get('weight')": (lambda: plastic.get("weight", format="array"), 100),
        "projection.set(weight=…)": (lambda: plastic.set(weight=1e-5), 100),
        "get_spike_counts()": (cells.get_spike_counts, 50),
        "get_data()": (cells.get_data, 20),
    }
    found |= {name: timed(call, repeats) for name, (call, repeats) in calls.items()}
    sim.end()
    return found


def in_own_process(simulator: str, populations: int) -> Times:
    """The same, of a process that has loaded no other simulator."""
    command = [sys.executable, __file__, simulator, "--populations", str(populations), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: Times = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    """A table for each number of populations."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("simulators", nargs="*", default=["native", "nest"], help="names of installed simulators")
    parser.add_argument("--populations", nargs="+", type=int, default=[1, 20], help="one table for each number")
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.json:
        print(json.dumps(measured(arguments.simulators[0], arguments.populations[0])))
        return
    for populations in arguments.populations:
        tables = {name: in_own_process(name, populations) for name in arguments.simulators}
        print(f"{f'{populations} of ten cells, µs':30}" + "".join(f"{name:>18}" for name in tables))
        for call in next(iter(tables.values())):
            columns = "".join(f"{table[call][0]:9.0f}{table[call][1]:9.0f}" for table in tables.values())
            print(f"{call:30}{columns}")


if __name__ == "__main__":
    main()
