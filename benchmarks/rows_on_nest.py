"""Building and running on NEST through PyNN, beside a PyNEST script that is given the same rows.

Both are in this process, in turns, one thread each; CPU seconds, median and range. PyNEST takes rows fastest as arrays
of node numbers with an array of weights and of delays.

    python benchmarks/rows_on_nest.py                              # COBA and CUBA of 4000 cells
    python benchmarks/rows_on_nest.py --network coba --duration 1000 --repeats 5

Brette et al. (2007), Journal of Computational Neuroscience 23, 349, benchmarks 1 (COBA) and 2 (CUBA); v_rest is -49 mV
in both, so that the activity does not depend on whether a first kick is survived.
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np
from brette2007 import CELL, DELAY, STEP, Simulated, compare, rate, seconds

MODEL = {"coba": "iaf_cond_exp", "cuba": "iaf_psc_exp"}
SHARED = {"C_m": 200.0, "E_L": CELL["v_rest"], "V_reset": CELL["v_reset"], "V_th": CELL["v_thresh"], "t_ref": 5.0,
          "tau_syn_ex": 5.0, "tau_syn_in": 10.0}  # fmt: skip
OWN = {"coba": {"g_L": 10.0, "E_ex": 0.0, "E_in": -80.0}, "cuba": {"tau_m": CELL["tau_m"]}}


def with_nest(name: str, size: int, duration: float, found: Simulated) -> tuple[float, float]:
    """Seconds of building from these rows and of running."""
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": STEP, "local_num_threads": 1})
    sign = -1.0 if name == "coba" else 1.0  # NEST takes inhibitory conductances with a minus

    def build() -> Any:
        cells = nest.Create(MODEL[name], size, params={**SHARED, **OWN[name]})
        cells.set({"V_m": found.first.tolist()})
        for table, factor, shift in zip(found.rows, (1.0, sign), (0, size * 4 // 5), strict=True):
            spec = {"synapse_model": "static_synapse", "weight": factor * 1e3 * table[:, 2],
                    "delay": np.full(len(table), DELAY)}  # fmt: skip
            ends = (table[:, k].astype(int) + 1 + (0 if k else shift) for k in (0, 1))
            nest.Connect(*ends, "one_to_one", spec)
        return cells

    building, cells = seconds(build)
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Simulate(STEP)
    running, _ = seconds(lambda: nest.Simulate(duration))
    print(f"    NEST: {rate(recorder.n_events, size, duration)}", flush=True)
    return building, running


if __name__ == "__main__":
    nest.verbosity = nest.VerbosityLevel.ERROR
    compare("nest", with_nest, __doc__)
