"""Spike sources: each projection gets generators of its own, because a generator of NEST takes one synapse model.

A ``spike_generator`` sends to devices' targets alone, so plastic synapses get a ``spike_train_injector``, which NEST
treats as a neuron. Both act from the very next step. Neither fires at time 0: such a spike comes from a generator that
fires one step later over a delay one step shorter.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.logs import logger
from cawan.simulator import Array, Index, Ragged

from pynn_nest.blocks import Synapses
from pynn_nest.kernel import nest

_log = logger(__name__)


@dataclass
class Link:
    """The generators of one projection, the number of the first, and its synapses once they are made."""

    generators: Any
    first: int
    plastic: bool
    synapses: Synapses | None = None


@dataclass
class Source:
    """Rows of spike times, as told; recorded spikes are these."""

    rows: list[Array]
    timestep: float
    precise: bool = False  # spikes lie between the steps too
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
            ahead = times[times > now + 1e-9]
            if not self.precise:
                steps = np.rint(ahead / self.timestep)
                ahead = steps[steps > 0] * self.timestep
            link.generators[int(row)].set({"spike_times": ahead.tolist()})

    def new_link(self, plastic: bool) -> Link:
        """Generators for one more projection."""
        kernel = nest()
        generators = kernel.Create("spike_train_injector" if plastic else "spike_generator", self.size)
        if self.precise and self.size:
            generators.set({"precise_times": True})
        link = Link(generators, int(generators[0].global_id), plastic)
        self.links.append(link)
        self.tell(link, float(kernel.biological_time))
        return link

    def begin(self, shortest: float) -> None:
        """Before the first step: send what fires at time 0."""
        counts = np.array([np.count_nonzero(row < 0.5 * self.timestep) for row in self.rows], np.int64)
        for link in self.links:
            for nth in range(int(counts.max(initial=0))):
                self._fire_at_zero(link, np.flatnonzero(counts > nth), shortest)

    def _fire_at_zero(self, link: Link, firing: Index, shortest: float) -> None:
        """One spike of each of these rows; a plastic synapse keeps what the spike makes of its state."""
        if link.synapses is None:
            return
        if link.plastic and not link.synapses.model.startswith("tsodyks_synapse"):
            self._fire_a_step_late(link, firing)
            return
        names = ["i", "j", "weight", "delay", *(["U", "u", "x", "y"] if link.plastic else [])]
        values = link.synapses.read(names, None)
        rows = np.flatnonzero(np.isin(values["i"], firing))
        if not len(rows):
            return
        v = {name: value[rows] for name, value in values.items()}
        weight, delay = v["weight"], v["delay"] - self.timestep
        if link.plastic:  # Tsodyks, Uziel & Markram (2000), eq. 3 and 4, at a spike
            u = v["u"] + v["U"] * (1 - v["u"])
            released = u * v["x"]
            weight = weight * released
            link.synapses.assign({"u": u, "x": v["x"] - released, "y": v["y"] + released}, rows)
        if (delay < shortest - 1e-9).any():
            _log.warning(
                "A spike at time 0 over a delay of %g ms arrives one step late on NEST.", delay.min() + self.timestep
            )
        generators = nest().Create("spike_generator", len(firing), params={"spike_times": [self.timestep]})
        nest().Connect(
            int(generators[0].global_id) + np.searchsorted(firing, v["i"].astype(np.int64)),
            link.synapses.first_post + v["j"].astype(np.int64),
            "one_to_one",
            {"weight": weight, "delay": np.maximum(delay, shortest)},
        )

    def _fire_a_step_late(self, link: Link, firing: Index) -> None:
        """What a spike does to these synapses is NEST's own business, and NEST knows none at time 0."""
        _log.warning("A spike at time 0 over plastic or random synapses acts one step late on NEST.")
        for row in firing:
            steps = np.rint(self.rows[int(row)] / self.timestep)
            ahead = np.maximum(steps, 1.0) * self.timestep
            link.generators[int(row)].set({"spike_times": np.sort(ahead).tolist()})

    def between(self, start: float, stop: float) -> tuple[Index, Array]:
        """Rows and times of spikes in (start, stop]."""
        rows = np.repeat(np.arange(self.size, dtype=np.int64), [len(row) for row in self.rows])
        times = np.concatenate([np.empty(0), *self.rows])
        inside = (times > start + 1e-9) & (times <= stop + 1e-9)
        return rows[inside], times[inside]
