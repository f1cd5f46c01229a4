"""When events are on their way, in steps, so that rounding never moves one into another step.

In the step from t to t + dt NEURON first hands over all events up to t + dt / 2, then moves the cells, then hands over
the events up to t + dt. Our cells take at t + dt what was handed over since t, and fire at t + dt. So a spike of time T
over a delay d must be handed over at the beginning of the step that ends at T + d: its NetCon is ``EARLY`` steps
shorter than d. Sources fire ``AHEAD`` steps before their time, so that the step that ends at this time has them.
"""

from __future__ import annotations

import numpy as np
from cawan.simulator import Array

EARLY = 0.6
AHEAD = 0.25


def early(source_is_ahead: bool, target: str) -> float:
    """How many steps shorter than its delay a NetCon is; below 0: longer.

    ``target``: "stepping" for our cells; "exact" for one that takes an event at its own time; "section" for a mechanism
    in a section, whose step from T + d on has it.
    """
    if target == "stepping":
        return EARLY
    return -(AHEAD if source_is_ahead else 0.0) - (AHEAD if target == "section" else 0.0)


def to_netcon(delay: Array, timestep: float, steps: float = EARLY) -> Array:
    """Delays of NetCons (ms) that are ``steps`` shorter than these, rounded to whole steps."""
    return (np.rint(delay / timestep) - steps) * timestep


def from_netcon(delay: float, timestep: float, steps: float = EARLY) -> float:
    """The delay (ms, whole steps) that a NetCon stands for."""
    return round(delay / timestep + steps) * timestep
