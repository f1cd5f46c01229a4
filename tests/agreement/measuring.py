"""Small networks that every simulator runs, and how far what they give is from the reference.

``python tests/agreement/measuring.py`` writes ``docs/reference/agreement.md``: model by simulator, what was measured.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from pyNN import list_simulators
from pyNN.random import RandomDistribution
from pyNN.simulator import Simulator
from pyNN.standardmodels.catalogue import CELL_TYPES

STEP = 0.1  # ms
LENGTH = 150.0  # ms
MODELS = sorted(
    name for name in CELL_TYPES
    if not name.startswith(("SpikeSource", "MultiCompartment")) and name != "PointNeuron"
)  # fmt: skip
CONNECTORS = (
    "AllToAllConnector", "OneToOneConnector", "FixedProbabilityConnector", "FixedNumberPreConnector",
    "FixedNumberPostConnector", "FixedTotalNumberConnector", "DistanceDependentProbabilityConnector",
    "SmallWorldConnector",
)  # fmt: skip


@dataclass(frozen=True)
class Plant:
    """Bugs for the controls: steps added to delays, factors on weights and synaptic time constants."""

    steps: int = 0
    weight: float = 1.0
    tau_syn: float = 1.0


@dataclass(frozen=True)
class Stimulus:
    """What drives the cells of one model, in PyNN's units."""

    below: float  # nA, does not make it fire
    above: float  # nA, does
    excite: float  # weight of an event that does not make it fire
    inhibit: float


_CURRENT = Stimulus(0.5, 1.2, 0.5, -0.5)
_CONDUCTANCE = Stimulus(0.5, 1.2, 0.005, 0.01)
STIMULI: Mapping[str, Stimulus] = {
    "EIF_cond_alpha_isfa_ista": replace(_CONDUCTANCE, below=0.2, above=0.9),
    "EIF_cond_exp_isfa_ista": replace(_CONDUCTANCE, below=0.2, above=0.9),
    "GIF_cond_exp": Stimulus(0.01, 0.02, 0.0005, 0.0005),  # fires by chance, so it is driven below its threshold
    "HH_cond_exp": replace(_CONDUCTANCE, below=0.01, above=1.0),
    "IF_cond_alpha": _CONDUCTANCE,
    "IF_cond_exp": _CONDUCTANCE,
    "IF_cond_exp_gsfa_grr": replace(_CONDUCTANCE, below=0.05),
    "IF_curr_alpha": _CURRENT,
    "IF_curr_delta": replace(_CURRENT, excite=5.0, inhibit=-5.0),
    "IF_curr_exp": _CURRENT,
    "IF_facets_hardware1": Stimulus(0.05, 0.5, 0.002, 0.002),
    "Izhikevich": Stimulus(0.002, 0.01, 0.5, -0.5),
}


@dataclass(frozen=True)
class Response:
    """Membrane potential of the cells below threshold (mV, samples by cells), and spike times of the one above (ms)."""

    v: np.ndarray[Any, Any]
    spikes: np.ndarray[Any, Any]


@dataclass(frozen=True)
class Deviation:
    """The largest distance from the reference: mV below threshold, ms between spikes (infinite: another number)."""

    v: float
    spikes: float


def simulators() -> list[str]:
    """Every installed simulator but the one that makes its data up."""
    return [name for name in list_simulators() if name != "mock"]


def respond(backend: str, model: str, plant: Plant | None = None) -> Response:
    """A step of current, an excitatory and an inhibitory event, and a current that makes it fire: a cell for each."""
    plant, drive = plant or Plant(), STIMULI[model]
    with Simulator(backend, timestep=STEP, seed=1) as sim:
        celltype = sim.names[model]
        parameters = {name: float(celltype.parameters[name].default) * plant.tau_syn
                      for name in celltype.parameters if name.startswith("tau_syn")}  # fmt: skip
        cells = sim.Population(3, celltype(**parameters), label="cells")
        sim.DCSource(amplitude=drive.below, start=20.0, stop=100.0).inject_into(cells[0:1])
        sim.DCSource(amplitude=drive.above, start=20.0).inject_into(cells[2:3])
        delay = 1.0 + plant.steps * STEP
        for times, weight, receptor in (([30.0], drive.excite, "excitatory"), ([70.0], drive.inhibit, "inhibitory")):
            source = sim.Population(1, sim.SpikeSourceArray(spike_times=times))
            synapse = sim.StaticSynapse(weight=weight * plant.weight, delay=delay)
            sim.Projection(source, cells[1:2], sim.AllToAllConnector(), synapse, receptor_type=receptor)
        cells.record("spikes")
        cells[0:2].record("v")
        sim.run(LENGTH)
        segment = cells.get_data().segments[0]
        trains = {int(train.annotations["source_index"]): train.magnitude for train in segment.spiketrains}
        return Response(segment.analogsignals[0].magnitude.copy(), np.array(trains.get(2, ())))


