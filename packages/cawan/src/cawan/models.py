"""What a standard model is on one simulator: names, scales and receptors, data and not code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from cawan.fast_dataclasses import dataclass, field

if TYPE_CHECKING:
    from cawan.values import Morphology, Ragged, Values


@dataclass(frozen=True, slots=True)
class Native:
    """One parameter or variable, as the simulator calls it.

    Attributes
    ----------
    name
        The simulator's own name, such as ``C_m``.
    scale
        Native value = scale × PyNN's value.
    default
        The native value where PyNN's model has no such parameter.
    is_weight
        Takes the receptor's ``weight_scale`` too (the weight itself, ``w_max``, ``w_min``).
    scope
        The finest thing that may have a value of its own: each cell or synapse, each postsynaptic cell, the block.
    fixed
        Cannot change after the first ``advance``.
    """

    name: str
    scale: float = 1.0
    default: float | Ragged | None = None
    is_weight: bool = False
    scope: Literal["each", "post", "block"] = "each"
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Receptor:
    """Where synapses of one receptor type arrive (``port``: the backend's own), and the factor on their weights."""

    port: object = None
    weight_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class NativeModel:
    """What a standard model is on one simulator: a row of the backend's table, data and not code.

    Attributes
    ----------
    parameters, variables, receptors
        PyNN's name → the simulator's.
    computed
        Native values that follow from several of PyNN's (``g_L = C_m / tau_m``): takes PyNN's values by PyNN's
        names and units, gives native values by native names.
    symmetric
        A gap junction: one row acts in both directions.
    keyed
        What it draws by chance comes from the block's ``Tag.stream``; False: from the simulator's own generator.
    details
        Equations, mechanism, catalogue: the backend's own business.
    morphology
        Of cells of many compartments: their shape, which the core fills in before ``create``.
    injects
        A source of current of the simulator's own: ``connect`` attaches it as it attaches ``StepCurrentSource``.
    """

    name: str
    parameters: Mapping[str, Native]
    variables: Mapping[str, Native] = field(default_factory=lambda: MappingProxyType({}))
    receptors: Mapping[str, Receptor] = field(default_factory=lambda: MappingProxyType({}))
    computed: Callable[[Mapping[str, Values]], Mapping[str, Values]] | None = None
    symmetric: bool = False
    keyed: bool = True
    details: object = None
    morphology: Morphology | None = None
    injects: bool = False
