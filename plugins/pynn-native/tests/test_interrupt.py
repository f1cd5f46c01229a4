"""Ctrl-C ends an expansion that takes long, and the simulation goes on from what was there before."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cawan.kit import ctrl_c_heard
from pyNN._mock.backend import MockBackend
from pyNN.simulator import Simulator
from pynn_native import NativeBackend

CELLS = 300_000  # 9·10^10 trials, which take a minute and make next to no row


@contextmanager
def interrupted() -> Iterator[list[int]]:
    """Within the block, this process gets Ctrl-C after half a second; gives what another thread counted until then."""
    counted = [0]

    def press() -> None:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            counted[0] += 1
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=press)
    with ctrl_c_heard():
        thread.start()
        try:
            yield counted
        finally:
            thread.join()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("connect", ["sparse", "pairs"])
def test_ctrl_c_ends_an_expansion_in_the_engine(connect: str, threads: int) -> None:
    """It ends long before all trials are made, other threads run meanwhile, and the next projection and run work."""
    connectors: dict[str, Callable[[Any], Any]] = {
        "sparse": lambda sim: sim.FixedProbabilityConnector(1e-9),
        "pairs": lambda sim: sim.FixedTotalNumberConnector(40_000_000, with_replacement=True),
    }
    with Simulator(NativeBackend, timestep=0.1, threads=threads) as sim:
        cells = sim.Population(CELLS, sim.IF_curr_exp())
        some = cells[:100]
        began = time.monotonic()
        with interrupted() as counted, pytest.raises(KeyboardInterrupt):
            for _ in range(50):
                sim.Projection(cells, cells, connectors[connect](sim), sim.StaticSynapse(weight=0.0))
        assert time.monotonic() - began < 15.0
        assert counted[0] > 3
        after = sim.Projection(some, some, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1))
        sim.run(1.0)

        assert len(after) == 10_000
        assert len(sim.backend.get(after._placed[0][2], ["weight"])["weight"]) == 10_000


def test_ctrl_c_ends_an_expansion_for_another_simulator() -> None:
    """The rows of a rule are made without Python's lock, and no longer than until Ctrl-C."""
    with Simulator(MockBackend, timestep=0.1) as sim:
        cells = sim.Population(CELLS, sim.IF_curr_exp())
        began = time.monotonic()
        with interrupted() as counted, pytest.raises(KeyboardInterrupt):
            sim.Projection(cells, cells, sim.FixedProbabilityConnector(1e-9), sim.StaticSynapse())

        assert time.monotonic() - began < 15.0
        assert counted[0] > 3
