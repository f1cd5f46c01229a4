"""Receptors of the composed cells: exact solutions of their linear equations, state kept under the cell's names.

Each works on the columns ``p`` of some cells, by name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from cawan.simulator import Array

from pyNN._reference.cells import phi1
from pyNN.recipes import Port

Columns = dict[str, Array]


class Receptor(ABC):
    """One receptor of a block of cells."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    @property
    @abstractmethod
    def states(self) -> tuple[str, ...]:
        """The cell's names of this receptor's state."""

    @abstractmethod
    def decay(self, p: Columns, h: float) -> None:
        """Move the state on by ``h`` ms."""

    @abstractmethod
    def receive(self, p: Columns, weight: Array) -> None:
        """Add an input."""

    @abstractmethod
    def act(self, p: Columns) -> tuple[Array | float, Array | float]:
        """Conductance (µS), and current at v = 0 (nA)."""

    @abstractmethod
    def tau(self, p: Columns) -> Array:
        """The time constant of the decay, ms."""


class CurrExp(Receptor):
    """A current that decays exponentially."""

    @property
    def states(self) -> tuple[str, ...]:
        """The current."""
        return (self.names["isyn"],)

    def decay(self, p: Columns, h: float) -> None:
        """Exponentially."""
        p[self.names["isyn"]] = p[self.names["isyn"]] * np.exp(-h / p[self.names["tau_syn"]])

    def receive(self, p: Columns, weight: Array) -> None:
        """The weight adds to the current."""
        p[self.names["isyn"]] += weight

    def act(self, p: Columns) -> tuple[Array | float, Array | float]:
        """A current alone."""
        return 0.0, p[self.names["isyn"]]

    def tau(self, p: Columns) -> Array:
        """tau_syn."""
        return p[self.names["tau_syn"]]


class CondExp(Receptor):
    """A conductance that decays exponentially."""

    @property
    def states(self) -> tuple[str, ...]:
        """The conductance."""
        return (self.names["gsyn"],)

    def decay(self, p: Columns, h: float) -> None:
        """Exponentially."""
        p[self.names["gsyn"]] = p[self.names["gsyn"]] * np.exp(-h / p[self.names["tau_syn"]])

    def receive(self, p: Columns, weight: Array) -> None:
        """The weight adds to the conductance."""
        p[self.names["gsyn"]] += weight

    def act(self, p: Columns) -> tuple[Array | float, Array | float]:
        """A conductance towards e_syn."""
        g = p[self.names["gsyn"]]
        return g, g * p[self.names["e_syn"]]

    def tau(self, p: Columns) -> Array:
        """tau_syn."""
        return p[self.names["tau_syn"]]


class CondBeta(CondExp):
    """A conductance g fed by s: dg/dt = s - g / tau_decay, ds/dt = -s / tau_rise; equal constants are legal.

    A spike adds to s what lets g peak at the weight.
    """

    rise_name, decay_name = "tau_rise", "tau_decay"

    @property
    def states(self) -> tuple[str, ...]:
        """The conductance, and what feeds it."""
        return self.names["gsyn"], self.names["rise"]

    def decay(self, p: Columns, h: float) -> None:
        """The exact solution of both equations."""
        g, s = self.names["gsyn"], self.names["rise"]
        rise, decay = p[self.names[self.rise_name]], p[self.names[self.decay_name]]
        kept = np.exp(-h / decay)
        p[g] = p[g] * kept + p[s] * h * kept * phi1(h * (1 / rise - 1 / decay))
        p[s] = p[s] * np.exp(-h / rise)

    def receive(self, p: Columns, weight: Array) -> None:
        """s jumps so that the conductance peaks at the weight."""
        rise, decay = p[self.names[self.rise_name]], p[self.names[self.decay_name]]
        p[self.names["rise"]] += weight * peak_factor(rise, decay)

    def tau(self, p: Columns) -> Array:
        """tau_decay."""
        return p[self.names[self.decay_name]]


class CondAlpha(CondBeta):
    """The same with one time constant."""

    rise_name = decay_name = "tau_syn"


def peak_factor(rise: Array, decay: Array) -> Array:
    """What s must be, per weight, for g to peak at the weight: 1 / max of the response to s = 1.

    With r = 1 / tau_rise, d = 1 / tau_decay, the peak lies at t = ln(r / d) / (r - d), where g = exp(-r t) / d; for
    r = d it is the limit e / tau.
    """
    r, d = 1 / rise, 1 / decay
    near = np.abs(r - d) < 1e-7 * d
    apart = np.where(near, 1.0, r - d)
    peak = np.where(near, 1 / d, np.log(np.where(near, 1.0, r / d)) / apart)
    return np.asarray(d * np.exp(r * peak))


KINDS: Mapping[str, type[Receptor]] = {
    "CurrExp": CurrExp, "CondExp": CondExp, "CondAlpha": CondAlpha, "CondBeta": CondBeta,
}  # fmt: skip


def make_receptors(ports: tuple[Port, ...]) -> list[Receptor | None]:
    """One for each port; None where the weight adds to v."""
    return [KINDS[port.kind](port.names) if port.kind != "Delta" else None for port in ports]
