"""The number of threads changes nothing but the time it takes."""

from __future__ import annotations

import numpy as np
import pytest
from cawan.errors import Stopped
from native_networks import WEIGHTS, Result, balanced, check_threads, result_of
from pyNN.simulator import Simulator
from pynn_native import NativeBackend

SIZE = 4000  # large enough that the engine shares the work, also in slices of 0.5 ms
LONG = 20000.0  # ms; takes some beats of the pulse (0.15 s) on any machine


def run(model: str, threads: int, *, drawn: bool = False, stops: tuple[float, ...] = (60.0,)) -> Result:
    """The result of a network that is run with this many threads."""
    with Simulator(NativeBackend, timestep=0.1, seed=5, threads=threads) as sim:
        cells = balanced(sim, model, WEIGHTS[model], size=SIZE, drawn=drawn)
        for stop in stops:
            sim.run_until(stop)
        return result_of(cells)


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("model", WEIGHTS)
def test_results_do_not_depend_on_threads(model: str, drawn: bool) -> None:
    """1, 2 and 4 threads give the same spikes and the same traces, bit for bit."""
    check_threads(lambda threads: run(model, threads, drawn=drawn), 1000)


def test_results_do_not_depend_on_where_a_run_is_cut() -> None:
    """Runs of 0.1, 7.3 and 52.6 ms give what one of 60 ms gives, bit for bit."""
    whole = run("IF_curr_exp", 2, drawn=True)
    pieces = run("IF_curr_exp", 2, drawn=True, stops=(0.1, 7.4, 60.0))

    assert pieces.spikes == whole.spikes
    assert np.array_equal(pieces.v, whole.v)


def test_plastic_synapses_do_not_depend_on_threads() -> None:
    """State of Tsodyks-Markram synapses, and what they do, are the same for 1, 2 and 4 threads."""
    found = []
    for threads in (1, 2, 4):
        with Simulator(NativeBackend, timestep=0.1, seed=5, threads=threads) as sim:
            cells = sim.Population(SIZE, sim.IF_curr_exp())
            noise = sim.Population(50, sim.SpikeSourcePoisson(rate=60.0))
            synapse = sim.TsodyksMarkramSynapse(weight=0.4, delay=1.0, tau_facil=50.0)
            rows = sim.Projection(noise, cells, sim.FixedNumberPreConnector(20), synapse)
            cells.record(["spikes", "v"])
            sim.run(60.0)
            found.append((result_of(cells), np.array(rows.get(["u", "x", "y"], "list"))))

    for result, state in found[1:]:
        assert result.spikes == found[0][0].spikes
        assert np.array_equal(result.v, found[0][0].v)
        assert np.array_equal(state, found[0][1])


def test_stopping_leaves_a_state_that_can_go_on() -> None:
    """A run that the pulse stops time and again gives the spikes of one that nothing stops."""
    found, stops = [], 0
    for patience in (0, 1000):
        with Simulator(NativeBackend, timestep=0.1, seed=5, threads=2) as sim:
            cells = sim.Population(SIZE, sim.IF_curr_exp(i_offset=np.linspace(0.7, 1.5, SIZE)))
            synapse = sim.StaticSynapse(weight=-0.1, delay=1.5)
            sim.Projection(cells, cells, sim.FixedNumberPreConnector(20), synapse, receptor_type="inhibitory")
            cells[:50].record("spikes")
            while sim.time < LONG - 0.05:
                try:
                    sim.backend.advance(LONG, lambda patience=patience: patience > 0)  # type: ignore[misc]
                except Stopped as stopped:
                    assert stopped.time == pytest.approx(sim.time)
                    stops += 1
            found.append([np.asarray(train.magnitude) for train in cells.get_data().segments[0].spiketrains])

    assert stops > 0
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))
