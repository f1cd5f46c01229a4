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

from typing import Any

import numpy as np
from brette2007 import CELL, DELAY, STEP, Simulated, compare, seconds
from pynn_arbor.kernel import arbor


def with_arbor(_: str, size: int, duration: float, found: Simulated) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    module = arbor()
    ms = module.units.ms
    starts = (0, size * 4 // 5)
    table = np.concatenate(
        [np.column_stack([t[:, 0] + shift, t[:, 1:]]) for t, shift in zip(found.rows, starts, strict=True)]
    )
    table = table[np.argsort(table[:, 1], kind="stable")]
    offset = np.searchsorted(table[:, 1], np.arange(size + 1)).tolist()
    columns = table[:, 0].astype(int).tolist(), table[:, 2].tolist()

    def build() -> Any:
        context = module.context(threads=1)
        recipe = _recipe(size, offset, *columns, found.trains)
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
            for name, tau, reversal in (("exc", CELL["tau_syn_E"], 0.0), ("inh", CELL["tau_syn_I"], -80.0)):
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


if __name__ == "__main__":
    compare("arbor", with_arbor, __doc__, ["cuba"], built_by_a_step=True)
