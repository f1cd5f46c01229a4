"""Injected currents: a step generator, and ``I_e`` while what the generator was told is still on its way.

A generator's current arrives after the delay of its connection. So it is told each change that much earlier, and in
the first such stretch after a change the difference goes into ``I_e`` of the targets, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.logs import logger
from cawan.simulator import Array, Index, Ragged, Values

from pynn_nest.blocks import Cells
from pynn_nest.kernel import nest, set_nodes

_log = logger(__name__)


@dataclass
class Steps:
    """A piecewise-constant current: from ``times[k]`` on ``amplitudes[k]`` pA, 0 before the first."""

    times: Array = field(default_factory=lambda: np.empty(0))
    amplitudes: Array = field(default_factory=lambda: np.empty(0))

    def at(self, time: float) -> float:
        """The current that flows from ``time`` on."""
        place = int(np.searchsorted(self.times, time + 1e-9, side="right"))
        return float(self.amplitudes[place - 1]) if place else 0.0

    def then(self, start: float, other: Steps) -> Steps:
        """This current until ``start``, the other from there on."""
        before, after = self.times < start - 1e-9, other.times > start + 1e-9
        return Steps(
            np.concatenate([self.times[before], [start], other.times[after]]),
            np.concatenate([self.amplitudes[before], [other.at(start)], other.amplitudes[after]]),
        )


@dataclass
class Target:
    """Some cells that a current flows into, since the generator's share for them began to arrive."""

    cells: Cells
    index: Index
    delivered: Steps


class Current:
    """One current source with its targets."""

    def __init__(self, delay: float, timestep: float) -> None:
        self.delay, self.timestep = delay, timestep
        self.generator: Any = nest().Create("step_current_generator")
        self.wanted = Steps()
        self.sent = Steps()
        self.targets: list[Target] = []
        self.until = 0.0  # the end of the stretch in which I_e makes up the difference

    def assign(self, values: Mapping[str, Values], now: float) -> None:
        """The waveform from ``now`` on."""
        times, amplitudes = values["times"], values["amplitudes"]
        if not isinstance(times, Ragged) or not isinstance(amplitudes, Ragged):
            raise TypeError("times and amplitudes are Ragged")
        new = Steps(times.data, amplitudes.data)
        if not len(new.times) or new.times[0] > now + 1e-9:  # what flows goes on until the first new time
            flowing = self.wanted.at(now - 0.5 * self.timestep if len(new.times) else now)
            new = Steps(np.append(now, new.times), np.append(flowing, new.amplitudes))
        self.wanted = self.wanted.then(now, new)
        arrival = now + self.delay + self.timestep
        self.sent = self.sent.then(arrival, self.wanted)
        self.until = arrival
        ahead = self.sent.times >= arrival - 1e-9
        told = np.rint((self.sent.times[ahead] - self.delay) / self.timestep) * self.timestep
        self.generator.set({"amplitude_times": told.tolist(), "amplitude_values": self.sent.amplitudes[ahead].tolist()})
        for target in self.targets:
            target.delivered = target.delivered.then(arrival, self.wanted)

    def attach(self, cells: Cells, index: Index, now: float) -> None:
        """Let it flow into these cells from ``now`` on."""
        if not len(index):
            return
        nest().Connect(self.generator, cells.nodes[index.tolist()], syn_spec={"delay": self.delay})
        if not cells.has_offset:
            _log.warning(
                "%s has no I_e, so what you inject or change acts on it %g ms late.", cells.model.name, self.delay
            )
            return
        # What the generator sends from now on arrives a delay later; before that, nothing of it does.
        self.targets.append(Target(cells, index, Steps().then(now + self.delay, self.sent)))
        self.until = max(self.until, now + self.delay + self.timestep)

    def missing(self, now: float) -> list[tuple[Cells, Index, float]]:
        """What I_e must add in the step that begins at ``now``: cells, rows, pA."""
        wanted = self.wanted.at(now)
        return [(t.cells, t.index, wanted - t.delivered.at(now)) for t in self.targets]


def make_up(currents: list[Current], now: float) -> list[Cells]:
    """Add what is missing to I_e of every target, for one step; gives the cells that were changed."""
    extra: dict[int, tuple[Cells, Array]] = {}
    for current in currents:
        for cells, index, amount in current.missing(now):
            _, column = extra.setdefault(id(cells), (cells, np.zeros(cells.size)))
            np.add.at(column, index, amount)
    for cells, column in extra.values():
        _set_offset(cells, cells.offset + column)
    return [cells for cells, _ in extra.values()]


def restore(changed: list[Cells]) -> None:
    """Give the cells their own I_e back."""
    for cells in changed:
        _set_offset(cells, cells.offset)


def _set_offset(cells: Cells, values: Array) -> None:
    set_nodes(cells.nodes, {"I_e": np.asarray(values, dtype=np.float64)})
