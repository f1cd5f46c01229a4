"""Cells: closed forms of the membrane, and what ``set`` reaches."""

from __future__ import annotations

import numpy as np
import pytest

from pyNN.testing.base import STEP, KitTests, times_of


class CellTests(KitTests):
    """Contract 5, 8, 9 for cells, and the membrane's equations."""

    def test_cells_relax_to_rest_with_tau_m(self) -> None:
        """Without input, v - v_rest decays as exp(-t / tau_m)."""
        for name in ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp"):
            if name not in self.backend.models:
                continue
            with self.bench() as bench:
                cells = bench.cells(name, 1, tau_m=20.0, v_rest=-60.0, v=-55.0)
                v = bench.record(cells, "v")
                bench.advance(20.0)
                values = v().values[:, 0]

            expected = -60.0 + 5.0 * np.exp(-np.arange(201) * STEP / 20.0)
            one_step = 5.0 / 20.0 * STEP  # steepest slope × timestep, mV
            assert values == pytest.approx(expected, abs=one_step), name

    def test_cells_settle_at_the_offset(self) -> None:
        """Under i_offset, v goes to v_rest + i_offset tau_m / cm."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_m=10.0, cm=0.5, v_rest=-65.0, i_offset=0.5)
            bench.advance(200.0)
            v = bench.get(cells, "v")[0]

        assert v == pytest.approx(-65.0 + 0.5 * 10.0 / 0.5, abs=1e-6)

    def test_cells_fire_at_the_closed_form_interval(self) -> None:
        """Under constant current, spikes are tau_refrac + tau_m ln((v_inf - v_reset) / (v_inf - v_thresh)) apart.

        Lapicque (1907); Gerstner & Kistler (2002), "Spiking neuron models", eq. 4.9. Each interval is a whole
        number of steps: the next after the crossing.
        """
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_m=20.0, cm=1.0, i_offset=1.0, tau_refrac=2.0)
            spikes = bench.record(cells, "spikes")
            bench.advance(300.0)
            intervals = np.diff(times_of(spikes()))

        v_inf = -65.0 + 1.0 * 20.0 / 1.0
        crossing = 20.0 * np.log((v_inf + 65.0) / (v_inf + 50.0))
        assert len(intervals) >= 8
        assert intervals == pytest.approx(np.full(len(intervals), 2.0 + crossing), abs=STEP)

    def test_cells_stay_at_reset_while_refractory(self) -> None:
        """After a spike v is v_reset for tau_refrac, then leaves it."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, i_offset=2.0, tau_refrac=5.0, v_reset=-70.0)
            spikes, v = bench.record(cells, "spikes"), bench.record(cells, "v")
            bench.advance(40.0)
            first = round(times_of(spikes())[0] / STEP)
            values = v().values[:, 0]

        held = values[first : first + 50]
        assert held == pytest.approx(np.full(50, -70.0), abs=1e-9)
        assert values[first + 52] > -70.0

    def test_cells_are_refractory_for_the_nearest_number_of_steps(self) -> None:
        """A tau_refrac between two steps counts as the nearer, given at first or set later; 2.0 ms is 20 steps."""
        for name in ("IF_curr_exp", "IF_curr_alpha", "IF_cond_exp"):
            if name not in self.backend.models:
                continue
            with self.bench() as bench:
                cells = bench.cells(name, 4, i_offset=5.0, tau_refrac=[2.0, 0.24, 0.02, 0.28], cm=1.0, tau_m=20.0)
                if self.backend.models[name].computed is None:
                    bench.set(cells, [2, 3], tau_refrac=[0.02, 0.28])
                spikes = bench.record(cells, "spikes", range(4))
                bench.advance(50.0)
                found = spikes()
            steps = [np.rint(np.diff(times_of(found, row))[0] / STEP) for row in range(4)]

            assert steps == [steps[0], steps[0] - 18, steps[0] - 20, steps[0] - 17], name

    def test_cells_each_have_their_own_parameters(self) -> None:
        """Arrays of parameters belong to the cells in order."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 3, v_rest=[-65.0, -60.0, -55.0], v=-58.0, tau_m=5.0)
            bench.advance(100.0)
            v = bench.get(cells, "v")

        assert v == pytest.approx([-65.0, -60.0, -55.0], abs=1e-6)

    def test_cells_set_by_index_change_alone(self) -> None:
        """``set(index=…)`` changes those cells, in that order, and no other."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 5, tau_m=5.0)
            bench.set(cells, [1, 3], v_rest=[-61.0, -63.0])
            bench.advance(150.0)
            v = bench.get(cells, "v")

        assert v == pytest.approx([-65.0, -61.0, -65.0, -63.0, -65.0], abs=1e-6)

    def test_cells_scalar_and_array_of_it_are_the_same(self) -> None:
        """One value for all, and an array of that value, give the same result, in create and in set."""
        results = []
        for value, later in ((10.0, 0.7), ([10.0, 10.0], [0.7, 0.7])):
            with self.bench() as bench:
                cells = bench.cells("IF_curr_exp", 2, tau_m=value)
                v = bench.record(cells, "v", (0, 1))
                bench.advance(5.0)
                bench.set(cells, i_offset=later)
                bench.advance(10.0)
                results.append(v().values)

        assert np.array_equal(results[0], results[1])

    def test_cells_set_in_mid_run_act_at_once(self) -> None:
        """A parameter set at T acts from T, not from T + min_delay: v rises as its closed form from T."""
        with self.bench(min_delay=1.0) as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_m=20.0, cm=1.0)
            v = bench.record(cells, "v")
            bench.advance(10.0)
            bench.set(cells, i_offset=0.5)
            bench.advance(15.0)
            values = v().values[:, 0]

        t = np.arange(51) * STEP
        expected = -65.0 + 10.0 * (1 - np.exp(-t / 20.0))
        one_step = 10.0 / 20.0 * STEP
        assert values[:101] == pytest.approx(np.full(101, -65.0), abs=1e-9)
        assert values[100:] == pytest.approx(expected, abs=one_step * 0.6)  # a whole step late would be 0.05 mV off

    def test_cells_state_can_be_read_and_set(self) -> None:
        """v can be set in mid-run; reading gives what was set."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 3)
            bench.advance(5.0)
            bench.set(cells, [0, 2], v=[-60.0, -55.0])
            now = bench.get(cells, "v")
            bench.advance(6.0)
            later = bench.get(cells, "v", [2])

        assert now == pytest.approx([-60.0, -65.0, -55.0], abs=1e-9)
        assert later[0] == pytest.approx(-65.0 + 10.0 * np.exp(-1.0 / 20.0), abs=10.0 / 20.0 * STEP)

    def test_cells_may_be_none(self) -> None:
        """A block of no cells is legal, and nothing happens in it."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 0)
            spikes = bench.record(cells, "spikes", ())
            bench.advance(5.0)
            found = spikes()

        assert len(found.time) == 0

    def test_cells_keep_to_their_units(self) -> None:
        """0.2 nF and 20 ms leak 10 nS: 0.1 nA moves the membrane by 10 mV at rest."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, cm=0.2, tau_m=20.0, v_thresh=0.0, i_offset=0.1)
            bench.advance(400.0)

            assert bench.get(cells, "v")[0] == pytest.approx(-55.0, abs=1e-6)
