"""Building and running on NEURON through PyNN, beside a script for NEURON that is given the same rows.

Both are in this process, in turns; CPU seconds, median and range. The script makes the same mechanisms and NetCons in
NEURON's own words, with nothing around them, so the ratio is what PyNN costs.

    python benchmarks/rows_on_neuron.py                            # COBA and CUBA of 4000 cells
    python benchmarks/rows_on_neuron.py --network coba --duration 1000 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA, here with the resting potential
of CUBA, so that it fires without a stimulus) and 2 (CUBA).
"""

from __future__ import annotations

import argparse
import gc
import resource
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pynn_neuron.kernel import hoc, parallel

CELL = {"cm": 0.2, "tau_m": 20.0, "v_reset": -60.0, "v_thresh": -50.0, "tau_refrac": 5.0, "tau_syn_E": 5.0,
        "tau_syn_I": 10.0}  # fmt: skip
NETWORKS = {
    "coba": ("IF_cond_exp", {**CELL, "v_rest": -49.0, "e_rev_E": 0.0, "e_rev_I": -80.0}, (0.006, 0.067)),
    "cuba": ("IF_curr_exp", {**CELL, "v_rest": -49.0}, (0.0162, -0.09)),
}
DELAY = 1.5  # ms


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and the result."""
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def with_pynn(name: str, size: int, duration: float) -> tuple[float, float, list[Any], Any]:
    """Seconds of building and of running, the rows, and the initial potentials."""
    model, parameters, weights = NETWORKS[name]
    with Simulator("neuron", timestep=0.1, seed=1) as sim:

        def build() -> Any:
            start = RandomDistribution("uniform", (-60.0, -50.0))
            cells = sim.Population(size, sim.names[model](**parameters), initial_values={"v": start})
            sides = cells[: size * 4 // 5], cells[size * 4 // 5 :]
            some = sim.FixedProbabilityConnector(80.0 / size)
            return cells, [
                sim.Projection(side, cells, some, sim.StaticSynapse(weight=weight, delay=DELAY), receptor_type=receptor)
                for side, weight, receptor in zip(sides, weights, ("excitatory", "inhibitory"), strict=True)
            ]

        sim.Population(1, sim.names[model]())  # compiles and loads what is needed
        gc.collect()
        building, (cells, made) = seconds(build)
        cells.record("spikes")
        first = np.array([cell.vm for cell in cells.native])
        rows = [np.array(p.get("weight", "list"), dtype=float) for p in made]
        sim.run(0.1)
        running, _ = seconds(lambda: sim.run(duration))
        print(f"    PyNN: {cells.mean_spike_count() / duration * 1000:.1f} Hz", flush=True)
    return building, running, rows, first


def with_neuron(name: str, size: int, duration: float, rows: Sequence[Any], first: Any) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    h = hoc()
    section = h.Section(name="all")
    h.dt = 0.1
    h.finitialize()
    parallel().set_maxstep(10.0)
    times, gids = h.Vector(), h.Vector()
    columns = [(t[:, 0].astype(int).tolist(), t[:, 1].astype(int).tolist(), t[:, 2].tolist()) for t in rows]

    def build() -> Any:
        make = h.CawanLIF if name == "coba" else h.CawanLeaky
        cells = [make(section(0.5)) for _ in range(size)]
        for cell, vm in zip(cells, first.tolist(), strict=True):
            cell.vm = vm
            _set(cell, name)
        netcons: list[Any] = []
        for port, ((i, j, weights), shift) in enumerate(zip(columns, (0, size * 4 // 5), strict=True)):
            made = [
                h.NetCon(cells[a + shift], cells[b], 0.0, DELAY - 0.06, weight)
                for a, b, weight in zip(i, j, weights, strict=True)
            ]
            for netcon in made if port else ():
                netcon.weight[1] = port
            netcons += made
        watching = [h.NetCon(cell, None) for cell in cells]
        for number, netcon in enumerate(watching):
            netcon.record(times, gids, number)
        return cells, netcons, watching

    gc.collect()
    building, kept = seconds(build)
    parallel().psolve(0.1)
    running, _ = seconds(lambda: parallel().psolve(duration))
    for part in reversed(kept):  # NetCons before what they lead to
        part.clear()
    return building, running


def _set(cell: Any, name: str) -> None:
    _, parameters, _ = NETWORKS[name]
    for number, tau in enumerate((parameters["tau_syn_E"], parameters["tau_syn_I"])):
        cell.tau_decay[number] = tau
    if name == "coba":
        for number, reversal in enumerate((parameters["e_rev_E"], parameters["e_rev_I"])):
            cell.kind[number], cell.e_rev[number] = 1.0, reversal
    for key in ("cm", "tau_m", "v_reset", "v_thresh", "tau_refrac", "v_rest"):
        setattr(cell, key, parameters[key])


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def bytes_of_each(size: int = 300) -> dict[str, float]:
    """Growth of the process by each synapse, of a static and of a learning kind."""
    found = {}
    for kind in ("StaticSynapse", "STDPMechanism"):
        with Simulator("neuron", timestep=0.1) as sim:
            cells = sim.Population(size, sim.IF_curr_exp())
            static = sim.StaticSynapse(weight=0.1, delay=1.0)
            learning = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.1, delay=1.0)
            sim.Projection(cells[:1], cells[:1], sim.AllToAllConnector(), learning)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            sim.Projection(cells, cells, sim.AllToAllConnector(), static if kind == "StaticSynapse" else learning)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            found[kind] = grown * 1024 / size**2
    return found


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=sorted(NETWORKS), action="append", help="both by default")
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=300.0, help="ms")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    print(", ".join(f"{kind}: {size:.0f} bytes each" for kind, size in bytes_of_each().items()))
    for name in options.network or sorted(NETWORKS):
        ours, theirs = [], []
        for _ in range(options.repeats):
            building, running, rows, first = with_pynn(name, options.cells, options.duration)
            ours.append((building, running))
            theirs.append(with_neuron(name, options.cells, options.duration, rows, first))
        print(f"{name}, {options.cells} cells, {sum(map(len, rows))} synapses, {options.duration:g} ms")
        for k, what in enumerate(("build", "run")):
            mine, other = [row[k] for row in ours], [row[k] for row in theirs]
            ratio = spread([x / y for x, y in zip(mine, other, strict=True)])
            print(f"    {what}: PyNN {spread(mine)} s, NEURON {spread(other)} s, ratio {ratio}")


if __name__ == "__main__":
    main()
