"""Building and running on NEURON through PyNN, beside a script for NEURON that is given the same rows.

Both are in this process, in turns; CPU seconds, median and range. The script makes the same mechanisms and NetCons in
NEURON's own words, with nothing around them, and Python looks for no cycles meanwhile; PyNN has arrays for its NetCons.

    python benchmarks/rows_on_neuron.py                            # COBA and CUBA of 4000 cells
    python benchmarks/rows_on_neuron.py --network coba --duration 1000 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA, here with the resting potential
of CUBA, so that it fires without a stimulus) and 2 (CUBA).
"""

from __future__ import annotations

import resource
from typing import Any

from brette2007 import DELAY, NETWORKS, STEP, Simulated, compare, seconds
from pyNN.simulator import Simulator
from pynn_neuron.kernel import hoc, many_objects, parallel


def with_neuron(name: str, size: int, duration: float, found: Simulated) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    h = hoc()
    section = h.Section(name="all")
    h.dt = STEP
    h.finitialize()
    parallel().set_maxstep(10.0)
    times, gids = h.Vector(), h.Vector()
    columns = [(t[:, 0].astype(int).tolist(), t[:, 1].astype(int).tolist(), t[:, 2].tolist()) for t in found.rows]

    def build() -> Any:
        make = h.CawanLIF if name == "coba" else h.CawanLeaky
        cells = [make(section(0.5)) for _ in range(size)]
        for cell, vm in zip(cells, found.first.tolist(), strict=True):
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

    with many_objects():
        building, kept = seconds(build)
    parallel().psolve(STEP)
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


def bytes_of_each(size: int = 300) -> dict[str, float]:
    """Growth of the process by each synapse, of a static and of a learning kind."""
    found = {}
    for kind in ("StaticSynapse", "STDPMechanism"):
        with Simulator("neuron", timestep=STEP) as sim:
            cells = sim.Population(size, sim.IF_curr_exp())
            static = sim.StaticSynapse(weight=0.1, delay=1.0)
            learning = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), weight=0.1, delay=1.0)
            sim.Projection(cells[:1], cells[:1], sim.AllToAllConnector(), learning)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            sim.Projection(cells, cells, sim.AllToAllConnector(), static if kind == "StaticSynapse" else learning)
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            found[kind] = grown * 1024 / size**2
    return found


if __name__ == "__main__":
    # First, since it is read from the peak of this process.
    print(", ".join(f"{kind}: {size:.0f} bytes each" for kind, size in bytes_of_each().items()))
    compare("neuron", with_neuron, __doc__)
