"""Synapses with a mechanism of their own: short-term plasticity, release by chance, STDP, gap junctions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cawan.fast_dataclasses import dataclass, field
from cawan.simulator import Array, Index, NativeModel, Values, Wiring
from pyNN.errors import PyNNError
from pyNN.random.counters import nth_of_pair

from pynn_neuron.cells import Cells, put, put_key, take
from pynn_neuron.kernel import hoc
from pynn_neuron.membranes import Membranes
from pynn_neuron.models import KINDS, Mechanism, Rule
from pynn_neuron.sources import Source
from pynn_neuron.synapses import refuse_late
from pynn_neuron.timing import EARLY
from pynn_neuron.wirings import Rows

SITES = 53  # a mechanism keeps one bit for each in a double


@dataclass(eq=False)
class Processes:
    """One mechanism for each row, fed by a NetCon from its source."""

    model: NativeModel
    timestep: float
    rows: Rows
    objects: list[Any]
    netcons: list[Any] = field(default_factory=list)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Array]:
        """Values of these rows; "i" and "j" are their ends."""
        chosen = self._chosen(index)
        return {name: self.rows.ends(name, index) if name in ("i", "j") else take(chosen, name) for name in names}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows."""
        chosen = self._chosen(index)
        for name, value in values.items():
            if name == "delay":
                value = np.rint(np.asarray(value) / self.timestep) * self.timestep
            if name == "sites":
                check_sites(value)
            put(chosen, name, np.asarray(value, dtype=np.float64))

    def release(self) -> None:
        """Let NEURON delete the NetCons, then the mechanisms."""
        self.netcons.clear()
        self.objects.clear()

    def _chosen(self, index: Index | None) -> list[Any]:
        return self.objects if index is None else [self.objects[row] for row in index.tolist()]


