"""NEURON's own cells, and cells made of sections, through PyNN."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pyNN.errors import PyNNError
from pyNN.simulator import Simulator
from pynn_neuron import NeuronBackend
from pynn_neuron.kernel import hoc

STEP = 0.025


@pytest.fixture
def sim() -> Iterator[Any]:
    """A simulation on NEURON."""
    with Simulator(NeuronBackend, timestep=STEP) as simulator:
        yield simulator


class SquidCell:
    """One section with NEURON's own Hodgkin-Huxley channels and one synapse."""

    receptor_types = ("soma.ampa",)
    recordable = ("v", "soma(0.5).m_hh", "soma(0.5).v")

    def __init__(self, diam: float = 20.0, gnabar: float = 0.12) -> None:
        h = hoc()
        self.section = h.Section(name="soma", cell=self)
        self.section.L = self.section.diam = diam
        self.section.insert("hh")
        self.section(0.5).hh.gnabar = gnabar
        self.source = self.section(0.5)
        self.soma = Soma(self.section)


class Soma:
    """The section, by call, and what lies in it."""

    def __init__(self, section: Any) -> None:
        self.section = section
        self.ampa = hoc().ExpSyn(section(0.5))
        self.ampa.tau = 2.0

    def __call__(self, where: float) -> Any:
        return self.section(where)


def counts(cells: Any) -> list[int]:
    """Spikes of each cell."""
    return list(cells.get_spike_counts().values())


def test_cells_of_sections_reach_the_receptor_that_is_named(sim: Any) -> None:
    """A squid cell's spike over an inhibitory synapse raises that conductance to its weight, and no other."""
    squid = sim.Population(1, sim.native_cell_type(SquidCell)(), initial_values={"v": -65.0})
    times = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0]))
    cells = sim.Population(1, sim.IF_cond_exp(tau_syn_I=1e6))
    everyone = sim.AllToAllConnector()
    sim.Projection(times, squid, everyone, sim.StaticSynapse(weight=0.05), receptor_type="soma.ampa")
    sim.Projection(squid, cells, everyone, sim.StaticSynapse(weight=0.01), receptor_type="inhibitory")
    cells.record(["gsyn_exc", "gsyn_inh"])

    sim.run(20.0)

    exc, inh = (cells.get_data().segments[0].filter(name=f"gsyn_{name}")[0].magnitude for name in ("exc", "inh"))
    assert exc.max() == 0.0
    assert inh[-1, 0] == pytest.approx(0.01, rel=20.0 / 1e6)  # one spike, which decays with tau_syn_I


def test_plastic_synapses_hear_both_sides_beside_artificial_cells(sim: Any) -> None:
    """One pair, the target 2 ms after the source, adds A_plus exp(-2 / tau_plus) of w_max, wherever NEURON begins."""
    sim.Population(1, sim.native_cell_type("IntFire1")())
    times, late = (sim.Population(1, sim.SpikeSourceArray(spike_times=[t])) for t in (5.0, 6.0))
    cells = sim.Population(1, sim.IF_curr_delta(v_thresh=-64.0))
    everyone, timing = sim.AllToAllConnector(), sim.SpikePairRule(tau_plus=20.0, A_plus=0.1, A_minus=0.0)
    rule = sim.STDPMechanism(
        timing, sim.AdditiveWeightDependence(w_max=0.1), weight=0.05, delay=1.0, dendritic_delay_fraction=0.0
    )
    plastic = sim.Projection(times, cells, everyone, rule)
    sim.Projection(late, cells, everyone, sim.StaticSynapse(weight=5.0, delay=2.0))

    sim.run(20.0)

    after = 0.05 + 0.1 * 0.1 * np.exp(-2.0 / 20.0)  # the source at 6 ms at the synapse, the target at 8 ms
    assert plastic.get("weight", "list", with_address=False)[0] == pytest.approx(after, rel=1e-9)


def test_artificial_cells_have_neurons_names_and_defaults(sim: Any) -> None:
    """IntFire1 leaks with tau and fires when its sum of weights passes 1, at the time of the input that did it."""
    kind = sim.native_cell_type("IntFire1")
    cells = sim.Population(2, kind(tau=20.0, refrac=[3.0, 5.0]))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[10.0, 12.0, 14.0, 30.0]))
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.6, delay=1.0))
    cells.record(["spikes", "m"])

    sim.run(20.0)

    trains = cells.get_data().segments[0].spiketrains
    m = np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude)
    assert kind().parameters["refrac"].default == 5.0
    assert [np.asarray(train.magnitude).tolist() for train in trains] == [[pytest.approx(13.0, abs=1e-9)]] * 2
    assert m[round(12.0 / STEP), 0] == pytest.approx(0.6)  # NEURON moves m on at events alone


