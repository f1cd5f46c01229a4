"""Injected currents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, Ragged, Values

from pynn_neuron.cells import Cells
from pynn_neuron.kernel import hoc


class Current:
    """One current source; its mechanism adds to ``injected`` of every target in each step."""

    def __init__(self, segment: Any) -> None:
        self.process: Any = hoc().CawanCurrent(segment)
        self.times: Array = np.empty(0)
        self.amplitudes: Array = np.empty(0)

    def assign(self, values: Mapping[str, Values], now: float) -> None:
        """The waveform from ``now`` on; what flows at ``now`` goes on until the first new time."""
        times, amplitudes = values["times"], values["amplitudes"]
        if not isinstance(times, Ragged) or not isinstance(amplitudes, Ragged):
            raise TypeError("times and amplitudes are Ragged")
        flowing = self.times <= now + 1e-9
        last = flowing & (np.cumsum(flowing[::-1])[::-1] == 1)  # what went before it is over
        if len(times.data) and times.data[0] <= now + 1e-9:
            last[:] = False
        self.times = np.concatenate([self.times[last], times.data])
        self.amplitudes = np.concatenate([self.amplitudes[last], amplitudes.data])
        h = hoc()
        self.process.play(h.Vector(self.times), h.Vector(self.amplitudes))

    def attach(self, cells: Cells, index: Index) -> None:
        """Let it flow into those of these cells that this process has."""
        for reference in cells.references("injected", index if cells.mine is None else index[cells.mine[index]]):
            self.process.attach(reference)

    def release(self) -> None:
        """Let NEURON delete the mechanism."""
        self.process = None
