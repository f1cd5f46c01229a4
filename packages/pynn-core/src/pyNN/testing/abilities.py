"""Optional abilities, each tested where the backend has it; and what the core makes of reset."""

from __future__ import annotations

import numpy as np
import pytest
from cawan.simulator import SupportsDelays, SupportsRewind

from pyNN.testing.base import KitTests


class AbilityTests(KitTests):
    """Protocols, and ``reset``."""

    def test_abilities_rewind_equals_a_new_network(self) -> None:
        """After rewind the network does what it did the first time, and recordings go on."""
        if not issubclass(self.backend, SupportsRewind):
            pytest.skip(f"{self.backend.name} does not rewind")
        with self.bench() as bench:
            cells = bench.cells("IF_curr_exp", 2, i_offset=[0.9, 1.4])
            v = bench.record(cells, "v", (0, 1))
            bench.advance(40.0)
            first = v().values
            bench.backend.rewind()  # type: ignore[attr-defined]  # SupportsRewind
            at = bench.backend.time
            bench.advance(40.0)
            second = v().values

        assert at == 0.0
        assert np.array_equal(first, second)

    def test_abilities_delay_range_holds_what_was_set_up(self) -> None:
        """The delays of setup are possible before the first advance."""
        if not issubclass(self.backend, SupportsDelays):
            pytest.skip(f"{self.backend.name} does not tell its delays")
        with self.bench(min_delay=0.5, max_delay=10.0) as bench:
            low, high = bench.backend.delay_range()  # type: ignore[attr-defined]  # SupportsDelays

        assert low <= 0.5 and high >= 10.0

    def test_abilities_one_bound_of_delays_holds_once_it_runs(self) -> None:
        """A bound that setup was given without the other is possible after the first advance too."""
        if not issubclass(self.backend, SupportsDelays):
            pytest.skip(f"{self.backend.name} does not tell its delays")
        for name, bound in (("min_delay", 0.5), ("max_delay", 10.0)):
            with self.bench(**{name: bound}) as bench:
                made = bench.connect(bench.source([2.0]), bench.cells("IF_curr_exp", 1), [([0], [0], {})], delay=1.0)
                bench.advance(5.0)
                low, high = bench.backend.delay_range()  # type: ignore[attr-defined]  # SupportsDelays
                bench.set(made, delay=bound)

            assert low <= bound <= high

    def test_abilities_reset_begins_anew(self) -> None:
        """After reset the same run gives the same data in a second segment; parameters set before stay."""
        self.needs("IF_curr_exp", "SpikeSourceArray", "StaticSynapse")
        with self.simulator() as sim:
            cells = sim.Population(2, sim.IF_curr_exp(), initial_values={"v": [-60.0, -55.0]})
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0]))
            sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
            cells.set(i_offset=0.3)
            cells.record("v")
            sim.run(20.0)
            sim.reset()
            at = sim.get_current_time()
            sim.run(20.0)
            segments = cells.get_data().segments
            first, second = (segment.analogsignals[0].magnitude for segment in segments)

        assert at == 0.0
        assert len(segments) == 2 and len(first) == 201
        assert np.array_equal(first, second)
