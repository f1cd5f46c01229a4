"""Poisson trains that the engine draws: the spikes and the input are those of trains that the core draws."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.simulator import SupportsDrive
from pyNN.simulator import Simulator
from pynn_native.backend import NativeBackend

SIZE = 150
RATES = {
    "seldom": np.full(SIZE, 50.0),
    "strong": np.full(SIZE, 20000.0),
    "mixed": np.where(np.arange(SIZE) % 3 == 0, 20000.0, 80.0),
    "all different": np.linspace(900.0, 30000.0, SIZE),
    "beyond counting": np.where(np.arange(SIZE) % 50 == 0, 1e6, 3000.0),
}


class Undriven(NativeBackend):
    """The engine, to which the core gives spike times."""

    interface: ClassVar[int] = 1
    drive: ClassVar[Any] = None


def run(backend: Any, rates: Any, record: bool = True, view: bool = False, **setup: Any) -> tuple[Any, Any]:
    """Spike times of the sources and potentials of their targets; rates and weights change in mid-run."""
    with Simulator(backend, seed=5, max_rate=float("inf"), **setup) as sim:
        celltype = sim.SpikeSourcePoisson(rate=rates, start=10.0, duration=np.linspace(20, 90, SIZE))
        sources = sim.Population(SIZE, celltype)
        cells = sim.Population(SIZE, sim.IF_curr_exp(v_thresh=-55.0))
        cells.record("v")
        if record:
            sources.record("spikes")
        weak = sim.StaticSynapse(weight=400.0 / rates.mean() * 0.01, delay=1.2)
        wires = sim.Projection(sources, cells, sim.OneToOneConnector(), weak)
        if view:
            some = sim.FixedProbabilityConnector(0.3)
            sim.Projection(sources[3:77], cells, some, sim.StaticSynapse(weight=1e-4, delay=0.7))
        sim.run(20.0 if backend is Undriven else 12.0)
        sim.run_until(50.0)
        sources.set(rate=rates[::-1])
        wires.set(weight=40.0 / rates.mean() * 0.01)
        sim.run(30.0)
        sources[2:5].set(rate=5000.0)
        sim.run(20.0)
        trains = [np.asarray(t.magnitude) for t in sources.get_data().segments[0].spiketrains] if record else []
        return trains, cells.get_data().segments[0].analogsignals[0].magnitude


@pytest.mark.parametrize("kind", RATES)
def test_drawn_in_the_engine_or_in_the_core_is_the_same_to_the_bit(kind: str) -> None:
    """Spikes of the sources and potentials of their targets, however the run is cut, over changes of rates."""
    spikes, v = run(Undriven, RATES[kind])
    own_spikes, own_v = run(NativeBackend, RATES[kind])

    assert isinstance(NativeBackend(), SupportsDrive) and not isinstance(Undriven(), SupportsDrive)
    assert sum(map(len, spikes)) > 100 and np.ptp(v) > 0.1
    assert all(np.array_equal(a, b) for a, b in zip(spikes, own_spikes, strict=True))
    assert np.array_equal(v, own_v)


@pytest.mark.parametrize("rate", [1000.0, 20000.0, 400000.0])
def test_sources_that_fill_many_vectors_are_the_same_too(rate: float) -> None:
    """Spikes of 700 sources, from 0.1 to 40 of each in a step: few thresholds for their numbers, or more than 32."""

    def trains(backend: Any) -> list[Any]:
        with Simulator(backend, seed=5, max_rate=float("inf")) as sim:
            sources = sim.Population(700, sim.SpikeSourcePoisson(rate=rate))
            sources.record("spikes")
            sim.run(2.0)
            return [np.asarray(t.magnitude) for t in sources.get_data().segments[0].spiketrains]

    found, expected = trains(NativeBackend), trains(Undriven)

    assert sum(map(len, expected)) == pytest.approx(700 * rate * 0.002, rel=0.2)
    assert all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("setup", [{"threads": 2}, {"record": False}, {"view": True}, {"timestep": 0.3}], ids=str)
def test_it_does_not_matter_what_else_there_is(setup: dict[str, Any]) -> None:
    """Threads, no recording of the sources, a second projection of a view of them, and another timestep."""
    _, v = run(Undriven, RATES["mixed"], **{**setup, "threads": 1})
    _, own_v = run(NativeBackend, RATES["mixed"], **setup)

    assert np.ptp(v) > 0.1
    assert np.array_equal(v, own_v)


def test_reset_draws_anew_and_as_the_core_does() -> None:
    """After reset the trains are others, with the next key; the same ones without drive."""

    def twice(backend: Any) -> list[list[Any]]:
        with Simulator(backend, seed=3) as sim:
            sources = sim.Population(4, sim.SpikeSourcePoisson(rate=[30.0, 2000.0, 2000.0, 9000.0]))
            sources.record("spikes")
            sim.run(40.0)
            sim.reset()
            sim.run(40.0)
            return [[t.magnitude.tolist() for t in s.spiketrains] for s in sources.get_data().segments]

    found = twice(NativeBackend)

    assert found[0] != found[1]
    assert found == twice(Undriven)
