"""Random streams: the format, by its test vectors, and what follows from it for networks."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyNN._reference import ReferenceBackend
from pyNN.projections.limits import DelayLimits
from pyNN.random import NumpyRNG, RandomDistribution
from pyNN.random.streams import (
    bernoulli_rows,
    bernoulli_threshold,
    bounded,
    choose_rows,
    generator,
    stream_key,
    uniform,
    words,
)
from pyNN.random.support import support
from pyNN.simulator import Simulator

KEY = 0x675747BFD76CCF4DD7914C90D1A36FEF


def hexes(values: Any) -> list[str]:
    """Floats to the last bit."""
    return [float(value).hex() for value in values]


def test_keys_are_the_hash_that_the_reference_defines() -> None:
    """A key is the first half of the SHA-256 of the JSON text, little-endian."""
    text = '[42,"projection",null,3,"structure",0]'
    by_hand = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")

    assert stream_key(42, "population", "cells", 0, "tau_m", 0) == KEY
    assert stream_key(42, "projection", None, 3, "structure", 0) == by_hand == 0xEEC77CA1ABEB7157309965774D8996BA


def test_words_are_those_of_the_test_vectors() -> None:
    """Raw words of two substreams."""
    assert [f"{int(w):016x}" for w in words(KEY, 0, 4)] == [
        "71d4ec28073523fb", "9c06d6f08092a2ff", "569a20c39430c1af", "ae6f4e006be576a5",
    ]  # fmt: skip
    assert [f"{int(w):016x}" for w in words(KEY, 7, 4)] == [
        "1b2d654a7c543cf2", "b41ffe9be1038012", "fefb2d5b1f04ff11", "8ac51a824eb7f15c",
    ]  # fmt: skip


def test_philox_is_salmons_with_the_counter_as_written() -> None:
    """Word 5 of a substream, by a Philox4x64-10 of our own with the counter (1 + 5 div 4, 0, k, 0)."""

    def philox(counter: list[int], key: list[int]) -> list[int]:
        mask = (1 << 64) - 1
        for _ in range(10):
            a, b = 0xD2E7470EE14C6C93 * counter[0], 0xCA5A826395121157 * counter[2]
            counter = [b >> 64 ^ counter[1] ^ key[0], b & mask, a >> 64 ^ counter[3] ^ key[1], a & mask]
            key = [key[0] + 0x9E3779B97F4A7C15 & mask, key[1] + 0xBB67AE8584CAA73B & mask]
        return counter

    block = philox([1 + 5 // 4, 0, 7, 0], [KEY & (1 << 64) - 1, KEY >> 64])

    assert int(words(KEY, 7, 6)[5]) == block[5 % 4]


def test_choices_and_trials_are_those_of_the_test_vectors() -> None:
    """Whole numbers, Bernoulli trials and choices."""
    assert bounded(words(KEY, 0, 6), 10).tolist() == [4, 6, 3, 6, 8, 0]
    assert bernoulli_threshold(0.1) == 1844674407370955264
    trials = bernoulli_rows(KEY, 3, 130, bernoulli_threshold(0.1)).tolist()
    assert trials == [1, 5, 18, 23, 26, 35, 53, 62, 69, 103, 109, 116, 123, 124]
    assert choose_rows(KEY, 5, 20, 4, False).tolist() == [3, 5, 12, 14]
    assert choose_rows(KEY, 5, 20, 15, False).tolist() == [0, 1, 2, 4, 6, 7, 8, 9, 10, 13, 15, 16, 17, 18, 19]
    assert choose_rows(KEY, 5, 5, 6, True).tolist() == [0, 1, 1, 2, 3, 3]


def test_draws_are_those_of_the_test_vectors() -> None:
    """Distributions, to the last bit, with whatever NumPy is installed."""
    assert hexes(uniform(KEY, 0, 3)) == ["0x1.c753b0a01cd48p-2", "0x1.380dade101254p-1", "0x1.5a68830e50c30p-2"]
    normal = RandomDistribution("normal", (0.0, 1.0)).draw(generator(KEY, 2), 3)
    assert hexes(normal) == ["0x1.f85dcdf086f7fp-3", "-0x1.237ed8a484b3dp-1", "-0x1.85232204b790ep-6"]
    exponential = RandomDistribution("exponential", (1.0,)).draw(generator(KEY, 2), 3)
    assert hexes(exponential) == ["0x1.151501982844cp-2", "0x1.75a6e834dc9ebp+1", "0x1.4d3c6ee24f1b8p-7"]
    gamma = RandomDistribution("gamma", (2.5, 1.0)).draw(generator(KEY, 2), 3)
    assert hexes(gamma) == ["0x1.465ea0864111bp+1", "0x1.10e1e51779af8p+1", "0x1.b17e1aeab0b42p+1"]
    assert RandomDistribution("poisson", (5.0,)).draw(generator(KEY, 2), 6).tolist() == [2, 2, 3, 6, 7, 9]


def test_delays_on_the_clock_are_those_of_the_test_vectors() -> None:
    """A drawn delay becomes the nearest multiple of the step within the limits."""
    delays = RandomDistribution("uniform", (0.5, 4.0)).draw(generator(KEY, 0), 6)
    steps = DelayLimits("p", 0.1, 0.5, 4.0).rounded(delays) / 0.1

    assert np.rint(steps).tolist() == [21, 26, 17, 29, 36, 5]


PARAMETERS = {
    "binomial": (9, 0.3), "gamma": (0.5, 0.1), "exponential": (0.2,), "lognormal": (-1.0, 2.0), "normal": (5.0, 0.0),
    "normal_clipped": (0.5, 0.4, 0.1, 0.9), "normal_clipped_to_boundary": (0.5, 0.4, 0.1, 0.9), "poisson": (3.0,),
    "uniform": (0.1, 0.7), "uniform_int": (2, 40), "vonmises": (3.0, 2.0),
}  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_draws_lie_in_the_support_of_their_distribution(name: str) -> None:
    """No draw lies outside what the core takes for certain."""
    distribution = RandomDistribution(name, PARAMETERS[name])
    bounds = support(name, distribution.parameters)
    values = distribution.draw(generator(KEY, 1), 20000)

    assert bounds is not None
    assert bounds[0] <= values.min() and values.max() <= bounds[1]


def test_support_is_unknown_where_draws_might_be_given_up_or_infinite() -> None:
    """Bounds that are hardly ever reached, and parameters beyond all measure, prove nothing."""
    assert support("normal_clipped", {"mu": 0.0, "sigma": 1.0, "low": 5.0, "high": 6.0}) is None
    assert support("lognormal", {"mu": 710.0, "sigma": 1.0}) is None
    assert support("gamma", {"k": 1.0, "theta": np.inf}) is None


@settings(max_examples=50, deadline=None)
@given(size=st.integers(1, 300), p=st.floats(0.0, 1.0), substream=st.integers(0, 1000))
def test_trials_equal_the_written_definition(size: int, p: float, substream: int) -> None:
    """Deciding by words equals comparing each trial's 64-bit number U with the threshold."""
    threshold, blocks = bernoulli_threshold(p), -(-size // 64)
    all_words = [int(w) for w in words(KEY, substream, 64 * blocks)]
    by_definition = []
    for trial in range(size):
        a, b = divmod(trial, 64)
        number = sum((all_words[d * blocks + a] >> b & 1) << (63 - d) for d in range(64))
        if number < threshold:
            by_definition.append(trial)

    assert bernoulli_rows(KEY, substream, size, threshold).tolist() == by_definition


@settings(max_examples=50, deadline=None)
@given(size=st.integers(1, 200), data=st.data())
def test_choices_without_replacement_are_the_first_different(size: int, data: st.DataObject) -> None:
    """A choice equals the plain definition: the first different numbers, or for more than half those left out."""
    n = data.draw(st.integers(0, size))
    wanted = n if 2 * n <= size else size - n
    seen: list[int] = []
    for number in bounded(words(KEY, 1, 4000), size).tolist():
        if len(seen) == wanted:
            break
        if number not in seen:
            seen.append(number)
    expected = sorted(seen) if wanted == n else sorted(set(range(size)) - set(seen))

    assert choose_rows(KEY, 1, size, n, False).tolist() == expected


def test_trials_have_their_probability() -> None:
    """Of 10**6 trials with p = 0.137, the share that succeeds is within four standard errors."""
    share = len(bernoulli_rows(KEY, 0, 10**6, bernoulli_threshold(0.137))) / 10**6

    assert share == pytest.approx(0.137, abs=4 * np.sqrt(0.137 * 0.863 / 10**6))


def network(*, extra: bool, rng: bool = False) -> tuple[Any, Any]:
    """Weights of a labelled projection and the parameters of a labelled population."""
    with Simulator(ReferenceBackend, seed=3) as sim:
        shared = NumpyRNG(seed=77) if rng else None
        if extra:
            other = sim.Population(7, sim.IF_curr_exp(tau_m=RandomDistribution("uniform", (10.0, 20.0), rng=shared)))
            sim.Projection(
                other, other, sim.FixedProbabilityConnector(0.5, rng=shared),
                sim.StaticSynapse(weight=RandomDistribution("uniform", (0.0, 1.0), rng=shared)),
            )  # fmt: skip
        drawn = RandomDistribution("normal", (20.0, 1.0), rng=shared)
        cells = sim.Population(30, sim.IF_curr_exp(tau_m=drawn), label="cells")
        weight = RandomDistribution("uniform", (0.0, 1.0), rng=shared)
        connector = sim.FixedProbabilityConnector(0.3, rng=shared)
        made = sim.Projection(cells, cells, connector, sim.StaticSynapse(weight=weight), label="made")
        return made.get("weight", "list"), list(cells.get("tau_m"))


@pytest.mark.parametrize("rng", [False, True])
def test_labelled_objects_do_not_depend_on_what_was_created_before(rng: bool) -> None:
    """Another population and projection before, even one that shares a generator, change nothing."""
    assert network(extra=False, rng=rng) == network(extra=True, rng=rng)


def test_views_and_sets_draw_once_each() -> None:
    """Drawing a parameter twice gives other values; each draw is the same in another simulation."""

    def values() -> tuple[list[float], list[float]]:
        with Simulator(ReferenceBackend, seed=3) as sim:
            cells = sim.Population(5, sim.IF_curr_exp(tau_m=RandomDistribution("uniform", (10.0, 20.0))), label="a")
            first = list(cells.get("tau_m"))
            cells.set(tau_m=RandomDistribution("uniform", (10.0, 20.0)))
            return first, list(cells.get("tau_m"))

    first, second = values()

    assert first != second
    assert values() == (first, second)


def test_a_refused_object_leaves_no_trace() -> None:
    """A population or projection that is refused does not change what is drawn for those after it."""

    def drawn(*, mistake: bool) -> tuple[list[float], object]:
        with Simulator(ReferenceBackend, seed=3) as sim:
            if mistake:
                with pytest.raises(ValueError, match="tau_m"):
                    sim.Population(5, sim.IF_curr_exp(tau_m=-1.0), label="a")
            cells = sim.Population(5, sim.IF_curr_exp(tau_m=RandomDistribution("uniform", (10.0, 20.0))), label="a")
            if mistake:
                with pytest.raises(ValueError, match="weight"):
                    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=float("nan")))
            made = sim.Projection(cells, cells, sim.FixedProbabilityConnector(0.5))
            return list(cells.get("tau_m")), made.get("weight", "list")

    assert drawn(mistake=False) == drawn(mistake=True)
