"""Cells of many compartments: a morphology, channels along it, and receptors at places on it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.errors import listing
from cawan.fast_dataclasses import replace
from cawan.simulator import NativeModel, Ragged, Values

from pyNN.errors import InvalidModelError, InvalidValueError, PyNNError, UnknownParameterError
from pyNN.parameters import IonicSpecies, Parameter
from pyNN.parameters.values import check_range, strip_units
from pyNN.standardmodels.base import (
    StandardCellType,
    StandardIonChannelModel,
    StandardPostSynapticResponse,
    Variable,
    initial_values,
)
from pyNN.standardmodels.ion_channels import IONS

if TYPE_CHECKING:
    from pyNN.morphology import Morphology, NeuriteDistribution
    from pyNN.morphology.shapes import Shape

_OLD_NAMES = {"e_rev": "e_syn", "density": "locations"}  # of receptors, in scripts written before PyNN 0.11


class MultiCompartmentNeuron(StandardCellType):
    """A neuron of many compartments. A script sets ``ion_channels`` and ``post_synaptic_entities``, of a subclass or of
    this class, and gives the parameters of each channel and receptor as a dictionary under its name.

    Along a segment of diameter d, cm ∂v/∂t = 1 / (4 Ra d) ∂/∂x (d² ∂v/∂x) - Σ g (v - e_rev), with g the density of each
    channel times its gates; receptors and currents act at their places.

    The cell fires where v at its source, the axon_initial_segment or else the soma, rises through
    ``spike_threshold``. Compartments are no longer than ``d_lambda`` times the length constant at 100 Hz.

    Parameters
    ----------
    morphology
        Shape of the cell, from :func:`pyNN.morphology.load_morphology` or another of :mod:`pyNN.morphology`.
    cm
        Specific membrane capacitance, µF/cm², a number or a distribution over the cell.
    Ra
        Axial resistivity, Ω cm.
    ionic_species
        Name of an ion, such as "na" → its :class:`~pyNN.parameters.IonicSpecies`. Standard channels see reversal
        potentials alone, never concentrations.
    components
        Name of each channel and receptor → its parameters; numbers, or distributions over the cell where they are of
        a channel. ``locations`` of a receptor: places, or a density per µm.

    References
    ----------
    Rall (1962), Annals of the New York Academy of Sciences 96, 1071 (compartments of a cable).
    """

    ion_channels: ClassVar[Mapping[str, type[StandardIonChannelModel]]] = {}
    post_synaptic_entities: ClassVar[Mapping[str, type[StandardPostSynapticResponse]]] = {}
    label: ClassVar[str] = ""
    d_lambda: ClassVar[float] = 0.1
    spike_threshold: ClassVar[float] = -10.0  # mV
    conductance_based = True
    injectable = True

    def __init__(
        self, morphology: Morphology | None = None, cm: Any = 1.0, Ra: float = 35.4,
        ionic_species: Mapping[str, IonicSpecies] | None = None, **components: Mapping[str, Any],
    ) -> None:  # fmt: skip
        from pyNN.morphology import Morphology  # 4 ms, in the import of every simulator

        super().__init__()
        if not isinstance(morphology, Morphology):
            raise InvalidModelError(
                f"The morphology of {type(self).__name__} is {morphology!r}. Give one of pyNN.morphology, such as "
                "load_morphology('cell.swc')."
            )
        self.morphology, self.cm, self.Ra = morphology, cm, Ra
        self.ionic_species = dict(ionic_species or {})
        known = {"morphology", "cm", "Ra", "ionic_species", *self.ion_channels, *self.post_synaptic_entities}
        for name in components:
            if name not in known:
                raise UnknownParameterError(name, type(self).__name__, known)
        self.channels = {n: _part(n, kind, components.get(n, {})) for n, kind in self.ion_channels.items()}
        self.receptors = {n: _part(n, k, components.get(n, {})) for n, k in self.post_synaptic_entities.items()}
        self._check_parts()
        self.shape = self._shape()
        self._constants = self._evaluated()
        self._join()

    def _check_parts(self) -> None:
        for name in set(self.channels) & set(self.receptors):
            raise InvalidModelError(f"{type(self).__name__} has a channel and a receptor called {name!r}. Rename one.")
        if len({receptor.conductance_based for receptor in self.receptors.values()}) > 1:
            raise InvalidModelError(
                f"{type(self).__name__} cannot mix receptors of conductances and of currents: a weight has one unit."
            )
        for name, species in self.ionic_species.items():
            if name not in IONS:
                raise PyNNError(f"ionic_species has {name!r}, which is none of the ions {listing(IONS)}. Rename it.")
            if getattr(species, "reversal_potential", None) is None:
                raise PyNNError(
                    f"ionic_species[{name!r}] is {species!r}. It must be IonicSpecies({name!r}, reversal_potential=…), "
                    "mV: concentrations alone have no effect."
                )

    def _shape(self) -> Shape:
        check_range(type(self).__name__, "Ra", "positive", float(self.Ra))
        if not self.d_lambda > 0:
            raise InvalidValueError(type(self).__name__, "d_lambda", self.d_lambda, "above 0")
        whole = self.morphology.shape
        capacitance = self._along("cm", Parameter(1.0, "uF/cm**2", "positive"), self.cm)
        every = capacitance.data if isinstance(capacitance, Ragged) else np.full(len(whole.tree), capacitance)
        return whole.cut(float(self.d_lambda), float(self.Ra), every)

    def _along(self, name: str, parameter: Parameter, value: Any) -> Values:
        """A parameter as a number, or a number for each segment where it is spread over the cell."""
        from pyNN.morphology.shapes import along_all

        owner = type(self).__name__
        value = strip_units(owner, name, parameter.units, value)
        if isinstance(value, int | float | np.number) and not isinstance(value, bool):
            check_range(owner, name, parameter.range, float(value))
            return float(value)
        if not hasattr(value, "value_in"):
            raise InvalidValueError(owner, name, value, "a number, or a distribution such as uniform('soma', 0.1)")

        def check(number: float, section: int) -> None:
            check_range(owner, f"{name} in section {section}", parameter.range, number)

        spread: NeuriteDistribution = value
        numbers = along_all(self.morphology.shape, lambda k: spread.value_in(self.morphology, k), check)
        return Ragged(numbers, np.array([0, len(numbers)], dtype=np.int64))

    def _evaluated(self) -> dict[str, Values]:
        """All that is the same in every cell, by PyNN's names."""
        found: dict[str, Values] = {
            "cm": self._along("cm", Parameter(1.0, "uF/cm**2", "positive"), self.cm),
            "Ra": float(self.Ra),
            "source": float(self.source_segment()),
            "spike_threshold": float(self.spike_threshold),
        }
        for ion, species in self.ionic_species.items():
            found[f"ions.{ion}"] = self._along(ion, Parameter(0.0, "mV"), species.reversal_potential)
        for name, channel in self.channels.items():
            for key, parameter in channel.parameters.items():
                given = channel.given[key]
                if given is None:
                    continue
                value = self._along(f"{name}.{key}", parameter, given)
                found[f"ions.{channel.ion}" if key == "e_rev" and channel.ion else f"{name}.{key}"] = value
        for name, receptor in self.receptors.items():
            owner = f"{type(self).__name__}.{name}"
            own = {key: parameter for key, parameter in receptor.parameters.items() if key != "locations"}
            found |= {f"{name}.{key}": _number(owner, key, p, receptor.given[key]) for key, p in own.items()}
        return found

    def source_segment(self) -> int:
        """The segment in whose middle the cell fires."""
        section = self.morphology.labels().get("axon_initial_segment", self.morphology.soma_index)
        return self.shape.spot(section, 0.5)[0]

    def _join(self) -> None:
        """The variables, units and receptors of this neuron, which are not those of its class."""
        variables = {"v": Variable("mV", -65.0)}
        for name, part in (*self.channels.items(), *self.receptors.items()):
            variables |= {f"{name}.{key}": Variable(v.units, None) for key, v in part.variables.items()}
        units = {name: variable.units for name, variable in variables.items()}
        self.__dict__.update(
            variables=MappingProxyType(variables),
            units=MappingProxyType(units),
            receptor_types=tuple(self.receptors),
            conductance_based=all(receptor.conductance_based for receptor in self.receptors.values()),
            recordable=("spikes", *variables),
            default_initial_values=MappingProxyType(initial_values(variables, {})),
        )

    def require_parameter(self, name: str) -> None:
        """Refuse any: what a cell of many compartments is made of cannot change."""
        raise InvalidModelError(
            f"{name!r} of {type(self).__name__} cannot change once its cells are made. Make another population."
        )

    @property
    def constants(self) -> Mapping[str, Values]:
        """Parameters as numbers, or as one for each segment; those of receptors too."""
        return MappingProxyType(self._constants)

    def complete(self, row: NativeModel) -> NativeModel:
        """With this neuron's morphology."""
        return replace(row, morphology=self.shape.tree)

    @property
    def segment_names(self) -> list[str]:
        """Names of the morphology's sections."""
        return list(self.morphology.labels())

    @property
    def composition(self) -> tuple[str, tuple[str, ...]]:
        """MultiCompartmentNeuron of its channels and receptors."""
        parts = (*self.channels.items(), *self.receptors.items())
        return "MultiCompartmentNeuron", tuple(f"{name}={type(part).__name__}" for name, part in parts)

    def __repr__(self) -> str:
        names = ", ".join(f"{name}={type(part).__name__}" for name, part in (self.channels | self.receptors).items())
        return f"{type(self).__name__}({len(self.shape.tree)} segments{', ' if names else ''}{names})"


def _part(name: str, kind: Any, given: Any) -> Any:
    """A channel or receptor with its parameters."""
    if not (isinstance(kind, type) and issubclass(kind, StandardIonChannelModel | StandardPostSynapticResponse)):
        raise InvalidModelError(f"The part {name!r} is {kind!r}. It must be a class, such as NaChannel.")
    if not isinstance(given, Mapping):
        raise InvalidModelError(f"The parameters of {name!r} are {given!r}. Give a dictionary, name → value.")
    if issubclass(kind, StandardPostSynapticResponse):
        given = {_OLD_NAMES.get(key, key): value for key, value in given.items()}
    return kind(**given)


def _number(owner: str, name: str, parameter: Parameter, value: Any) -> float:
    value = strip_units(owner, name, parameter.units, value)
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise InvalidValueError(owner, name, value, "a number: receptors of one kind are alike everywhere")
    check_range(owner, name, parameter.range, float(value))
    return float(value)