def test_artificial_cells_need_no_compiler(sim: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """NEURON's own cells, static synapses between them and their spikes work where nothing can be compiled."""

    def refuse(mechanism: str, wanted_for: str) -> None:
        raise PyNNError(f"{mechanism} for {wanted_for} would be compiled.")

    monkeypatch.setattr("pynn_neuron.building.load", refuse)
    stim = sim.Population(1, sim.native_cell_type("NetStim")(start=5.0, number=2.0, interval=8.0))
    cells = sim.Population(2, sim.native_cell_type("IntFire1")(refrac=2.0))
    sim.Projection(stim, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=[[1.5, 0.3]], delay=1.0))
    cells.record("spikes")
    sim.run(20.0)

    assert counts(cells) == [2, 0]
    with pytest.raises(PyNNError, match="CawanLIF for IF_cond_exp"):
        sim.Population(1, sim.IF_cond_exp())


def test_intfire_has_its_old_name() -> None:
    """``sim.IntFire1`` is the cell type of PyNN 0.13, and always the same one."""
    import pyNN.neuron as module

    module.setup(timestep=STEP)
    cells = module.Population(1, module.IntFire1(tau=12.0, refrac=2.0))
    module.end()

    assert module.IntFire1 is module.IntFire1
    assert cells.celltype.given["tau"] == 12.0 and module.IntFire4.parameters["taum"].default == 50.0


def test_artificial_cells_drive_ours(sim: Any) -> None:
    """NetStim begins as its own INITIAL says, and its spikes arrive after their delay."""
    cells = sim.Population(1, sim.IF_curr_exp())
    stim = sim.Population(1, sim.native_cell_type("NetStim")(start=5.0, number=3.0, interval=4.0))
    sim.Projection(stim, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=2.0))
    stim.record("spikes")
    cells.record("v")

    sim.run(30.0)

    assert np.asarray(stim.get_data().segments[0].spiketrains[0].magnitude) == pytest.approx([5.0, 9.0, 13.0])
    v = np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude)[:, 0]
    assert np.flatnonzero(v > -65.0 + 1e-12)[0] == round(7.0 / STEP) + 1


def test_networks_with_artificial_cells_grow(sim: Any) -> None:
    """A shorter way from the same source, made while a spike is under way, would stop NEURON with an error."""
    cells = sim.Population(4, sim.IF_curr_exp())
    stim = sim.Population(1, sim.native_cell_type("NetStim")(start=1.0, number=1.0))
    sim.Projection(stim, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=10.0))
    sim.run(5.0)
    sim.Projection(stim, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    cells.record("v")

    sim.run(15.0)

    assert np.asarray(cells.get_data().segments[0].analogsignals[0].magnitude).max() > -64.9
    with pytest.raises(PyNNError, match=r"NetStim.*before the first run"):
        sim.Population(1, sim.native_cell_type("NetStim")())


def test_classes_of_sections_are_cells(sim: Any) -> None:
    """A cell of NEURON's own channels fires under a current and an input, and passes its spikes on."""
    kind = sim.native_cell_type(SquidCell)
    cells = sim.Population(3, kind(gnabar=[0.12, 0.12, 0.0]))
    cells.initialize(v=-65.0)
    listener = sim.Population(1, sim.IF_curr_exp(v_thresh=0.0))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    ampa = sim.StaticSynapse(weight=0.05, delay=1.0)
    made = sim.Projection(source, cells[:1], sim.AllToAllConnector(), ampa, receptor_type="soma.ampa")
    sim.Projection(cells[:1], listener, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
    sim.DCSource(amplitude=0.5, start=20.0, stop=21.0).inject_into(cells[1:])
    cells.record(["spikes", "v", "soma(0.5).m_hh"])
    listener.record("v")

    sim.run(40.0)

    segment = cells.get_data().segments[0]
    v, m = (np.asarray(signal.magnitude) for signal in sorted(segment.analogsignals, key=lambda s: s.name != "v"))
    first = float(segment.spiketrains[0][0])
    assert counts(cells) == [1, 1, 0]
    assert np.flatnonzero(np.abs(v[:, 0] - v[:, 1]) > 1e-9)[0] == round(6.0 / STEP) + 1  # ampa acts from 6 ms on
    assert np.flatnonzero(np.abs(v[:, 1] - v[0, 1]) > 1.0)[0] > round(20.0 / STEP)
    assert m[:, 0].max() > 0.9 > 0.2 > m[0, 0]
    heard = np.asarray(listener.get_data().segments[0].analogsignals[0].magnitude)[:, 0]
    assert np.flatnonzero(heard > -65.0 + 1e-12)[0] == round((first + 1.0) / STEP) + 1
    assert made.get("delay", "list", realised=True) == [(0, 0, 1.0)]


@pytest.mark.parametrize("spec", ["nope", "IClamp", "CawanLIF"])
def test_what_is_no_cell_is_refused(sim: Any, spec: str) -> None:
    """The error names the model and those that there are."""
    with pytest.raises(PyNNError, match=rf"{spec}.*IntFire1, IntFire2, IntFire4"):
        sim.native_cell_type(spec)


def test_what_native_cells_cannot_is_refused(sim: Any) -> None:
    """Plastic synapses onto them, and currents into cells without a membrane."""
    cells = sim.Population(1, sim.native_cell_type("IntFire1")())
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    with pytest.raises(PyNNError, match=r"IntFire1\. Use StaticSynapse"):
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.TsodyksMarkramSynapse(weight=1.0, delay=1.0))
    with pytest.raises(PyNNError, match="no membrane"):
        sim.DCSource(amplitude=1.0).inject_into(cells)
