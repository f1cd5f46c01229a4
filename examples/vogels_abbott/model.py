"""The Vogels-Abbott network (benchmark 1 of Brette et al. 2007): 4000 cells that keep each other firing.

Usage: python model.py PARAMETERS

Writes a raster plot and the rates to the record's own folder, or to Results/ without a notebook.

Brette et al. (2007), Journal of Computational Neuroscience 23, 349; Vogels & Abbott (2005), J. Neurosci. 25, 10786.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pyNN
from pyNN.random import RandomDistribution
from pyNN.utility import SimulationProgressBar
from sumatra.parameters import build_parameters


def build(sim, p):
    """The network: returns excitatory and inhibitory cells."""
    cell = sim.IF_cond_exp(
        cm=0.2,
        tau_m=p["tau_m"],
        v_rest=-60.0,
        v_reset=-60.0,
        v_thresh=-50.0,
        tau_refrac=5.0,
        tau_syn_E=5.0,
        tau_syn_I=10.0,
        e_rev_E=0.0,
        e_rev_I=-80.0,
    )
    n_exc = round(0.8 * p["n"])
    start = RandomDistribution("uniform", (-60.0, -50.0))
    exc = sim.Population(n_exc, cell, initial_values={"v": start}, label="excitatory")
    inh = sim.Population(p["n"] - n_exc, cell, initial_values={"v": start}, label="inhibitory")
    cells = exc + inh

    some = sim.FixedProbabilityConnector(p["p_connect"], allow_self_connections=False)
    excite = sim.StaticSynapse(weight=p["g_exc"] * 1e-3, delay=p["timestep"])
    inhibit = sim.StaticSynapse(weight=p["g_inh"] * 1e-3, delay=p["timestep"])
    sim.Projection(exc, cells, some, excite, receptor_type="excitatory", label="from excitatory")
    sim.Projection(inh, cells, some, inhibit, receptor_type="inhibitory", label="from inhibitory")

    stimulus = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0, duration=p["stimulus"]), label="stimulus")
    strong = sim.StaticSynapse(weight=0.1, delay=p["timestep"])
    sim.Projection(stimulus, exc, sim.FixedProbabilityConnector(0.01), strong, receptor_type="excitatory")
    return exc, inh


def statistics(trains, duration):
    """Mean rate (Hz) and mean coefficient of variation of the intervals of cells with at least three spikes."""
    intervals = [np.diff(train.magnitude) for train in trains if len(train) > 2]
    cv = [isi.std() / isi.mean() for isi in intervals]
    return {
        "rate": sum(map(len, trains)) / len(trains) / duration * 1000.0,
        "cv_isi": float(np.mean(cv)) if cv else float("nan"),
    }


def plot_raster(path, groups, duration):
    """One dot for each spike, a colour for each population."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    first = 0
    for label, trains, colour in groups:
        times = np.concatenate([train.magnitude for train in trains])
        rows = first + np.repeat(np.arange(len(trains)), [len(train) for train in trains])
        axes.plot(times, rows, ".", markersize=1, color=colour, label=f"{label} ({len(trains)})")
        first += len(trains)
    axes.set(xlabel="time (ms)", ylabel="cell", xlim=(0, duration), ylim=(0, first))
    axes.legend(loc="upper right", markerscale=10)
    figure.savefig(path, dpi=150)


def main(parameter_file):
    p = build_parameters(parameter_file)
    sim = pyNN.load(p["backend"])
    sim.setup(timestep=p["timestep"], seed=p["seed"])
    exc, inh = build(sim, p)
    (exc + inh).record("spikes")
    sim.run(p["duration"], callbacks=[SimulationProgressBar(p["duration"] / 50, p["duration"])])

    groups = [
        (cells.label, cells.get_data("spikes").segments[0].spiketrains, colour)
        for cells, colour in ((exc, "tab:blue"), (inh, "tab:red"))
    ]
    sim.end()
    results = {label: statistics(trains, p["duration"]) for label, trains, _ in groups}
    folder = Path(os.environ.get("SMT_OUTPUT", "Results"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rates.json").write_text(json.dumps({"backend": p["backend"], **results}, indent=2) + "\n")
    plot_raster(folder / "raster.png", groups, p["duration"])
    for label, found in results.items():
        print(f"{label:10} {found['rate']:6.2f} Hz   CV of ISI {found['cv_isi']:.2f}")
    print(f"raster plot: {folder / 'raster.png'}")


if __name__ == "__main__":
    main(sys.argv[1])
