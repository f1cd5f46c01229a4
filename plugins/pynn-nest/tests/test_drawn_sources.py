"""Poisson sources that NEST draws itself, and what else is left to its generators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.parameters import Sequence
from pyNN.simulator import Simulator
from pynn_nest import NestBackend

STEP = 0.1  # ms


def drawing(**settings: Any) -> Simulator:
    """PyNN on NEST, which draws its sources."""
    return Simulator(NestBackend, timestep=STEP, native_poisson=True, **settings)


def trains_of(cells: Any) -> list[Any]:
    """The spikes of each cell in the last segment, ms."""
    return [np.asarray(train.magnitude) for train in cells.get_data().segments[-1].spiketrains]


@pytest.mark.parametrize("threads", [1, 2])
def test_one_train_reaches_targets_on_every_thread(threads: int) -> None:
    """Cells on two threads that one source drives move alike, and one seed gives one train for a number of threads."""
    found = []
    for _ in range(2):
        with drawing(threads=threads, seed=4) as sim:
            source = sim.Population(1, sim.SpikeSourcePoisson(rate=4000.0))
            cells = sim.Population(4, sim.IF_curr_exp(v_thresh=1e6))
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
            source.record("spikes")
            cells.record("v")
            sim.run(50.0)
            found.append((trains_of(source)[0], cells.get_data().segments[0].analogsignals[0].magnitude))
    (train, v), (again, _) = found

    assert len(train) == pytest.approx(200.0, abs=4 * np.sqrt(200.0))
    assert np.ptp(v[:, 0]) > 1.0 and np.ptp(v, axis=1).max() == 0.0
    assert np.array_equal(train, again)


def test_drawn_spikes_change_weights_as_told_ones_do() -> None:
    """Weights of spike-timing-dependent synapses from a drawn source end as under an array of the recorded spikes."""

    def weights(sim: Any, source: Any) -> tuple[list[Any], Any]:
        cells = sim.Population(5, sim.IF_curr_exp(i_offset=0.9))
        rule = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(A_plus=0.02, A_minus=0.01),
            weight_dependence=sim.AdditiveWeightDependence(w_max=2.0), weight=1.0, delay=1.5,
        )  # fmt: skip
        plastic = sim.Projection(source, cells, sim.AllToAllConnector(), rule)
        source.record("spikes")
        sim.run(300.0)
        return trains_of(source), plastic.get("weight", "array")

    with drawing(seed=8) as sim:
        source = sim.Population(3, sim.SpikeSourcePoisson(rate=[40.0, 90.0, 2000.0], duration=290.0))
        recorded, drawn = weights(sim, source)
    with Simulator(NestBackend, timestep=STEP) as sim:
        told = sim.Population(3, sim.SpikeSourceArray(spike_times=[Sequence(train) for train in recorded]))
        _, expected = weights(sim, told)

    assert np.abs(expected - 1.0).min() > 0.3
    np.testing.assert_allclose(drawn, expected, rtol=1e-9)


def test_trains_do_not_depend_on_how_fast_the_machine_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats of one step and of a second give the same spikes, where the shortest delay is 15 steps."""
    found = []
    for beat in (1e-9, 1.0):
        monkeypatch.setattr("pynn_nest.backend.BEAT_S", beat)
        with drawing(seed=6, min_delay=1.5, max_delay=1.5) as sim:
            cells = sim.Population(50, sim.SpikeSourcePoisson(rate=100.0))
            cells.record("spikes")
            sim.run(100.0)
            found.append(trains_of(cells))

    assert sum(map(len, found[0])) > 300
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_the_first_interval_begins_at_the_start_and_at_a_change() -> None:
    """With tau_refrac of 2 ms the first spikes come 21 steps after ``start``, and 21 after new values are set."""
    with drawing(seed=1) as sim:
        cells = sim.Population(200, sim.SpikeSourcePoissonRefractory(rate=400.0, tau_refrac=2.0, start=5.0))
        cells.record("spikes")
        sim.run(20.0)
        cells.set(rate=450.0)
        sim.run(20.0)
        steps = np.rint(np.concatenate(trains_of(cells)) / STEP)

    assert steps.min() == 50 + 21
    assert steps[steps > 200].min() == 200 + 21


def test_a_dead_time_that_was_taken_away_is_gone() -> None:
    """Of sources with tau_refrac of 2 ms, half get 0 in mid-run, and these fire several times in a step."""
    with drawing(seed=1) as sim:
        cells = sim.Population(40, sim.SpikeSourcePoissonRefractory(rate=400.0, tau_refrac=2.0))
        cells.record("spikes")
        sim.run(50.0)
        cells[20:].set(tau_refrac=0.0, rate=5000.0)
        sim.run(50.0)
        shortest = [np.diff(train[train > 50.0]).min() for train in trains_of(cells)]

    assert min(shortest[:20]) >= 2.0 and max(shortest[20:]) == pytest.approx(0.0, abs=1e-9)


def test_windows_of_their_own_begin_and_end_to_the_step() -> None:
    """Each of 30 sources of three spikes a step fires from its own start for its own duration, in one run."""
    starts, durations = 1.0 + 0.7 * np.arange(30), 5.0 + 0.3 * np.arange(30)
    with drawing(seed=2) as sim:
        cells = sim.Population(30, sim.SpikeSourcePoisson(rate=1e5, start=starts, duration=durations))
        cells.record("spikes")
        sim.run(50.0)
        found = trains_of(cells)

    assert [train.min() for train in found] == pytest.approx(starts + STEP, abs=1e-6)
    assert [train.max() for train in found] == pytest.approx(starts + durations, abs=1e-6)


def test_reset_draws_synapses_anew() -> None:
    """What stochastic synapses pass differs from trial to trial, and is the same for one seed."""
    passed = []
    for _ in range(2):
        with Simulator(NestBackend, timestep=STEP, seed=3) as sim:
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
            cells = sim.Population(50, sim.IF_curr_exp())
            synapses = sim.SimpleStochasticSynapse(weight=1.0, delay=1.0, p=0.5)
            sim.Projection(source, cells, sim.AllToAllConnector(), synapses)
            for _ in range(2):
                sim.run(8.0)
                passed.append(np.asarray(cells.get("v")) > -64.9)
                sim.reset()

    assert 10 < passed[0].sum() < 40
    assert np.array_equal(passed[0], passed[2]) and np.array_equal(passed[1], passed[3])
    assert not np.array_equal(passed[0], passed[1])
