"""What pyNN answers to the hooks of cawan: whether a simulator backend does its one-second job."""

from __future__ import annotations

from cawan.hooks import hookimpl

from pyNN._importer import backends
from pyNN.errors import PyNNError


@hookimpl
def doctor(group: str, name: str) -> str | None:
    """Let a cell fire for 100 ms on this backend."""
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
