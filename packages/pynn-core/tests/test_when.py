"""What each call does before a run, between runs, after reset, and in a callback: the table in the docs, by cell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN.errors import CallbackError, StaleObjectError
from pyNN.simulator import Simulator

WHEN = ("before", "between", "after reset", "callback")
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "when.md"


def at(sim: Simulator, when: str, action: Callable[[], Any]) -> float:
    """Do something at that time; gives the time at which it was done, ms. The simulation is then at 20 ms."""
    if when == "before":
        action()
        sim.run(20.0)
        return 0.0
    if when == "between":
        sim.run(10.0)
        action()
        sim.run(10.0)
        return 10.0
    if when == "after reset":
        sim.run(5.0)
        sim.reset()
        action()
        sim.run(20.0)
        return 0.0
    done: list[float] = []

    def callback(t: float) -> float:
        if t > 9.0 and not done:
            done.append(t)
            action()
        return t + 10.0

    sim.run(20.0, callbacks=[callback])
    return done[0]


def trace(cells: Any, name: str = "v") -> Any:
    """Samples of the last segment, shape (n, n_cells)."""
    return cells.get_data(name).segments[-1].filter(name=name)[0].magnitude


def leaky(sim: Simulator, **more: Any) -> Any:
    """Two cells that are recorded and stay below threshold."""
    cells = sim.Population(2, sim.IF_curr_exp(tau_m=20.0, v_rest=-65.0, **more))
    cells.record("v")
    return cells


@pytest.mark.parametrize("when", WHEN)
def test_set_acts_from_now_on(sim: Simulator, when: str) -> None:
    """A parameter that is set at T changes nothing before T, and everything from the step after T."""
    cells = leaky(sim)

    start = at(sim, when, lambda: cells.set(i_offset=0.5))

    v, step = trace(cells)[:, 0], round(start / 0.1)
    assert (v[: step + 1] == -65.0).all()
    assert v[step + 1] == pytest.approx(-65.0 + 10.0 * -np.expm1(-0.1 / 20.0), abs=1e-12)


@pytest.mark.parametrize("when", WHEN)
def test_initialize_sets_the_state_now(sim: Simulator, when: str) -> None:
    """A state that is initialised at T is in the sample at T, and relaxes from there."""
    cells = leaky(sim)

    start = at(sim, when, lambda: cells.initialize(v=-60.0))

    v, step = trace(cells)[:, 0], round(start / 0.1)
    assert (v[:step] == -65.0).all()
    assert v[step] == -60.0 and v[-1] == pytest.approx(-65.0 + 5.0 * np.exp(-(20.0 - start) / 20.0), abs=1e-9)


def test_a_state_is_in_its_sample_where_spikes_were_counted_before(sim: Simulator) -> None:
    """To ask for the number of spikes at T fixes no sample of T."""
    cells = leaky(sim)
    cells.record("spikes")
    sim.run(10.0)

    assert cells.mean_spike_count() == 0
    cells.initialize(v=-60.0)
    sim.run(10.0)

    assert trace(cells)[100, 0] == -60.0


@pytest.mark.parametrize("when", WHEN)
def test_record_begins_with_the_sample_of_now(sim: Simulator, when: str) -> None:
    """What is recorded from T on has its first sample at T."""
    cells = sim.Population(2, sim.IF_curr_exp())

    start = at(sim, when, lambda: cells.record("v"))

    signal = cells.get_data("v").segments[-1].analogsignals[0]
    assert float(signal.t_start) == pytest.approx(start) and len(signal) == round((20.0 - start) / 0.1) + 1


@pytest.mark.parametrize("when", WHEN)
def test_record_none_ends_recording(sim: Simulator, when: str) -> None:
    """After record(None) nothing more is recorded, and what was recorded before in this run is gone."""
    cells = leaky(sim)

    at(sim, when, lambda: cells.record(None))

    segments = cells.get_data().segments
    assert not segments[-1].analogsignals
    assert len(segments) == (2 if when == "after reset" else 1)


@pytest.mark.parametrize("when", WHEN)
def test_injected_currents_flow_from_now_on(sim: Simulator, when: str) -> None:
    """A constant current that is injected at T acts from the step after T, whatever its own start before that."""
    cells = leaky(sim)

    start = at(sim, when, lambda: sim.DCSource(amplitude=0.5).inject_into(cells))

    v, step = trace(cells)[:, 0], round(start / 0.1)
    assert (v[: step + 1] == -65.0).all()
    assert v[step + 1] == pytest.approx(-65.0 + 10.0 * -np.expm1(-0.1 / 20.0), abs=1e-12)


@pytest.mark.parametrize("when", WHEN)
def test_new_populations_and_projections_take_part_from_now_on(sim: Simulator, when: str) -> None:
    """A source and its synapses that are made at T deliver the spikes that lie after T."""
    cells = leaky(sim)
    made: list[Any] = []

    def grow() -> None:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 15.0]))
        made.append(source)
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))

    start = at(sim, when, grow)

    moved = np.flatnonzero(np.diff(trace(cells)[:, 0]) > 0)[0] * 0.1
    assert moved == pytest.approx(3.0 if start < 2.0 else 16.0)


@pytest.mark.parametrize("when", WHEN)
def test_weights_that_are_set_count_for_spikes_that_are_sent_from_now_on(sim: Simulator, when: str) -> None:
    """A weight set at T is that of every spike which leaves its source after T."""
    cells = leaky(sim)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 15.0]))
    made = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.0, delay=1.0))

    start = at(sim, when, lambda: made.set(weight=1.0))

    moved = np.flatnonzero(np.diff(trace(cells)[:, 0]) > 0)[0] * 0.1
    assert moved == pytest.approx(3.0 if start < 2.0 else 16.0)


def test_reset_keeps_parameters_and_data_and_restores_time_state_and_plastic_weights(sim: Simulator) -> None:
    """After reset the clock is at 0, states and plastic weights are the initial ones; parameters and segments stay."""
    cells = leaky(sim, i_offset=0.5)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 6.0]))
    rule = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=9.0), weight=5.0, delay=1.0)
    plastic = sim.Projection(source, cells, sim.AllToAllConnector(), rule)
    cells.record("spikes")
    sim.run(20.0)
    learned = plastic.get("weight", "list", with_address=False)
    cells.set(v_thresh=-40.0)
    first = trace(cells)

    sim.reset()

    assert sim.time == 0.0 and cells.get("v") == -65.0 and cells.get("v_thresh") == -40.0
    assert plastic.get("weight", "list", with_address=False) == [5.0, 5.0] != learned
    sim.run(5.0)
    data = cells.get_data()
    assert len(data.segments) == 2
    assert np.array_equal(data.segments[0].analogsignals[0].magnitude, first)
    assert np.array_equal(data.segments[1].analogsignals[0].magnitude, first[:51])


def test_a_second_setup_forgets_the_network_but_not_its_data(sim: Simulator) -> None:
    """After setup() the time is 0 and nothing of the old network counts; it can be read, and not changed."""
    cells = leaky(sim)
    sim.run(10.0)

    sim.setup(timestep=0.1)

    assert sim.time == 0.0 and sim.populations == []
    assert trace(cells).shape == (101, 2)
    with pytest.raises(StaleObjectError, match="belongs to a simulation that is over"):
        cells.set(tau_m=10.0)


@pytest.mark.parametrize("name", ["run", "reset", "setup", "end"])
def test_callbacks_cannot_steer_the_clock(sim: Simulator, name: str) -> None:
    """run, reset, setup and end in a callback are refused in one sentence, and the simulation can go on."""
    call = {"run": lambda: sim.run(1.0), "reset": sim.reset, "setup": sim.setup, "end": sim.end}[name]

    def callback(t: float) -> float:
        call()
        return t + 1.0

    with pytest.raises(CallbackError, match=rf"{name}\(\) was called in a callback"):
        sim.run(10.0, callbacks=[callback])
    sim.run(10.0)
    assert sim.time == pytest.approx(10.0)


def test_the_page_has_a_row_for_each_of_these_calls() -> None:
    """docs/reference/when.md names every call that is tested here, and the four times."""
    text = PAGE.read_text(encoding="utf-8")

    calls = ("set", "initialize", "record", "record(None)", "inject", "Population", "Projection.set", "reset", "setup")
    for call in calls:
        assert f"`{call}" in text
    for when in ("before a run", "between runs", "after `reset`", "in a callback"):
        assert when in text
