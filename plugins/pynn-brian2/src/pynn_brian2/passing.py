"""Synapses that pass spikes on: static, Tsodyks-Markram, and those that release by chance."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from cawan.simulator import Array, Index, NativeModel, Values, Wiring

from pynn_brian2 import learning
from pynn_brian2.blocks import Neurons
from pynn_brian2.carrying import Carried
from pynn_brian2.chance import Chance, Quanta
from pynn_brian2.clockwork import Clockwork
from pynn_brian2.pathways import Delivery, Rows, one_by_one
from pynn_brian2.sources import Source
from pynn_brian2.synapses import Synapses


class Passing(Synapses):
    """Spikes wait in Brian's queue, and take their weight when they arrive.

    What is set acts on spikes that leave their source from then on, so those under way are taken out of the queue
    before, and their weights are carried on as they are.
    """

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Neurons | Source, post: Neurons, receptor: str,
        clockwork: Clockwork, code: type[Any], stream: int,
    ) -> None:  # fmt: skip
        super().__init__(model, wiring, pre, post, receptor, clockwork, code)
        if self.brian is None:
            return
        made: type[Chance] | None = {"chance": Chance, "quantal": Quanta}.get(self.kind.name)
        self._chance: Chance | None = made(self, stream) if made else None
        self._carried: Carried = Carried(post, self.port)
        self._delivery: Any = None
        self._longest: int = 0
        self.put_in()
        pre.outgoing.append(self)
        clockwork.every_step("synapses", 1, lambda: self._carried.arrive(clockwork.step + 1))

    def put_in(self) -> None:
        """A pathway, with the queue of the one before it."""
        variable, factor = self.post.arrival(self.port)
        code = learning.on_arrival(self.kind, variable, factor, self.post.tau_syn(self.port))
        before, self._delivery = self._delivery, Delivery(self.brian, code, self._deliver)
        if before is None:
            self.tell_delays()
        else:
            self._delivery.take_over(before)
        self.clockwork.network.add(self.brian, self._delivery)

    def take_out(self) -> None:
        """Only the queue stays."""
        self.clockwork.network.remove(self.brian, self._delivery)

    def tell_delays(self) -> None:
        """To the queue."""
        steps = self.steps()
        self._longest = max(self._longest, int(steps.max()))
        self._delivery.set_delays(steps, self.clockwork.timestep * 1e-3)

    def send(self, rows: Index, step: int) -> None:
        """These sources fire at the end of ``step``."""
        self._delivery.send(rows)

    def _deliver(self, rows: Rows) -> None:
        """Spikes reach these synapses at the end of this step."""
        self._reach(rows, self.clockwork.step + 1)

    def _reach(self, rows: Rows, step: int) -> None:
        if self.kind.name == "static":
            self._delivery.apply(rows)
            return
        self.column("now")[:] = step * self.clockwork.timestep
        for layer in one_by_one(rows):
            if self._chance is not None:
                self._chance.prepare(layer, step)
            self._delivery.apply(layer)

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows for spikes that leave their source from now on."""
        if self.brian is None:
            return
        self._take_under_way()
        before = self.steps()
        super().assign(values, index)
        if "delay" in values:
            self._count_from(self.steps() - before)

    def _count_from(self, later: Array) -> None:
        """Spikes arrive this many steps later: what a synapse knows of its last spike is when that arrived."""
        if self.kind.name == "tsodyks":
            self.column("last")[:] += later * self.clockwork.timestep
        elif isinstance(self._chance, Quanta):
            self._chance.count_from(later)

    def _take_under_way(self) -> None:
        """Let the spikes in the queue reach their synapses now, and carry what they release."""
        if not self._delivery.is_prepared:
            return
        for ahead in range(self._longest):
            rows = np.array(self._delivery.queue.peek())
            if len(rows):
                step = self.clockwork.step + 1 + ahead
                self._carried.catch(step, partial(self._reach, rows, step))
            self._delivery.queue.advance()
