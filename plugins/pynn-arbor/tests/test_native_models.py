"""Arbor's own cells through PyNN, in Arbor's names and units."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_arbor import ArborBackend

STEP = 0.025
AREA_CM2 = np.pi * 20e-4 * 20e-4  # of the cylinder that a cell is unless a script says otherwise


@pytest.fixture
def sim() -> Iterator[Any]:
    """A simulation on Arbor."""
    with Simulator(ArborBackend, timestep=STEP) as simulator:
        yield simulator


def struck(sim: Any, cells: Any, weight: float, receptor: str) -> None:
    """Let a spike arrive at 5 ms."""
    times = sim.Population(1, sim.SpikeSourceArray(spike_times=[4.0]))
    synapse = sim.StaticSynapse(weight=weight, delay=1.0)
    sim.Projection(times, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)


def trace(cells: Any, name: str) -> Any:
    """What was recorded of a variable, shape (n_samples, n_cells)."""
    return cells.get_data().segments[0].filter(name=name)[0].magnitude


def test_a_lif_cell_decays_from_the_charge_that_arrived(sim: Any) -> None:
    """V_m = w / C_m exp(-t / tau_m) over E_L = 0, for each cell with its own tau_m; the defaults are Arbor's."""
    kind = sim.native_cell_type("lif_cell")
    cells = sim.Population(2, kind(tau_m=[10.0, 5.0]))
    struck(sim, cells, 100.0, "default")
    cells.record("V_m")

    sim.run(9.0)
    v = trace(cells, "V_m")

    assert kind.default_parameters["C_m"] == 20.0 and kind.default_parameters["V_th"] == 10.0
    assert np.all(v[: round(5.0 / STEP)] == 0.0)
    expected = 5.0 * np.exp(-4.0 / np.array([10.0, 5.0]))
    assert v[-1] == pytest.approx(expected, rel=STEP / 5.0)  # within one step


def test_lif_and_adex_cells_send_to_each_other(sim: Any) -> None:
    """A charge above V_th C_m fires a LIF cell, whose spike lifts an AdEx cell by w / C_m a delay later."""
    lif = sim.Population(1, sim.native_cell_type("lif_cell")())
    adex = sim.Population(1, sim.native_cell_type("adex_cell")())
    struck(sim, lif, 250.0, "default")
    sim.Projection(lif, adex, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.4, delay=2.0))
    lif.record("spikes")
    adex.record(["V_m", "w"])

    sim.run(10.0)
    v, (train,) = trace(adex, "V_m"), lif.get_data().segments[0].spiketrains

    assert train.magnitude == pytest.approx([5.0], abs=STEP + 1e-9)
    assert v[round(6.9 / STEP), 0] == pytest.approx(-70.0, abs=0.1)
    assert v[round(7.1 / STEP), 0] == pytest.approx(-70.0 + 1.4 / 0.28, abs=0.2)  # 0.1 ms of leak at 9 ms
    assert trace(adex, "w").shape == v.shape


def test_a_passive_cell_follows_its_closed_form(sim: Any) -> None:
    """Of "pas" alone, v relaxes to e with cm / g = 1 ms, and a current moves it by I / (g area)."""
    cells = sim.Population(1, sim.native_cell_type("pas")(e=-60.0), initial_values={"v": -70.0})
    sim.DCSource(amplitude=0.1, start=20.0).inject_into(cells)
    cells.record("v")

    sim.run(40.0)
    v = trace(cells, "v")[:, 0]

    assert v[round(1.0 / STEP)] == pytest.approx(-60.0 - 10.0 * np.exp(-1.0), abs=10.0 * np.exp(-1.0) * STEP)
    assert v[-1] == pytest.approx(-60.0 + 0.1e-9 / (0.001 * AREA_CM2) * 1e3, rel=1e-4)


def test_parameters_of_a_whole_mechanism_may_differ_between_cells(sim: Any) -> None:
    """nax.tha, a part of the mechanism's name, shifts the sodium gate of that cell alone; both are recorded."""
    kind = sim.native_cell_type(("nax", "pas"))
    cells = sim.Population(3, kind(**{"nax.tha": [-30.0, -20.0, -30.0]}), initial_values={"v": -65.0})
    cells.record("nax.m")

    sim.run(5.0)
    m = trace(cells, "nax.m")[-1]

    assert kind.default_parameters["nax.tha"] == -30.0
    assert m[1] < 0.5 * m[0] and m[2] == m[0] > 0.0


def test_weights_of_a_cable_are_conductances(sim: Any) -> None:
    """The g of expsyn is the weight, in uS, and decays with the cell's expsyn.tau."""
    cells = sim.Population(1, sim.native_cell_type("pas")(**{"expsyn.tau": 4.0}))
    struck(sim, cells, 0.001, "expsyn")
    cells.record("expsyn.g")

    sim.run(9.0)

    assert trace(cells, "expsyn.g")[-1, 0] == pytest.approx(0.001 * np.exp(-1.0), rel=STEP / 4.0)


@pytest.mark.parametrize("spec", ["hh", ("nax", "kdrmt", "pas")])
def test_excitable_mechanisms_fire_and_fire_again_after_reset(sim: Any, spec: Any) -> None:
    """One mechanism, or several in one compartment, answer a current with the same spikes in each run."""
    cells = sim.Population(2, sim.native_cell_type(spec)(diam=[20.0, 25.0]), initial_values={"v": -65.0})
    sim.DCSource(amplitude=0.5, start=5.0).inject_into(cells)
    cells.record("spikes")

    sim.run(50.0)
    sim.reset()
    sim.run(50.0)
    first, again = ([t.magnitude.tolist() for t in s.spiketrains] for s in cells.get_data().segments)

    assert all(first) and first[0] != first[1]
    assert again == first


def test_what_arbor_lacks_is_refused_with_what_it_has(sim: Any) -> None:
    """Each error says what there is instead."""
    with pytest.raises(PyNNError, match=r"no cell model 'nope'.*lif_cell, adex_cell.*hh"):
        sim.native_cell_type("nope")
    with pytest.raises(PyNNError, match="begins 'm' of hh itself"):
        sim.Population(1, sim.native_cell_type("hh")(), initial_values={"m": 0.5})
    cells = sim.Population(1, sim.native_cell_type("lif_cell")())
    sim.run(1.0)
    with pytest.raises(PyNNError, match="after the first run"):
        cells.set(tau_m=20.0)


def test_a_current_has_no_place_on_a_lif_cell(sim: Any) -> None:
    """Arbor's LIF cell takes spikes alone."""
    cells = sim.Population(1, sim.native_cell_type("lif_cell")())
    sim.DCSource(amplitude=0.1).inject_into(cells)

    with pytest.raises(PyNNError, match="cannot be injected into lif_cell"):
        sim.run(1.0)
