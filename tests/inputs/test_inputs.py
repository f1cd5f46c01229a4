"""Unusable and extreme inputs: one outcome on every simulator, said by the core before a simulator sees the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import inf, nan
from typing import Any

import numpy as np
import pytest
import quantities as pq
from pyNN import errors
from pyNN._importer import backends
from pyNN.simulator import Simulator

BACKENDS = [name for name in ("reference", "native", "nest") if name in backends().names()]
Case = tuple[str, Callable[[Any], Any], str]


def cells(sim: Any, **parameters: Any) -> Any:
    """Four cells."""
    return sim.Population(4, sim.IF_curr_exp(**parameters), label="cells")


def connect(sim: Any, connector: Any = None, **values: Any) -> Any:
    """Four sources onto four cells."""
    sources = sim.Population(4, sim.SpikeSourceArray(spike_times=[5.0]), label="sources")
    synapse = sim.StaticSynapse(**{"weight": 0.1, "delay": 1.0, **values})
    return sim.Projection(sources, cells(sim), connector or sim.AllToAllConnector(), synapse, label="p")


REFUSED: list[Case] = [
    ("delay NaN", lambda s: connect(s, delay=nan), "p: delay is nan. It must be a finite number above 0"),
    ("delay -1", lambda s: connect(s, delay=-1.0), "delay is -1.0"),
    ("delay 0", lambda s: connect(s, delay=0.0), "delay is 0.0"),
    ("delay inf", lambda s: connect(s, delay=inf), "delay is inf"),
    ("delay below min_delay", lambda s: connect(s, delay=0.01), "0.01 ms, below min_delay"),
    ("delay above max_delay", lambda s: connect(s, delay=50.0), "50 ms, above max_delay = 10 ms"),
    (
        "delays drawn below 0",
        lambda s: connect(s, delay=s.RandomDistribution("normal", (0.0, 1.0))),
        "delay at connection .* It must be a finite number above 0",
    ),
    ("delay array with NaN", lambda s: connect(s, delay=np.full((4, 4), nan)), r"\(16 values in all are wrong\)"),
    ("delay in mV", lambda s: connect(s, delay=1.0 * pq.mV), "cannot be converted to ms"),
    ("weight NaN", lambda s: connect(s, weight=nan), "weight is nan"),
    ("weight inf", lambda s: connect(s, weight=inf), "weight is inf"),
    ("weight text", lambda s: connect(s, weight="strong"), "no variable 'strong'"),
    ("weight array of another shape", lambda s: connect(s, weight=np.ones((3, 4))), r"shape \(3, 4\)"),
    ("weights of both signs", lambda s: connect(s, weight=np.array([[0.1, -0.1, 0.1, 0.1]] * 4)), "weight at"),
    (
        "weight NaN in a list",
        lambda s: connect(s, s.FromListConnector([(0, 1, 0.1, 1.0), (1, 1, nan, 1.0)])),
        "weight at connection 1",
    ),
    ("index 99 of 4", lambda s: connect(s, s.FromListConnector([(0, 99, 0.1, 1.0)])), "postsynaptic index at row 0"),
    ("index -1", lambda s: connect(s, s.FromListConnector([(-1, 0, 0.1, 1.0)])), "presynaptic index at row 0"),
    ("column that is no parameter", lambda s: connect(s, s.FromListConnector([(0, 1, 0.1)], ["mass"])), "mass"),
    ("probability 1.5", lambda s: connect(s, s.FixedProbabilityConnector(1.5)), "between 0 and 1"),
    ("probability -0.1", lambda s: connect(s, s.FixedProbabilityConnector(-0.1)), "p_connect is -0.1"),
    ("probability NaN", lambda s: connect(s, s.FixedProbabilityConnector(nan)), "p_connect is nan"),
    (
        "probability of a distance above 1",
        lambda s: connect(s, s.DistanceDependentProbabilityConnector("2 + d")),
        "the probability of a source of target 0",
    ),
    (
        "expression that imports",
        lambda s: connect(s, s.DistanceDependentProbabilityConnector("__import__('os').getcwd() or 1.0")),
        "expression cannot be used",
    ),
    (
        "expression through classes",
        lambda s: connect(s, s.DistanceDependentProbabilityConnector("().__class__.__base__")),
        "expression cannot be used",
    ),
    ("FixedNumberPre n = -1", lambda s: connect(s, s.FixedNumberPreConnector(-1)), "n is -1"),
    ("FixedNumberPre n = 2.5", lambda s: connect(s, s.FixedNumberPreConnector(2.5)), "n is 2.5"),
    (
        "more different pairs than there are",
        lambda s: connect(s, s.FixedTotalNumberConnector(17, with_replacement=False)),
        "17 connections are asked for, but only 16",
    ),
    ("matrix of another shape", lambda s: connect(s, s.ArrayConnector(np.ones((2, 2), bool))), r"shape \(2, 2\)"),
    ("connector class", lambda s: connect(s, s.AllToAllConnector), "Did you mean AllToAllConnector"),
    ("wrong parameter", lambda s: cells(s, tau_n=5.0), "Did you mean 'tau_m'"),
    ("wrong receptor", lambda s: s.Projection(cells(s), cells(s), s.OneToOneConnector(), receptor_type="G"), "'G'"),
    ("wrong variable", lambda s: cells(s).record("V"), "cannot record 'V'"),
    ("wrong state variable", lambda s: cells(s).initialize(vm=0.0), "no state variable 'vm'"),
    ("tau_m = 0", lambda s: cells(s, tau_m=0.0), "tau_m is 0.0. It must be a finite number above 0"),
    ("tau_m < 0", lambda s: cells(s, tau_m=-1.0), "tau_m is -1.0"),
    ("tau_m NaN", lambda s: cells(s, tau_m=nan), "tau_m is nan"),
    ("tau_m text", lambda s: cells(s, tau_m="20.0"), "tau_m is '20.0'. It must be a number"),
    ("tau_m in mV", lambda s: cells(s, tau_m=20.0 * pq.mV), "cannot be converted to ms"),
    ("tau_m None", lambda s: cells(s, tau_m=None), "tau_m is None"),
    ("tau_m complex", lambda s: cells(s, tau_m=1j), "tau_m is 1j"),
    ("tau_m array of another length", lambda s: cells(s, tau_m=[1.0, 2.0]), r"shape \(2,\)"),
    ("tau_m with one bad value", lambda s: cells(s, tau_m=[1.0, 2.0, 0.0, 3.0]), "tau_m of cell 2 is 0.0"),
    ("cm = 0", lambda s: cells(s, cm=0.0), "cm is 0.0"),
    ("v_thresh below v_reset", lambda s: cells(s, v_thresh=-70.0), "below v_thresh"),
    ("initial v NaN", lambda s: cells(s).initialize(v=nan), "v is nan"),
    ("i_offset inf", lambda s: cells(s, i_offset=inf), "i_offset is inf"),
    ("spike time -5", lambda s: s.Population(1, s.SpikeSourceArray(spike_times=[-5.0])), "of cell 0 is -5.0"),
    ("spike time NaN", lambda s: s.Population(1, s.SpikeSourceArray(spike_times=[nan])), "of cell 0 is nan"),
    ("spike times falling", lambda s: s.Population(1, s.SpikeSourceArray(spike_times=[3.0, 2.0])), "at least 3"),
    ("rate -5", lambda s: s.Population(1, s.SpikeSourcePoisson(rate=-5.0)), "rate is -5.0"),
    ("stop before start", lambda s: s.DCSource(start=5.0, stop=1.0), "stop is 1.0"),
    ("current NaN", lambda s: s.DCSource(amplitude=nan), "amplitude is nan"),
    ("step times falling", lambda s: s.StepCurrentSource(times=[2.0, 1.0], amplitudes=[1.0, 1.0]), "times"),
    ("current into a source", lambda s: s.DCSource().inject_into(s.Population(1, s.SpikeSourceArray())), "membrane"),
    ("size -1", lambda s: s.Population(-1, s.IF_curr_exp()), "size is -1"),
    ("size 2.5", lambda s: s.Population(2.5, s.IF_curr_exp()), "size is 2.5"),
    ("timestep -0.1", lambda s: s.setup(timestep=-0.1), "timestep is -0.1"),
    ("min_delay above max_delay", lambda s: s.setup(min_delay=2.0, max_delay=1.0), "max_delay is 1.0"),
    ("misspelt argument of setup", lambda s: s.setup(mindelay=1.0), "Did you mean 'min_delay'"),
    ("run NaN", lambda s: s.run(nan), "simtime is nan"),
    ("run -1", lambda s: s.run(-1.0), "simtime is -1.0"),
    ("run text", lambda s: s.run("10"), "simtime is '10'"),
    ("misspelt distribution", lambda s: s.RandomDistribution("unifrom", (0, 1)), "Did you mean 'uniform'"),
    ("a parameter too many", lambda s: s.RandomDistribution("uniform", (0, 1, 2)), "has 2 parameters"),
]

LEGAL: list[tuple[str, Callable[[Any], Any], int]] = [
    ("probability 0", lambda s: connect(s, s.FixedProbabilityConnector(0.0)), 0),
    ("empty list", lambda s: connect(s, s.FromListConnector([])), 0),
    ("empty population", lambda s: s.Projection(s.Population(0, s.IF_curr_exp()), cells(s), s.AllToAllConnector()), 0),
    ("one to one of size 1", lambda s: s.Projection(cells(s)[[0]], cells(s)[[1]], s.OneToOneConnector()), 1),
    ("a pair twice", lambda s: connect(s, s.FromListConnector([(0, 1, 0.1, 1.0), (0, 1, 0.2, 2.0)])), 2),
    ("quantities", lambda s: connect(s, delay=0.001 * pq.s), 16),
]


def with_setup(backend: str) -> Simulator:
    """A simulation like that of the table of inputs."""
    return Simulator(backend, timestep=0.1, min_delay=0.1, max_delay=10.0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_unusable_inputs_are_refused_alike_with_value_and_place(backend: str) -> None:
    """Each of the inputs is one of our errors, with the value, where it stood and what is allowed; nothing is lost."""
    wrong = []
    for name, case, text in REFUSED:
        with with_setup(backend) as sim:
            try:
                case(sim)
            except (errors.PyNNError, TypeError) as error:
                outcome = str(error)
            else:
                outcome = "accepted"
            if not re.search(text, outcome):
                wrong.append(f"{name}: {outcome}")
    assert not wrong


@pytest.mark.parametrize("backend", BACKENDS)
def test_extreme_but_legal_inputs_run(backend: str) -> None:
    """Nothing to connect, one cell, no cells, a pair twice and quantities of another unit are no mistakes."""
    found = []
    for name, case, _ in LEGAL:
        with with_setup(backend) as sim:
            made = case(sim)
            sim.run(5.0)
            found.append((name, len(made), len(made.get("weight", "list"))))

    assert found == [(name, size, size) for name, _, size in LEGAL]


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_quantity_in_seconds_is_twenty_milliseconds(backend: str) -> None:
    """tau_m = 0.020 s is 20 ms, not 0.02."""
    with with_setup(backend) as sim:
        assert cells(sim, tau_m=0.020 * pq.s).get("tau_m") == pytest.approx(20.0)
