"""The row of a multi-compartment cell in PyNN's own names: its channels and receptors, by name and kind.

For a backend that has the ability :class:`cawan.simulator.SupportsPlaces`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cawan.errors import listing
from cawan.simulator import Native, NativeModel, Receptor

from pyNN.standardmodels import ion_channels, receptors

_OF_CELL = ("cm", "Ra", "source", "spike_threshold")


def compartments_row(parts: Sequence[str], available: Iterable[str], simulator: str) -> NativeModel:
    """The row of a ``MultiCompartmentNeuron`` of ``name=kind`` parts; parameters are called ``name.parameter``.

    Beside those of the parts it has ``cm`` (µF/cm²), ``Ra`` (Ω cm), ``source`` (the number of the
    segment in whose middle the cell fires), ``spike_threshold`` (mV) and ``ions.na`` … (reversal potentials, mV).
    ``details``: name → kind of each part; a receptor's port is its name.

    Raises
    ------
    LookupError
        A kind is none of those that the simulator has.
    """
    kinds = dict(part.split("=") for part in parts)
    parameters = {name: Native(name, fixed=True) for name in (*_OF_CELL, *(f"ions.{ion}" for ion in ion_channels.IONS))}
    variables = {"v": Native("v")}
    ports: dict[str, Receptor] = {}
    have = tuple(available)
    for name, kind in kinds.items():
        if kind not in have:
            raise LookupError(
                f"{kind} is not available in cells of many compartments on {simulator}. "
                f"It has: {listing(sorted(have))}."
            )
        model: Any = getattr(ion_channels, kind, None) or getattr(receptors, kind)
        names = [f"{name}.{key}" for key in model.parameters if key != "locations"]
        parameters |= {key: Native(key, fixed=True) for key in names}
        variables |= {f"{name}.{key}": Native(f"{name}.{key}") for key in model.variables}
        if hasattr(receptors, kind):
            ports[name] = Receptor(name)
    return NativeModel("MultiCompartmentNeuron", parameters, variables, ports, details=kinds)
