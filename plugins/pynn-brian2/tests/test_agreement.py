"""Brian 2 and the reference, the same script: cells, synapses and changes in mid-run agree to rounding."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from pyNN._reference import ReferenceBackend
from pyNN.simulator import Simulator
from pynn_brian2 import Brian2Backend

CELLS = ["IF_curr_alpha", "IF_cond_exp", "HH_cond_exp", "GIF_cond_exp", "parts"]
SYNAPSES = ["tsodyks", "quantal", "stdp", "gutig", "vogels"]
if "CAWAN_LONG" in os.environ:  # of the same kinds as those above, which are tried at every change
    CELLS += ["IF_curr_exp", "IF_curr_delta", "IF_cond_alpha", "IF_cond_exp_gsfa_grr", "IF_facets_hardware1"]
    CELLS += ["EIF_cond_exp_isfa_ista", "EIF_cond_alpha_isfa_ista", "Izhikevich"]
    SYNAPSES += ["static", "gap", "simple", "stochastic"]
# mV. The same operations in another order; Hodgkin-Huxley spikes multiply a rounding error.
TOLERANCE = {"HH_cond_exp": 1e-7, "EIF_cond_exp_isfa_ista": 1e-7, "EIF_cond_alpha_isfa_ista": 1e-7}
Found = dict[str, Any]


@cache
def on(backend: str, script: Callable[[Simulator], Found]) -> Found:
    """What a script finds on a simulator."""
    classes = {"brian2": Brian2Backend, "reference": ReferenceBackend}
    with Simulator(classes[backend], timestep=0.1, seed=5) as sim:
        return script(sim)


def trace(cells: Any, name: str = "v") -> Any:
    """Samples, shape (n, n_cells)."""
    return cells.get_data(name).segments[-1].filter(name=name)[0].magnitude


def trains(cells: Any) -> list[Any]:
    """Spike times of each cell, ms."""
    return [np.asarray(train.magnitude) for train in cells.get_data("spikes").segments[-1].spiketrains]


def neuron(sim: Any, name: str) -> Any:
    """A cell type, firing now and then; "parts" is a PointNeuron with all kinds of conductances."""
    if name == "parts":
        receptors = {"excitatory": sim.AlphaPSR(tau_syn=2.0, e_syn=0.0), "inhibitory": sim.BetaPSR(e_syn=-80.0)}
        return sim.PointNeuron(sim.AdExp(i_offset=1.2), **receptors)
    offset = {"IF_facets_hardware1": {}, "HH_cond_exp": {"i_offset": 0.4}, "Izhikevich": {"i_offset": 0.02}}
    return sim.names[name](**offset.get(name, {"i_offset": 1.4}))


def all_cells(sim: Any) -> Found:
    """Each cell type under inputs and a noisy current."""
    source = sim.Population(10, sim.SpikeSourcePoisson(rate=120.0))
    noise = sim.NoisyCurrentSource(mean=0.0, stdev=0.2, dt=0.5)
    groups = {name: sim.Population(3, neuron(sim, name), label=name) for name in CELLS}
    for name, cells in groups.items():
        jumps = name in ("IF_curr_delta", "Izhikevich")
        size = 1.5 if jumps else 0.3 if "curr" in name else 0.001 if "facets" in name else 0.008
        receptor = "inhibitory" if "alpha" in name else "excitatory"
        weight = -size if name == "IF_curr_alpha" else size
        synapse = sim.StaticSynapse(weight=weight, delay=sim.RandomDistribution("uniform", low=0.1, high=3.0))
        sim.Projection(source, cells, sim.FixedProbabilityConnector(0.6), synapse, receptor_type=receptor)
        cells.record(["spikes", "v"])
        if name not in ("Izhikevich", "IF_facets_hardware1"):
            noise.inject_into(cells[:2])
    groups["stiff"] = stiff(sim, source)
    sim.run(18.0)
    return {name: (trace(cells), trains(cells)) for name, cells in groups.items()}


def stiff(sim: Any, source: Any) -> Any:
    """Three cells of which one takes a step at a time, one some and one many parts of it."""
    receptors = {"excitatory": sim.BetaPSR(e_syn=-55.0), "inhibitory": sim.ExpPSR(e_syn=-80.0)}
    cells = sim.Population(3, sim.PointNeuron(sim.LIF(i_offset=1.4, tau_refrac=2.0), **receptors), label="stiff")
    rows = [(k, j, weight, 0.5) for k in range(10) for j, weight in enumerate((0.01, 4.0, 40.0))]
    sim.Projection(source, cells, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type="excitatory")
    cells.record(["spikes", "v"])
    return cells


def mechanism(sim: Any, name: str) -> Any:
    """A synapse type."""
    pair, bounds = sim.SpikePairRule(A_plus=0.05, A_minus=0.04), {"w_min": 0.0, "w_max": 0.4}
    made = {
        "static": lambda: sim.StaticSynapse(weight=0.2, delay=1.0),
        "tsodyks": lambda: sim.TsodyksMarkramSynapse(weight=0.8, delay=0.7, U=0.3, tau_rec=80.0, tau_facil=30.0),
        "simple": lambda: sim.SimpleStochasticSynapse(weight=0.3, delay=0.4, p=0.4),
        "stochastic": lambda: sim.StochasticTsodyksMarkramSynapse(weight=0.6, U=0.4, tau_rec=50.0, tau_facil=20.0),
        "quantal": lambda: sim.MultiQuantalSynapse(weight=0.2, delay=0.3, U=0.4, n=4, tau_rec=50.0, tau_facil=0.0),
        "stdp": lambda: sim.STDPMechanism(pair, sim.AdditiveWeightDependence(**bounds), weight=0.2, delay=2.0),
        "gutig": lambda: sim.STDPMechanism(
            pair, sim.GutigWeightDependence(mu_plus=0.3, mu_minus=0.6, **bounds), weight=0.2, delay=1.5,
            dendritic_delay_fraction=0.4,
        ),
        "vogels": lambda: sim.STDPMechanism(
            sim.Vogels2011Rule(eta=0.002, rho=10.0), sim.AdditiveWeightDependence(**bounds), weight=0.2, delay=1.0,
            dendritic_delay_fraction=0.0,
        ),
        "gap": lambda: sim.ElectricalSynapse(weight=0.01),
    }  # fmt: skip
    return made[name]()


def all_synapses(sim: Any) -> Found:
    """Each synapse type onto firing cells; what it is in the end, and what the cells did."""
    found: Found = {}
    sources = sim.Population(8, sim.SpikeSourcePoisson(rate=80.0))
    for name in SYNAPSES:
        cells = sim.Population(4, sim.IF_curr_exp(i_offset=0.8, tau_refrac=1.0), label=name)
        pre = cells if name == "gap" else sources
        made = sim.Projection(pre, cells, sim.FixedProbabilityConnector(0.7), mechanism(sim, name))
        cells.record(["spikes", "v"])
        found[name] = cells, made
    sim.run(70.0)
    return {
        name: (trace(cells), trains(cells), np.array(made.get("weight", "list", with_address=False)))
        for name, (cells, made) in found.items()
    }


def all_changes(sim: Any) -> Found:
    """What can be changed in mid-run, with spikes under way over 5 ms."""
    times = np.arange(1.0, 60.0, 2.3)
    sources = sim.Population(3, sim.SpikeSourceArray(spike_times=times))
    cells = {name: sim.Population(3, sim.names[name](i_offset=0.3)) for name in ("IF_curr_alpha", "IF_curr_delta")}
    made = []
    for group in cells.values():
        short = sim.TsodyksMarkramSynapse(weight=0.9, delay=5.0, U=0.3, tau_rec=60.0, tau_facil=10.0)
        made += [sim.Projection(sources, group, sim.AllToAllConnector(), kind) for kind in (short, sim.StaticSynapse(
            weight=0.5, delay=sim.RandomDistribution("uniform", low=0.1, high=5.0)))]  # fmt: skip
        group.record("v")
    learning = sim.Population(3, sim.IF_curr_exp(i_offset=1.2))
    learns = sim.STDPMechanism(
        sim.SpikePairRule(A_plus=0.05, A_minus=0.04), sim.AdditiveWeightDependence(w_max=0.8), weight=0.3, delay=3.0
    )
    made.append(sim.Projection(sources, learning, sim.AllToAllConnector(), learns))
    learning.record("v")
    sim.run(12.0)
    for projection in made:
        projection.set(weight=np.linspace(0.1, 0.7, 9))
    made[-1].set(A_plus=np.linspace(0.01, 0.1, 9))
    made[0].set(tau_rec=np.linspace(20.0, 90.0, 9))
    sim.run(4.0)
    for projection in made:
        projection.set(delay=1.0)
    first, second = cells.values()
    first[1:].set(tau_m=12.0, tau_syn_E=[1.5, 4.0])
    sim.DCSource(amplitude=0.3, start=5.0).inject_into(first)
    sim.DCSource(amplitude=0.2, start=18.0, stop=30.0).inject_into(first[:2])
    young = sim.Population(2, sim.IF_cond_exp(i_offset=0.6))
    sim.Projection(sources, young, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=2.0))
    young.record("v")
    second.initialize(v=-58.0)
    sources[:1].set(spike_times=[17.5, 17.6, 17.6, 30.0])
    sim.run(25.0)
    return {"alpha": trace(first), "delta": trace(second), "young": trace(young), "learning": trace(learning)}


@pytest.mark.parametrize("name", [*CELLS, "stiff"])
def test_cells_are_those_of_the_reference(name: str) -> None:
    """Spikes are the same, and v between them to rounding."""
    ours, theirs = on("brian2", all_cells)[name], on("reference", all_cells)[name]

    assert np.ptp(theirs[0]) > 2.0
    assert ours[0] == pytest.approx(theirs[0], rel=0, abs=TOLERANCE.get(name, 1e-9))
    assert sum(map(len, theirs[1])) > 0 or name == "IF_facets_hardware1"
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert a == pytest.approx(b, abs=1e-9)


@pytest.mark.parametrize("name", SYNAPSES)
def test_synapses_are_those_of_the_reference(name: str) -> None:
    """Cells, spikes and weights are the same to rounding, what is drawn by chance included."""
    ours, theirs = on("brian2", all_synapses)[name], on("reference", all_synapses)[name]

    assert sum(map(len, theirs[1])) >= 4
    assert ours[0] == pytest.approx(theirs[0], rel=0, abs=1e-9)
    for a, b in zip(ours[1], theirs[1], strict=True):
        assert a == pytest.approx(b, abs=1e-9)
    assert ours[2] == pytest.approx(theirs[2], abs=1e-11)
    assert name not in ("stdp", "gutig", "vogels") or np.ptp(theirs[2]) > 1e-3


@pytest.mark.parametrize("name", ["alpha", "delta", "young", "learning"])
def test_changes_in_mid_run_act_as_on_the_reference(name: str) -> None:
    """Weights act on spikes that leave from then on; delays, cells, currents, spike times and growth at once."""
    ours, theirs = on("brian2", all_changes)[name], on("reference", all_changes)[name]

    assert ours.shape == theirs.shape
    assert ours == pytest.approx(theirs, rel=0, abs=1e-9)
