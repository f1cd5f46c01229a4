"""NEST's own models through PyNN, and what NEST cannot do said at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_nest import NestBackend


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """A simulation on NEST."""
    with Simulator(NestBackend, timestep=0.1) as simulator:
        yield simulator


def pulses(sim: Any) -> Any:
    """A source of two spikes."""
    return sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0]))


def test_native_cells_have_their_own_names_and_act_as_the_standard_ones(sim: Any) -> None:
    """iaf_psc_exp by its own names is IF_curr_exp to the bit, with weights in nA."""
    native = sim.native_cell_type("iaf_psc_exp")
    own = sim.Population(1, native(E_L=-65.0, V_reset=-65.0, V_th=-50.0, tau_m=20.0, C_m=1000.0, t_ref=0.1,
                                   tau_syn_ex=5.0))  # fmt: skip
    standard = sim.Population(1, sim.IF_curr_exp())
    own.initialize(V_m=-65.0)
    own.record("V_m")
    standard.record("v")
    for cells in (own, standard):
        sim.Projection(pulses(sim), cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))

    sim.run(30.0)
    traces = [cells.get_data().segments[0].analogsignals[0].magnitude for cells in (own, standard)]

    assert traces[1].max() > -64.0
    assert np.array_equal(*traces)


def test_variables_of_compartments_are_recorded_read_and_set(sim: Any) -> None:
    """Potentials of iaf_cond_alpha_mc from the first sample to the last: that of time T is what ``get`` gives at T."""
    cells = sim.Population(2, sim.native_cell_type("iaf_cond_alpha_mc")(), label="trees")
    cells.record(["V_m.s", "V_m.d"])
    weak = sim.StaticSynapse(weight=0.002, delay=1.0)
    sim.Projection(pulses(sim), cells, sim.AllToAllConnector(), weak, receptor_type="soma_exc")
    cells.initialize(**{"V_m.d": [-70.0, -60.0]})

    sim.run(10.0)
    sim.run(2.0)
    now = cells.get("V_m.s")
    soma, dendrite = (cells.get_data().segments[0].filter(name=name)[0] for name in ("V_m.s", "V_m.d"))

    assert (float(soma.t_start), soma.shape) == (0.0, (121, 2))
    assert np.all(soma.magnitude[:60, 0] == -70.0)  # the pulse is at 5 ms, and its alpha function begins with 0
    assert soma.magnitude[61:, 0].min() > -70.0
    assert list(dendrite.magnitude[0]) == [-70.0, -60.0] and dendrite.magnitude[1, 1] < -60.0
    assert list(soma.magnitude[-1]) == list(now) and now[1] > now[0]


def test_what_only_a_multimeter_has_is_recorded(sim: Any) -> None:
    """The synaptic current of iaf_psc_exp is 0 at time 0, decays with tau_syn, and is known up to the present."""
    cells = sim.Population(2, sim.native_cell_type("iaf_psc_exp")(tau_syn_ex=4.0), label="cells")
    cells.record("I_syn_ex")
    sim.Projection(pulses(sim), cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.05, delay=1.0))

    sim.run(10.0)
    sim.run(2.0)
    current = cells.get_data().segments[0].analogsignals[0]

    assert (float(current.t_start), current.shape) == (0.0, (121, 2))
    assert np.all(current.magnitude[:60] == 0.0)  # the pulse is at 5 ms
    arrived = 50.0 * np.exp(-0.1 * np.arange(50) / 4.0)  # pA, from 6 ms to the next
    np.testing.assert_allclose(current.magnitude[60:110, 0], arrived, rtol=1e-9)
    with pytest.raises(PyNNError, match="'I_syn_ex' of iaf_psc_exp to its multimeter alone"):
        cells.get("I_syn_ex")
    with pytest.raises(PyNNError, match="neither read from the cells nor set"):
        cells.initialize(I_syn_ex=1.0)


def test_native_synapses_learn(sim: Any) -> None:
    """stdp_triplet_synapse, which PyNN has no word for, is connected and read back."""
    kind = sim.native_synapse_type("stdp_triplet_synapse")
    cells = sim.Population(2, sim.IF_curr_exp())

    made = sim.Projection(pulses(sim), cells, sim.AllToAllConnector(), kind(weight=0.5, delay=1.0, tau_plus=15.0))
    sim.run(20.0)

    assert made.get(["weight", "delay"], "list") == [(0, 0, 0.5, 1.0), (0, 1, 0.5, 1.0)]


def test_native_objects_can_be_reached(sim: Any) -> None:
    """population.native, or node_collection, is NEST's own, also of a view, a cell and an assembly."""
    cells = sim.Population(3, sim.IF_curr_exp(tau_m=[12.0, 13.0, 14.0]))

    assert list(cells.native.get("tau_m")) == list(cells.node_collection.get("tau_m")) == [12.0, 13.0, 14.0]
    assert list(cells[1:].node_collection.get("tau_m")) == [13.0, 14.0] and cells[2].native.get("tau_m") == 14.0
    assert [part.get("tau_m") for part in (cells[:1] + cells[2:]).native] == [12.0, 14.0]


