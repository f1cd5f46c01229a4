"""NESTML models on NEST: compiled, kept, and as good as NEST's own; what NESTML refuses is told by line and column."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_nest import NestBackend, nestml

if find_spec("pynestml") is None:
    pytest.skip("needs pip install 'pynn-nest[nestml]'", allow_module_level=True)

NEURON = """
model exact_lif_neuron:
    state:
        V_m mV = E_L
        I_syn pA = 0 pA
        refr_t ms = 0 ms

    equations:
        I_syn' = -I_syn / tau_syn
        V_m' = -(V_m - E_L) / tau_m + (I_syn + I_e + I_stim) / C_m
        refr_t' = -1

    parameters:
        C_m pF = 250 pF
        tau_m ms = 10 ms
        tau_syn ms = 2 ms
        E_L mV = -70 mV
        V_th mV = -55 mV
        V_reset mV = -70 mV
        refr_T ms = 2 ms
        I_e pA = 0 pA

    internals:
        unit_psc pA = 1 pA

    input:
        spikes <- spike
        I_stim pA <- continuous

    output:
        spike

    update:
        if refr_t > 0 ms:
            integrate_odes(I_syn, refr_t)
        else:
            integrate_odes(I_syn, V_m)

    onReceive(spikes):
        I_syn += unit_psc * spikes * 1 s

    onCondition(refr_t <= 0 ms and V_m >= V_th):
        refr_t = refr_T
        V_m = V_reset
        emit_spike()
"""
SYNAPSE = """
model potentiating_synapse:
    state:
        w real = 1
        pre_trace real = 0

    parameters:
        A real = 0.1
        tau_tr ms = 20 ms

    equations:
        pre_trace' = -pre_trace / tau_tr

    input:
        pre_spikes <- spike
        post_spikes <- spike

    output:
        spike

    onReceive(post_spikes):
        w += A * pre_trace

    onReceive(pre_spikes):
        pre_trace += 1
        emit_spike(w)

    update:
        integrate_odes()
"""


@pytest.fixture
def sim() -> Iterator[Simulator]:
    """A simulation on NEST."""
    with Simulator(NestBackend, timestep=0.1) as simulator:
        yield simulator


def test_a_cell_of_nestml_is_as_good_as_nests_own(sim: Any, tmp_path: Path) -> None:
    """A LIF cell from a file follows iaf_psc_exp to rounding, with spikes, input and a changed parameter."""
    file = tmp_path / "lif.nestml"
    file.write_text(NEURON, encoding="utf-8")
    own = nestml.nestml_cell_type("ExactLIF", file)
    cells = [
        sim.Population(2, own(I_e=[0.0, 400.0], tau_syn=3.0)),
        sim.Population(2, sim.native_cell_type("iaf_psc_exp")(I_e=[0.0, 400.0], tau_syn_ex=3.0, t_ref=2.0)),
    ]
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0, 10.0, 50.0]))
    for population in cells:
        population.record(["spikes", "V_m"])
        sim.Projection(source, population, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))

    sim.run(100.0)
    made, wanted = (population.get_data().segments[0] for population in cells)

    assert own.__name__ == "ExactLIF" and own(I_e=3.0).parameter_space is not None
    assert sum(map(len, wanted.spiketrains)) > 2
    assert [list(train.magnitude) for train in made.spiketrains] == [list(t.magnitude) for t in wanted.spiketrains]
    traces = [segment.filter(name="V_m")[0].magnitude for segment in (made, wanted)]
    np.testing.assert_allclose(*traces, rtol=0, atol=1e-9)


def test_a_plastic_synapse_is_made_with_its_neuron(sim: Any) -> None:
    """The weight grows by A exp(-Δt / tau) at the spike after the presynaptic one, Δt from arrival to spike."""
    kind = nestml.nestml_synapse_type("Potentiating", SYNAPSE, NEURON)
    cells = sim.Population(1, kind.postsynaptic_cell_type())
    early = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 90.0]))
    strong = sim.Population(1, sim.SpikeSourceArray(spike_times=[30.0]))
    made = sim.Projection(early, cells, sim.AllToAllConnector(), kind(weight=0.001, delay=1.0, A=0.5, tau_tr=15.0))
    sim.Projection(strong, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=4.0, delay=1.0))
    cells.record("spikes")

    sim.run(100.0)
    (spike,) = cells.get_data().segments[0].spiketrains[0].magnitude

    # PyNN's weights are in nA and NEST's in pA; A is added by NEST, so it is in pA.
    learnt = made.get("weight", "list")[0][2]
    assert learnt == pytest.approx(0.001 + 0.0005 * exp(-(spike + 1.0 - 10.0) / 15.0), rel=1e-6)


def test_a_plastic_synapse_without_its_neuron_is_refused() -> None:
    """The sentence says which argument is missing."""
    with pytest.raises(PyNNError, match=r"hears postsynaptic spikes.* give postsynaptic_neuron_nestml_description"):
        nestml.nestml_synapse_type("Potentiating", SYNAPSE)


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        (NEURON.replace("tau_m ms = 10 ms", "tau_m ms = = 10 ms"), "line 15, column"),
        (NEURON.replace("unit_psc * spikes", "unit_psk * spikes"), "unit_psk"),
    ],
    ids=["syntax", "unknown name"],
)
def test_what_nestml_refuses_is_told_with_its_place(broken: str, line: str) -> None:
    """The first complaint, not a traceback of another program."""
    with pytest.raises(PyNNError, match=rf"NESTML does not take exact_lif_neuron: .*{line}"):
        nestml.nestml_cell_type("Broken", broken)


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    """A file that is not there, and a text without a model."""
    with pytest.raises(PyNNError, match=r"absent\.nestml' is neither a NESTML file"):
        nestml.nestml_cell_type("Absent", tmp_path / "absent.nestml")
    with pytest.raises(PyNNError, match="has 0 lines such as"):
        nestml.nestml_cell_type("Nothing", "neuron x:\n    state:\n")


def test_missing_tools_are_named_with_the_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without a compiler the sentence says which model wanted it and how to get it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))

    with pytest.raises(PyNNError, match=r"exact_lif_neuron is compiled .* g\+\+ and cmake and make are missing"):
        nestml.nestml_cell_type("ExactLIF", NEURON)


def test_a_model_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nothing is compiled and no process is started."""
    nestml.nestml_cell_type("ExactLIF", NEURON)
    monkeypatch.setattr("pynn_nest.nestml_modules._child", None)

    assert nestml.nestml_cell_type("Again", NEURON).__name__ == "Again"


def test_a_new_model_comes_before_the_neurons(sim: Any) -> None:
    """NEST takes no module once there are neurons: the next simulation has it, and this one says so."""
    sim.Population(1, sim.IF_curr_exp())
    late = nestml.nestml_cell_type("Late", NEURON.replace("exact_lif", "late_lif"))

    with pytest.raises(PyNNError, match=r"does not have late_lif_neuron_\w+: NEST takes no new model once"):
        sim.Population(1, late())
    sim.run(1.0)

    sim.setup(timestep=0.1)
    assert sim.Population(1, late()).get("tau_m") == 10.0
