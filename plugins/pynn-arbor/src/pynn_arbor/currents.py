"""Injected currents: the same piecewise-constant current for all targets, handed to the cells slice by slice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Ragged, Values

from pynn_arbor.cells import Cells
from pynn_arbor.kernel import World

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(eq=False)
class Current:
    """A current and its targets, in the order in which they came; a cell may be there more than once."""

    timestep: float
    times: Array = field(default_factory=lambda: np.empty(0))
    amplitudes: Array = field(default_factory=lambda: np.empty(0))
    targets: list[tuple[Cells, Index]] = field(default_factory=list)

    def at(self, times: Array) -> Array:
        """The current that flows from each of these times on, nA."""
        place = np.searchsorted(self.times, times + 1e-9, side="right")
        return np.concatenate([[0.0], self.amplitudes])[place]

    def assign(self, values: Mapping[str, Values], now: float) -> None:
        """The waveform from ``now`` on; what flows goes on until the first new time."""
        times, amplitudes = values["times"], values["amplitudes"]
        if not isinstance(times, Ragged) or not isinstance(amplitudes, Ragged):
            raise TypeError("times and amplitudes are Ragged")
        before = self.times < now - 1e-9
        flowing = self.at(np.array([now]))
        lead = not len(times.data)
        self.times = np.concatenate([self.times[before], [now] if lead else times.data])
        self.amplitudes = np.concatenate([self.amplitudes[before], flowing if lead else amplitudes.data])


@dataclass(eq=False)
class Mixture:
    """What flows into one block of cells: each channel is a sum of currents, and each cell has one channel."""

    cells: Cells
    currents: list[Current]
    channel: NDArray[np.int32]
    shares: Array  # (channels, currents): how often each current is in a channel
    values: Array = field(default_factory=lambda: np.empty((0, 0)))

    @classmethod
    def of(cls, cells: Cells, currents: list[Current]) -> Mixture:
        """The channels that a block needs."""
        counts = np.zeros((cells.size, len(currents)))
        for column, current in enumerate(currents):
            for target, index in current.targets:
                if target is cells:
                    np.add.at(counts[:, column], index, 1.0)
        shares, channel = np.unique(counts, axis=0, return_inverse=True)
        return cls(cells, currents, channel.reshape(-1).astype(np.int32), shares)

    def tell(self, world: World, first: int, last: int, timestep: float) -> None:
        """Hand over what flows in the steps that begin at ``first`` and before ``last``."""
        times: Array = np.arange(first, last) * np.float64(timestep)
        waves = np.array([current.at(times) for current in self.currents]).reshape(len(self.currents), len(times))
        self.values = np.ascontiguousarray((self.shares @ waves).T)
        world.current(self.cells.number, self.channel, self.values, first)


def mixtures(currents: list[Current]) -> list[Mixture]:
    """One for each block that any current flows into."""
    blocks = {id(cells): cells for current in currents for cells, _ in current.targets}
    return [
        Mixture.of(cells, [c for c in currents if any(target is cells for target, _ in c.targets)])
        for cells in blocks.values()
        if cells.size
    ]
