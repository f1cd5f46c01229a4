"""Cells of many compartments: cables, channels and places against closed forms; where the backend has the ability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.simulator import Array, SupportsPlaces

from pyNN.morphology import Morphology, uniform
from pyNN.morphology.shapes import Piece
from pyNN.simulator import Simulator
from pyNN.standardmodels.cells import MultiCompartmentNeuron
from pyNN.standardmodels.ion_channels import KdrChannel, NaChannel, PassiveLeak
from pyNN.standardmodels.receptors import CondExpPostSynapticResponse
from pyNN.testing.base import KitTests

FINE = 0.025  # ms


class Sections(Morphology):
    """Straight sections, each from the end of its parent: name → (parent, length, diameter), µm."""

    def __init__(self, **sections: tuple[str, float, float]) -> None:
        super().__init__()
        self._sections = sections

    def labels(self) -> dict[str, int]:
        """Index of each section by name."""
        return {name: k for k, name in enumerate(self._sections)}

    def pieces(self) -> list[Piece]:
        """All along x, one behind the other: where they lie does not count."""
        names, found = self.labels(), []
        for name, (parent, length, diameter) in self._sections.items():
            points = np.array([[0.0, 0.0, 0.0, diameter], [length, 0.0, 0.0, diameter]])
            found.append(Piece(name, names.get(parent, -1), 1.0, points))
        return found


class Passive(MultiCompartmentNeuron):
    """A leak, and one receptor."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak}
    post_synaptic_entities: ClassVar[Mapping[str, Any]] = {"exc": CondExpPostSynapticResponse}


class Coarse(Passive):
    """The same in longer compartments."""

    d_lambda: ClassVar[float] = 0.3


class Squid(MultiCompartmentNeuron):
    """Hodgkin and Huxley's."""

    ion_channels: ClassVar[Mapping[str, Any]] = {"pas": PassiveLeak, "na": NaChannel, "kdr": KdrChannel}


