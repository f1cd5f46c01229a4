"""A simulation on the reference backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pyNN._reference import ReferenceBackend
from pyNN.projections import expanding
from pyNN.simulator import Simulator


@pytest.fixture(autouse=True)
def numpy_alone() -> Iterator[None]:
    """Rows of rules are made here, as for a user of pynn-core alone, whatever expander is installed."""
    with expanding.using():
        yield


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """Set up with a timestep of 0.1 ms and seed 1."""
    with Simulator(ReferenceBackend, timestep=0.1, seed=1) as simulator:
        yield simulator
