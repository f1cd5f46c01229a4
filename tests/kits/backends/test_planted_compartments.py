"""A simulator of cells of many compartments with one planted bug each: the kit must fail, by exactly these tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from cawan.simulator import NativeModel, Places, Ragged, Settings
from pyNN.testing import BackendKit

pytest.importorskip("neuron", reason="needs NEURON: pip install pynn-neuron")

from pynn_neuron import NeuronBackend
from pynn_neuron.kernel import hoc


class Planted(NeuronBackend):
    """NEURON, ready for a bug in what it is told of its cells."""

    interface: ClassVar[int] = 1

    def create(self, model: NativeModel, size: int, values: Mapping[str, Any], tag: Any) -> Any:
        """With other values."""
        if model.morphology is not None:
            model, values = self.another(model), self.spoilt(dict(values))
        return super().create(model, size, values, tag)

    def another(self, model: NativeModel) -> NativeModel:
        """The bug, in the row."""
        return model

    def spoilt(self, values: dict[str, Any]) -> dict[str, Any]:
        """The bug, in values."""
        return values


class PlacesIgnored(Planted):
    """Takes the middle of the first segment for every place."""

    def place(self, cells: Any, places: Places) -> Any:
        """All in one."""
        return super().place(cells, replace(places, segment=places.segment * 0, along=places.along * 0 + 0.5))


class TestPlacesIgnored(BackendKit):
    """Places ignored."""

    backend = PlacesIgnored
    known_failures = {
        "test_compartments_of_a_cable_attenuate_as_its_closed_form": "must catch: places ignored",
        "test_compartments_have_their_own_densities": "must catch: places ignored",
        "test_compartments_get_input_at_its_place_and_time": "must catch: places ignored",
    }


class DensitiesEverywhere(Planted):
    """Takes the largest of a channel's densities for the whole cell."""

    def spoilt(self, values: dict[str, Any]) -> dict[str, Any]:
        """One number."""
        return {n: float(v.data.max()) if isinstance(v, Ragged) else v for n, v in values.items()}


class TestDensitiesEverywhere(BackendKit):
    """Densities everywhere."""

    backend = DensitiesEverywhere
    known_failures = {"test_compartments_have_their_own_densities": "must catch: densities everywhere"}


class AxialResistanceHalved(Planted):
    """Takes a radius for a diameter where the current flows along."""

    def spoilt(self, values: dict[str, Any]) -> dict[str, Any]:
        """Half of it."""
        return {**values, "Ra": values["Ra"] / 2}


class TestAxialResistanceHalved(BackendKit):
    """Axial resistance halved."""

    backend = AxialResistanceHalved
    known_failures = {
        "test_compartments_of_a_cable_attenuate_as_its_closed_form": "must catch: axial resistance halved",
        "test_compartments_have_their_own_densities": "must catch: axial resistance halved",
    }


class OneCompartmentEach(Planted):
    """Does not cut the segments."""

    def another(self, model: NativeModel) -> NativeModel:
        """Whole."""
        shape = model.morphology
        assert shape is not None
        return replace(model, morphology=replace(shape, compartments=np.ones_like(shape.compartments)))


class TestOneCompartmentEach(BackendKit):
    """One compartment each."""

    backend = OneCompartmentEach
    known_failures = {
        "test_compartments_of_a_cable_attenuate_as_its_closed_form": "must catch: one compartment each",
        "test_compartments_of_a_cable_are_of_second_order": "must catch: one compartment each",
    }


class CapacitanceOfOne(Planted):
    """Takes cm for 1 always."""

    def spoilt(self, values: dict[str, Any]) -> dict[str, Any]:
        """The default."""
        return {**values, "cm": 1.0}


class TestCapacitanceOfOne(BackendKit):
    """Capacitance of one."""

    backend = CapacitanceOfOne
    known_failures = {"test_compartments_of_one_charge_with_its_time_constant": "must catch: capacitance of one"}


class TenDegreesWarmer(Planted):
    """Runs at 16.3 °C."""

    def setup(self, settings: Settings) -> None:
        """Warmer."""
        super().setup(settings)
        hoc().celsius = 16.3

    def end(self) -> None:
        """As before."""
        super().end()
        hoc().celsius = 6.3


class TestTenDegreesWarmer(BackendKit):
    """Ten degrees warmer."""

    backend = TenDegreesWarmer
    known_failures = {"test_compartments_with_channels_fire_when_their_equations_do": "must catch: ten degrees warmer"}


class GatesBeforeTheirPotential(Planted):
    """Begins gates at -65 mV, whatever v is."""

    def set(self, block: Any, values: Mapping[str, Any], index: Any = None) -> None:
        """v comes too late for the gates."""
        if "v" in values and hasattr(block, "wanted"):
            super().set(block, {**values, "v": -65.0}, index)
            block.wanted.append(("v", values["v"], index))
        else:
            super().set(block, values, index)


class TestGatesBeforeTheirPotential(BackendKit):
    """Gates that do not follow the potential at time 0."""

    backend = GatesBeforeTheirPotential
    known_failures = {
        "test_compartments_have_gates_at_rest_that_follow_the_potential": "must catch: gates at another potential",
    }


class ReceptorsOfOneKind(Planted):
    """Forgets the time constants of receptors."""

    def place(self, cells: Any, places: Places) -> Any:
        """Twice as slow."""
        values = {n: float(v) * 2 if n.endswith("tau_syn") else v for n, v in places.values.items()}  # type: ignore[arg-type]  # numbers
        return super().place(cells, replace(places, values=values))


class TestReceptorsOfOneKind(BackendKit):
    """Receptors with other time constants."""

    backend = ReceptorsOfOneKind
    known_failures = {"test_compartments_get_a_conductance_of_the_closed_form": "must catch: wrong time constant"}
