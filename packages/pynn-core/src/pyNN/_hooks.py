"""What pyNN answers to the hooks of cawan: whether a backend does its one-second job, how recorded spikes compare."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cawan.hooks import hookimpl

from pyNN._importer import backends
from pyNN.errors import PyNNError

SPIKES = "*pyNN-spikes*.npz"
NEO = frozenset({".pkl", ".pickle", ".nix", ".h5", ".hdf5", ".mat"})


@hookimpl
def doctor(group: str, name: str) -> str | None:
    """Let a cell fire for 100 ms on this backend, or an expander make the rows of a small rule."""
    if group == "pynn.expanders":
        from pyNN.projections.expanding import tried

        return tried(name)
    if group != "pynn.backends":
        return None
    from pyNN.simulator import Simulator

    backend = backends().load(name)
    with Simulator(backend) as sim:
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0))
        cells.record("spikes")
        sim.run(100.0)
        count = int(cells.mean_spike_count())
    if backend.invents:
        return f"ok: took a network and made {count} spikes up"
    if count != 3:  # tau_m ln(20 / 5) + tau_refrac = 27.8 ms between spikes
        raise PyNNError(f"a cell that fires every 27.8 ms fired {count} times in 100 ms, not 3 times")
    return f"ok: a cell fired {count} times in 100 ms"


@hookimpl
def compare(a: Path, b: Path) -> Mapping[str, Any] | None:
    """Set the spikes of two simulations side by side: kept ones, or those and the traces of two Neo files."""
    if a.match(SPIKES) and b.match(SPIKES):
        from pyNN.activity import from_file
        from pyNN.agreement import compare_all

        found = list(compare_all(from_file(a), from_file(b)))
        return {"agree": all(item.agrees for item in found), "lines": [item.line for item in found]}
    if a.suffix != b.suffix or a.suffix not in NEO:
        return None
    from pyNN.recording.comparing import compare_files

    return compare_files(a, b)