@pytest.mark.parametrize("name", ["nope", "static_synapse"])
def test_native_names_that_are_no_cells_are_refused(sim: Any, name: str) -> None:
    """The error names the model and the simulator."""
    with pytest.raises(PyNNError, match=f"{name}.*"):
        sim.native_cell_type(name)


def test_a_cell_has_one_trace_of_its_spikes(sim: Any) -> None:
    """Two projections that want different tau_minus onto one cell are refused, with both values."""
    cells, source = sim.Population(2, sim.IF_curr_exp()), pulses(sim)

    def learning(tau: float) -> Any:
        return sim.STDPMechanism(
            sim.SpikePairRule(tau_minus=tau), sim.AdditiveWeightDependence(w_max=0.1), weight=0.05, delay=1.0
        )

    sim.Projection(source, cells, sim.AllToAllConnector(), learning(20.0))
    with pytest.raises(PyNNError, match="20 ms; a synapse with 30 ms"):
        sim.Projection(source, cells, sim.AllToAllConnector(), learning(30.0))


def test_what_nest_does_not_have_is_refused_by_value(sim: Any) -> None:
    """A dendritic delay fraction that NEST cannot have is refused, and what it always is, is said."""
    with pytest.raises(PyNNError, match=r"'dendritic_delay_fraction' .* is 0.5. On NEST it is always 1.0"):
        sim.Projection(
            pulses(sim), sim.Population(1, sim.IF_curr_exp()), sim.AllToAllConnector(),
            sim.STDPMechanism(sim.SpikePairRule(), sim.AdditiveWeightDependence(), dendritic_delay_fraction=0.5),
        )  # fmt: skip


def test_all_that_nest_has_is_recorded(sim: Any) -> None:
    """record("all") has each variable of the model from time 0 to the present."""
    cells = sim.Population(1, sim.HH_cond_exp())

    cells.record("all")
    sim.run(1.0)

    signals = cells.get_data().segments[0].analogsignals
    variables = ("v", "gsyn_exc", "gsyn_inh", "m", "h", "n")
    assert {signal.name: signal.shape for signal in signals} == dict.fromkeys(variables, (11, 1))


def test_what_nest_refuses_is_told_with_its_own_words(sim: Any) -> None:
    """The population or projection and what was given are named, NEST's error is the cause, and nothing has changed."""
    cells = sim.Population(2, sim.EIF_cond_exp_isfa_ista(), label="cells")
    junction = sim.native_synapse_type("gap_junction")(weight=0.1)

    with pytest.raises(PyNNError, match=r"^few: NEST does not take .* tau_m. It says: .* strictly positive.$"):
        sim.Population(2, sim.native_cell_type("iaf_psc_exp")(tau_m=-1.0), label="few")
    with pytest.raises(PyNNError, match=r"^cells: NEST does not take .* delta_T. It says: .* overflow") as refused:
        cells.set(delta_T=1e-3)
    with pytest.raises(PyNNError, match=r"^cells→cells: NEST .* weight. It says: gap_junction connection has no delay"):
        sim.Projection(cells, cells, sim.AllToAllConnector(), junction)

    assert type(refused.value.__cause__).__module__ == "NESTErrors"
    assert cells.get("delta_T") == 2.0 and cells.native.get("Delta_T") == (2.0, 2.0)


def test_a_delay_between_two_steps_goes_to_the_nearest_with_a_word(sim: Any, caplog: pytest.LogCaptureFixture) -> None:
    """NEST would round without one: 1.23 ms is 1.2 ms on its clock, and 1.27 ms is 1.3 ms, also where it is changed."""
    cells = sim.Population(2, sim.IF_curr_exp(), label="cells")

    made = sim.Projection(cells, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=0.1, delay=1.23))
    first = np.asarray(made.nest_connections.get("delay"))
    made.set(delay=1.27)

    assert first == pytest.approx([1.2, 1.2], abs=1e-9)
    assert np.asarray(made.nest_connections.get("delay")) == pytest.approx([1.3, 1.3], abs=1e-9)
    assert "the delay 1.23 ms lies between two steps of the clock; 1.2 ms is used" in caplog.text
    assert "the delay 1.27 ms lies between two steps of the clock; 1.3 ms is used" in caplog.text
