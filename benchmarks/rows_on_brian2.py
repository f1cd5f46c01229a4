"""Building and running on Brian 2 through PyNN, beside a Brian script that is given the same rows.

Both are in this process, in turns, with Brian's NumPy code; CPU seconds, median and range. Brian's script integrates
COBA by exponential Euler, as its own examples do, where PyNN takes the Runge-Kutta method of order 4. Brian's ``run``
also generates its code, some 0.03 s: with ``--duration 1000`` that hardly counts.

    python benchmarks/rows_on_brian2.py                            # COBA and CUBA of 4000 cells
    python benchmarks/rows_on_brian2.py --network coba --duration 1000 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA) and 2 (CUBA); v_rest is -49 mV
in both, so that the activity does not depend on whether a first kick is survived.
"""

from __future__ import annotations

from typing import Any

import brian2 as b
from brette2007 import DELAY, STEP, Simulated, compare, rate, seconds
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject

EQUATIONS = {
    "coba": "dv/dt = ((-49 - v) / 20 + (ge * (0 - v) + gi * (-80 - v)) / 0.2) / ms : 1 (unless refractory)",
    "cuba": "dv/dt = ((-49 - v) / 20 + (ge + gi) / 0.2) / ms : 1 (unless refractory)",
}
DECAY = "\ndge/dt = -ge / (5 * ms) : 1\ndgi/dt = -gi / (10 * ms) : 1"
METHOD = {"coba": "exponential_euler", "cuba": "exact"}


def with_brian(name: str, size: int, duration: float, found: Simulated) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    clock = b.Clock(STEP * b.ms)

    def build() -> Any:
        cells = b.NeuronGroup(
            size, EQUATIONS[name] + DECAY, threshold="v > -50", reset="v = -60", refractory=5 * b.ms,
            method=METHOD[name], clock=clock, codeobj_class=NumpyCodeObject, namespace={},
        )  # fmt: skip
        cells.v = found.first
        made = []
        for table, variable, shift in zip(found.rows, ("ge", "gi"), (0, size * 4 // 5), strict=True):
            synapses = b.Synapses(
                cells, cells, "w : 1", on_pre=f"{variable}_post += w", delay=DELAY * b.ms, clock=clock,
                codeobj_class=NumpyCodeObject, namespace={},
            )  # fmt: skip
            synapses.connect(i=table[:, 0].astype(int) + shift, j=table[:, 1].astype(int))
            synapses.w = table[:, 2]
            made.append(synapses)
        monitor = b.SpikeMonitor(cells)
        return b.Network(cells, monitor, *made), monitor

    building, (network, monitor) = seconds(build)
    network.run(STEP * b.ms, namespace={})
    running, _ = seconds(lambda: network.run(duration * b.ms, namespace={}))
    print(f"    Brian: {rate(monitor.num_spikes, size, duration)}", flush=True)
    return building, running


if __name__ == "__main__":
    compare("brian2", with_brian, __doc__)
