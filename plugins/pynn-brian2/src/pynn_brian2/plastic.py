"""Synapses that learn from the spikes of both sides, with delays before and behind the synapse."""

from __future__ import annotations

from typing import Any

import numpy as np
from cawan.simulator import Index, NativeModel, Wiring

from pynn_brian2 import learning
from pynn_brian2.blocks import Neurons
from pynn_brian2.carrying import Carried
from pynn_brian2.clockwork import Clockwork
from pynn_brian2.pathways import Pathway, one_by_one
from pynn_brian2.sources import Source
from pynn_brian2.synapses import Synapses

Due = dict[int, list[Index]]


class Fan:
    """The synapses of each cell at one end, 4 bytes each."""

    def __init__(self, end: Index, size: int) -> None:
        order = np.argsort(end, kind="stable")
        self._starts = np.searchsorted(end[order], np.arange(size + 1))
        self._order = order.astype(np.int32)

    def rows(self, cells: Index) -> Index:
        """Rows of the synapses of these cells."""
        parts = [self._order[self._starts[cell] : self._starts[cell + 1]] for cell in cells]
        return np.concatenate([np.empty(0, np.int64), *parts])


class Plastic(Synapses):
    """``STDPMechanism``: what is under way to the synapse from either side waits by the step of its arrival.

    The weight that was learnt is carried on to the target behind the synapse, which Brian's queues cannot do.
    """

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Neurons | Source, post: Neurons, receptor: str,
        clockwork: Clockwork, code: type[Any],
    ) -> None:  # fmt: skip
        super().__init__(model, wiring, pre, post, receptor, clockwork, code)
        self._sent_due: Due = {}
        self._heard_due: Due = {}
        self._carried = Carried(post, self.port)
        if self.brian is None:
            return
        first, second = self.ends()
        self._from_source, self._to_target = Fan(first, pre.size), Fan(second, post.size)
        self.put_in()
        pre.outgoing.append(self)
        post.incoming.append(self)
        clockwork.every_step("synapses", 0, self._arrive)

    def put_in(self) -> None:
        """The code of either side."""
        self._sent = Pathway(self.brian, learning.on_sent(self.kind), "sent")
        self._heard = Pathway(self.brian, learning.on_heard(self.kind), "heard")
        self.clockwork.network.add(self.brian, self._sent, self._heard)

    def take_out(self) -> None:
        """Both."""
        self.clockwork.network.remove(self.brian, self._sent, self._heard)

    def tell_delays(self) -> None:
        """They are looked at when a spike sets out."""

    def _delays(self, rows: Index) -> tuple[Index, Index]:
        """Steps before and behind the synapse."""
        whole = np.rint(self.values("delay", rows) / self.clockwork.timestep).astype(np.int64)
        behind = np.rint(whole * self.values("dendritic_delay_fraction", rows)).astype(np.int64)
        return whole - behind, behind

    def send(self, rows: Index, step: int) -> None:
        """Presynaptic spikes set out for the synapse; a source that fires twice in a step is named twice."""
        for layer in one_by_one(np.sort(rows)):
            chosen = self._from_source.rows(layer)
            before = self._delays(chosen)[0]
            self._wait(self._sent_due, chosen, before, step)
            if (before == 0).any():
                self._reach(chosen[before == 0], step)

    def hear(self, rows: Index, step: int) -> None:
        """Spikes of the targets set out for the synapse."""
        chosen = self._to_target.rows(rows)
        behind = self._delays(chosen)[1]
        self._wait(self._heard_due, chosen, behind, step)
        if (behind == 0).any():
            self._heard.apply(chosen[behind == 0].astype(np.int32))

    def _wait(self, due: Due, rows: Index, delays: Index, step: int) -> None:
        for delay in np.unique(delays[delays > 0]):
            due.setdefault(step + int(delay), []).append(rows[delays == delay])

    def _arrive(self) -> None:
        """What reaches the synapses, and the targets, at the end of this step, that set out before."""
        step = self.clockwork.step + 1
        if step in self._heard_due:
            for rows in one_by_one(np.concatenate(self._heard_due.pop(step))):
                self._heard.apply(rows.astype(np.int32))
        if step in self._sent_due:
            for rows in one_by_one(np.concatenate(self._sent_due.pop(step))):
                self._reach(rows, step)
        self._carried.arrive(step)

    def _reach(self, rows: Index, step: int) -> None:
        """Presynaptic spikes reach these synapses, and their weights set out for the targets."""
        self._sent.apply(rows.astype(np.int32))
        behind = self._delays(rows)[1]
        weights, targets = self.values("weight", rows), self.column("_synaptic_post")[rows]
        for delay in np.unique(behind):
            chosen = behind == delay
            self._carried.add(step + int(delay), targets[chosen], np.array(weights[chosen]))
