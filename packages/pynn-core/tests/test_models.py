"""The standard models as declared: what they are made of, what they refuse, and what a simulator may lack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyNN._reference import ReferenceBackend
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pyNN.standardmodels import StandardModelType, cells, receptors, synapses
from pyNN.standardmodels.catalogue import CELL_TYPES, SYNAPSE_TYPES


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """A simulation on the reference."""
    with Simulator(ReferenceBackend, timestep=0.1, seed=4) as simulator:
        yield simulator


def learning(**given: Any) -> synapses.STDPMechanism:
    """A plastic synapse of pairs."""
    return synapses.STDPMechanism(
        synapses.SpikePairRule(**given), synapses.AdditiveWeightDependence(w_max=0.04), weight=0.02, delay=1.0
    )


@pytest.mark.parametrize("name", sorted({**CELL_TYPES, **SYNAPSE_TYPES}))
def test_models_say_what_they_are_and_where_it_was_published(name: str) -> None:
    """A model's docstring has a reference, but for those that need none, and a time constant says its unit."""
    model = {**CELL_TYPES, **SYNAPSE_TYPES}[name]

    assert issubclass(model, StandardModelType)
    if name not in ("SpikeSourceArray", "SpikeSourcePoisson", "StaticSynapse", "PointNeuron"):
        assert "References" in model.__doc__
    for parameter, declared in model.parameters.items():
        assert declared.units or "tau" not in parameter, parameter


def test_composed_neurons_have_the_parameters_of_their_parts(sim: Any) -> None:
    """A receptor's parameters carry its name and a dot; they are read and set like any other."""
    neuron = sim.PointNeuron(
        sim.LIF(tau_m=12.0), fast=sim.ExpPSR(tau_syn=2.0), slow=sim.AlphaPSR(tau_syn=9.0, e_syn=-70.0)
    )
    population = sim.Population(3, neuron)

    population.set(**{"slow.tau_syn": [7.0, 8.0, 9.0]})

    assert population.get("fast.tau_syn") == 2.0
    assert list(population.get("slow.tau_syn")) == [7.0, 8.0, 9.0]
    assert population.get("tau_m") == 12.0
    assert population.receptor_types == ("fast", "slow")
    assert "slow.gsyn" in neuron.recordable and neuron.conductance_based
    assert sim.Population(1, neuron, {"tau_m": 15.0}).get("tau_m") == 15.0


def test_composed_neurons_refuse_what_has_no_common_unit() -> None:
    """Currents and conductances in one neuron are refused, as is what is no receptor."""
    with pytest.raises(PyNNError, match="a weight has one unit"):
        cells.PointNeuron(cells.LIF(), one=receptors.ExpPSR(), two=receptors.CurrExpPSR())
    with pytest.raises(PyNNError, match=r"The receptor 'one' is 3\.0"):
        cells.PointNeuron(cells.LIF(), one=3.0)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(PyNNError, match="must be a membrane"):
        cells.PointNeuron(cells.IF_cond_exp())  # type: ignore[arg-type]  # the mistake


def test_amplitudes_may_stand_in_either_rule() -> None:
    """A_plus and A_minus in the weight dependence, as up to PyNN 0.7, are the timing rule's; twice is refused."""
    bounds = synapses.AdditiveWeightDependence(w_max=0.04, A_plus=0.5, A_minus=0.25)
    old = synapses.STDPMechanism(synapses.SpikePairRule(tau_plus=10.0), bounds)

    assert (old.given["A_plus"], old.given["A_minus"]) == (0.5, 0.25)
    with pytest.raises(PyNNError, match="A_plus is given twice"):
        synapses.STDPMechanism(synapses.SpikePairRule(A_plus=0.1), bounds)


