"""Counts of strong Poisson sources: the format, by its test vectors, and the distribution, by its closed form."""

from __future__ import annotations

from fractions import Fraction
from math import exp, factorial

import numpy as np
import pytest
from pyNN.random.counters import philox
from pyNN.random.poisson import LEAST, MOST, StepCounts, mean_counts, strong, thresholds

KEY = 0x675747BFD76CCF4DD7914C90D1A36FEF


def by_definition(key: int, mean: float, source: int, step: int) -> int:
    """One count, from words alone."""
    block, lane = divmod(source, 16)
    word = int(philox(key, 1 + block, 1, step, 0)[lane // 4])
    upper = word >> 16 * (lane % 4) & 0xFFFF
    number = upper << 48 | int(philox(key, source, 2, step, 0)[0]) >> 16
    return sum(number >= int(threshold) for threshold in thresholds(mean))


def poisson(mean: float, count: int) -> float:
    """The probability of a count."""
    return exp(-mean) * mean**count / factorial(count)


def test_counts_are_those_of_the_test_vectors() -> None:
    """Thresholds of a mean of 2, and the counts of 20 sources in step 7."""
    assert [f"{int(t):016x}" for t in thresholds(2.0)[:3]] == [
        "22a555477f03973f", "67efffd67d0ac5bf", "ad3aaa657b11f43e",
    ]  # fmt: skip
    counts = StepCounts(KEY, np.full(20, 2.0)).of(7, 8)[0]
    assert counts.tolist() == [4, 2, 2, 0, 4, 3, 3, 2, 1, 3, 2, 2, 4, 0, 4, 1, 1, 0, 2, 1]


@pytest.mark.parametrize("mean", [LEAST, 0.5, 2.0, 17.3, MOST])
def test_thresholds_are_exact_to_the_last_of_64_bits(mean: float) -> None:
    """Each lies within one of 2^64 times the sum of exact terms; e^-mean by a series of fractions."""
    m = Fraction(mean)
    series, term = Fraction(0), Fraction(1)
    for k in range(1, 400):
        series += term
        term = term * m / k
    table = thresholds(mean)
    below, term = Fraction(0), Fraction(1)
    for k, threshold in enumerate(table):
        below += term
        term = term * m / (k + 1)
        assert 0 <= 2**64 * below / series - int(threshold) < 1
    assert (2**64 * (below + term) / series) >= 2**64 - 1


def test_counts_equal_the_written_definition() -> None:
    """Sources of three means among weak ones, those that the upper 16 bits do not decide among them."""
    means = np.tile([2.0, 0.05, 30.0, 0.4, 100.0], 60)
    counts = StepCounts(KEY, means)
    found = counts.of(100, 140)

    assert counts.rows.tolist() == np.flatnonzero((means >= 0.1) & (means <= 64.0)).tolist()
    for column in range(0, len(counts.rows), 7):
        row = int(counts.rows[column])
        expected = [by_definition(KEY, float(means[row]), row, step) for step in range(100, 140)]
        assert found[:, column].tolist() == expected


def test_many_means_are_drawn_as_few_are() -> None:
    """With a mean of its own for each of 300 sources, each has the counts that it has among sources of one mean."""
    means = np.linspace(0.1, 60.0, 300)
    found = StepCounts(KEY, means).of(3, 9)

    for row in range(0, 300, 37):
        assert found[:, row].tolist() == StepCounts(KEY, np.full(300, means[row])).of(3, 9)[:, row].tolist()


def test_the_upper_bits_that_do_not_decide_are_followed_by_others() -> None:
    """Among 200 000 counts some are undecided by 16 bits, and those too are by definition."""
    counts = StepCounts(KEY, np.full(1000, 2.0))
    found = counts.of(0, 200)
    upper = {int(threshold) >> 48 for threshold in thresholds(2.0)}
    words = np.array([philox(KEY, np.arange(1, 64), 1, step, 0) for step in range(200)], dtype="<u8")
    lanes = words.transpose(0, 2, 1).copy().view("<u2").reshape(200, -1)[:, :1000]
    places = np.argwhere(np.isin(lanes, list(upper)))

    assert len(places) > 10
    for step, row in places:
        assert found[step, row] == by_definition(KEY, 2.0, int(row), int(step))


@pytest.mark.parametrize("mean", [LEAST, 2.0, 40.0])
def test_counts_are_poisson_distributed(mean: float) -> None:
    """Pearson's chi-square over counts with ten or more expected, and mean and variance, within 5 standard errors."""
    found = StepCounts(KEY, np.full(500, mean)).of(0, 1000)
    observed = np.bincount(found.ravel())
    expected = np.array([poisson(mean, k) for k in range(len(observed))]) * found.size
    often = expected >= 10
    chi2, freedom = ((observed - expected)[often] ** 2 / expected[often]).sum(), int(often.sum())

    assert abs(found.mean() - mean) < 5 * np.sqrt(mean / found.size)
    assert abs(found.var() - mean) < 5 * np.sqrt((mean + 2 * mean**2) / found.size)
    assert abs(chi2 - freedom) < 5 * np.sqrt(2 * freedom)


def test_counts_of_sources_and_steps_do_not_depend_on_each_other() -> None:
    """Correlations of neighbours in number and in time, and across 16 sources, are within 5 standard errors of 0."""
    found = StepCounts(KEY, np.full(400, 2.0)).of(0, 1000).astype(np.float64) - 2.0

    for steps, sources in ((0, 1), (0, 4), (0, 16), (1, 0), (1, 1), (7, 16)):
        one, other = found[: 1000 - steps, : 400 - sources], found[steps:, sources:]
        assert abs((one * other).mean() / 2.0) < 5 / np.sqrt(one.size), (steps, sources)


def test_a_source_is_strong_from_a_tenth_of_a_spike_a_step_on() -> None:
    """1000 Hz to 640 kHz at steps of 0.1 ms."""
    means = mean_counts(np.array([999.0, 1000.0, 640000.0, 641000.0]), 0.1)

    assert strong(means).tolist() == [False, True, True, False]
