"""Building and running on Arbor through PyNN, beside a script for Arbor with its own mechanisms, rows and traffic.

Both are in this process, in turns; CPU seconds, median and range. Arbor has no integrate-and-fire cell with synaptic
currents that fires by itself. So the script has the same number of cells of one compartment with Arbor's own ``pas``
and ``expsyn``, without reset, and as many spike sources that play back what PyNN's cells fired, connected by the same
rows: as many cells, synapses and events.

    python benchmarks/rows_on_arbor.py                             # CUBA of 4000 cells
    python benchmarks/rows_on_arbor.py --cells 1000 --duration 1000 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmark 2 (CUBA).
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pynn_arbor.building import library
from pynn_arbor.kernel import arbor

CELL = {"cm": 0.2, "tau_m": 20.0, "v_reset": -60.0, "v_thresh": -50.0, "v_rest": -49.0, "tau_refrac": 5.0}
TAU_SYN = (5.0, 10.0)  # ms
WEIGHTS = (0.0162, -0.09)  # nA
DELAY = 1.5  # ms
STEP = 0.1  # ms


def seconds(act: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process, and the result."""
    gc.collect()
    began = time.process_time()
    found = act()
    return time.process_time() - began, found


def with_pynn(size: int, duration: float) -> tuple[float, float, list[Any], list[Any]]:
    """Seconds of building and of running, the rows, and the spikes of each cell."""
    with Simulator("arbor", timestep=STEP, seed=1) as sim:

        def build() -> Any:
            start = RandomDistribution("uniform", (-60.0, -50.0))
            celltype = sim.IF_curr_exp(**CELL, tau_syn_E=TAU_SYN[0], tau_syn_I=TAU_SYN[1])
            cells = sim.Population(size, celltype, initial_values={"v": start})
            sides = cells[: size * 4 // 5], cells[size * 4 // 5 :]
            some = sim.FixedProbabilityConnector(80.0 / size)
            made = [
                sim.Projection(side, cells, some, sim.StaticSynapse(weight=weight, delay=DELAY), receptor_type=receptor)
                for side, weight, receptor in zip(sides, WEIGHTS, ("excitatory", "inhibitory"), strict=True)
            ]
            cells.record("spikes")
            sim.run(STEP)  # Arbor is told of the network
            return cells, made

        library()  # compiled before the clock runs
        building, (cells, made) = seconds(build)
        rows = [np.array(p.get("weight", "list"), dtype=float) for p in made]
        running, _ = seconds(lambda: sim.run(duration))
        trains = [np.asarray(train.magnitude) for train in cells.get_data().segments[0].spiketrains]
    return building, running, rows, trains


def with_arbor(size: int, duration: float, rows: Sequence[Any], trains: list[Any]) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    module = arbor()
    ms = module.units.ms
    starts = (0, size * 4 // 5)
    table = np.concatenate(
        [np.column_stack([t[:, 0] + shift, t[:, 1:]]) for t, shift in zip(rows, starts, strict=True)]
    )
    table = table[np.argsort(table[:, 1], kind="stable")]
    offset = np.searchsorted(table[:, 1], np.arange(size + 1)).tolist()
    columns = table[:, 0].astype(int).tolist(), table[:, 2].tolist()

    def build() -> Any:
        context = module.context(threads=1)
        recipe = _recipe(size, offset, *columns, trains)
        hint = module.partition_hint()
        hint.cpu_group_size = size
        kinds = {module.cell_kind.cable: hint, module.cell_kind.spike_source: hint}
        simulation = module.simulation(recipe, context, module.partition_load_balance(recipe, context, kinds))
        simulation.run(STEP * ms, dt=STEP * ms)
        return simulation

    building, simulation = seconds(build)
    running, _ = seconds(lambda: simulation.run((STEP + duration) * ms, dt=STEP * ms))
    return building, running


def _recipe(size: int, offset: list[int], source: list[int], weight: list[float], trains: list[Any]) -> Any:
    """Cells 0 to size - 1 listen, the others play back."""
    module = arbor()
    units = module.units
    connection, output, delay = module.connection, module.cell_global_label, DELAY * units.ms
    entries = [module.cell_local_label("exc"), module.cell_local_label("inh")]
    tree, place = module.segment_tree(), "(location 0 0.5)"
    tree.append(module.mnpos, module.mpoint(-5, 0, 0, 5), module.mpoint(5, 0, 0, 5), tag=1)
    properties = module.neuron_cable_properties()

    class Recipe(module.recipe):  # type: ignore[misc, name-defined]  # known only here
        def num_cells(self) -> int:
            return 2 * size

        def cell_kind(self, gid: int) -> Any:
            return module.cell_kind.cable if gid < size else module.cell_kind.spike_source

        def global_properties(self, kind: Any) -> Any:
            return properties

        def cell_description(self, gid: int) -> Any:
            if gid >= size:
                return module.spike_source_cell("out", module.explicit_schedule(trains[gid - size] * units.ms))
            decor = module.decor().paint("(all)", module.density("pas/e=-65"))
            for name, tau, reversal in (("exc", TAU_SYN[0], 0.0), ("inh", TAU_SYN[1], -80.0)):
                decor.place(place, module.synapse("expsyn", {"tau": tau, "e": reversal}), name)
            decor.place(place, module.threshold_detector(100 * units.mV), "detector")
            return module.cable_cell(tree, decor)

        def connections_on(self, gid: int) -> list[Any]:
            if gid >= size:
                return []
            here = range(offset[gid], offset[gid + 1])
            return [
                connection(output(size + source[k], "out"), entries[weight[k] < 0], 1e-6 * abs(weight[k]), delay)
                for k in here
            ]

    return Recipe()


def spread(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=4000)
    parser.add_argument("--duration", type=float, default=300.0, help="ms")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    ours, theirs = [], []
    for _ in range(options.repeats):
        *mine, rows, trains = with_pynn(options.cells, options.duration)
        ours.append(mine)
        theirs.append(with_arbor(options.cells, options.duration, rows, trains))
    print(f"CUBA, {options.cells} cells, {sum(map(len, rows))} synapses, {options.duration:g} ms")
    for k, what in enumerate(("build", "run")):
        a, b = [row[k] for row in ours], [row[k] for row in theirs]
        ratio = spread([x / y for x, y in zip(a, b, strict=True)])
        print(f"    {what}: PyNN {spread(a)} s, Arbor {spread(b)} s, ratio {ratio}")
    print(f"    {sum(map(len, trains)) / options.cells / options.duration * 1000:.2f} Hz")


if __name__ == "__main__":
    main()