def test_rules_that_do_not_fit_are_refused() -> None:
    """Vogels' rule knows no weight dependence, and a voltage dependence does not exist."""
    with pytest.raises(PyNNError, match="Use it with AdditiveWeightDependence"):
        synapses.STDPMechanism(synapses.Vogels2011Rule(), synapses.MultiplicativeWeightDependence())
    with pytest.raises(PyNNError, match="voltage_dependence"):
        synapses.STDPMechanism(
            synapses.SpikePairRule(), synapses.AdditiveWeightDependence(), voltage_dependence=1  # type: ignore[arg-type]
        )  # fmt: skip
    with pytest.raises(PyNNError, match="timing_dependence is None"):
        synapses.STDPMechanism()


def test_learning_takes_weights_of_its_sign_alone(sim: Any) -> None:
    """A negative weight with a positive w_max could never change: it is refused, and the fix is said."""
    source, target = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0])), sim.Population(1, sim.IF_curr_exp())
    mechanism = sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(w_max=1.0), weight=-0.5)

    with pytest.raises(PyNNError, match="w_max"):
        sim.Projection(source, target, sim.AllToAllConnector(), mechanism, receptor_type="inhibitory")


def test_learnt_weights_are_read_and_begin_anew_after_reset(sim: Any) -> None:
    """get gives what was learnt so far; reset restores what was given."""
    source = sim.Population(3, sim.SpikeSourcePoisson(rate=100.0))
    target = sim.Population(2, sim.IF_cond_exp(i_offset=1.2))
    made = sim.Projection(source, target, sim.AllToAllConnector(), learning(A_plus=0.002, A_minus=0.001))

    sim.run(100.0)
    learnt = made.get("weight", "list", with_address=False)
    sim.reset()

    assert np.ptp(learnt) > 0.0 and max(learnt) <= 0.04
    assert made.get("weight", "list", with_address=False) == [0.02] * 6


def test_parameters_of_rules_may_differ_from_synapse_to_synapse(sim: Any) -> None:
    """An array of time constants belongs to the pairs of cells."""
    source, target = sim.Population(2, sim.SpikeSourceArray()), sim.Population(1, sim.IF_cond_exp())

    made = sim.Projection(source, target, sim.AllToAllConnector(), learning(tau_plus=np.array([[10.0], [30.0]])))

    assert made.get("tau_plus", "list") == [(0, 0, 10.0), (1, 0, 30.0)]


def test_rates_beyond_a_dead_time_are_refused(sim: Any) -> None:
    """No train of 8 ms dead time fires at 130 Hz: the limit is said."""
    with pytest.raises(PyNNError, match=r"below 1000 / tau_refrac = 125 Hz"):
        sim.Population(1, sim.SpikeSourcePoissonRefractory(rate=130.0, tau_refrac=8.0))


def test_bins_of_changing_intensity_are_in_order(sim: Any) -> None:
    """Bins that go back in time, and shapes without a bin, are refused."""
    with pytest.raises(PyNNError, match="increasing times"):
        sim.Population(1, sim.SpikeSourceInhGamma(a=[1.0, 1.0], b=[0.1, 0.1], tbins=[5.0, 3.0]))
    with pytest.raises(PyNNError, match="as many as tbins, 2"):
        sim.Population(1, sim.SpikeSourceInhGamma(a=[1.0], b=[0.1, 0.1], tbins=[3.0, 5.0]))


def test_random_sources_do_not_depend_on_what_else_is_made(sim: Any) -> None:
    """One label and seed give one train, whatever was made before and however the run is cut."""
    trains = []
    for stops, extra in (((300.0,), 0), ((120.0, 300.0), 2)):
        sim.setup(timestep=0.1, seed=4)
        for k in range(extra):
            sim.Population(5, sim.SpikeSourceGamma(beta=50.0), label=f"other {k}")
        population = sim.Population(3, sim.SpikeSourceGamma(alpha=3.0, beta=100.0), label="gamma")
        population.record("spikes")
        for stop in stops:
            sim.run_until(stop)
        trains.append([np.asarray(train.magnitude) for train in population.get_data().segments[0].spiketrains])

    assert sum(map(len, trains[0])) > 10
    for one, other in zip(*trains, strict=True):
        assert np.array_equal(one, other)
