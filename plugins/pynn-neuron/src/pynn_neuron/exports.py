"""What ``pyNN.neuron`` has beside PyNN's own names, made when asked for."""

from __future__ import annotations

from functools import cache
from typing import Any

from pyNN.native_types import NativeCellType, native_cell_type
from pyNN.simulator import Simulator

from pynn_neuron.backend import NeuronBackend
from pynn_neuron.kernel import hoc

h = hoc()


@cache
def _artificial(name: str) -> type[NativeCellType]:
    return native_cell_type(Simulator(NeuronBackend), name)


def __getattr__(name: str) -> Any:
    if name in ("IntFire1", "IntFire2", "IntFire4"):
        return _artificial(name)
    raise AttributeError(name)
