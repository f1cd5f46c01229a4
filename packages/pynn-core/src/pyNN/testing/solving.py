"""Cells from equations, of backends that solve them: closed forms, and the order in which things happen in a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cawan.simulator import SupportsNativeModels

from pyNN.equations import CellEquations
from pyNN.simulator import Simulator
from pyNN.testing.base import STEP, KitTests
from pyNN.testing.currents import step_response
from pyNN.testing.solved import DELTA, oscillator

CLOSE = 1e-3  # of variables of some 10 mV: any scheme of order 2 or more


class EquationTests(KitTests):
    """What ``describe`` makes of a ``CellEquations``."""

    def solved(self, sim: Simulator, equations: CellEquations) -> Any:
        """The cell type; skips where the backend solves no equations."""
        backend = sim.backend
        if not isinstance(backend, SupportsNativeModels):
            pytest.skip(f"{backend.name} has no models of its own")
        try:
            backend.describe(equations)
        except LookupError:
            pytest.skip(f"{backend.name} does not solve equations")
        return sim.native_cell_type(equations)

    def test_equations_of_a_membrane_follow_the_closed_form(self) -> None:
        """Under a constant current and one from 5 ms on, of cells with other tau_m."""
        with self.simulator() as sim:
            cells = sim.Population(2, self.solved(sim, DELTA)(i_offset=0.1, tau_m=[20.0, 10.0]))
            sim.StepCurrentSource(times=[5.0], amplitudes=[0.3]).inject_into(cells)
            cells.record("v")
            sim.run(30.0)
            v = cells.get_data().segments[0].analogsignals[0].magnitude

        t = np.arange(301) * STEP
        for row, tau in enumerate((20.0, 10.0)):
            expected = -65.0 + step_response(t, 0.1, tau) + step_response(t - 5.0, 0.3, tau)
            assert v[:, row] == pytest.approx(expected, abs=CLOSE)

    def test_equations_that_are_coupled_are_solved_together(self) -> None:
        """v and x of an oscillator are cos and sin of omega t, over three periods."""
        with self.simulator() as sim:
            cells = sim.Population(1, self.solved(sim, oscillator())(omega=0.5))
            cells.record(["v", "x"])
            sim.run(40.0)
            found = {s.name: s.magnitude[:, 0] for s in cells.get_data().segments[0].analogsignals}

        t = np.arange(401) * STEP
        assert found["v"] == pytest.approx(np.cos(0.5 * t), abs=CLOSE)
        assert found["x"] == pytest.approx(np.sin(0.5 * t), abs=CLOSE)

    def test_equations_fire_at_the_step_and_reset_in_order(self) -> None:
        """v rises by 1 mV/ms to 0.95 mV, at the tenth step; n counts, then v begins at -n.

        So the next spikes come 20 and 30 steps after the one before.
        """
        counter = CellEquations(
            "Counter", "dv/dt = 1 : mV\ndn/dt = 0 : 1", threshold="v >= 0.95", reset="n += 1; v = -n",
        )  # fmt: skip
        with self.simulator() as sim:
            cells = sim.Population(1, self.solved(sim, counter)())
            cells.record(["n", "spikes"])
            sim.run(6.5)
            segment = cells.get_data().segments[0]

        steps = np.rint(segment.spiketrains[0].magnitude / STEP)
        assert steps.tolist() == [10, 30, 60]
        assert segment.analogsignals[0].magnitude[[9, 10, 29, 30, 60], 0].tolist() == [0.0, 1.0, 1.0, 2.0, 3.0]

    def test_equations_hold_v_while_refractory_and_nothing_else(self) -> None:
        """For 2 ms v stays at what the reset made it, and a jump of it is lost; w decays all the time."""
        self.needs("SpikeSourceArray", "StaticSynapse")
        cell = CellEquations(
            "Cell", "dv/dt = 1 : mV\ndw/dt = -w/10 : 1", threshold="v >= 0.95", reset="v = 0; w = 1", refractory=2.0,
            receptors={"excitatory": "v"},
        )  # fmt: skip
        with self.simulator() as sim:
            cells = sim.Population(1, self.solved(sim, cell)())
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.5]))
            synapse = sim.StaticSynapse(weight=0.25, delay=0.5)
            sim.Projection(source, cells, sim.AllToAllConnector(), synapse)
            cells.record(["v", "w"])
            sim.run(3.8)
            found = {s.name: s.magnitude[:, 0] for s in cells.get_data().segments[0].analogsignals}

        assert found["v"][10:31] == pytest.approx(np.zeros(21), abs=1e-9)
        assert found["v"][35] == pytest.approx(0.5, abs=1e-9)
        assert found["w"][10:38] == pytest.approx(np.exp(-np.arange(28) * STEP / 10.0), abs=CLOSE)

    def test_equations_take_input_into_the_receptors_variable(self) -> None:
        """A weight adds to its receptor's variable at the time of arrival, and to no other; then it decays."""
        self.needs("SpikeSourceArray", "StaticSynapse")
        cell = CellEquations(
            "Cell", "dv/dt = 0 : mV\nda/dt = -a/5 : uS\ndb/dt = -b/tau : uS", parameters={"tau": [2.0, "ms"]},
            receptors={"one": "a", "two": "b"},
        )  # fmt: skip
        with self.simulator() as sim:
            cells = sim.Population(1, self.solved(sim, cell)())
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
            for receptor, weight, delay in (("one", 0.5, 1.0), ("two", 0.25, 2.0)):
                synapse = sim.StaticSynapse(weight=weight, delay=delay)
                sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type=receptor)
            cells.record(["a", "b"])
            sim.run(10.0)
            found = {s.name: s.magnitude[:, 0] for s in cells.get_data().segments[0].analogsignals}

        t = np.arange(101) * STEP
        for name, weight, begin, tau in (("a", 0.5, 2.0, 5.0), ("b", 0.25, 3.0, 2.0)):
            expected = np.where(t > begin - STEP / 2, weight * np.exp(-(t - begin) / tau), 0.0)
            assert found[name] == pytest.approx(expected, abs=CLOSE * weight)

    def test_equations_are_reached_by_plastic_synapses(self) -> None:
        """A plastic synapse that learns nothing moves the receptor's variable as a static one does."""
        self.needs("SpikeSourceArray", "StaticSynapse", "STDPMechanism")
        cell = CellEquations(
            "Cell", "dv/dt = 0 : mV\nda/dt = -a/5 : uS", receptors={"one": "a"}, threshold="a > 10", reset="a = 0"
        )
        with self.simulator() as sim:
            cells = sim.Population(2, self.solved(sim, cell)())
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0, 4.0]))
            learning = sim.STDPMechanism(
                timing_dependence=sim.SpikePairRule(A_plus=0.0, A_minus=0.0),
                weight_dependence=sim.AdditiveWeightDependence(w_max=1.0),
                weight=0.5, delay=1.0, dendritic_delay_fraction=1.0,
            )  # fmt: skip
            for k, synapse in enumerate((sim.StaticSynapse(weight=0.5, delay=1.0), learning)):
                sim.Projection(source, cells[k : k + 1], sim.AllToAllConnector(), synapse, receptor_type="one")
            cells.record("a")
            sim.run(10.0)
            static, plastic = cells.get_data().segments[0].analogsignals[0].magnitude.T

        assert static.max() > 0.5
        assert plastic == pytest.approx(static, abs=CLOSE)

    def test_equations_have_parameters_that_change_in_mid_run(self) -> None:
        """A time constant that is set for one cell acts from now on, on that cell alone."""
        decay = CellEquations(
            "Decay", "dv/dt = -v/tau : mV", parameters={"tau": [10.0, "ms", "positive"]}, initial_values={"v": 1.0},
        )  # fmt: skip
        with self.simulator() as sim:
            cells = sim.Population(2, self.solved(sim, decay)())
            cells.record("v")
            sim.run(5.0)
            cells[1:].set(tau=2.0)
            sim.run(5.0)
            v = cells.get_data().segments[0].analogsignals[0].magnitude

        after = np.arange(51) * STEP
        assert v[50:, 0] == pytest.approx(np.exp(-0.5 - after / 10.0), abs=CLOSE)
        assert v[50:, 1] == pytest.approx(np.exp(-0.5 - after / 2.0), abs=CLOSE)
