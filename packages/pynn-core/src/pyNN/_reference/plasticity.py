"""Spike-timing-dependent plasticity: every pair of spikes, in the order in which they reach the synapse."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array, Index, NativeModel, Values, Wiring

from pyNN._reference.cells import Cells
from pyNN._reference.synapses import Source, Synapses


@dataclass
class Trace:
    """An exponential trace of each synapse: its value before the last spikes, how many there were then, and when."""

    before: Array
    count: Array
    last: Index

    @classmethod
    def of(cls, size: int) -> Trace:
        """No spike so far."""
        return cls(np.zeros(size), np.zeros(size), np.full(size, -1, dtype=np.int64))

    def earlier(self, rows: Index, step: int, timestep: float, tau: Array) -> Array:
        """What all spikes before this step have left."""
        since = (step - self.last[rows]) * timestep
        decayed = (self.before[rows] + self.count[rows]) * np.exp(-since / tau)
        return np.where(self.last[rows] == step, self.before[rows], decayed)

    def add(self, rows: Index, step: int, timestep: float, tau: Array) -> None:
        """One spike more for each of these rows."""
        value = self.earlier(rows, step, timestep, tau)
        self.count[rows] = np.where(self.last[rows] == step, self.count[rows] + 1, 1.0)
        self.before[rows] = value
        self.last[rows] = step


class Plastic(Synapses):
    """``STDPMechanism``: what is under way to the synapse from either side waits by the step of its arrival."""

    def __init__(
        self, model: NativeModel, wiring: Wiring, pre: Source, post: Cells, receptor: int, timestep: float, stream: int
    ) -> None:
        super().__init__(model, wiring, pre, post, receptor, timestep, stream)
        _, self.timing, self.bounds = model.name.split("+")
        size = len(self.pre)
        self._pre_trace, self._post_trace = Trace.of(size), Trace.of(size)
        self._pre_due: dict[int, list[Index]] = {}
        self._post_due: dict[int, list[Index]] = {}
        self._by_target = np.argsort(self.post, kind="stable")
        self._targets = self.post[self._by_target]

    def delays(self, rows: Index) -> tuple[Index, Index]:
        """Steps before and behind the synapse."""
        whole = np.rint(self.values["delay"][rows] / self.timestep).astype(np.int64)
        behind = np.rint(whole * self.values["dendritic_delay_fraction"][rows]).astype(np.int64)
        return whole - behind, behind

    def send(self, sources: Index, step: int) -> None:
        """Presynaptic spikes set out for the synapse."""
        for rows in self.rows_of(sources):
            before = self.delays(rows)[0]
            for delay in np.unique(before):
                due = rows[before == delay]
                if delay:
                    self._pre_due.setdefault(step + int(delay), []).append(due)
                else:
                    self._pre_arrives(due, step)

    def hear(self, targets: Index, step: int) -> None:
        """Postsynaptic spikes set out for the synapse."""
        for j in targets:
            first, last = np.searchsorted(self._targets, [j, j + 1])
            rows = self._by_target[first:last]
            behind = self.delays(rows)[1]
            for delay in np.unique(behind):
                due = rows[behind == delay]
                if delay:
                    self._post_due.setdefault(step + int(delay), []).append(due)
                else:
                    self._post_arrives(due, step)

    def begin(self, step: int) -> None:
        """What reaches the synapses at the end of this step, that set out before."""
        for rows in self._post_due.pop(step, ()):
            self._post_arrives(rows, step)
        for rows in self._pre_due.pop(step, ()):
            self._pre_arrives(rows, step)

    def _tau(self, name: str, rows: Index) -> Array:
        return self.values["tau" if self.timing == "Vogels2011Rule" else name][rows]

    def _pre_arrives(self, rows: Index, step: int) -> None:
        """Depress by all earlier postsynaptic spikes, then send the weight on its way."""
        past = self._post_trace.earlier(rows, step, self.timestep, self._tau("tau_minus", rows))
        v = {name: column[rows] for name, column in self.values.items()}
        if self.timing == "Vogels2011Rule":
            self._set(rows, v["weight"] + v["eta"] * (past - 2 * v["rho"] * v["tau"] / 1000.0))
        else:
            self._change(rows, v, -v["A_minus"] * past)
        self._pre_trace.add(rows, step, self.timestep, self._tau("tau_plus", rows))
        behind = self.delays(rows)[1]
        self.arrive(rows, self.values["weight"][rows], step + behind)

    def _post_arrives(self, rows: Index, step: int) -> None:
        """Potentiate by all earlier presynaptic spikes."""
        past = self._pre_trace.earlier(rows, step, self.timestep, self._tau("tau_plus", rows))
        v = {name: column[rows] for name, column in self.values.items()}
        if self.timing == "Vogels2011Rule":
            self._set(rows, v["weight"] + v["eta"] * past)
        else:
            self._change(rows, v, v["A_plus"] * past)
        self._post_trace.add(rows, step, self.timestep, self._tau("tau_minus", rows))

    def _change(self, rows: Index, v: Mapping[str, Array], by: Array) -> None:
        """Change f = (w - w_min) / (w_max - w_min) by ``by``, weighed as the weight rule says; 0 changes nothing."""
        span = v["w_max"] - v["w_min"]
        f = (v["weight"] - v["w_min"]) / np.where(span == 0, 1.0, span)
        inside = np.clip(f, 0.0, 1.0)
        up, down = by > 0, by < 0
        share = np.ones(len(rows))
        if self.bounds == "MultiplicativeWeightDependence":
            share = np.where(up, 1 - inside, inside)
        elif self.bounds == "AdditivePotentiationMultiplicativeDepression":
            share = np.where(up, 1.0, inside)
        elif self.bounds == "GutigWeightDependence":
            share = np.where(up, (1 - inside) ** v["mu_plus"], inside ** v["mu_minus"])
        changed = v["w_min"] + np.clip(f + share * by, 0.0, 1.0) * span
        self.values["weight"][rows] = np.where((up | down) & (span != 0), changed, v["weight"])

    def _set(self, rows: Index, weight: Array) -> None:
        low, high = self.values["w_min"][rows], self.values["w_max"][rows]
        self.values["weight"][rows] = np.clip(weight, np.minimum(low, high), np.maximum(low, high))

    def assign(self, values: Mapping[str, Values], index: Index | None) -> None:
        """Set values of these rows; what is under way arrives as it was sent."""
        super().assign(values, index)
