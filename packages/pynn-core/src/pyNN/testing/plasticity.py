"""Synapses whose strength changes: Tsodyks-Markram."""

from __future__ import annotations

import numpy as np
import pytest

from pyNN.testing.base import STEP, KitTests


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

    def _compare(self, u: float, tau_rec: float, tau_facil: float) -> None:
        self.needs("TsodyksMarkramSynapse")
        spike_times, tau_syn, weight = [5.0, 15.0, 25.0, 60.0], 2.0, 1.0
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 1, tau_syn_E=tau_syn, v_thresh=0.0)
            source = bench.source(spike_times)
            bench.connect(
                source, cells, [([0], [0], {})], synapse="TsodyksMarkramSynapse", weight=weight, delay=1.0, U=u,
                tau_rec=tau_rec, tau_facil=tau_facil,
            )  # fmt: skip
            v = bench.record(cells, "v")
            bench.advance(90.0)
            values = v().values[:, 0]

        t = np.arange(901) * STEP
        expected = np.full(901, -65.0)
        for spike, released in zip(spike_times, _released(spike_times, u, tau_rec, tau_facil, tau_syn), strict=True):
            since = np.maximum(t - spike - 1.0, 0.0)
            gain = weight * released * 20.0 * tau_syn / (20.0 - tau_syn)
            expected += gain * (np.exp(-since / 20.0) - np.exp(-since / tau_syn))
        assert values == pytest.approx(expected, abs=0.5 * np.abs(np.diff(expected)).max())


def _released(times: list[float], big_u: float, tau_rec: float, tau_facil: float, tau_syn: float) -> list[float]:
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
