"""What Arbor cannot do is refused; what it would do silently otherwise than PyNN says never reaches a user."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Settings
from pyNN._reference import ReferenceBackend
from pyNN.errors import FixedNetworkError, PyNNError
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.testing.rounding import ROUNDING, difference, on_both, trace
from pynn_arbor import ArborBackend
from pynn_arbor.network import calm

STEP = 0.1


def _more_cells(sim: Any) -> None:
    sim.Population(1, sim.IF_curr_exp())


def _more_synapses(sim: Any, cells: Any) -> None:
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(delay=1.0))


def test_what_comes_after_the_first_step_is_refused_and_changes_nothing() -> None:
    """No cell, synapse or delay is new once Arbor runs; one sentence says so, and the run goes on as if nothing was."""
    found = []
    for asks in (False, True):
        with Simulator(ArborBackend, timestep=STEP) as sim:
            cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0))
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[12.0]))
            rows = sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=2.0))
            cells.record("v")
            sim.run(10.0)
            for ask in (lambda: _more_cells(sim), lambda: _more_synapses(sim, cells), lambda: rows.set(delay=1.0)):  # noqa: B023 - called at once
                if asks:
                    with pytest.raises(FixedNetworkError, match="Arbor"):
                        ask()
            sim.run(10.0)
            found.append((trace(cells), np.array(rows.get(["weight", "delay"], "list"))))

    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))


def test_after_reset_the_network_may_grow() -> None:
    """reset() begins anew, so more cells and other delays are possible."""
    with Simulator(ArborBackend, timestep=STEP) as sim:
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        sim.run(5.0)
        sim.reset()
        cells = sim.Population(1, sim.IF_curr_exp())
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=0.5))
        cells.record("v")
        sim.run(5.0)
        v = trace(cells)[:, 0]

    assert np.flatnonzero(v > -65.0)[0] == 16


def test_a_recording_begun_late_has_every_sample_and_every_spike() -> None:
    """Arbor's samplers begun late may be dated from 0, and lack the last sample of a run."""
    with Simulator(ArborBackend, timestep=STEP) as sim:
        cells = sim.Population(2, sim.IF_curr_exp(i_offset=1.0, tau_refrac=2.0))
        cells[:1].record(["v", "spikes"])
        for _ in range(40):
            sim.run(1.0)
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


@pytest.mark.parametrize("shortest", [0.1, 0.2, 0.3, 1.5])
def test_a_source_fires_in_every_step_and_twice_in_one(shortest: float) -> None:
    """A threshold detector of Arbor's sees a crossing only once the voltage was below, and one for each step."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(2, sim.IF_curr_exp(v_thresh=0.0))
        times = [0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 5.0, 5.0, 5.0, 5.1, 18.9, 19.0, 29.9]
        source = sim.Population(2, sim.SpikeSourceArray(spike_times=[times, [5.0, 5.2, 19.0]]))
        for delay in (shortest, 1.7):
            synapse = sim.StaticSynapse(weight=0.3, delay=delay)
            sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
        cells.record("v")
        sim.run(30.0)
        source.set(spike_times=[30.0, 30.1, 30.2, 37.0, 37.1])
        return cells

    ours, theirs = on_both(ArborBackend, build, 20.0)

    assert theirs.samples["v"].max() > -60.0
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize("delay", [0.1, 1.5])
def test_a_cell_without_refractory_time_fires_in_every_step(delay: float) -> None:
    """The same for cells, also where they lose that time in mid-run: what drives one above threshold does so again."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(2, sim.IF_curr_delta(tau_refrac=[0.0, 2.0], i_offset=200.0))
        listener = sim.Population(1, sim.IF_curr_exp(v_thresh=0.0))
        sim.Projection(cells, listener, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=delay))
        (cells + listener).record("spikes")
        listener.record("v")
        sim.run(5.0)
        cells.set(tau_refrac=2.0)
        sim.run(20.0)
        cells[:1].set(tau_refrac=0.0)
        return listener

    ours, theirs = on_both(ArborBackend, build, 5.0)

    assert theirs.samples["v"].max() > -64.9
    assert difference(ours, theirs, "v") < ROUNDING


@pytest.mark.parametrize(
    ("crowded", "found"),
    [
        ([], [(10, 199)]),
        ([[10, 201]], [(10, 199)]),
        ([[11]], [(11, 199)]),
        ([[200]], [(10, 198)]),
        ([[100], [101, 110]], [(10, 98), (110, 199)]),
    ],
)
def test_steps_are_taken_in_one_where_no_spike_follows_another(
    crowded: list[list[int]], found: list[tuple[int, int]]
) -> None:
    """A stretch ends two steps before a source fires again, or one before the run ends; a short one is not worth it."""
    assert calm([np.array(steps) for steps in crowded], 10, 200) == found


