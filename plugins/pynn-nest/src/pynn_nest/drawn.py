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
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from cawan.simulator import Array, Index, Native, NativeModel, Values
from pyNN.trains import steps_of

from pynn_nest.blocks import Cells
from pynn_nest.kernel import nest, set_nodes

_CONSTANT = MappingProxyType({"c_1": 0.0, "c_2": 0.0, "c_3": 0.0, "dead_time": 0.0, "with_reset": False})
_NEVER = 1 << 62
_SURE = 1 - 1e-12  # as likely as NEST's formula lets a spike be


def _row(*more: str) -> NativeModel:
    names = ("rate", "start", "duration", *more)
    return NativeModel("pp_psc_delta", {name: Native(name) for name in names}, keyed=False, details="drawn")


DRAWN: Mapping[str, NativeModel] = MappingProxyType(
    {"SpikeSourcePoisson": _row(), "SpikeSourcePoissonRefractory": _row("tau_refrac")}
)


@dataclass
class Drawn(Cells):
    """Sources of one population: what each was told, and the rates that NEST has."""

    timestep: float = 0.1
    told: dict[str, Array] = field(default_factory=dict)  # rate (Hz), start, duration and tau_refrac (ms) of each
    since: Index = field(default_factory=lambda: np.empty(0, np.int64))  # the step of the last change of each
    rates: Array = field(default_factory=lambda: np.empty(0))  # what NEST has, Hz
    _switch: int = 0  # the step up to which these hold

    def change(self, values: Mapping[str, Values], index: Index | None, step: int) -> None:
        """New values of these rows from this step on."""
        rows = np.arange(self.size) if index is None else index
        for name, value in values.items():
            self.told.setdefault(name, np.zeros(self.size))[rows] = np.asarray(value, dtype=np.float64)
        self.since[rows] = step
        dead = self._dead()
        if dead.any() and self.nodes is not None:
            set_nodes(self.nodes, {"dead_time": dead * self.timestep})
        self._switch = step

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """What these rows were told."""
        return {name: self.told[name] if index is None else self.told[name][index] for name in names}

    def tell(self, step: int) -> int:
        """Switch to the rates of the step that begins now; gives the number of steps for which they hold."""
        if step >= self._switch and self.size:
            begin, end = self._window()
            rates = np.where((begin <= step) & (step < end), self._rate(), 0.0)
            differ = np.flatnonzero(rates != self.rates)
            if len(differ):
                set_nodes(self.nodes[differ.tolist()], {"c_2": rates[differ]})
                self.rates = rates
            later = np.concatenate([begin[begin > step], end[end > step], [_NEVER]])
            self._switch = int(later.min())
        return self._switch - step

    def _window(self) -> tuple[Array, Array]:
        """The steps before the first and after the last in which each may fire; a new interval begins at a change."""
        start, duration = self.told["start"], self.told["duration"]
        begin = np.maximum(steps_of(start, self.timestep), self.since) + self._dead()
        return begin, steps_of(start + duration, self.timestep)

    def _dead(self) -> Array:
        """Steps of dead time."""
        return np.rint(self.told.get("tau_refrac", np.zeros(self.size)) / self.timestep)

    def _rate(self) -> Array:
        """Hz, while not dead.

        With dead time NEST fires at most once a step, with probability 1 - exp(-rate × step): that which gives the
        intervals, of whole steps, the mean that was asked for.
        """
        rate, dead = self.told["rate"], self._dead()
        slow = np.maximum(rate, 1e-300)  # stands for 0, which has no interval
        chance = np.minimum(self.timestep / np.maximum(1000.0 / slow - dead * self.timestep, 1e-300), _SURE)
        return np.where(dead > 0, -np.log1p(-chance) * (1000.0 / self.timestep), rate)


def make_drawn(model: NativeModel, size: int, values: Mapping[str, Values], timestep: float, step: int) -> Drawn:
    """New sources with these values."""
    made = Drawn(model, None, 0, size, timestep=timestep, since=np.zeros(size, np.int64), rates=np.zeros(size))
    if size:
        made.nodes = nest().Create(model.name, size, params=dict(_CONSTANT))
        made.first = int(made.nodes[0].global_id)
    made.change(values, None, step)
    return made
