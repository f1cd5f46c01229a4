"""Cells with a morphology. Declarations: a simulator that takes them has a row for them in its table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import StandardCellType, StandardIonChannelModel, StandardPostSynapticResponse


class MultiCompartmentNeuron(StandardCellType):
    """A neuron of many compartments; make a subclass, or an instance, with ion channels and receptors by keyword.

    Parameters
    ----------
    morphology
        Shape of the cell, from :func:`pyNN.morphology.load_morphology`.
    cm, Ra
        Specific membrane capacitance, µF/cm², and axial resistivity, Ω cm.
    ionic_species
        Name → concentrations and reversal potential.
    components
        Ion channels and receptors by name.

    References
    ----------
    Rall (1962), Annals of the New York Academy of Sciences 96, 1071 (compartments of a cable).
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "cm": Parameter(1.0, "uF/cm**2", "positive"),
        "Ra": Parameter(35.4, "ohm*cm", "positive"),
    }
    ion_channels: ClassVar[Mapping[str, type[StandardIonChannelModel]]] = {}
    post_synaptic_entities: ClassVar[Mapping[str, type[StandardPostSynapticResponse]]] = {}
    conductance_based = True
    injectable = True

    def __init__(
        self, morphology: Any = None, cm: Any = 1.0, Ra: Any = 35.4, ionic_species: Mapping[str, Any] | None = None,
        **components: Any,
    ) -> None:  # fmt: skip
        super().__init__(cm=cm, Ra=Ra)
        self.morphology, self.ionic_species = morphology, dict(ionic_species or {})
        self.components = components

    @property
    def composition(self) -> tuple[str, tuple[str, ...]]:
        """MultiCompartmentNeuron of its channels and receptors."""
        return "MultiCompartmentNeuron", tuple(f"{k}={type(part).__name__}" for k, part in self.components.items())