class CompartmentTests(KitTests):
    """A cable, an isopotential cell, channels in some sections alone, receptors and their places."""

    SOMA: ClassVar[Morphology] = Sections(soma=("", 20.0, 20.0))

    def _needs_places(self) -> None:
        if not issubclass(self.backend, SupportsPlaces):
            pytest.skip(f"{self.backend.name} has no cells of many compartments")

    def _run(
        self, celltype: MultiCompartmentNeuron, until: float, currents: Mapping[str, float], v: float,
        variables: Any = "v", source: tuple[Any, float] | None = None,
    ) -> tuple[dict[str, Array], Any]:  # fmt: skip
        """Signals (n,) of a cell by name, at the middle of each section; ``source``: selector of inputs, and weight."""
        with self.simulator(timestep=FINE) as sim:
            cells = sim.Population(1, celltype, initial_values={"v": v})
            for place, amplitude in currents.items():
                sim.DCSource(amplitude=amplitude).inject_into(cells, location=place)
            if source is not None:
                self._connect(sim, cells, *source)
            cells.record("spikes")
            cells.record(variables, locations=list(celltype.morphology.labels()))
            sim.run(until)
            data = cells.get_data().segments[0]
        return {signal.name: signal.magnitude[:, 0] for signal in data.analogsignals}, data.spiketrains[0].magnitude

    def _connect(self, sim: Simulator, cells: Any, selector: Any, weight: float) -> None:
        inputs = sim.Population(1, sim.SpikeSourceArray(spike_times=[5.0]))
        connector = sim.AllToAllConnector(location_selector=selector)
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(inputs, cells, connector, synapse, receptor_type="exc")

    def test_compartments_of_a_cable_attenuate_as_its_closed_form(self) -> None:
        """v(x) - e = I R cosh(x0 / l) cosh((L - x) / l) / sinh(L / l), sealed at both ends, current at x0 < x.

        l² = d / (4 Ra g), R = 4 Ra l / (π d²). Rall (1959), Experimental Neurology 1, 491. The error of compartments of
        length h is of order (h / l)² / 24, here 2e-4; after 20 time constants the rest is 2e-9.
        """
        found, expected = self._cable(Passive)

        assert found == pytest.approx(expected, rel=1e-3)

    def test_compartments_of_a_cable_are_of_second_order(self) -> None:
        """Three times as long, they are off by nine times as much, or nearly so."""
        short, expected = self._cable(Passive)
        long, _ = self._cable(Coarse)

        assert (np.abs(long - expected) > 4 * np.abs(short - expected)).all()

    def _cable(self, kind: type[MultiCompartmentNeuron]) -> tuple[Array, Array]:
        """Found and expected v - e in the middles of sections behind the first, shape (4,), mV."""
        self._needs_places()
        names, length, d, axial, g = "abcde", 200.0, 2.0, 150.0, 1e-4
        parts = {n: (names[k - 1] if k else "", length, d) for k, n in enumerate(names)}
        cell = kind(
            morphology=Sections(**parts), cm=1.0, Ra=axial, pas={"conductance_density": g, "e_rev": -70.0},
            exc={"locations": "a"},
        )  # fmt: skip
        v, _ = self._run(cell, 200.0, {"a": 0.02}, -70.0)

        constant = 1e4 * np.sqrt(d * 1e-4 / (4 * axial * g))  # µm
        resistance = 4 * axial * constant * 1e-4 / (np.pi * (d * 1e-4) ** 2) * 1e-6  # MΩ
        x = length * (np.arange(5) + 0.5)
        whole = 5 * length / constant
        expected = 0.02 * resistance * np.cosh(x[0] / constant) * np.cosh(whole - x / constant) / np.sinh(whole)
        return np.array([v[f"{name}.v"][-1] + 70.0 for name in names])[1:], expected[1:]

    def test_compartments_of_one_charge_with_its_time_constant(self) -> None:
        """v - e = I / (g π d L) (1 - exp(-t / T)), T = cm / g, to the first order of the timestep."""
        self._needs_places()
        g, area = 2e-4, np.pi * 20e-4 * 20e-4
        cell = Passive(
            morphology=self.SOMA, cm=2.0, pas={"conductance_density": g, "e_rev": -70.0}, exc={"locations": "soma"}
        )
        v, _ = self._run(cell, 30.0, {"soma": 0.01}, -70.0)

        height, constant = 0.01e-9 / (g * area) * 1e3, 1e-3 * 2.0 / g  # mV, ms
        t = FINE * np.arange(len(v["soma.v"]))
        expected = -70.0 + height * (1 - np.exp(-t / constant))
        one_step = height * FINE / constant
        assert np.abs(v["soma.v"] - expected).max() < one_step

    def test_compartments_have_their_own_densities(self) -> None:
        """With a leak in the soma alone, all current from a dendrite flows through both: two resistances in series."""
        self._needs_places()
        g, axial = 2e-4, 100.0
        shape = Sections(soma=("", 20.0, 20.0), dend=("soma", 100.0, 1.0))
        leak = {"conductance_density": uniform("soma", g), "e_rev": -70.0}
        cell = Passive(morphology=shape, cm=0.1, Ra=axial, pas=leak, exc={"locations": "soma"})
        v, _ = self._run(cell, 40.0, {"dend": 0.01}, -70.0)

        area = np.pi * 20e-4 * 20e-4
        at_soma = -70.0 + 0.01e-9 / (g * area) * 1e3
        between = 4 * axial / np.pi * (10e-4 / 20e-4**2 + 50e-4 / 1e-4**2)  # Ω, from middle to middle
        assert v["soma.v"][-1] == pytest.approx(at_soma, abs=1e-3)
        assert v["dend.v"][-1] - v["soma.v"][-1] == pytest.approx(0.01e-9 * between * 1e3, rel=1e-6)

    def test_compartments_have_gates_at_rest_that_follow_the_potential(self) -> None:
        """At time 0 each gate is a / (a + b) at v, with Hodgkin and Huxley's rates at 6.3 °C."""
        self._needs_places()
        found, _ = self._run(Squid(morphology=self.SOMA), 1.0, {}, -60.0, ["na.m", "na.h", "kdr.n"])

        u = 5.0  # mV above their rest of -65 mV
        rates = {
            "na.m": ((2.5 - 0.1 * u) / (np.exp(2.5 - 0.1 * u) - 1), 4.0 * np.exp(-u / 18)),
            "na.h": (0.07 * np.exp(-u / 20), 1 / (np.exp(3.0 - 0.1 * u) + 1)),
            "kdr.n": ((0.1 - 0.01 * u) / (np.exp(1 - 0.1 * u) - 1), 0.125 * np.exp(-u / 80)),
        }
        for name, (a, b) in rates.items():
            assert found[f"soma.{name}"][0] == pytest.approx(a / (a + b), rel=1e-6)

    def test_compartments_with_channels_fire_when_their_equations_do(self) -> None:
        """The first spike is that of the same equations by the Runge-Kutta method, within four steps."""
        self._needs_places()
        leak = {"conductance_density": 0.0003, "e_rev": -54.3}
        cell = Squid(morphology=self.SOMA, pas=leak, na={"e_rev": 50.0}, kdr={"e_rev": -77.0})
        _, spikes = self._run(cell, 20.0, {"soma": 0.2}, -65.0)

        area = np.pi * 20e-4 * 20e-4
        expected = squid_spike(0.2e-3 / area, -65.0, cell.spike_threshold)
        assert len(spikes) > 0
        assert spikes[0] == pytest.approx(expected, abs=4 * FINE)

    def test_compartments_get_input_at_its_place_and_time(self) -> None:
        """A spike at T over a delay d acts from T + d, on the selected section: the soma sees less of it, later."""
        self._needs_places()
        shape = Sections(soma=("", 20.0, 20.0), left=("soma", 200.0, 1.0), right=("soma", 200.0, 1.0))
        receptor = {"locations": ["left", "right"], "tau_syn": 2.0}
        cell = Passive(morphology=shape, pas={"e_rev": -70.0}, exc=receptor)
        v, _ = self._run(cell, 30.0, {}, -70.0, source=("left", 1e-3))

        quiet = round(6.0 / FINE) + 1  # samples up to T + d
        soma, left, right = (v[f"{name}.v"] + 70.0 for name in ("soma", "left", "right"))
        assert np.abs(left[:quiet]).max() < 1e-9
        assert left[quiet] > 1e-4
        assert left.max() > soma.max() > right.max() > 0.005
        assert left.argmax() < soma.argmax() < right.argmax()

    def test_compartments_get_a_conductance_of_the_closed_form(self) -> None:
        """A small weight w, one compartment: v - e = w (e_syn - e) / C · T s / (T - s) (exp(-t/T) - exp(-t/s))."""
        self._needs_places()
        g, area, decay, weight = 1e-4, np.pi * 20e-4 * 20e-4, 2.0, 1e-5
        cell = Passive(
            morphology=self.SOMA, pas={"conductance_density": g, "e_rev": -70.0},
            exc={"locations": "soma", "tau_syn": decay, "e_syn": 0.0},
        )  # fmt: skip
        found, _ = self._run(cell, 30.0, {}, -70.0, ["v", "exc.gsyn"], ("soma", weight))

        constant, capacitance = 1e-3 / g, 1e-6 * area  # ms, F
        t = FINE * np.arange(len(found["soma.v"])) - 6.0
        late = t > 2 * FINE
        shape = constant * decay / (constant - decay) * (np.exp(-t / constant) - np.exp(-t / decay))
        expected = weight * 1e-6 * 70.0 / capacitance * 1e-3 * shape
        error = 2 * FINE / decay * expected[late].max()  # a step late, and the first order of the timestep
        assert np.abs(found["soma.v"][late] + 70.0 - expected[late]).max() < error
        conductance = weight * np.exp(-t[late] / decay)
        assert found["soma.exc.gsyn"][late] == pytest.approx(conductance, abs=weight * FINE / decay)


