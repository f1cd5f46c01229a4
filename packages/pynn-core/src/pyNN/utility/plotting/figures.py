"""Figures of panels below one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np

from pyNN.errors import PyNNError
from pyNN.utility.plotting.drawing import (
    channels_of,
    plot_array_as_image,
    plot_hist,
    plot_signals,
    plot_spiketrains,
    scatterplot,
)
from pyNN.utility.plotting.tables import DataTable, Histogram

DEFAULT_FIG_SETTINGS: dict[str, Any] = {
    "lines.linewidth": 0.5,
    "axes.linewidth": 0.5,
    "axes.labelsize": "small",
    "legend.fontsize": "small",
    "font.size": 8,
    "savefig.dpi": 150,
}


class Panel:
    """One panel of a figure: signals, spike trains, a matrix, a table or a histogram.

    Parameters
    ----------
    data
        One or several of them.
    options
        ``xlabel``, ``ylabel`` ("auto": name and unit), ``xlim``, ``ylim``, ``xticks``, ``yticks``, ``legend``,
        ``data_labels`` (one for each), ``line_properties`` (a dictionary for each), and what matplotlib takes.
    """

    def __init__(self, *data: Any, **options: Any) -> None:
        self.data = list(data)
        self.data_labels = options.pop("data_labels", repeat(None))
        self.line_properties = options.pop("line_properties", repeat({}))
        self.options = options

    def plot(self, axes: Any) -> None:
        """Draw into matplotlib's axes."""
        for datum, label, properties in zip(self.data, self.data_labels, self.line_properties, strict=False):
            drawn_by(datum)(axes, datum, label or "", **{**properties, **self.options})


def drawn_by(datum: Any) -> Callable[..., None]:
    """The function that draws something of this kind.

    Raises
    ------
    PyNNError
        Nothing draws it.
    """
    from neo.core import AnalogSignal, IrregularlySampledSignal, SpikeTrain
    from neo.core.spiketrainlist import SpikeTrainList

    match datum:
        case DataTable():
            return scatterplot
        case Histogram():
            return plot_hist
        case AnalogSignal() | IrregularlySampledSignal():
            return plot_signals
        case SpikeTrainList():
            return plot_spiketrains
        case list() if all(isinstance(item, SpikeTrain) for item in datum):
            return plot_spiketrains
        case np.ndarray() if datum.ndim == 2:
            return plot_array_as_image
    raise PyNNError(
        f"A Panel cannot show {type(datum).__name__}. It shows Neo signals, lists of spike trains, arrays of two "
        "dimensions, DataTable and Histogram."
    )


class Figure:
    """Panels below one another.

    Parameters
    ----------
    panels
        From top to bottom.
    options
        ``title``, ``annotations`` (a text at the bottom), ``size`` (inches), ``settings`` (matplotlib's rcParams).

    >>> figure = Figure(Panel(np.eye(3)), title="Identity")
    >>> figure.save("identity.png")  # doctest: +SKIP
    """

    def __init__(self, *panels: Panel, **options: Any) -> None:
        import matplotlib.pyplot as plt

        settings: Mapping[str, Any] = options.get("settings") or DEFAULT_FIG_SETTINGS
        width, height = options.get("size", (6, 2 * len(panels) + 1.2))
        with plt.rc_context(dict(settings)):
            self.fig = plt.figure(figsize=(width, height))
            bottom = 1.2 / height if options.get("annotations") else 0.6 / height
            grid = self.fig.add_gridspec(max(len(panels), 1), 1, top=1 - 0.8 / height, bottom=bottom, hspace=0.25)
            for row, panel in enumerate(panels):
                panel.plot(self.fig.add_subplot(grid[row, 0]))
            if options.get("title"):
                self.fig.text(0.5, 1 - 0.5 / height, options["title"], ha="center", va="top", fontsize="large")
            if options.get("annotations"):
                self.fig.text(0.01, 0.01, options["annotations"], fontsize=6, va="bottom")
        self._settings = dict(settings)

    def save(self, filename: str | Path) -> None:
        """Write to a file; the ending tells the format, and folders that are missing are made."""
        import matplotlib.pyplot as plt

        Path(filename).parent.mkdir(parents=True, exist_ok=True)
        with plt.rc_context(self._settings):
            self.fig.savefig(filename)

    def show(self) -> None:
        """Show all figures on the screen."""
        import matplotlib.pyplot as plt

        plt.show()


def comparison_plot(
    segments: Sequence[Any], labels: Sequence[str], title: str = "", annotations: str | None = None,
    fig_settings: Mapping[str, Any] | None = None, with_spikes: bool = True,
) -> Figure:  # fmt: skip
    """A figure of segments over one another: a panel for each variable and cell, then a raster for each segment."""
    lines = [{"linewidth": 2 * (len(segments) - k) - 1, "color": "bcgmkr"[k % 6]} for k in range(len(segments))]
    found: dict[tuple[str, int], list[tuple[int, Any]]] = defaultdict(list)
    units: dict[str, Any] = {}
    for k, segment in enumerate(segments):
        for signal in segment.analogsignals:
            signal = signal.rescale(units.setdefault(signal.name, signal.units))
            for column, channel in enumerate(channels_of(signal)):
                found[signal.name, int(channel)].append((k, signal[:, [column]]))
    panels = []
    for (name, _), several in sorted(found.items()):
        ylabel = f"{name} ({several[0][1].dimensionality.string})"
        mine = [(lines[k], labels[k]) for k, _ in several]
        panels.append(
            Panel(
                *(signal for _, signal in several), line_properties=[line for line, _ in mine],
                data_labels=[label for _, label in mine], yticks=True, ylabel=ylabel,
            )
        )  # fmt: skip
    if with_spikes:
        panels += [Panel(s.spiketrains, data_labels=[label]) for s, label in zip(segments, labels, strict=True)
                   if len(s.spiketrains)]  # fmt: skip
    if panels:
        panels[-1].options.update(xticks=True, xlabel="Time (ms)")
    return Figure(*panels, title=title, annotations=annotations, settings=fig_settings)
