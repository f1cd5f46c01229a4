"""Spike sources: each projection gets generators of its own, because a generator of NEST takes one synapse model.

A generator joined to its targets directly acts from the very next step. Two things NEST has no way for go round it:
a spike at time 0 (a generator that fires one step later over a delay one step shorter), and plastic synapses, which
take no generator as their source (a relay neuron, told to fire where the way through the relay is too long).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, Ragged

from pynn_nest.kernel import nest

_log = logging.getLogger(__name__)
_SURE = 1e6  # mV: takes the relay far over its threshold


@dataclass
class Link:
    """The generators of one projection, and their relays where the synapse is plastic."""

    generators: Any
    first: int
    relays: Any = None
    lead: float = 0.0
    connect_zero: Callable[[Any, Index], None] | None = None


@dataclass
class Source:
    """Rows of spike times, as told; recorded spikes are these."""

    rows: list[Array]
    timestep: float
    links: list[Link] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Number of rows."""
        return len(self.rows)

    def replace(self, times: Ragged, index: Index | None, now: float, begun: bool) -> None:
        """These rows fire at these times from ``now`` on."""
        for k, row in enumerate(range(self.size) if index is None else index):
            new, old = np.sort(times.row(k)), self.rows[int(row)]
            ahead = new[new > now + 1e-9] if begun else new
            self.rows[int(row)] = np.concatenate([old[old <= now + 1e-9], ahead]) if begun else ahead
        for link in self.links:
            self.tell(link, now, None if index is None else index)

    def tell(self, link: Link, now: float, index: Index | None = None) -> None:
        """Give a link's generators what lies ahead."""
        rows = np.arange(self.size) if index is None else index
        for row in rows:
            times = self.rows[int(row)]
            ahead = times[times > now + link.lead + 1e-9] - link.lead
            steps = np.rint(ahead / self.timestep)
            link.generators[int(row)].set({"spike_times": (steps * self.timestep).tolist()})

    def new_link(self, relay_delay: float | None) -> Link:
        """Generators for one more projection; ``relay_delay`` (ms) asks for relays behind them."""
        kernel = nest()
        generators = kernel.Create("spike_generator", self.size)
        link = Link(generators, int(generators[0].global_id))
        if relay_delay is not None:
            neuron = {
                "V_m": 0.0,
                "E_L": 0.0,
                "V_reset": 0.0,
                "V_th": 1.0,
                "tau_m": 1e9,
                "C_m": 1e9,
                "t_ref": self.timestep,
            }
            link.relays = kernel.Create("iaf_psc_delta", self.size, params=neuron)
            link.lead = relay_delay
            link.first = int(link.relays[0].global_id)
            kernel.Connect(generators, link.relays, "one_to_one", {"weight": _SURE, "delay": relay_delay})
        self.links.append(link)
        self.tell(link, float(kernel.biological_time))
        return link

    def begin(self) -> None:
        """Before the first step: what fires at time 0 gets its own generators."""
        firing = np.array([k for k, row in enumerate(self.rows) if len(row) and row[0] < 0.5 * self.timestep], np.int64)
        if not len(firing):
            return
        for link in self.links:
            if link.connect_zero is None:
                _log.warning(
                    "A spike at time 0 does not reach a plastic synapse on NEST; give it at one step or later."
                )
                continue
            params = {"spike_times": [self.timestep]}
            link.connect_zero(nest().Create("spike_generator", len(firing), params=params), firing)

    def due(self, step: int) -> list[tuple[Any, list[int]]]:
        """Relays, and their rows, that must fire in the step that ends at ``step`` with nothing on its way to them."""
        found = []
        time = step * self.timestep
        for link in self.links:
            if link.relays is None:
                continue
            rows = [k for k, row in enumerate(self.rows) if len(row) and np.abs(row - time).min() < 0.5 * self.timestep]
            if rows:
                found.append((link.relays, rows))
        return found

    def between(self, start: float, stop: float) -> tuple[Index, Array]:
        """Rows and times of spikes in (start, stop]."""
        rows = np.repeat(np.arange(self.size, dtype=np.int64), [len(row) for row in self.rows])
        times = np.concatenate([np.empty(0), *self.rows])
        inside = (times > start + 1e-9) & (times <= stop + 1e-9)
        return rows[inside], times[inside]


def poke(relays: Any, rows: list[int]) -> None:
    """Let these relays fire in the next step."""
    relays[rows].set({"V_m": _SURE})
