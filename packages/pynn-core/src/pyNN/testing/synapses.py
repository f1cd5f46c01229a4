"""Synapses: when input arrives, how large it is, and what belongs to which row."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest
from cawan.simulator import Array

from pyNN.errors import PyNNError
from pyNN.random import RandomDistribution
from pyNN.standardmodels.catalogue import SYNAPSE_TYPES
from pyNN.standardmodels.synapses import AdditiveWeightDependence, SpikePairRule
from pyNN.testing.base import STEP, KitTests


def psp_of_exponential_current(t: Any, weight: float, tau_m: float, tau_syn: float, cm: float) -> Array:
    """Membrane potential t ms after an exponential current of ``weight`` nA begins (mV above rest).

    The difference of two exponentials; Rotter & Diesmann (1999), eq. 5.
    """
    gain = weight * tau_m * tau_syn / (cm * (tau_m - tau_syn))
    return np.asarray(np.where(t > 0, gain * (np.exp(-t / tau_m) - np.exp(-t / tau_syn)), 0.0))


class SynapseTests(KitTests):
    """Contract 2, 5, 9, 11, 14 for synapses."""

    def test_synapses_arrive_on_time(self) -> None:
        """A spike at T over a delay d changes v no later than T + d + timestep, and not before T + d."""
        for delay in (0.1, 0.2, 1.0, 3.7):
            with self.bench() as bench:
                cells = bench.cells("IF_curr_exp", 1)
                source = bench.source([5.0])
                bench.connect(source, cells, [([0], [0], {})], weight=1.0, delay=delay)
                v = bench.record(cells, "v")
                bench.advance(12.0)
                values = v().values[:, 0]

            moved = np.flatnonzero(np.abs(values + 65.0) > 1e-9)[0] * STEP
            assert 5.0 + delay - 1e-6 <= moved <= 5.0 + delay + STEP + 1e-6, f"delay {delay}"

    def test_synapses_make_the_psp_of_the_closed_form(self) -> None:
        """A spike makes an EPSP, or on the inhibitory receptor an IPSP, of the closed form."""
        for receptor, weight, tau in (("excitatory", 0.5, 5.0), ("inhibitory", -0.4, 8.0)):
            with self.bench() as bench:
                cells = bench.cells("IF_curr_exp", 1, tau_syn_E=5.0, tau_syn_I=8.0)
                source = bench.source([5.0])
                bench.connect(source, cells, [([0], [0], {})], receptor, weight=weight, delay=1.0)
                v = bench.record(cells, "v")
                bench.advance(50.0)
                values = v().values[:, 0]

            t = np.arange(501) * STEP - 6.0
            expected = -65.0 + psp_of_exponential_current(t, weight, 20.0, tau, 1.0)
            slope = np.abs(np.diff(expected)).max()  # per timestep, mV
            assert values == pytest.approx(expected, abs=0.5 * slope), receptor

    def test_synapses_alpha_current_peaks_at_the_weight(self) -> None:
        """An alpha-shaped current w (t/tau) e^(1 - t/tau) makes the PSP of its convolution with the membrane."""
        self.needs("IF_curr_alpha")
        tau, tau_m, weight = 2.0, 20.0, 0.5
        with self.bench() as bench:
            cells = bench.cells("IF_curr_alpha", 1, tau_syn_E=tau)
            source = bench.source([5.0])
            bench.connect(source, cells, [([0], [0], {})], weight=weight, delay=1.0)
            v = bench.record(cells, "v")
            bench.advance(40.0)
            values = v().values[:, 0]

        t = np.maximum(np.arange(401) * STEP - 6.0, 0.0)
        a = 1 / tau - 1 / tau_m  # ∫ s e^(-a s) ds, times e^(-t/tau_m) w e / (tau cm)
        expected = -65.0 + weight * np.e / tau * np.exp(-t / tau_m) * (1 - (1 + a * t) * np.exp(-a * t)) / a**2
        assert values == pytest.approx(expected, abs=0.5 * np.abs(np.diff(expected)).max())

    def test_synapses_conductance_pulls_to_its_reversal(self) -> None:
        """A strong inhibitory conductance holds v at e_rev_I, whatever the excitatory offset."""
        self.needs("IF_cond_exp")
        with self.bench() as bench:
            cells = bench.cells("IF_cond_exp", 1, e_rev_I=-75.0, tau_syn_I=200.0, i_offset=0.1)
            source = bench.source([5.0])
            bench.connect(source, cells, [([0], [0], {})], "inhibitory", weight=20.0, delay=1.0)
            bench.advance(30.0)

            # (g e_rev + i + cm v_rest / tau_m) / (g + cm / tau_m), with g = 20 exp(-24 / 200) µS
            g = 20.0 * np.exp(-24.0 / 200.0)
            expected = (g * -75.0 + 0.1 + -65.0 / 20.0) / (g + 1.0 / 20.0)
            assert bench.get(cells, "v")[0] == pytest.approx(expected, abs=0.01)

    def test_synapses_of_every_chunk_are_made(self) -> None:
        """Rows of the second and third chunk act as those of the first."""
        chunks = [
            ([0], [0], {"weight": [0.1]}),
            ([0], [1], {"weight": [0.2]}),
            ([0, 0], [2, 3], {"weight": [0.3, 0.4]}),
        ]
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 4)
            source = bench.source([1.0])
            bench.connect(source, cells, chunks, delay=1.0)
            v = bench.record(cells, "v", (0, 1, 2, 3))
            bench.advance(5.0)
            rise = v().values[-1] + 65.0

        assert rise / rise[0] == pytest.approx([1.0, 2.0, 3.0, 4.0], rel=1e-3)

    def test_synapses_let_each_chunk_go(self) -> None:
        """Once the network stands, no array of a chunk is held, so that 10**8 rows are never there at once."""
        with self.bench() as bench:
            cells, source = bench.cells("IF_curr_exp", 50), bench.source(*[[1.0]] * 50)
            chunks: list[Any] = [(np.arange(50), np.arange(50), {"weight": np.full(50, 0.1 * k)}) for k in (1, 2)]
            alive: list[weakref.ref[Any]] = []
            bench.connect(source, cells, chunks, passing=alive, delay=1.0)
            bench.advance(STEP)
            gc.collect()
            held = sum(reference() is not None for reference in alive)

        assert len(alive) >= 6
        assert held == 0

    def test_synapses_shared_values_equal_arrays_of_them(self) -> None:
        """A weight and delay in ``common`` act as the same in every row."""
        results = []
        cases: list[tuple[Any, dict[str, Any]]] = [
            (([0, 1], [0, 1], {}), {"weight": 0.3, "delay": 1.5}),
            (([0, 1], [0, 1], {"weight": [0.3, 0.3], "delay": [1.5, 1.5]}), {}),
        ]
        for chunk, common in cases:
            with self.bench() as bench:
                cells = bench.cells("IF_curr_exp", 2)
                source = bench.source([1.0], [2.0])
                bench.connect(source, cells, [chunk], **common)
                v = bench.record(cells, "v", (0, 1))
                bench.advance(10.0)
                results.append(v().values)

        assert results[0].max() > -65.0 + 0.1
        assert np.array_equal(results[0], results[1])

    def test_synapses_rows_have_their_own_delays(self) -> None:
        """Each row keeps its own delay."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 3)
            source = bench.source([1.0])
            bench.connect(source, cells, [([0, 0, 0], [2, 0, 1], {"delay": [3.0, 1.0, 2.0]})], weight=1.0)
            v = bench.record(cells, "v", (0, 1, 2))
            bench.advance(6.0)
            moved = [np.flatnonzero(column + 65.0 > 1e-9)[0] * STEP for column in v().values.T]

        assert moved == pytest.approx([2.1, 3.1, 4.1], abs=STEP + 1e-6)

    def test_synapses_give_back_what_they_were_given(self) -> None:
        """``get`` gives ends, weights and delays (multiples of the step) of every row."""
        given = {(0, 1): (0.1, 1.0), (1, 0): (0.2, 2.0), (2, 1): (0.3, 0.5)}
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2)
            source = bench.source([], [], [])
            rows = bench.connect(
                source, cells, [([0, 1, 2], [1, 0, 1], {"weight": [0.1, 0.2, 0.3], "delay": [1.0, 2.0, 0.5]})]
            )
            i, j, weight, delay = (bench.get(rows, name) for name in ("i", "j", "weight", "delay"))

        found = {(int(a), int(b)): (w, d) for a, b, w, d in zip(i, j, weight, delay, strict=True)}
        assert set(found) == set(given)
        for pair, values in given.items():
            assert found[pair] == pytest.approx(values, abs=1e-9)

    def test_synapses_read_by_row_are_those(self) -> None:
        """``get(index=…)`` gives those rows, in that order, of values and of both ends."""
        with self.bench() as bench:
            cells, source = bench.cells("IF_curr_exp", 3), bench.source([], [], [])
            pairs = ([0, 1, 2, 2], [2, 0, 1, 0], {"weight": [0.1, 0.2, 0.3, 0.4]})
            made = bench.connect(source, cells, [pairs], delay=1.0)
            everything = {name: bench.get(made, name) for name in ("weight", "i", "j")}
            some = {name: bench.get(made, name, [3, 1]) for name in everything}

        for name, values in everything.items():
            assert some[name] == pytest.approx(values[[3, 1]]), name

    def test_synapses_set_by_row_change_alone(self) -> None:
        """``set`` of a row, numbered as ``get`` numbers them, changes that synapse and no other."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 3)
            source = bench.source([11.0])
            rows = bench.connect(source, cells, [([0, 0, 0], [0, 1, 2], {"weight": [0.1, 0.2, 0.3]})], delay=1.0)
            bench.advance(10.0)
            j = bench.get(rows, "j").astype(int)
            chosen = [int(np.flatnonzero(j == 0)[0]), int(np.flatnonzero(j == 2)[0])]
            wanted = {chosen[0]: 0.6, chosen[1]: 0.9}
            ordered = sorted(wanted)
            bench.set(rows, ordered, weight=[wanted[k] for k in ordered])
            v = bench.record(cells, "v", (0, 1, 2))
            bench.advance(15.0)
            rise = v().values[-1] + 65.0

        assert rise / rise[1] == pytest.approx([3.0, 1.0, 4.5], rel=1e-3)

    def test_synapses_several_of_one_pair_are_several(self) -> None:
        """Two rows of one pair stay two rows and act twice."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2)
            source = bench.source([1.0])
            rows = bench.connect(source, cells, [([0, 0, 0], [0, 0, 1], {})], weight=0.2, delay=1.0)
            v = bench.record(cells, "v", (0, 1))
            bench.advance(5.0)
            rise = v().values[-1] + 65.0
            count = len(bench.get(rows, "i"))

        assert count == 3
        assert rise[0] / rise[1] == pytest.approx(2.0, rel=1e-3)

    def test_synapses_may_be_none(self) -> None:
        """A wiring without rows is legal."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2)
            source = bench.source([1.0])
            rows = bench.connect(source, cells, [], weight=0.2, delay=1.0)
            bench.advance(5.0)

            assert bench.get(cells, "v") == pytest.approx([-65.0, -65.0], abs=1e-9)
            assert len(np.ravel(bench.get(rows, "i"))) == 0

    def test_synapses_of_every_type_may_be_none(self) -> None:
        """A rule that joins no pair makes a projection of any type, though nothing is known of the weights it draws."""
        self.needs("IF_curr_exp")
        pairs = {"timing_dependence": SpikePairRule(), "weight_dependence": AdditiveWeightDependence()}
        made, refused = [], []
        with self.simulator() as sim:
            cells = sim.Population(2, sim.IF_curr_exp())
            weight = RandomDistribution("uniform", (0.1, 0.2))
            for name, kind in SYNAPSE_TYPES.items():
                if not sim.has_model(name):
                    continue
                synapse = kind(weight=weight, **(pairs if name == "STDPMechanism" else {}))
                try:
                    made.append(sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.0), synapse))
                except PyNNError as error:
                    refused.append(str(error))
            sim.run(1.0)
            rows = [projection.get("weight", "list") for projection in made]

        assert not refused
        assert rows and not any(rows)

    def test_synapses_between_cells_pass_spikes_on(self) -> None:
        """A cell's own spikes travel over its synapses, autapses included."""
        with self.bench() as bench:
            first = bench.cells("IF_curr_exp", 1, i_offset=2.0)
            second = bench.cells("IF_curr_exp", 1)
            bench.connect(first, second, [([0], [0], {})], weight=0.5, delay=2.0)
            bench.connect(first, first, [([0], [0], {})], weight=0.5, delay=2.0)
            spikes, v = bench.record(first, "spikes"), bench.record(second, "v")
            bench.advance(30.0)
            spike, values = float(np.min(spikes().time)), v().values[:, 0]

        moved = np.flatnonzero(values + 65.0 > 1e-9)[0] * STEP
        assert moved == pytest.approx(spike + 2.0, abs=STEP + 1e-6)

    def test_synapses_made_in_mid_run_act_at_once(self) -> None:
        """A population and its synapses, made at T, pass on the spikes after T."""
        if not self.backend.grows:
            pytest.skip(f"{self.backend.name} cannot grow after the first advance")
        with self.bench(min_delay=STEP, max_delay=5.0) as bench:
            source = bench.source([9.0, 11.0])
            old = bench.cells("IF_curr_exp", 1)
            bench.connect(source, old, [([0], [0], {})], weight=0.2, delay=1.0)
            bench.advance(10.0)
            young = bench.cells("IF_curr_exp", 1)
            bench.connect(source, young, [([0], [0], {})], weight=0.2, delay=2.0)
            v = bench.record(young, "v")
            bench.advance(16.0)
            values = v().values[:, 0]

        moved = 10.0 + np.flatnonzero(values + 65.0 > 1e-9)[0] * STEP
        assert moved == pytest.approx(13.0, abs=STEP + 1e-6)

    def test_synapses_weights_set_in_mid_run_act_on_the_next_spike(self) -> None:
        """A weight of 0 set for all rows at T silences every spike after T."""
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1)
            source = bench.source([1.0, 50.0])
            rows = bench.connect(source, cells, [([0], [0], {})], weight=0.5, delay=1.0)
            bench.advance(49.0)
            bench.set(rows, weight=0.0)
            before = bench.get(cells, "v")[0]
            bench.advance(60.0)
            after = bench.get(cells, "v")[0]

        assert before > -65.0 + 1e-3
        assert after < before