def squid_spike(current: float, v: float, threshold: float, step: float = 0.001) -> float:
    """When the squid axon's v (mV) rises through a threshold under a constant current (µA/cm²), from rest at ``v``, ms.

    References
    ----------
    Hodgkin & Huxley (1952), Journal of Physiology 117, 500.
    """

    def rates(u: float) -> tuple[Array, Array]:
        x, y = 2.5 - 0.1 * u, 1 - 0.1 * u
        a = [x / np.expm1(x), 0.07 * np.exp(-u / 20), 0.1 * y / np.expm1(y)]
        b = [4 * np.exp(-u / 18), 1 / (np.exp(3 - 0.1 * u) + 1), 0.125 * np.exp(-u / 80)]
        return np.array(a), np.array(b)

    def slope(y: Array) -> Array:
        a, b = rates(y[0] + 65.0)
        m, h, n = y[1:]
        ions = 120 * m**3 * h * (y[0] - 50) + 36 * n**4 * (y[0] + 77) + 0.3 * (y[0] + 54.3)
        return np.append(current - ions, a * (1 - y[1:]) - b * y[1:])

    a, b = rates(v + 65.0)
    y, t = np.append(v, a / (a + b)), 0.0
    while y[0] < threshold and t < 50.0:
        k1 = slope(y)
        k2 = slope(y + 0.5 * step * k1)
        k3 = slope(y + 0.5 * step * k2)
        y = y + step / 6 * (k1 + 2 * k2 + 2 * k3 + slope(y + step * k3))
        t += step
    return t
