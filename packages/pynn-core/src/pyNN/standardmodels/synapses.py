"""The standard synapse types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pyNN.parameters import Parameter
from pyNN.standardmodels.base import SynapseType

_CONNECTION = {"weight": Parameter(0.0), "delay": Parameter(None, "ms", "positive")}


class StaticSynapse(SynapseType):
    """A synapse of fixed weight and delay."""

    parameters: ClassVar[Mapping[str, Parameter]] = {**_CONNECTION}


class TsodyksMarkramSynapse(SynapseType):
    """A depressing and facilitating synapse.

    Transmitter is recovered (x), active (y) or inactive (z = 1 - x - y); u is the fraction that a spike releases:
    du/dt = -u / tau_facil (u = 0 at once where tau_facil is 0), dx/dt = z / tau_rec, dy/dt = -y / tau_syn, with
    tau_syn that of the postsynaptic cell for this receptor. A presynaptic spike does, in this order,
    u += U (1 - u), then moves u x from x to y, and acts with weight × u x (as just moved).
    At time 0, x = 1, y = 0, and u is ``u`` of ``initialize`` (0, so the first spike acts with U).

    References
    ----------
    Tsodyks, Uziel & Markram (2000), Journal of Neuroscience 20, RC50, eq. 3-4.
    """

    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_CONNECTION,
        "U": Parameter(0.5, "", "probability"),
        "tau_rec": Parameter(100.0, "ms", "positive"),
        "tau_facil": Parameter(0.0, "ms", "nonnegative"),
    }
    default_initial_values: ClassVar[Mapping[str, float]] = {"u": 0.0}
    plastic = True
