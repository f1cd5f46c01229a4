"""Several processes under MPI: who owns which cells, and how they hear of one another's spikes.

A cell lives in one process; every process knows all sources. NEURON numbers what fires ("gid") and tells all processes
who fired. It may do so no later than the shortest delay, and wants that to be at least a step; but our NetCons are
shorter than the delays they stand for (see timing.py), down to nothing. So the exchange is set to once a step, by a
link between cells that never fire, and NEURON is never asked to look at the true NetCons.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.simulator import Index
from pyNN.errors import PyNNError
from pyNN.parallel import from_all, launched, rank_and_size

from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc, parallel
from pynn_neuron.mpi import loaded_libraries

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The exchange of a step lies this part of a step before its end, where rounding never moves it into the next; it drifts
# by as much in each step.
_BEFORE_END = 1e-10
_LONG_MS = 10.0


class Ranks:
    """This process among those that share the network; alone, it does nothing."""

    def __init__(self) -> None:
        self.rank, self.size = rank_and_size()
        self._created = 0
        self._link: tuple[Any, Any] | None = None
        self._next_gid = self.size

    def check(self) -> None:
        """Refuse to go on where NEURON counts other processes than were launched.

        Raises
        ------
        PyNNError
            Each process would compute the whole network.
        """
        seen = int(parallel().nhost())
        if seen != self.size:
            found = " or ".join(loaded_libraries()) or "libmpi.so.12 of MPICH, libmpi.so.40 of Open MPI"
            raise PyNNError(
                f"{launched()} processes were launched, but NEURON sees {seen}: it was imported before pyNN.neuron, or "
                "has loaded another MPI library than the launcher's. Import pyNN.neuron first, or set MPI_LIB_NRN_PATH "
                f"to the launcher's ({found}) and let no other libmpi.so come first in LD_LIBRARY_PATH."
            )

    # -- who owns what --------------------------------------------------------------------------------------------

    def own(self, size: int) -> NDArray[np.bool_] | None:
        """Which of the next ``size`` cells this process has, every ``size``-th of all; None where it has all."""
        if self.size == 1:
            return None
        rows: NDArray[np.bool_] = (np.arange(size) + self._created) % self.size == self.rank
        self._created += size
        return rows

    def share(self, size: int) -> Index:
        """The rows of sources that count as this process's; all processes have all of them."""
        return np.arange(size * self.rank // self.size, size * (self.rank + 1) // self.size, dtype=np.int64)

    # -- spikes ---------------------------------------------------------------------------------------------------

    def begin(self, timestep: float) -> None:
        """Let NEURON begin its clock at time 0, with an exchange of spikes in each step."""
        h = hoc()
        if self.size == 1:
            h.finitialize()
            parallel().set_maxstep(_LONG_MS)
            return
        pc = parallel()
        if self._link is None:
            idle = h.IntFire1()
            pc.set_gid2node(self.rank, self.rank)
            pc.cell(self.rank, h.NetCon(idle, None))
            self._link = idle, pc.gid_connect((self.rank + 1) % self.size, idle)
        _, link = self._link
        lengthened = [(netcon, netcon.delay) for netcon in h.List("NetCon") if netcon.delay < 2.0 * timestep]
        for netcon, _ in lengthened:
            netcon.delay = _LONG_MS
        link.delay = timestep * (1.0 - _BEFORE_END)
        pc.set_maxstep(_LONG_MS)  # else the first finitialize prepares no exchange
        h.dt = timestep * (1.0 - 2.0 * _BEFORE_END)  # NEURON refuses an exchange in less than a step
        h.finitialize()
        h.dt = timestep
        link.delay = _LONG_MS
        pc.set_maxstep(_LONG_MS)  # psolve, too, refuses an exchange in less than a step
        for netcon, delay in lengthened:
            netcon.delay = delay

    def announce(self, cells: Cells) -> None:
        """Give cells that others may listen to their numbers."""
        if self.size == 1 or cells.first_gid is not None:
            return
        cells.first_gid, pc = self._next_gid, parallel()
        self._next_gid += cells.size
        for row in cells.rows_here():
            pc.set_gid2node(cells.first_gid + row, self.rank)
            pc.cell(cells.first_gid + row, cells.netcon(row, None, 0.0, 0.0))

    def agree(self, going: bool, steps: int) -> tuple[bool, int]:
        """Whether all processes go on, and by how many steps at once."""
        if self.size == 1:
            return going, steps
        votes = from_all((going, steps))
        return all(go for go, _ in votes), min(most for _, most in votes)

    def end(self) -> None:
        """Forget all numbers; before the cells are gone, and after what listens to them."""
        if self._link is not None:
            self._link = None
            parallel().gid_clear()
