"""Rates of Poisson sources by step of the clock."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN.random.rates import NEVER, SteppedRates


def told(**values: object) -> SteppedRates:
    """Two sources at a step of 0.1 ms."""
    rates = SteppedRates(2, 0.1)
    rates.change({"rate": np.array([50.0, 800.0]), "start": 0.0, "duration": 1e10, **values}, None, 0)  # type: ignore[dict-item]  # numbers and arrays
    return rates


def test_rates_hold_inside_the_windows_and_switch_at_their_ends() -> None:
    """From start to start + duration, 0 elsewhere; the next switch is the nearest end of any window."""
    rates = told(start=np.array([1.0, 2.0]), duration=np.array([3.0, 0.5]))

    assert [tuple(rates.at(step)) for step in (9, 10, 20, 24, 25, 40)] == [
        (0.0, 0.0), (50.0, 0.0), (50.0, 800.0), (50.0, 800.0), (50.0, 0.0), (0.0, 0.0)
    ]  # fmt: skip
    assert [rates.next_switch(step) for step in (0, 10, 20, 25, 40)] == [10, 20, 25, 40, NEVER]


def test_rates_that_change_hold_from_that_step_on() -> None:
    """A view's new rate begins at its step, the others keep theirs."""
    rates = told()
    rates.change({"rate": 9.0}, np.array([1]), 70)

    assert tuple(rates.at(70)) == (50.0, 9.0)
    assert tuple(rates.read(["rate"], np.array([1]))["rate"]) == (9.0,)  # type: ignore[arg-type]  # an array


def test_rates_with_dead_time_give_intervals_of_the_mean_asked_for() -> None:
    """Dead steps plus the mean number of steps of a chance 1 - exp(-rate × step) are 1000 / rate ms."""
    rates = told(rate=np.array([50.0, 400.0]), tau_refrac=np.array([2.0, 1.0]))
    chance = -np.expm1(-rates.at(100) * 1e-4)

    assert 0.1 * (rates.dead_steps() + 1 / chance) == pytest.approx([20.0, 2.5])


def test_rates_begin_a_new_interval_at_a_change() -> None:
    """Nobody with dead time fires before that is over."""
    rates = told(tau_refrac=1.0)
    rates.change({"rate": 100.0}, None, 50)

    assert rates.at(59).max() == 0.0 < rates.at(60).min()
    assert rates.next_switch(50) == 60
