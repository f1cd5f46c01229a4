"""The nine methods on Brian 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from cawan.simulator import (
    Block,
    Index,
    NativeModel,
    Option,
    Pulse,
    Recording,
    Samples,
    Settings,
    SimulatorBackend,
    Spikes,
    Tag,
    Values,
    Wiring,
)

from pynn_brian2.models import MODELS, point_neuron

if TYPE_CHECKING:
    from pynn_brian2.simulation import Simulation


class Brian2Backend(SimulatorBackend):
    """Brian 2 in runtime mode; imported at the first ``setup``, which takes some seconds."""

    interface: ClassVar[int] = 1
    name: ClassVar[str] = "Brian2"
    models: ClassVar[Mapping[str, NativeModel]] = MODELS
    options: ClassVar[Mapping[str, Option]] = MappingProxyType(
        {
            "codegen": Option(
                "numpy",
                "What Brian generates its code for: 'cython' is compiled, which takes a minute the first time.",
                ("numpy", "cython"),
            )
        }
    )
    exports: ClassVar[Mapping[str, str]] = {
        "brian2": "pynn_brian2.quiet:brian2",
        "BrianCell": "pynn_brian2.native:BrianCell",
    }

    def __init__(self) -> None:
        self._simulation: Simulation | None = None

    @property
    def _running(self) -> Simulation:
        if self._simulation is None:
            raise RuntimeError("setup() comes first")
        return self._simulation

    def setup(self, settings: Settings) -> None:
        """A new, empty network."""
        from pynn_brian2.simulation import Simulation

        self.end()
        self._simulation = Simulation(settings.timestep, str(settings.options.get("codegen", "numpy")))

    def end(self) -> None:
        """Forget the network."""
        if self._simulation is not None:
            self._simulation.clockwork.close()
        self._simulation = None

    @property
    def time(self) -> float:
        """Steps taken × timestep, ms."""
        return self._running.time

    def resolve(self, name: str, parts: Sequence[str] = ()) -> NativeModel:
        """A row of the table, or that of a PointNeuron."""
        if name == "PointNeuron" and parts:
            return point_neuron(parts)
        return super().resolve(name, parts)

    def describe(self, spec: object) -> NativeModel:
        """The row of a ``BrianCell``: Brian has equations, and no models with names."""
        from pynn_brian2.native import describe

        return describe(spec)

    def create(self, model: NativeModel, size: int, values: Mapping[str, Values], tag: Tag) -> Block:
        """Cells, a spike source, or a current."""
        return self._running.create(model, size, values, tag)

    def connect(self, model: NativeModel, pre: Block, post: Block, receptor: str, wiring: Wiring, tag: Tag) -> Block:
        """Synapses, gap junctions, or the targets of a current."""
        return self._running.connect(model, pre, post, receptor, wiring, tag)

    def get(self, block: Block, names: Sequence[str], index: Index | None = None) -> Mapping[str, Values]:
        """Values of these rows."""
        return self._running.get(block, names, index)

    def set(self, block: Block, values: Mapping[str, Values], index: Index | None = None) -> None:
        """Change these rows from now on."""
        self._running.set(block, values, index)

    def record(self, block: Block, variable: str, index: Index, interval: float) -> Recording:
        """Record from now on."""
        return self._running.record(block, variable, np.asarray(index, dtype=np.int64), interval)

    def read(self, recording: Recording, stop: bool = False) -> Spikes | Samples:
        """What is new."""
        return self._running.read(recording, stop)

    def advance(self, until: float, pulse: Pulse) -> None:
        """One ``run`` of Brian's."""
        self._running.advance(until, pulse)

    def handles(self, block: Block, index: Index | None = None) -> Any:
        """Brian's own group of cells or sources, or Synapses; of some rows of cells, a subgroup or their numbers."""
        return self._running.handles(block, index)
