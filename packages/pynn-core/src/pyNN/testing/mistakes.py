"""Bad input is refused in the core, before the backend sees anything; the message has value, choices and fix."""

from __future__ import annotations

import numpy as np
import pytest
from cawan.errors import CawanError

from pyNN.errors import (
    DelayRangeError,
    InvalidDimensionsError,
    InvalidValueError,
    RecordingError,
    UnknownParameterError,
)
from pyNN.testing.base import STEP, KitTests


class MistakeTests(KitTests):
    """The same refusal on every backend, and nothing is lost."""

    def test_errors_name_an_unknown_parameter(self) -> None:
        """The wrong name, the choices and the nearest are in the message."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator() as sim:
            cells = sim.Population(2, sim.IF_curr_exp())
            with pytest.raises(UnknownParameterError, match=r"'tau_n'.*tau_m.*Did you mean 'tau_m'"):
                cells.set(tau_n=3.0)
            with pytest.raises(RecordingError, match=r"'w'.*spikes, v"):
                cells.record("w")

    def test_errors_name_the_cell_of_a_bad_value(self) -> None:
        """NaN in an array is refused with population, parameter, first index and count; nothing changes."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator() as sim:
            cells = sim.Population(4, sim.IF_curr_exp(tau_m=[10.0, 11.0, 12.0, 13.0]), label="cells")
            with pytest.raises(InvalidValueError, match=r"cells: tau_m of cell 1 is nan \(2 values"):
                cells.set(tau_m=[10.0, np.nan, np.nan, 10.0])
            with pytest.raises(InvalidDimensionsError, match=r"cells: tau_m has shape \(3,\)"):
                cells.set(tau_m=[1.0, 2.0, 3.0])

            assert list(cells.get("tau_m")) == [10.0, 11.0, 12.0, 13.0]

    def test_errors_refuse_delays_out_of_range(self) -> None:
        """A delay below min_delay, negative or NaN is refused with the connection, and no synapse is made."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator(min_delay=1.0, max_delay=5.0) as sim:
            cells = sim.Population(2, sim.IF_curr_exp())
            for delay in (0.2, -1.0, np.nan, 9.0):
                with pytest.raises((DelayRangeError, InvalidValueError), match="delay"):
                    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=delay))
            with pytest.raises(DelayRangeError, match=r"from cell 1 to cell 0 is 0\.1 ms"):
                sim.Projection(cells, cells, sim.FromListConnector([(0, 0, 1.0, 2.0), (1, 0, 1.0, 0.1)]))

            assert sim.projections == []

    def test_errors_refuse_unusable_weights(self) -> None:
        """NaN, infinite and wrongly signed weights are refused with the connection."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator() as sim:
            cells = sim.Population(2, sim.IF_curr_exp())
            for weight in (np.nan, np.inf):
                with pytest.raises(InvalidValueError, match="weight"):
                    sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=weight))
            with pytest.raises(InvalidValueError, match=r"connection 1 \(cell 1 to cell 0\)"):
                sim.Projection(cells, cells, sim.FromListConnector([(0, 0, 1.0, 1.0), (1, 0, np.nan, 1.0)]))
            with pytest.raises(InvalidValueError, match="inhibitory"):
                sim.Projection(
                    cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=1.0), receptor_type="inhibitory"
                )

    def test_errors_leave_the_simulation_usable(self) -> None:
        """After refusals the network runs as if they had not been."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator() as sim:
            cells = sim.Population(1, sim.IF_curr_exp(), initial_values={"v": -60.0})
            cells.record("v")
            with pytest.raises(CawanError):
                cells.set(cm=0.0)
            with pytest.raises(CawanError):
                sim.run(np.nan)
            sim.run(1.0)
            v = cells.get_data().segments[0].analogsignals[0].magnitude

        assert len(v) == 11
        assert v[-1, 0] == pytest.approx(-65.0 + 5.0 * np.exp(-1.0 / 20.0), abs=5.0 / 20.0 * STEP)

    def test_errors_do_not_meet_the_smallest_networks(self) -> None:
        """Empty populations, one-to-one of size 1, probability 0 and a run of 0 ms all work."""
        self.needs("IF_curr_exp", "StaticSynapse")
        with self.simulator() as sim:
            none, one = sim.Population(0, sim.IF_curr_exp()), sim.Population(1, sim.IF_curr_exp())
            some = sim.Population(3, sim.IF_curr_exp())
            sizes = [
                sim.Projection(one, one, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1)).size(),
                sim.Projection(none, some, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1)).size(),
                sim.Projection(some, some, sim.FixedProbabilityConnector(0.0), sim.StaticSynapse(weight=0.1)).size(),
            ]
            none.record("spikes")
            sim.run(0.0)
            sim.run(1.0)

            assert sizes == [1, 0, 0]
            assert len(none.get_data().segments[0].spiketrains) == 0
