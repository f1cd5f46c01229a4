"""Whether two simulations of one network agree: spike by spike, and where that is too much to ask, as distributions.

Two simulators that integrate a little differently part after some spikes in any recurrent network; what they must
share then is the statistics. The test is that of Kolmogorov and Smirnov over cells, at the level 0.01 (asymptotic
critical value, 1.628 sqrt((n + m) / (n m)); it needs 20 cells to mean something).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from cawan.fast_dataclasses import dataclass
from cawan.simulator import Array

from pyNN.activity import Activity, correlation, name_of, rates, until, variations

_FEWEST_CELLS = 20
_CRITICAL = 1.628


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first spike that one simulation has and the other has not, or not within one timestep (ms)."""

    row: int
    first: float | None
    second: float | None

    def __str__(self) -> str:
        times = [f"{time:g} ms" if time is not None else "never" for time in (self.first, self.second)]
        return f"cell {self.row}, at {times[0]} and {times[1]}"

    @property
    def time(self) -> float:
        """When the two parted, ms."""
        return min(time for time in (self.first, self.second) if time is not None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two activities set side by side: whether they agree, and a line that says by what."""

    name: str
    agrees: bool
    line: str


def first_divergence(one: Activity, two: Activity) -> Divergence | None:
    """The earliest spike that has no partner, the n-th of the same cell within one timestep; None where all have."""
    slack = max(one.timestep, two.timestep) * (1 + 1e-6)
    found: list[Divergence] = []
    trains = _trains(one), _trains(two)
    for row in sorted({*trains[0], *trains[1]}):
        a, b = (known.get(row, np.empty(0)) for known in trains)
        shared = min(len(a), len(b))
        apart = np.flatnonzero(np.abs(a[:shared] - b[:shared]) > slack)
        place = int(apart[0]) if len(apart) else shared
        if place < max(len(a), len(b)):
            found.append(Divergence(row, *(float(t[place]) if place < len(t) else None for t in (a, b))))
    return min(found, key=lambda divergence: (divergence.time, divergence.row), default=None)


def _trains(activity: Activity) -> dict[int, Array]:
    order = np.lexsort((activity.time, activity.index))
    rows, times = activity.index[order], activity.time[order]
    first = np.flatnonzero(np.diff(rows, prepend=-1))
    return dict(zip(rows[first].tolist(), np.split(times, first[1:]), strict=True)) if len(rows) else {}


def compare(one: Activity, two: Activity, name: str) -> Agreement:
    """Set two activities of one population side by side, over the time that both cover."""
    if not np.array_equal(one.rows, two.rows):
        return Agreement(name, False, f"{name}: recorded from {len(one.rows)} and {len(two.rows)} cells, not the same")
    stop = min(one.stop, two.stop)
    shortened = max(one.stop, two.stop) > stop + 1e-9
    one, two = until(one, stop), until(two, stop)
    pairs = [("rate", rates(one), rates(two), " spikes/s"), ("ISI CV", variations(one), variations(two), "")]
    numbers = [f"{what} {_mean(a)} and {_mean(b)}{unit}" for what, a, b, unit in pairs]
    related = correlation(one), correlation(two)
    if all(value == value for value in related):
        numbers.append(f"correlation {related[0]:.3g} and {related[1]:.3g}")
    numbers += [f"of the first {stop:g} ms"] if shortened else []
    parted = first_divergence(one, two)
    if parted is None:
        return Agreement(name, True, f"{name}: the same spikes to one timestep; {', '.join(numbers)}")
    told = f"{name}: {', '.join(numbers)}; first diverging spike: {parted}"
    if len(one.rows) < _FEWEST_CELLS:
        return Agreement(name, False, f"{told}; fewer than {_FEWEST_CELLS} cells, so statistics say nothing")
    unlike = [what for what, a, b, _ in pairs if not _alike(a, b)]
    if unlike:
        return Agreement(name, False, f"{told}; the distributions over cells differ: {', '.join(unlike)}")
    return Agreement(name, True, f"{told}; the distributions over cells agree")


def _mean(values: Array) -> str:
    return f"{values.mean():.4g}" if len(values) else "unknown"


def _alike(one: Array, two: Array) -> bool:
    """Whether two samples may come from one distribution, at the level 0.01; fewer than 20 values say nothing."""
    n, m = len(one), len(two)
    if min(n, m) < _FEWEST_CELLS:
        return max(n, m) < _FEWEST_CELLS
    edges = np.union1d(one, two)
    heights = [np.searchsorted(np.sort(values), edges, side="right") / len(values) for values in (one, two)]
    return bool(np.abs(heights[0] - heights[1]).max() <= _CRITICAL * ((n + m) / (n * m)) ** 0.5)


def compare_all(one: list[Activity], two: list[Activity]) -> Iterator[Agreement]:
    """All populations of two simulations, by label and segment; one that only one side recorded does not agree."""
    known = [_by_name(side) for side in (one, two)]
    for name in {**known[0], **known[1]}:
        if name not in known[0] or name not in known[1]:
            which = "first" if name in known[0] else "second"
            yield Agreement(name, False, f"{name}: recorded in the {which} simulation alone")
        else:
            yield compare(known[0][name], known[1][name], name)


def _by_name(activities: list[Activity]) -> dict[str, Activity]:
    found: dict[str, Activity] = {}
    for activity in activities:
        name = name_of(activity)
        count = sum(known == name or known.startswith(f"{name} #") for known in found)
        found[f"{name} #{count + 1}" if count else name] = activity
    return found
