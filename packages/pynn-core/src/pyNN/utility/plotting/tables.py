"""What a panel shows beside recorded signals: pairs of numbers, histograms, and matrices of weights as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from pyNN.errors import PyNNError


def variable_names(segment: Any) -> set[str]:
    """Names of all signals of a segment."""
    return {signal.name for signal in segment.analogsignals}


class DataTable:
    """Pairs of x and y, for a scatter plot."""

    def __init__(self, x: Any, y: Any) -> None:
        self.x, self.y = np.asarray(x), np.asarray(y)
        self._fitted: Callable[[Any], Any] | None = None

    def fit_curve(self, f: Callable[..., Any], p0: Any, **fitting_parameters: Any) -> tuple[Any, Any]:
        """Fit ``f(x, *parameters)`` from the guess ``p0``; gives parameters and their covariance (needs SciPy)."""
        from scipy.optimize import curve_fit

        best, covariance = curve_fit(f, self.x, self.y, p0, **fitting_parameters)
        self._fitted = lambda x: f(x, *best)
        return best, covariance

    @property
    def y_fit(self) -> Any:
        """The fitted curve at every x."""
        if self._fitted is None:
            raise PyNNError("Nothing was fitted yet. Call fit_curve() first.")
        return self._fitted(self.x)


class Histogram:
    """Counts of values in about the square root of their number of equal bins."""

    def __init__(self, data: Any) -> None:
        self.data = np.asarray(data)
        self.values: Any = None
        self.bins: Any = None
        self.bin_width = 0.0

    def evaluate(self) -> None:
        """Count."""
        if self.values is None:
            self.values, self.bins = np.histogram(self.data, bins=max(1, int(np.sqrt(len(self.data)))))
            self.bin_width = float(self.bins[1] - self.bins[0])

    def __iter__(self) -> Iterator[tuple[float, int]]:
        self.evaluate()
        for left, count in zip(self.bins[:-1], self.values, strict=True):
            yield float(left), int(count)


def isi_histogram(segment: Any) -> Histogram:
    """Intervals between the spikes of each cell of a segment, ms."""
    intervals = [np.diff(train.rescale("ms").magnitude) for train in segment.spiketrains]
    return Histogram(np.concatenate([np.empty(0), *intervals]))


def connection_plot(projection: Any, positive: str = "O", zero: str = ".", empty: str = " ", spacer: str = "") -> str:
    """The weights of a projection as text: a row a source, a letter a target."""
    weights = projection.get("weight", format="array")
    letters = np.full(weights.shape, empty, dtype=object)
    letters[np.nan_to_num(weights, nan=-1.0) > 0] = positive
    letters[weights == 0] = zero
    return "\n".join(spacer.join(row) for row in letters)
