"""What NEURON does silently wrong, or dies of, never reaches a user."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pyNN.testing.rounding import ROUNDING, difference, on_both, trace
from pynn_neuron import NeuronBackend

STEP = 0.1


def test_a_recording_begun_late_has_every_sample_and_every_spike() -> None:
    """NEURON's Vector.record begun after the first step records nothing, without a word."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0, tau_refrac=2.0))
        cells[:1].record(["v", "spikes"])
        sim.run(40.0)
        cells[1:].record(["v", "spikes"])
        sim.run(60.0)
        segment = cells.get_data().segments[0]
        signals = [np.asarray(signal.magnitude)[:, 0] for signal in segment.analogsignals]
        first, second = sorted((np.asarray(train.magnitude) for train in segment.spiketrains), key=len, reverse=True)

    whole, late = sorted(signals, key=len, reverse=True)
    assert (len(whole), len(late)) == (1001, 601)
    assert np.array_equal(whole[400:], late)
    assert len(second) >= 1
    assert np.array_equal(first[first > 40.0], second)


def test_a_recording_that_ended_holds_nothing() -> None:
    """After the last recording of a population was stopped NEURON notes no spikes; a later one has its own alone."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0, tau_refrac=2.0))
        cells.record("spikes")
        sim.run(50.0)
        cells.record(None)
        sim.run(50.0)
        held = [len(log._times) for log in sim.backend._logs.values()]  # type: ignore[attr-defined]  # ours
        cells.record("spikes")
        sim.run(50.0)
        times = np.asarray(cells.get_data().segments[0].spiketrains[0].magnitude)

    assert held == [0]
    assert len(times) > 0 and times.min() > 100.0


def test_a_source_whose_spikes_are_over_takes_new_ones() -> None:
    """A VecStim whose Vector is extended after its last spike never fires again."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(1, sim.IF_curr_exp())
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=STEP))
        cells.record("v")
        for until, times in ((10.0, [10.1, 10.1, 12.0]), (20.0, [25.0]), (22.0, [22.1])):
            sim.run_until(until)
            source.set(spike_times=times)
        return cells

    ours, theirs = on_both(NeuronBackend, build, 10.0)

    assert theirs.samples["v"].max() > -64.0
    assert difference(ours, theirs, "v") < ROUNDING


def test_growing_keeps_what_is_under_way() -> None:
    """Cells and synapses made in mid-run disturb no spike that is on its way, no state, and no refractory time.

    After a SaveState that is restored without care, NEURON has lost them.
    """
    found = []
    for grows in (False, True):
        with Simulator(NeuronBackend, timestep=STEP) as sim:
            cells = sim.Population(3, sim.IF_curr_exp(i_offset=[0.0, 0.9, 3.0], tau_refrac=5.0))
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 4.9, 30.0]))
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=20.0))
            cells.record(["v", "spikes"])
            sim.run(10.0)
            if grows:
                more = sim.Population(5, sim.HH_cond_exp())
                sim.Projection(cells, more, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=0.5))
                sim.DCSource(amplitude=0.3).inject_into(more)
                more.record(["v", "gsyn_exc"])
            sim.run(50.0)
            found.append((trace(cells), cells.get_spike_counts()))

    assert np.array_equal(found[0][0], found[1][0])
    assert list(found[0][1].values()) == list(found[1][1].values())


def test_spikes_before_time_zero_are_refused() -> None:
    """NEURON would end the process over a negative time."""
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        with pytest.raises(PyNNError, match="spike_times"):
            sim.Population(1, sim.SpikeSourceArray(spike_times=[-1.0, 2.0]))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[0.0, 0.0, STEP]))
        source.record("spikes")
        sim.run(1.0)

        assert np.asarray(source.get_data().segments[0].spiketrains[0].magnitude) == pytest.approx([0.0, 0.0, STEP])


