"""When events are on their way, in steps, so that rounding never moves one into another step.

In the step from t to t + dt NEURON first hands over all events up to t + dt / 2, then moves the cells, then hands over
the events up to t + dt. Our cells take at t + dt what was handed over since t, and fire at t + dt. So a spike of time T
over a delay d must be handed over at the beginning of the step that ends at T + d: its NetCon is ``EARLY`` steps
shorter than d. Sources fire ``AHEAD`` steps before their time, so that the step that ends at this time has them.
"""

from __future__ import annotations

from typing import overload

from cawan.simulator import Array

EARLY = 0.6
AHEAD = 0.25


@overload
def to_netcon(delay: float, timestep: float) -> float: ...
@overload
def to_netcon(delay: Array, timestep: float) -> Array: ...
def to_netcon(delay: float | Array, timestep: float) -> float | Array:
    """The delay of a NetCon (ms) for a delay of whole steps."""
    return delay - EARLY * timestep


def from_netcon(delay: float, timestep: float) -> float:
    """The delay (ms, whole steps) that a NetCon stands for."""
    return round(delay / timestep + EARLY) * timestep
