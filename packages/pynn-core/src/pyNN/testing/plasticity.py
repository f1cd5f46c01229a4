"""Synapses whose strength changes: Tsodyks-Markram."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pyNN.testing.base import STEP, KitTests, ragged


class PlasticityTests(KitTests):
    """Short-term plasticity against its closed form."""

    def test_synapses_tsodyks_markram_depress_as_the_closed_form(self) -> None:
        """With tau_facil = 0, successive spikes release U x, where x recovers with tau_rec from what is inactive.

        Tsodyks, Uziel & Markram (2000), eq. 3, solved from spike to spike.
        """
        self._compare(u=0.5, tau_rec=100.0, tau_facil=0.0)

    def test_synapses_tsodyks_markram_facilitate_as_the_closed_form(self) -> None:
        """With tau_facil = 500 ms, u grows from spike to spike as the closed form says."""
        self._compare(u=0.1, tau_rec=20.0, tau_facil=500.0)

    def test_synapses_plastic_take_every_spike(self) -> None:
        """Spikes of a source one step apart, several in one step, and one at time 0 all count."""
        self._compare(u=0.3, tau_rec=50.0, tau_facil=200.0, spike_times=(3.0, 3.1, 3.1, 3.2))
        self._compare(u=0.3, tau_rec=50.0, tau_facil=200.0, spike_times=(0.0, 0.1, 4.0))

    def test_synapses_plastic_take_a_spike_one_step_after_it_was_told(self) -> None:
        """Spike times set at T count from T + one step on, also with min_delay 1 ms."""
        self._compare(u=0.3, tau_rec=50.0, tau_facil=200.0, spike_times=(3.0, 5.1, 5.2), told_at=5.0)

    def test_synapses_tsodyks_markram_recover_at_the_pace_of_the_current(self) -> None:
        """With tau_rec equal to tau_syn, where a solution may divide by 0, the current is as elsewhere."""
        self._compare(u=0.5, tau_rec=2.0, tau_facil=0.0, spike_times=(5.0, 6.0, 8.0))

    def _compare(
        self, u: float, tau_rec: float, tau_facil: float, spike_times: Sequence[float] = (5.0, 15.0, 25.0, 60.0),
        told_at: float = 0.0,
    ) -> None:  # fmt: skip
        self.needs("TsodyksMarkramSynapse")
        tau_syn, weight = 2.0, 1.0
        with self.bench(min_delay=1.0) if told_at else self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_syn_E=tau_syn, v_thresh=0.0)
            source = bench.source([spike for spike in spike_times if spike <= told_at or not told_at])
            bench.connect(
                source, cells, [([0], [0], {})], synapse="TsodyksMarkramSynapse", weight=weight, delay=1.0, U=u,
                tau_rec=tau_rec, tau_facil=tau_facil,
            )  # fmt: skip
            v = bench.record(cells, "v")
            bench.advance(told_at)
            if told_at:
                bench.set(source, spike_times=ragged(spike_times))
            bench.advance(90.0)
            values = v().values[:, 0]

        t = np.arange(901) * STEP
        expected = np.full(901, -65.0)
        for spike, released in zip(spike_times, _released(spike_times, u, tau_rec, tau_facil, tau_syn), strict=True):
            since = np.maximum(t - spike - 1.0, 0.0)
            gain = weight * released * 20.0 * tau_syn / (20.0 - tau_syn)
            expected += gain * (np.exp(-since / 20.0) - np.exp(-since / tau_syn))
        assert values == pytest.approx(expected, abs=0.5 * np.abs(np.diff(expected)).max())


def _released(times: Sequence[float], big_u: float, tau_rec: float, tau_facil: float, tau_syn: float) -> list[float]:
    """u x at each spike, by 20 000 midpoint steps from spike to spike rather than a closed formula."""
    x, y, u, last = 1.0, 0.0, 0.0, times[0]
    found = []
    for now in times:
        steps = 20000
        h = (now - last) / steps
        for _ in range(steps if h else 0):
            z = 1.0 - x - y
            dx, dy = z / tau_rec, -y / tau_syn
            z_mid = 1.0 - (x + 0.5 * h * dx) - (y + 0.5 * h * dy)
            x, y = x + h * z_mid / tau_rec, y - h * (y + 0.5 * h * dy) / tau_syn
        u = u * np.exp(-(now - last) / tau_facil) if tau_facil else 0.0
        u += big_u * (1 - u)
        found.append(u * x)
        x, y, last = x - u * x, y + u * x, now
    return found
