"""Gap junctions: a current in both directions, computed at the beginning of a step and held over it."""

from __future__ import annotations

import numpy as np
from cawan.simulator import NativeModel, Wiring

from pyNN._reference.cells import Cells
from pyNN._reference.synapses import Source, Synapses


class Gaps(Synapses):
    """``ElectricalSynapse``: rows of two cells and a conductance, µS."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        if not isinstance(pre, Cells):
            raise TypeError("a gap junction joins two cells with membranes")
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        self.first, self.second = pre, post

    def flow(self) -> None:
        """Add the currents of this step to both sides, nA."""
        difference = self.first.values["v"][self.pre] - self.second.values["v"][self.post]
        current = self.values["weight"] * difference
        np.add.at(self.second.current, self.post, current)
        np.add.at(self.first.current, self.pre, -current)

    def send(self, sources: object, step: int) -> None:
        """Spikes do not matter."""
