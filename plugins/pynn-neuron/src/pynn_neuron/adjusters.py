"""Native synapse types: NetCons whose weights a mechanism of the user's adjusts.

Such a mechanism is a point process with ``POINTER wsyn``, the weight. ``NET_RECEIVE(w)`` hears of each presynaptic
spike with w = 1, and of each postsynaptic one with w = -1, when they reach the synapse: of the delay, a part
``dendritic_delay_fraction`` lies behind it. These are the weight adjusters of PyNN 0.13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, Native, NativeModel, Values, Wiring

from pynn_neuron.cells import Cells, put, take
from pynn_neuron.kernel import hoc
from pynn_neuron.sources import Source
from pynn_neuron.synapses import column, joiner, refuse_late
from pynn_neuron.timing import AHEAD, early, to_netcon
from pynn_neuron.wirings import Rows

FRACTION = "dendritic_delay_fraction"
_OF_CORE = ("weight", "delay", FRACTION)
_FIRST = 1e-6  # of a step: where both spikes reach the synapse at once, the postsynaptic one comes first


@dataclass(frozen=True, slots=True)
class Adjuster:
    """A mechanism that adjusts a weight, by its name."""

    mechanism: str


@dataclass(eq=False)
class Adjusted:
    """For each row a NetCon, the mechanism that adjusts its weight, and the two NetCons which that one hears."""

    model: NativeModel
    timestep: float
    rows: Rows
    ahead: float  # steps that the source fires before its time
    early: float
    objects: list[Any] = field(default_factory=list)
    netcons: list[Any] = field(default_factory=list)
    hearing: list[tuple[Any, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.delay, self.fraction = np.zeros(len(self.rows.pre)), np.ones(len(self.rows.pre))

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Values]:
        """Values of these rows; "i" and "j" are their ends."""
        rows = np.arange(len(self.objects)) if index is None else index
        own: dict[str, Array] = {"delay": self.delay, FRACTION: self.fraction}
        return {
            name: self.rows.ends(name, index) if name in ("i", "j")
            else own[name][rows] if name in own
            else np.array([self.netcons[row].weight[0] for row in rows.tolist()], dtype=np.float64) if name == "weight"
            else take([self.objects[row] for row in rows.tolist()], name)
            for name in names
        }  # fmt: skip

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows; NEURON reads a weight where a spike arrives."""
        rows = np.arange(len(self.objects)) if index is None else index
        if "delay" in values:
            self.delay[rows] = np.rint(np.asarray(values["delay"]) / self.timestep) * self.timestep
        if FRACTION in values:
            self.fraction[rows] = np.asarray(values[FRACTION])
        if "delay" in values or FRACTION in values:
            self._split(rows)
        for name, value in values.items():
            if name == "weight":
                for row, x in zip(rows.tolist(), column(value, len(rows)), strict=True):
                    self.netcons[row].weight[0] = x
            elif name not in _OF_CORE:
                put([self.objects[row] for row in rows.tolist()], name, np.asarray(value, dtype=np.float64))

    def _split(self, rows: Index) -> None:
        whole = np.rint(self.delay[rows] / self.timestep)
        behind = np.rint(whole * self.fraction[rows])
        first = (whole - behind + self.ahead) * self.timestep
        second = np.maximum(behind - _FIRST, 0.0) * self.timestep
        delays = to_netcon(self.delay[rows], self.timestep, self.early)
        for row, d, to_pre, to_post in zip(rows.tolist(), delays, first, second, strict=True):
            self.netcons[row].delay = d
            self.hearing[row][0].delay, self.hearing[row][1].delay = to_pre, to_post

    def release(self) -> None:
        """Let NEURON delete what sends, then the mechanisms."""
        self.netcons.clear()
        self.hearing.clear()
        self.objects.clear()


def connect_adjusted(
    model: NativeModel, pre: Cells | Source, post: Cells, receptor: str, wiring: Wiring, timestep: float, segment: Any
) -> Adjusted:
    """One NetCon and one mechanism for each row."""
    refuse_late(pre, model.name)
    rows, values = Rows.of(wiring)
    ahead = AHEAD if isinstance(pre, Source) else 0.0
    made = Adjusted(model, timestep, rows, ahead, early(isinstance(pre, Source), post.takes))
    make, point, join = getattr(hoc(), model.name), hoc().setpointer, joiner(pre, post, receptor)
    for i, j in zip(rows.pre.tolist(), rows.post.tolist(), strict=True):
        process, netcon = make(segment), join(i, j, timestep, 0.0)
        point(netcon._ref_weight[0], "wsyn", process)
        made.objects.append(process)
        made.netcons.append(netcon)
        made.hearing.append((pre.wire(i, process, 0.0, 1.0), post.netcon(j, process, 0.0, -1.0)))
    made.assign(values, None)
    return made


def adjuster_row(name: str, tables: list[dict[str, Native]]) -> NativeModel:
    """The row of a weight adjuster, from NEURON's tables of its parameters, of what it assigns, and of its states."""
    weight = {"weight": Native("weight", is_weight=True)}
    own = {"delay": Native("delay"), FRACTION: Native(FRACTION, default=1.0)}
    variables = {key: Native(key) for table in tables[1:] for key in table}
    return NativeModel(name, {**weight, **own, **tables[0]}, {**weight, **variables}, details=Adjuster(name))


def is_adjuster(name: str) -> bool:
    """Whether NEURON has a point process of this name that points at a weight."""
    h = hoc()
    kinds, found = h.MechanismType(1), h.ref("")
    for place in range(int(kinds.count())):
        kinds.select(place)
        kinds.selected(found)
        if found[0] == name and not kinds.is_artificial(place):
            section = h.Section(name="look")
            return "wsyn" in dir(getattr(h, name)(section(0.5)))
    return False