@pytest.mark.parametrize("shortest", [1, 2, 3, 8])
def test_arbors_epochs_do_not_matter(shortest: int) -> None:
    """Arbor ends a step where an epoch ends, half the shortest delay after the last: the delays of a script decide."""
    delays = np.array([shortest, shortest + 1, 2 * shortest + 5, 40]) * STEP

    def build(sim: Simulator) -> Any:
        cells = sim.Population(4, sim.IF_curr_exp(i_offset=[0.0, 1.5, 2.0, 2.5], tau_refrac=1.0))
        table = [(i, j, 0.4, float(delays[(i + j) % 4])) for i in range(4) for j in range(4)]
        sim.Projection(cells, cells, sim.FromListConnector(table), sim.StaticSynapse())
        cells.record(["spikes", "v"])
        sim.run(10.3)
        sim.run(STEP)
        return cells

    ours, theirs = on_both(ArborBackend, build, 60.0)

    assert len(theirs.spikes) > 10
    assert ours.spikes == theirs.spikes
    assert difference(ours, theirs, "v") < ROUNDING


def test_results_do_not_depend_on_threads() -> None:
    """1, 2 and 3 threads give the same bits, also where synapses learn and where cells draw."""
    found = []
    for threads in (1, 2, 3):
        with Simulator(ArborBackend, timestep=STEP, threads=threads, seed=5) as sim:
            cells = sim.Population(31, sim.GIF_cond_exp(i_offset=1.5), label="cells")
            noise = sim.Population(20, sim.SpikeSourcePoisson(rate=80.0), label="noise")
            learning = sim.STDPMechanism(
                sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=0.05), weight=0.01,
                delay=RandomDistribution("uniform", (0.1, 3.0)),
            )  # fmt: skip
            rows = sim.Projection(noise, cells, sim.FixedProbabilityConnector(0.4), learning, label="learning")
            sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.2), sim.StaticSynapse(weight=0.005, delay=0.1))
            cells.record(["spikes", "v"])
            sim.run(50.0)
            found.append((trace(cells), np.array(rows.get("weight", "list")), cells.mean_spike_count()))

    assert found[0][2] > 1.0
    for other in found[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(found[0], other, strict=True))


def test_two_networks_at_a_time_keep_apart() -> None:
    """Arbor's is not the only network of the process, nor the only one of Arbor's."""
    with Simulator(ArborBackend, timestep=STEP) as a, Simulator(ArborBackend, timestep=0.2) as b:
        with Simulator(ReferenceBackend, timestep=STEP) as c:
            all_cells = []
            for sim, current in ((a, 1.0), (b, 0.8), (c, 1.0)):
                cells = sim.Population(2, sim.IF_cond_exp(i_offset=current))
                cells.record("v")
                all_cells.append(cells)
            for _ in range(3):
                for sim in (a, b, c):
                    sim.run(10.0)
            va, vb, vc = (trace(cells) for cells in all_cells)

    assert va.shape == vc.shape != vb.shape
    assert np.abs(va - vc).max() < ROUNDING


def test_a_weight_that_no_single_float_holds_is_exact() -> None:
    """Arbor's events carry weights of 24 bits; 0.1 is another number there."""

    def build(sim: Simulator) -> Any:
        cells = sim.Population(1, sim.IF_curr_delta(v_thresh=0.0))
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=STEP))
        cells.record("v")
        return cells

    ours, theirs = on_both(ArborBackend, build, 3.0)

    assert difference(ours, theirs, "v") < 1e-13


def test_nothing_is_printed() -> None:
    """Importing, building and running say nothing; the import alone loads nothing of Arbor's."""
    script = """
import sys
import pyNN.arbor as sim
assert "arbor" not in sys.modules
sim.setup(timestep=0.1, threads=2)
cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.0))
source = sim.Population(1, sim.SpikeSourcePoisson(rate=100.0))
sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
cells.record(["spikes", "v"])
sim.arbor
sim.run(20.0)
cells.get_data()
sim.end()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_several_processes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would compute the whole network without a word."""
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")

    with pytest.raises(PyNNError, match=r"2 processes were launched.*without mpiexec"):
        ArborBackend().setup(Settings(timestep=STEP))