def test_a_long_run_keeps_to_its_grid() -> None:
    """After half a million steps, which NEURON adds up with their rounding, spikes and input are where they belong."""
    timestep, steps = 0.02, 500_000
    with Simulator(NeuronBackend, timestep=timestep) as sim:
        cells = sim.Population(1, sim.IF_curr_exp(i_offset=1.0, tau_refrac=2.0))
        cells.record("spikes")
        sim.run(steps * timestep)
        listener = sim.Population(1, sim.IF_curr_exp())
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[sim.get_current_time() + timestep]))
        sim.Projection(source, listener, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=timestep))
        listener.record("v")
        sim.run(1.0)
        intervals = np.diff(np.asarray(cells.get_data().segments[0].spiketrains[0].magnitude)) / timestep
        v = trace(listener)[:, 0]

    assert len(intervals) > 300
    assert set(np.rint(intervals)) == {np.rint(intervals[0])}
    assert np.flatnonzero(v > -65.0)[0] == 3  # spike after 1 step, arrival after 2, seen after 3


def test_objects_held_beyond_the_end_do_no_harm() -> None:
    """NEURON crashes over a NetCon whose target is gone, as soon as the next network is set up."""
    held: list[Any] = []
    for _ in range(2):
        with Simulator(NeuronBackend, timestep=STEP) as sim:
            cells = sim.Population(2, sim.IF_curr_exp(i_offset=2.0))
            made = sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
            held += [cells.native, *(sim.backend.handles(block) for _, _, block in made._placed)]  # type: ignore[attr-defined]  # SupportsHandles
            cells.record("spikes")
            sim.run(20.0)
            counts = list(cells.get_spike_counts().values())
    held.clear()
    gc.collect()
    with Simulator(NeuronBackend, timestep=STEP) as sim:
        sim.run(1.0)

    assert min(counts) > 0


def test_nothing_is_printed() -> None:
    """Importing, building and running say nothing, where there is no screen either."""
    script = """
import pyNN.neuron as sim
sim.setup(timestep=0.1)
cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0))
source = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
cells.record(["spikes", "v"])
sim.h
sim.run(20.0)
cells.get_data()
sim.end()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_too_many_parts_are_refused() -> None:
    """What a mechanism has no room for is refused by number, before a cell is made."""
    cases: list[tuple[Callable[[Any], Any], str]] = [
        (lambda sim: sim.Population(1, sim.GIF_cond_exp(tau_eta=[1.0] * 17, a_eta=[0.1] * 17)), "17 exponentials"),
        (lambda sim: _quantal(sim, 54.0), "n = 54 release sites"),
    ]
    for build, message in cases:
        with Simulator(NeuronBackend, timestep=STEP) as sim, pytest.raises(PyNNError, match=message):
            build(sim)


def _quantal(sim: Any, sites: float) -> Any:
    cells = sim.Population(1, sim.IF_curr_exp())
    return sim.Projection(cells, cells, sim.AllToAllConnector(), sim.MultiQuantalSynapse(weight=1.0, n=sites))


def test_native_poisson_sources_are_poisson_and_keyed() -> None:
    """With native_poisson NEURON draws, with the right rate and variance; other blocks change nothing."""
    found = []
    for more in (0, 3):
        with Simulator(NeuronBackend, timestep=STEP, seed=5, native_poisson=True) as sim:
            sim.Population(more, sim.SpikeSourcePoisson(rate=500.0), label="more")
            cells = sim.Population(300, sim.SpikeSourcePoisson(rate=60.0, start=100.0, duration=500.0), label="noise")
            other = sim.Population(1, sim.SpikeSourcePoisson(rate=1000.0), label="other")
            cells.record("spikes")
            other.record("spikes")
            sim.run(50.0)
            other.set(rate=0.0)
            sim.run(750.0)
            trains = [np.asarray(train.magnitude) for train in cells.get_data().segments[0].spiketrains]
            found.append((trains, np.asarray(other.get_data().segments[0].spiketrains[0].magnitude)))
    (trains, stopped), (again, _) = found
    counts, times = np.array([len(train) for train in trains]), np.concatenate(trains)

    assert counts.mean() == pytest.approx(30.0, abs=4 * np.sqrt(30.0 / 300))
    assert counts.var(ddof=1) == pytest.approx(30.0, abs=4 * 30.0 * np.sqrt(2 / 299))
    assert 100.0 <= times.min() and times.max() <= 600.0 + STEP
    assert np.allclose(times / STEP, np.rint(times / STEP), atol=1e-6)
    assert 20 < len(stopped) < 90 and stopped.max() <= 50.0 + STEP
    assert all(np.array_equal(a, b) for a, b in zip(trains, again, strict=True))
