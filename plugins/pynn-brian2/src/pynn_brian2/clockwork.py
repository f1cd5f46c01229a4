"""The clock: a Brian network that prepares each object once, and what happens in every step beside Brian's own."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from types import FrameType
from typing import Any

from cawan.errors import Stopped
from cawan.simulator import Pulse
from pyNN.errors import PyNNError

from pynn_brian2.quiet import brian2

BEAT_S = 0.15
SCHEDULE = ("start", "groups", "synapses", "thresholds", "resets", "end")


class Pieces(brian2.Network):  # type: ignore[misc]  # Brian has no types
    """A network that runs in many pieces: an object is prepared before its first step, not before every piece.

    Brian generates all code anew at each ``run``, which takes 0.1 s and more for each object.

    Attributes
    ----------
    rows
        Cells and synapses in it.
    """

    def __init__(self) -> None:
        self.rows = 0
        self._prepared: set[str] = set()
        super().__init__(name="pynn_network*")

    def add(self, *objects: Any) -> None:
        """These take part from now on."""
        super().add(*objects)
        self.adopt(*objects)

    def remove(self, *objects: Any) -> None:
        """These take part no more."""
        super().remove(*objects)
        self._prepared -= {part.name for one in objects for part in (one, *one.contained_objects)}

    def adopt(self, *objects: Any) -> None:
        """Count these as ours; Brian warns of objects that are deleted and were never run."""
        for one in objects:
            for part in (one, *one.contained_objects):
                part._network = self.id

    def before_run(self, run_namespace: object) -> None:
        """Prepare what is new."""
        self._stopped = False
        brian2.Network._globally_stopped = False
        for part in self.sorted_objects:
            if part.name not in self._prepared:
                try:
                    part.before_run(run_namespace)
                except Exception as error:  # whatever Brian says of it
                    raise PyNNError(f"Brian cannot prepare {part.name!r}: {error}") from error
                self._prepared.add(part.name)


class Slot(brian2.BrianObject):  # type: ignore[misc]  # Brian has no types
    """What is done in every step in one slot of the schedule, in its order."""

    def __init__(self, clock: Any, when: str) -> None:
        super().__init__(clock=clock, when=when, name=f"{when}_slot*")
        self._acts: list[tuple[int, Callable[[], None]]] = []

    def add(self, order: int, act: Callable[[], None]) -> None:
        """One thing more; those of one order in the order in which they came."""
        self._acts = sorted([*self._acts, (order, act)], key=lambda item: item[0])

    def clear(self) -> None:
        """Do nothing any more."""
        self._acts = []

    def run(self) -> None:
        """Do it."""
        for _, act in self._acts:
            act()


class Clockwork:
    """Steps of one network, counted; it stops between two steps when ``pulse`` says no, or at Ctrl-C."""

    def __init__(self, timestep: float) -> None:
        self.timestep, self.step = timestep, 0
        self.clock = brian2.Clock(timestep * brian2.ms, name="pynn_clock*")
        self.network = Pieces()
        self.network.schedule = list(SCHEDULE)
        self._pulse: Pulse | None = None
        self._interrupts: list[FrameType | None] = []
        self._error: BaseException | None = None
        self._refused = False
        self._beat = 0.0
        # Brian takes a millisecond to make an object, so there is one for each slot and not for each thing to do.
        self._slots = {when: Slot(self.clock, when) for when in ("start", "synapses", "end")}
        self.network.add(*self._slots.values())
        self.every_step("end", 1000, self._count)

    def every_step(self, when: str, order: int, act: Callable[[], None]) -> None:
        """Do this in every step from now on."""
        self._slots[when].add(order, act)

    def close(self) -> None:
        """Let go of all objects, which hold each other."""
        self.network.remove(*self.network.objects)
        for slot in self._slots.values():
            slot.clear()

    def _count(self) -> None:
        self.step += 1
        if self._interrupts:
            self.network.stop()
        elif time.monotonic() - self._beat > BEAT_S:
            self._ask()

    def _ask(self) -> None:
        try:
            self._refused = self._pulse is not None and not self._pulse()
        except BaseException as error:  # noqa: BLE001 - raised again once Brian has finished the step
            self._error = error
        if self._refused or self._error is not None:
            self.network.stop()
        self._beat = time.monotonic()

    def advance(self, goal: int, pulse: Pulse) -> None:
        """To step ``goal``; Brian returns early without a word, so it is looked at how far it came.

        Raises
        ------
        Stopped
            ``pulse``, or somebody who called Brian's ``stop()``, ended the run.
        """
        self._pulse, self._error, self._refused, self._beat = pulse, None, False, time.monotonic()
        self.network.t_ = float(self.clock.variables["t"].item())  # Brian adds durations up, and so their rounding
        collects = self.step == 0 and _much_is_left(self.network)
        with self._interrupts_stop(), nullcontext() if collects else _nothing_to_collect():
            self.network.run((goal - self.step) * self.timestep * brian2.ms, namespace={})
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if self._refused or self.step != goal:
            raise Stopped(self.step * self.timestep)

    @contextmanager
    def _interrupts_stop(self) -> Iterator[None]:
        """Ctrl-C ends the run at the end of the step, and then does what it would have done at once."""
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(handler):
            yield  # handlers run in the main thread alone
            return
        self._interrupts = []
        signal.signal(signal.SIGINT, lambda _, frame: self._interrupts.append(frame))
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, handler)
            brian2.Network._globally_running = False  # what Brian's own handler goes by, if the script set it
            arrived, self._interrupts = self._interrupts, []
            if arrived:
                handler(signal.SIGINT, arrived[0])


def _much_is_left(network: Pieces) -> bool:
    """Whether other networks are in memory that only the garbage collector can take out of it: many, or large."""
    others = [one for ref in Pieces.__instances__() if isinstance(one := ref(), Pieces) and one is not network]
    return len(others) > 20 or sum(one.rows for one in others) > 1_000_000


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Brian collects garbage at each ``run``, 0.1 s and more in a large process: there, all is set aside."""
    frozen = gc.get_freeze_count() > 0
    if not frozen:
        gc.freeze()
    try:
        yield
    finally:
        if not frozen:
            gc.unfreeze()
