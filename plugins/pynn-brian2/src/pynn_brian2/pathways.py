"""Brian code that runs for the synapses that a spike reaches, in the step in which it reaches them.

Brian's own pathway takes the spikes of a step one step later, and generates its code anew at each ``run``. This one is
given the spikes at the end of the step, so that a spike at T over a delay d acts at T + d.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from cawan.simulator import Array, Index

from pynn_brian2.quiet import brian2

Rows = Any  # int32 numbers of synapses, as Brian keeps them


class Arrivals:
    """What Brian's code takes for its queue: the synapses that are reached now."""

    def __init__(self) -> None:
        self.rows: Rows = np.empty(0, np.int32)

    def peek(self) -> Rows:
        """The synapses that are reached now, each once."""
        return self.rows

    def advance(self) -> None:
        """The real queue is moved on by the pathway."""


class Pathway(brian2.synapses.synapses.SynapticPathway):  # type: ignore[misc]  # Brian has no types
    """Code for synapses, run for those that ``apply`` is given."""

    def __init__(self, synapses: Any, code: str, name: str) -> None:
        self.arrivals = Arrivals()
        super().__init__(synapses, code, "pre", objname=name, delay=0 * brian2.ms)
        self.variables.add_object("_queue", self.arrivals)
        self.check_units = False  # weights are plain numbers in the unit of the variable that they are added to

    def create_code_objects(self, run_namespace: object) -> None:
        """The code itself, without Brian's own taking of spikes."""
        self.code_objects[:] = [weakref.proxy(self.create_default_code_object(run_namespace))]

    def run(self) -> None:
        """Nothing reaches these synapses but by ``apply``."""

    def apply(self, rows: Rows) -> None:
        """A spike reaches each of these synapses; where it changes their state, none may be named twice."""
        if self.codeobj is None:
            self.create_code_objects({})
        self.arrivals.rows = rows
        self.codeobj()


class Delivery(Pathway):
    """A pathway with delays; ``deliver`` is given what arrives at the end of each step.

    Attributes
    ----------
    is_prepared
        Whether the queue has been made; Brian makes it at the first run, and what was not sent needs none.
    """

    queue: Any

    def __init__(self, synapses: Any, code: str, deliver: Callable[[Rows], None]) -> None:
        self.deliver = deliver
        self.is_prepared = False
        self._seconds: tuple[Array, float] = np.empty(0), 1.0
        super().__init__(synapses, code, "delivery")

    def before_run(self, run_namespace: object) -> None:
        """Before its first step."""
        super().before_run(run_namespace)
        self._be_prepared()

    def run(self) -> None:
        """What arrives at the end of this step."""
        rows = self.queue.peek()
        if len(rows):
            self.deliver(rows)
        self.queue.advance()

    def set_delays(self, steps: Array, timestep_s: float) -> None:
        """Steps from a spike to its arrival, of each synapse or of all; what is under way arrives as it was sent.

        A spike is sent at the end of a step, when the queue stands at the next one.
        """
        self._seconds = (steps - 1.0) * timestep_s, timestep_s
        if self.is_prepared:
            self._prepare()

    def _be_prepared(self) -> None:
        if not self.is_prepared:
            self._prepare()

    def _prepare(self) -> None:
        self.queue.prepare(*self._seconds, self.synapse_sources.get_value())
        self.is_prepared, self._seconds = True, (np.empty(0), 1.0)  # the queue has them

    def take_over(self, other: Delivery) -> None:
        """Go on with the queue of another, for the same synapses."""
        self.queue, self.is_prepared, self._seconds = other.queue, other.is_prepared, other._seconds

    def send(self, rows: Index) -> None:
        """These sources fire at the end of this step, in ascending order."""
        self._be_prepared()
        self.queue.push(rows.astype(np.int32))


def one_by_one(rows: Rows) -> Iterator[Rows]:
    """Rows in groups in which none is twice, the first occurrences first."""
    if len(rows) < 2:
        yield rows
        return
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    if new.all():
        yield rows
        return
    starts = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    nth = np.empty(len(rows), dtype=np.int64)
    nth[order] = np.arange(len(rows)) - starts
    for k in range(int(nth.max()) + 1):
        yield rows[nth == k]
