"""A simulation on the reference backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyNN._reference import ReferenceBackend
from pyNN.simulator import Simulator


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Set up with a timestep of 0.1 ms and seed 1."""
    with Simulator(ReferenceBackend, timestep=0.1, seed=1) as simulator:
        yield simulator