class Pairs(Processes):
    """STDP: of each delay, some steps lie before the synapse and some behind it; NetCons from both of its ends."""

    def begin(self, pre: Cells | Source, post: Cells, values: Mapping[str, Values]) -> None:
        """Make the NetCons."""
        size = len(self.objects)
        self.delay, self.fraction = np.zeros(size), np.zeros(size)
        for i, j, process in zip(self.rows.pre.tolist(), self.rows.post.tolist(), self.objects, strict=True):
            self.netcons.append(pre.wire(i, process, 0.0, 1.0))
            heard = post.netcon(j, process, 0.0, 1.0)
            heard.weight[1] = 1.0
            self.netcons.append(heard)
        rule = self.model.details
        if isinstance(rule, Rule):
            put(self.objects, "vogels", float(rule.vogels))
            for name, value in zip(("mu_plus", "mu_minus"), rule.exponents or (), strict=False):
                put(self.objects, name, value)
        for process in self.objects:
            process.pre_step = process.post_step = -1.0
        self.assign(values, None)

    def read(self, names: Sequence[str], index: Index | None) -> dict[str, Array]:
        """Values of these rows."""
        chosen = slice(None) if index is None else index
        own = {"delay": self.delay[chosen], "dendritic_delay_fraction": self.fraction[chosen]}
        asked = {name: "tau_plus" if name == "tau" else name for name in names}
        rest = super().read([name for name in asked.values() if name not in own], index)
        return {name: own[name].copy() if name in own else rest[asked[name]] for name in names}

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows; what is under way arrives as it was sent."""
        chosen = slice(None) if index is None else index
        plain = dict(values)
        if "tau" in plain:
            plain["tau_plus"] = plain["tau_minus"] = plain.pop("tau")
        if "delay" in plain or "dendritic_delay_fraction" in plain:
            self.delay[chosen] = np.asarray(plain.pop("delay", self.delay[chosen]))
            self.fraction[chosen] = np.asarray(plain.pop("dendritic_delay_fraction", self.fraction[chosen]))
            self._split(np.arange(len(self.objects)) if index is None else index)
        super().assign(plain, index)

    def _split(self, rows: Index) -> None:
        """Tell NEURON how long spikes take to the synapse from either end; see timing.py for the fractions."""
        whole = np.rint(self.delay[rows] / self.timestep)
        self.delay[rows] = whole * self.timestep
        behind = np.rint(whole * self.fraction[rows])
        before = whole - behind
        put([self.objects[row] for row in rows.tolist()], "behind", behind * self.timestep)
        first = np.where(before > 0, (before - EARLY) * self.timestep, 0.0).tolist()
        # Postsynaptic spikes come first where both reach the synapse in one step.
        second = np.where(behind > 0, (behind - 0.9) * self.timestep, 0.0).tolist()
        for row, to_pre, to_post in zip(rows.tolist(), first, second, strict=True):
            self.netcons[2 * row].delay = to_pre
            self.netcons[2 * row + 1].delay = to_post


def connect_plastic(
    model: NativeModel, pre: Cells | Source, post: Cells, receptor: str, wiring: Wiring, timestep: float, segment: Any,
    stream: int, far: Membranes,
) -> Processes:  # fmt: skip
    """One mechanism for each row."""
    if post.takes != "stepping" or (model.symmetric and pre.takes != "stepping"):
        raise PyNNError(
            f"A synapse with a mechanism of its own ({model.name}) joins PyNN's own cells on NEURON, not "
            f"{post.model.name}. Use StaticSynapse."
        )
    refuse_late(pre, model.name)
    rows, values = Rows.of(wiring)
    if "sites" in values:
        check_sites(values["sites"])
    make, h = getattr(hoc(), model.name), hoc()
    kind = Pairs if model.name == "CawanSTDP" else Processes
    made = kind(model, timestep, rows, [make(segment) for _ in range(len(rows.pre))])
    if model.symmetric:
        _join(made, pre, post, far)
        made.assign({name: value for name, value in values.items() if name == "weight"}, None)  # none without rows
        return made
    port = post.port(receptor)
    for j, process in zip(rows.post.tolist(), made.objects, strict=True):
        h.setpointer(post.objects[j]._ref_arrived[port], "arrived", process)
    if isinstance(made, Pairs):
        made.begin(pre, post, values)
        return made
    if model.name == "CawanTsodyks":
        _follow_tau(made, post, port)
        put(made.objects, "x", 1.0)
    elif model.name == "CawanChance":
        _key(made, stream)
    made.assign(values, None)
    made.netcons = [
        pre.wire(i, process, 0.0, 1.0) for i, process in zip(rows.pre.tolist(), made.objects, strict=True)
    ]
    return made


def _join(made: Processes, first: Cells | Source, second: Cells, far: Membranes) -> None:
    """Point each gap junction at its two cells."""
    if not isinstance(first, Cells):
        raise PyNNError("A gap junction joins two cells with membranes; a spike source has none.")
    point = hoc().setpointer
    for i, j, gap in zip(made.rows.pre.tolist(), made.rows.post.tolist(), made.objects, strict=True):
        (v_1, injected_1), (v_2, injected_2) = far.ends(first, i, second, j)
        point(v_1, "v_1", gap)
        point(v_2, "v_2", gap)
        point(injected_1, "injected_1", gap)
        point(injected_2, "injected_2", gap)


def _follow_tau(made: Processes, post: Cells, port: int) -> None:
    """Let each synapse read its target's time constant; one of no such target has its own."""
    details, point = post.model.details, hoc().setpointer
    at_once = isinstance(details, Mechanism) and details.kinds[port] == KINDS["Delta"]
    for j, process in zip(made.rows.post.tolist(), made.objects, strict=True):
        tau = process._ref_at_once if at_once else post.objects[j]._ref_tau_decay[port]
        point(tau, "tau_syn", process)


def _key(made: Processes, stream: int) -> None:
    """What decides on each synapse's random numbers."""
    rows = made.rows
    for process in made.objects:
        put_key(process, stream)
    for name, column in (("i", rows.pre), ("j", rows.post), ("nth", nth_of_pair(rows.pre, rows.post))):
        put(made.objects, name, column.astype(np.float64))
    if isinstance(made.model.details, int):
        put(made.objects, "sites", float(made.model.details))


def check_sites(value: Values) -> None:
    """Refuse more release sites than a mechanism keeps."""
    most = float(np.max(np.asarray(value), initial=0.0))
    if most > SITES:
        raise PyNNError(f"A synapse has n = {most:g} release sites; on NEURON at most {SITES}. Use several synapses.")