@cache
def by_reference(model: str) -> Response:
    """What the reference gives."""
    return respond("reference", model)


def deviation(found: Response, model: str) -> Deviation:
    """How far a response is from the reference."""
    wanted = by_reference(model)
    apart = float(np.abs(found.v - wanted.v).max()) if found.v.shape == wanted.v.shape else np.inf
    if len(found.spikes) != len(wanted.spikes):
        return Deviation(apart, np.inf)
    return Deviation(apart, float(np.abs(found.spikes - wanted.spikes).max(initial=0.0)))


def wiring(backend: str, connector: str) -> list[tuple[float, ...]]:
    """Rows of a projection with drawn weights, and parameters of its cells: what one seed decides."""
    with Simulator(backend, timestep=STEP, seed=11) as sim:
        thresholds = RandomDistribution("normal", (-50.0, 1.0))
        pre = sim.Population(12, sim.IF_curr_exp(v_thresh=thresholds), label="pre")
        post = sim.Population(12, sim.IF_curr_exp(), label="post")
        options: dict[str, Any] = {
            "FixedProbabilityConnector": {"p_connect": 0.3}, "FixedNumberPreConnector": {"n": 4},
            "FixedNumberPostConnector": {"n": 4}, "FixedTotalNumberConnector": {"n": 30},
            "DistanceDependentProbabilityConnector": {"d_expression": "exp(-d)"},
            "SmallWorldConnector": {"degree": 3.0, "rewiring": 0.2},
        }.get(connector, {})  # fmt: skip
        weight = RandomDistribution("normal_clipped", mu=0.1, sigma=0.02, low=0.0, high=1.0)
        synapse = sim.StaticSynapse(weight=weight, delay=RandomDistribution("uniform", (0.5, 3.0)))
        projection = sim.Projection(pre, post, getattr(sim.connectors, connector)(**options), synapse)
        rows = [tuple(float(value) for value in row) for row in projection.get(["weight", "delay"], "list")]
        return [*rows, tuple(float(value) for value in pre.get("v_thresh"))]


def balanced(
    backend: str, model: str, seed: int, plant: Plant | None = None, threads: int = 1, length: float = 1000.0
) -> Any:
    """320 excitatory and 80 inhibitory cells with Poisson input for ``length`` ms; gives their Activity."""
    from pyNN.activity import recorded

    plant = plant or Plant()
    conductance = "cond" in model
    weights = (0.003, 0.03) if conductance else (0.18, -0.9)
    with Simulator(backend, timestep=STEP, seed=seed, threads=threads) as sim:
        taus = {"tau_syn_E": 5.0 * plant.tau_syn, "tau_syn_I": 10.0 * plant.tau_syn}
        start = RandomDistribution("uniform", (-65.0, -50.0))
        cells = sim.Population(400, sim.names[model](tau_refrac=5.0, **taus), initial_values={"v": start}, label="all")
        noise = sim.Population(400, sim.SpikeSourcePoisson(rate=700.0), label="noise")
        delay = 1.0 + plant.steps * STEP
        drive = 0.008 if conductance else 0.35
        sim.Projection(noise, cells, sim.OneToOneConnector(), sim.StaticSynapse(weight=drive, delay=1.0))
        for view, value, receptor in ((cells[:320], weights[0], "excitatory"), (cells[320:], weights[1], "inhibitory")):
            synapse = sim.StaticSynapse(weight=value * plant.weight, delay=delay)
            sim.Projection(view, cells, sim.FixedProbabilityConnector(0.05), synapse, receptor_type=receptor)
        cells.record("spikes")
        sim.run(length)
        return recorded(sim)[0]


def table() -> str:
    """The page of the documentation."""
    names = [name for name in simulators() if name != "reference"]
    lines = [_HEAD, f"| model | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for model in MODELS:
        cells = []
        for name in names:
            with Simulator(name) as sim:
                has = sim.has_model(model)
            if not has:
                cells.append("missing")
                continue
            found = deviation(respond(name, model), model)
            spikes = "another number of spikes" if found.spikes == np.inf else f"{found.spikes:.2g} ms"
            cells.append(f"{found.v:.1e} mV, {spikes}")
        lines.append(f"| {model} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


_HEAD = """# How far simulators agree

Each simulator against the reference, timestep 0.1 ms: the largest distance of membrane potentials below threshold (a
step of current, an excitatory and an inhibitory event) and of the spikes of a cell that fires for 130 ms. GIF_cond_exp
fires by chance and is held below threshold. Networks, weights, delays and drawn parameters are the same to the bit.
Made by `python tests/agreement/measuring.py`; the tests in that folder hold each figure to its bar.
"""

if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "reference" / "agreement.md"
    page.write_text(table(), encoding="utf-8")
    sys.stdout.write(page.read_text(encoding="utf-8"))
