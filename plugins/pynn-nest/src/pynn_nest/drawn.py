"""Poisson sources whose spikes NEST draws itself: its point process with a constant rate, and nothing that arrives.

Its ``poisson_generator`` sends every target another train, and through a relay it hears of a change, and begins, one
``min_delay`` late. ``pp_psc_delta`` is a neuron: it fires in the very step, once for all its targets, several times in
one step too, and it takes plastic synapses. It has no window, so its rate is switched at the steps where one begins or
ends.

References
----------
Deger, Helias, Cardanobile, Atay & Rotter (2010), Physical Review E 82, 021129, for its dead time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Native, NativeModel, Values
from pyNN.random.rates import SteppedRates

from pynn_nest.blocks import Cells
from pynn_nest.kernel import nest, set_nodes

_CONSTANT = MappingProxyType({"c_1": 0.0, "c_2": 0.0, "c_3": 0.0, "dead_time": 0.0, "with_reset": False})


def _row(*more: str) -> NativeModel:
    names = ("rate", "start", "duration", *more)
    return NativeModel("pp_psc_delta", {name: Native(name) for name in names}, keyed=False, details="drawn")


DRAWN: Mapping[str, NativeModel] = MappingProxyType(
    {"SpikeSourcePoisson": _row(), "SpikeSourcePoissonRefractory": _row("tau_refrac")}
)


@dataclass
class Drawn(Cells):
    """Sources of one population: what each was told, and the rates that NEST has, Hz."""

    timestep: float = 0.1
    told: SteppedRates = field(default_factory=lambda: SteppedRates(0, 0.1))
    rates: Array = field(default_factory=lambda: np.empty(0))
    _switch: int = 0  # the step up to which these hold

    def change(self, values: Mapping[str, Values], index: Index | None, step: int) -> None:
        """New values of these rows from this step on."""
        self.told.change(values, index, step)
        if "tau_refrac" in values and self.nodes is not None:
            set_nodes(self.nodes, {"dead_time": self.told.dead_steps() * self.timestep})
        self._switch = step

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """What these rows were told."""
        return self.told.read(names, index)

    def tell(self, step: int) -> int:
        """Switch to the rates of the step that begins now; gives the number of steps for which they hold."""
        if step >= self._switch:
            rates = self.told.at(step)
            differ = np.flatnonzero(rates != self.rates)
            if len(differ):
                set_nodes(self.nodes[differ.tolist()], {"c_2": rates[differ]})
                self.rates = rates
            self._switch = self.told.next_switch(step)
        return self._switch - step


def make_drawn(model: NativeModel, size: int, values: Mapping[str, Values], timestep: float, step: int) -> Drawn:
    """New sources with these values."""
    told = SteppedRates(size, timestep)
    made = Drawn(model, None, 0, size, timestep=timestep, told=told, rates=np.zeros(size))
    if size:
        made.nodes = nest().Create(model.name, size, params=dict(_CONSTANT))
        made.first = int(made.nodes[0].global_id)
    made.change(values, None, step)
    return made
