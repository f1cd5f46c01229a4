"""Cells of sections as PyNN 0.13's documentation makes them: a subclass of pyNN.neuron.NativeCellType."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyNN.neuron as sim
import pytest
from neuron import nrn
from pyNN.errors import InvalidModelError


class Soma(nrn.Section):  # type: ignore[misc]
    """A section that can hold synapses, as nrnutils makes them."""


class SquidModel:
    """One section with Hodgkin and Huxley's channels and a synapse."""

    def __init__(self, **parameters: float) -> None:
        self.soma = Soma(name="soma")
        self.soma.L = self.soma.diam = 30.0
        self.soma.insert("hh")
        self.soma.el_hh = -65.0
        self.soma.ampa = sim.h.Exp2Syn(self.soma(0.5))
        self.soma.ampa.tau1, self.soma.ampa.tau2, self.soma.ampa.e = 0.1, 5.0, 0.0
        self.source_section = self.soma
        self.source = self.soma(0.5)._ref_v
        self.parameter_names = ("g_leak", "gnabar")
        self.traces: dict[str, Any] = {}
        self.recording_time = False
        for name, value in parameters.items():
            setattr(self, name, value)

    @property
    def gnabar(self) -> float:
        """Density of the sodium conductance, S/cm²."""
        return float(self.soma(0.5).hh.gnabar)

    @gnabar.setter
    def gnabar(self, value: float) -> None:
        self.soma(0.5).hh.gnabar = value

    @property
    def g_leak(self) -> float:
        """Density of the leak conductance, S/cm²."""
        return float(self.soma(0.5).hh.gl)

    @g_leak.setter
    def g_leak(self, value: float) -> None:
        self.soma(0.5).hh.gl = value

    def memb_init(self) -> None:
        """Begin the potential, and the gates with it."""
        for segment in self.soma:
            segment.v = self.v_init  # type: ignore[attr-defined]


class SquidType(sim.NativeCellType):  # type: ignore[misc]
    """As in the documentation of PyNN 0.13."""

    default_parameters = {"g_leak": 0.0002, "gnabar": 0.12}
    default_initial_values = {"v": -65.0}
    recordable = ["soma(0.5).v", "soma(0.5).ina"]
    units = {"soma(0.5).v": "mV", "soma(0.5).ina": "mA/cm**2"}
    receptor_types = ["soma.ampa"]
    model = SquidModel


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    """Leave NEURON to others."""
    yield
    sim.end()


def test_the_documented_class_runs_unchanged() -> None:
    """A synapse makes the cell with sodium fire; both are recorded at a place with its unit."""
    sim.setup(timestep=0.025)
    cells = sim.Population(2, SquidType(g_leak=0.0003, gnabar=[0.12, 0.0]))
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
    cells.record(["spikes", "soma(0.5).v", "soma(0.5).ina"])
    synapse = sim.StaticSynapse(weight=0.05, delay=0.5)
    sim.Projection(source, cells, sim.AllToAllConnector(), synapse, receptor_type="soma.ampa")
    sim.run(20.0)
    segment = cells.get_data().segments[0]
    v, ina = (segment.filter(name=name)[0] for name in ("soma(0.5).v", "soma(0.5).ina"))

    assert [len(train) for train in segment.spiketrains] == [1, 0]
    assert v[:, 0].magnitude.max() > 30.0 > v[:, 1].magnitude.max()
    assert ina.magnitude[:, 0].min() < -0.1 and np.all(ina.magnitude[:, 1] == 0.0)
    assert str(ina.units.dimensionality) == "mA/cm**2"
    assert list(cells.get("gnabar", simplify=False)) == [0.12, 0.0] and cells.get("g_leak") == 0.0003


def test_memb_init_begins_each_cell_at_its_own_potential() -> None:
    """initialize(v=…) reaches memb_init as v_init, and currents flow where the cell fires."""
    sim.setup(timestep=0.025)
    cells = sim.Population(2, SquidType())
    cells.initialize(v=[-60.0, -70.0])
    cells.record("soma(0.5).v")
    sim.DCSource(amplitude=0.5, start=10.0).inject_into(cells[1:])
    sim.run(30.0)
    v = cells.get_data().segments[0].analogsignals[0].magnitude

    assert list(v[0]) == [-60.0, -70.0]
    assert v[400:, 1].max() > 0.0 > v[400:, 0].max()


def test_a_class_without_a_model_is_refused() -> None:
    """The error names the class and what it lacks."""
    with pytest.raises(InvalidModelError, match="Empty has no 'model'"):
        type("Empty", (sim.NativeCellType,), {"default_parameters": {"a": 1.0}})
