"""What scripts for SpiNNaker type beside standard PyNN: taken where it has a meaning here, named where it has none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from cawan.logs import logger

from pyNN.legacy.populations import sample_rows, spike_rows
from pyNN.legacy.warning import deprecated

if TYPE_CHECKING:
    from pyNN.simulator import Simulator

_log = logger(__name__)

# Functions that place cells on cores and nothing else.
_PLACING = ("set_number_of_neurons_per_core", "set_number_of_synapse_cores", "set_allow_delay_extensions")
# Names of sPyNNaker that have no equal here, and what a script does instead.
NOT_HERE: Mapping[str, str] = {
    "IZK_curr_exp": "It is SpiNNaker's. Izhikevich is the standard model; its synapses have no time constants.",
    "extra_models": "It is SpiNNaker's. Standard models are names of this module itself, such as Vogels2011Rule.",
    "external_devices": "It is SpiNNaker's. No standard PyNN talks to devices.",
    "StructuralMechanismStatic": "It is SpiNNaker's. PyNN has no standard model of synapses that come and go.",
    "StructuralMechanismSTDP": "It is SpiNNaker's. PyNN has no standard model of synapses that come and go.",
    "KernelConnector": "It is SpiNNaker's. ArrayConnector or FromListConnector takes the weights of a kernel.",
    "ConvolutionConnector": "It is SpiNNaker's. ArrayConnector or FromListConnector takes the weights of a kernel.",
}


def portable_names(simulator: Simulator) -> dict[str, Any]:
    """``name()``, and the functions that place cells on cores, which are ignored with a line in the log."""

    def name() -> str:
        """The simulator's name, as data carry it."""
        return simulator.name

    return {"name": name} | {placing: _ignored(placing, simulator) for placing in _PLACING}


def _ignored(name: str, simulator: Simulator) -> Callable[..., None]:
    def place(neuron_type: Any, number: Any) -> None:
        """Ignored: cells are on no cores here."""
        _log.info("%s(…, %r) means nothing on %s and is ignored.", name, number, simulator.name)

    place.__name__ = place.__qualname__ = name
    return place


class SpiNNakerGroup:
    """What SpiNNaker's populations and views have beside those of standard PyNN."""

    def spinnaker_get_data(self: Any, variable: str, as_matrix: bool = False) -> Any:
        """Spikes as rows (index of the cell, ms), samples as rows (index, ms, value).

        ``as_matrix`` gives samples as one row a time step and one column a cell.
        """
        deprecated(f"spinnaker_get_data({variable!r})", f"get_data({variable!r})")
        if variable == "spikes":
            return spike_rows(self, True)
        rows = sample_rows(self, [variable], True)
        if not as_matrix:
            return rows
        cells = len(np.unique(rows[:, 0]))
        return rows[:, 2].reshape(cells, -1).T if cells else np.empty((0, 0))
