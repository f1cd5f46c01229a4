"""A simulation that makes no sense any more is stopped, says where, and can be looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pyNN.errors import InvalidValueError, NotFiniteError, RunawayError
from pyNN.simulator import Simulator
from pynn_native import NativeBackend


def overflowing(sim: Simulator) -> Any:
    """Cells of which number 3 gets two conductances at 20.3 ms whose sum is beyond the largest number."""
    sim.Population(4, sim.IF_cond_exp(), label="bystanders")
    cells = sim.Population(5, sim.IF_cond_exp(), label="victims")
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[19.3]))
    huge = sim.StaticSynapse(weight=1.5e308, delay=1.0)
    sim.Projection(source, cells[3:4], sim.AllToAllConnector(), huge, receptor_type="excitatory")
    cells.record("v")
    return cells


@pytest.mark.parametrize("threads", [1, 2])
def test_a_membrane_that_is_no_number_stops_the_run_and_is_named(threads: int) -> None:
    """Population, cell, value and time are told; time, state and samples agree with each other afterwards."""
    with Simulator(NativeBackend, timestep=0.1, threads=threads) as sim:
        cells = overflowing(sim)

        with pytest.raises(NotFiniteError, match=r"'v' of cell 3 of 'victims' became -?nan between") as caught:
            sim.run(1000.0)

        error, now = caught.value, sim.get_current_time()
        v = np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude)
        state = np.asarray(cells.get("v"))

    assert (error.population, error.cell, error.time) == ("victims", 3, now)
    assert 20.3 <= now <= 20.3 + 6.4 + 1e-9  # it is looked for every 64 steps
    assert len(v) == round(now / 0.1) + 1
    first = int(np.flatnonzero(~np.isfinite(v[:, 3]))[0])
    assert first in (203, 204)  # the input arrives at 20.3 ms
    assert np.isnan(state[3]) and np.isfinite(np.delete(state, 3)).all()
    assert np.isfinite(np.delete(v, 3, axis=1)).all()


def test_a_planted_parameter_that_is_no_number_is_found() -> None:
    """Where the core did not see it, because the engine was reached around it, the engine notices at once."""
    with Simulator(NativeBackend, timestep=0.1) as sim:
        cells = sim.Population(200, sim.IF_curr_exp(), label="cells")
        sim.run(10.0)
        sim.backend._engine.set_cells(0, "i_offset", np.array([np.nan]), np.array([150]))  # type: ignore[attr-defined]

        with pytest.raises(NotFiniteError, match="cell 150 of 'cells'"):
            sim.run(0.1)

        assert np.isnan(cells.get("v")[150])


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("model", ["IF_curr_delta", "IF_curr_exp", "IF_curr_alpha", "IF_cond_exp"])
def test_cells_beside_one_that_is_no_number_fire(model: str, sign: float) -> None:
    """Cells are looked at together for who is at the threshold: one that is no number hides none of the others."""
    with Simulator(NativeBackend, timestep=0.1) as sim:
        cells = sim.Population(64, sim.names[model](i_offset=2.0), label="cells", initial_values={"v": -51.0})
        cells.record("spikes")
        planted = np.array([np.copysign(np.nan, sign)])
        sim.backend._engine.set_cells(0, "v", planted, np.array([7]))  # type: ignore[attr-defined]

        with pytest.raises(NotFiniteError, match="cell 7 of 'cells'"):
            sim.run(5.0)

        fired = [len(train) for train in cells.get_data().segments[0].spiketrains]

    assert fired[7] == 0
    assert min(fired[:7] + fired[8:]) > 0


def test_a_runaway_network_is_stopped_and_the_limit_can_be_moved() -> None:
    """Cells that fire at 5000 Hz for 100 ms end the run by default; not where that is allowed, or there are nine."""

    def run(size: int = 20, **options: Any) -> float:
        with Simulator(NativeBackend, timestep=0.1, **options) as sim:
            cells = sim.Population(size, sim.IF_curr_exp(tau_refrac=0.1, i_offset=5000.0), label="wild")
            sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.001))
            cells.record("spikes")
            try:
                sim.run(300.0)
            except RunawayError as error:
                assert (error.population, error.limit) == ("wild", 1000.0)
                assert error.rate == pytest.approx(5000.0, rel=0.01)  # every second step
                assert "max_rate = 1000 Hz" in str(error)
            assert cells.mean_spike_count() == pytest.approx(5.0 * sim.get_current_time(), rel=0.01)
            return sim.get_current_time()

    assert run() == pytest.approx(100.0, abs=6.4)
    assert run(max_rate=6000) == run(max_rate=float("inf")) == run(size=9) == 300.0


def test_only_cells_that_excite_themselves_run_away() -> None:
    """Cells that their user drives to 5000 Hz end no run, until a path of projections leads from them back to them."""

    def run(back: bool) -> float:
        with Simulator(NativeBackend, timestep=0.1) as sim:
            cells = sim.Population(20, sim.IF_curr_exp(tau_refrac=0.1, i_offset=5000.0), label="driven")
            between = sim.Population(20, sim.IF_curr_exp(), label="between")
            beyond = sim.Population(20, sim.IF_curr_exp(), label="beyond")
            ways = [(cells, between), (between, beyond), (between, between)] + [(beyond, cells)] * back
            for pre, post in ways:
                sim.Projection(pre, post, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.0))
            try:
                sim.run(300.0)
            except RunawayError as error:
                assert error.population == "driven"
            return sim.get_current_time()

    assert run(back=False) == 300.0
    assert run(back=True) == pytest.approx(100.0, abs=6.4)


@pytest.mark.parametrize("wrong", [0, -5.0, float("nan"), "fast", True])
def test_a_limit_that_is_no_rate_is_refused(wrong: object) -> None:
    """max_rate is a rate above 0."""
    with pytest.raises(InvalidValueError, match="a rate above 0 Hz"):
        Simulator(NativeBackend).setup(max_rate=wrong)
