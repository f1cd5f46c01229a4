"""Simple figures of recorded data: traces, rasters, matrices, scatter plots and histograms; needs matplotlib.

For anything more, use matplotlib on the Neo objects directly.
"""

from pyNN.utility.plotting.drawing import (
    handle_options,
    plot_array_as_image,
    plot_hist,
    plot_signal,
    plot_signals,
    plot_spiketrainlist,
    plot_spiketrains,
    scatterplot,
)
from pyNN.utility.plotting.figures import DEFAULT_FIG_SETTINGS, Figure, Panel, comparison_plot
from pyNN.utility.plotting.tables import DataTable, Histogram, connection_plot, isi_histogram, variable_names

__all__ = [
    "DEFAULT_FIG_SETTINGS",
    "DataTable",
    "Figure",
    "Histogram",
    "Panel",
    "comparison_plot",
    "connection_plot",
    "handle_options",
    "isi_histogram",
    "plot_array_as_image",
    "plot_hist",
    "plot_signal",
    "plot_signals",
    "plot_spiketrainlist",
    "plot_spiketrains",
    "scatterplot",
    "variable_names",
]
