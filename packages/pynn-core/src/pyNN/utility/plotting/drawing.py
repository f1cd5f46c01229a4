"""How each kind of data is drawn into matplotlib's axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pyNN.utility.plotting.tables import DataTable, Histogram

_MANY_SPIKES = 200_000  # from here on, a spike is one pixel: markers take seconds
_MOST_LABELS = 12  # traces in a legend


def handle_options(ax: Any, options: dict[str, Any]) -> None:
    """Apply a panel's options to its axes, and take them out of ``options``."""
    for axis in ("x", "y"):
        if not options.pop(f"{axis}ticks", False):
            ax.tick_params(**{"axis": axis, "labelbottom" if axis == "x" else "labelleft": False})
        for name in (f"{axis}label", f"{axis}lim"):
            if name in options:
                getattr(ax, f"set_{name}")(options.pop(name))


def _corner(ax: Any, label: str | None) -> None:
    if label:
        box = {"facecolor": "white", "alpha": 1.0}
        ax.text(0.95, 0.95, label, transform=ax.transAxes, ha="right", va="top", bbox=box)


def _auto_label(signal: Any, options: dict[str, Any]) -> None:
    if options.get("ylabel") == "auto":
        options["ylabel"] = f"{signal.name} ({signal.dimensionality.string})"


def channels_of(signal: Any) -> Any:
    """Indices of the cells of a signal's channels, shape (n_channels,)."""
    known = signal.array_annotations.get("channel_index")
    return np.arange(signal.shape[1]) if known is None else np.asarray(known)


def plot_signal(ax: Any, signal: Any, index: int | None = None, label: str = "", **options: Any) -> None:
    """Plot one channel of a signal."""
    _auto_label(signal, options)
    handle_options(ax, options)
    column = 0 if index is None else index
    name = f"{label} (Neuron {channels_of(signal)[column]})"
    ax.plot(signal.times.rescale("ms").magnitude, signal.magnitude[:, column], label=name, **options)
    ax.legend()


def plot_signals(ax: Any, signal_array: Any, label_prefix: str = "", **options: Any) -> None:
    """Plot all channels of a signal, in the order of their cells; ``y_offset`` moves each above the one before."""
    _auto_label(signal_array, options)
    handle_options(ax, options)
    offset, legend = options.pop("y_offset", None), options.pop("legend", True)
    shift = 0.0 if offset is None else float(getattr(offset, "magnitude", offset))
    times, channels = signal_array.times.rescale("ms").magnitude, channels_of(signal_array)
    for column in np.argsort(channels, kind="stable"):
        name = f"Neuron {channels[column]}"
        label = f"{label_prefix} ({name})" if label_prefix else name
        ax.plot(times, signal_array.magnitude[:, column] + column * shift, label=label, **options)
    if legend and len(channels) <= _MOST_LABELS:
        ax.legend()


def plot_spiketrains(ax: Any, spiketrains: Sequence[Any], label: str = "", **options: Any) -> None:
    """Plot spike trains as a raster, a row a cell."""
    handle_options(ax, options)
    ax.set_ylabel("Neuron index")
    trains = list(spiketrains)
    if trains:
        rows = [int(train.annotations.get("source_index", k)) for k, train in enumerate(trains)]
        times = np.concatenate([train.rescale("ms").magnitude for train in trains])
        index = np.repeat(rows, [len(train) for train in trains])
        style = {"linestyle": "none", "color": "k", "marker": "," if len(times) > _MANY_SPIKES else ".", **options}
        ax.plot(times, index, rasterized=len(times) > _MANY_SPIKES, **style)
        ax.set_xlim(float(trains[0].t_start.rescale("ms")), float(trains[0].t_stop.rescale("ms")))
        ax.set_ylim(min(rows) - 0.5, max(rows) + 0.5)
    _corner(ax, label)


plot_spiketrainlist = plot_spiketrains


def plot_array_as_image(ax: Any, arr: Any, label: str = "", **options: Any) -> None:
    """Plot a matrix as an image, with a colour bar unless ``legend=False``."""
    handle_options(ax, options)
    legend = options.pop("legend", True)
    mesh = ax.pcolormesh(arr, **options)
    ax.set_aspect("equal")
    _corner(ax, label)
    if legend:
        ax.figure.colorbar(mesh, ax=ax)


def scatterplot(ax: Any, data_table: DataTable, label: str = "", **options: Any) -> None:
    """Plot y over x, and the fitted curve with ``show_fit=True``."""
    handle_options(ax, options)
    if options.pop("show_fit", False):
        ax.plot(data_table.x, data_table.y_fit, "k-")
    ax.scatter(data_table.x, data_table.y, **options)
    _corner(ax, label)


def plot_hist(ax: Any, histogram: Histogram, label: str = "", **options: Any) -> None:
    """Plot a histogram as bars."""
    handle_options(ax, options)
    bars = list(histogram)
    ax.bar([x for x, _ in bars], [n for _, n in bars], width=histogram.bin_width, align="edge", **options)
    _corner(ax, label)
